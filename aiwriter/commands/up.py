"""`up`: all servers over one home in one supervised command; Ctrl-C ends them all."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aiwriter import checkout, preparing, servers
from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.commands.edge import INTERRUPTED
from aiwriter.errors import AIWriterError, BadInput, Unavailable
from aiwriter.services import keys
from aiwriter.settings import KEYS, PREFIX, Settings
from aiwriter.supervision.parts import Place, choose_ports, parts, wanted_ports
from aiwriter.supervision.supervisor import Change, Limits, Part, State, Supervisor

DASHBOARD_KEY = "dashboard of aiwriter up"
SHOWN = ("dashboard", "api", "prefect", "chroma")  # in this order; the page to open comes first
ListParts = Callable[[Settings, Place, Mapping[str, str], str | None], list[Part]]
NAMES = {"api": "API", "prefect": "Prefect", "chroma": "Chroma"}


async def up(tools: Tools, *, dashboard: bool, as_json: bool, list_parts: ListParts = parts) -> int:
    """Start everything, say where it is, keep it alive until Ctrl-C or SIGTERM. Says where it is if it already runs."""
    from filelock import FileLock, Timeout

    root = checkout.root_folder()
    require_installed(root, dashboard=dashboard)
    home = tools.settings.home_folder
    lock = FileLock(home / "up.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return await _say_where(home, as_json=as_json)
    try:
        return await _hold(tools, root, list_parts, dashboard=dashboard, as_json=as_json)
    finally:
        lock.release()


def require_installed(root: Path, *, dashboard: bool) -> None:
    """Raises BadInput with the next step when something that is to be started is not there."""
    if not (root / "flows").is_dir() or (dashboard and not (root / "dashboard").is_dir()):
        raise BadInput(
            "`aiwriter up` needs the checkout or the image, where flows/ and dashboard/ lie beside aiwriter/",
            hint="Run it from there.",
        )
    missing = [name for name in ("streamlit", "plotly") if dashboard and find_spec(name) is None]
    if missing:
        raise BadInput(
            f"the dashboard needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            hint="Run `make setup-serve` once, or leave the dashboard out: aiwriter up --no-dashboard.",
        )


async def _hold(tools: Tools, root: Path, list_parts: ListParts, *, dashboard: bool, as_json: bool) -> int:
    """Everything that happens while this process is the one `up` of its home."""
    began, home = time.monotonic(), tools.settings.home_folder
    stop = Stop.at_signals()
    place = await _place(tools.settings, root, dashboard=dashboard)
    show = Progress(as_json=as_json)
    for name, (_host, port) in wanted_ports(tools.settings, dashboard=dashboard).items():
        if port not in (0, place.ports[name]):
            show.note(f"port {port} is taken: {NAMES.get(name, name)} gets {place.ports[name]}")
    given = tools.settings.api.bootstrap_key
    first = await keys.first_key(tools.database, tools.principal, given.get_secret_value() if given else None)
    session = await _session_key(tools) if dashboard else None
    servers.clear(home)
    servers.put(home, "up", pid=os.getpid())
    for name, address in _joined(tools.settings, place).items():
        servers.put(home, name, address)
    limits = Limits(start_seconds=tools.settings.prefect.start_seconds)
    listed = list_parts(tools.settings, place, _given(), session.secret if session else None)
    secret = first.secret if first and given is None else None
    supervisor = Supervisor(home, root, listed, show.change, limits)
    stop.again = supervisor.hurry
    try:
        starting = asyncio.create_task(supervisor.start())
        await asyncio.wait([starting, asyncio.create_task(stop.asked.wait())], return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and not stop.asked.is_set():
            await starting
            if len(supervisor.failed) == len(listed):
                raise Unavailable("none of the servers could be started", hint=f"Their logs are in {home / 'logs'}.")
            report = _report(tools.settings, supervisor, time.monotonic() - began)
            show.ready(report, secret)
            secret = None  # it is shown once
            await stop.asked.wait()
        show.note("stopping …")
    finally:
        if secret:  # who does not wait until all is ready would never see it
            show.note(_key_words(secret))
        await supervisor.stop()
        servers.clear(home)
        if session is not None:
            with suppress(AIWriterError):  # the database may be gone by now; the next `up` revokes it
                await keys.revoke(tools.database, tools.principal, session.key.id)
    return INTERRUPTED if stop.sign is signal.SIGINT else 0


async def _place(settings: Settings, root: Path, *, dashboard: bool) -> Place:
    """Raises Unavailable when PREFECT_API_URL names a server that does not answer."""
    named = os.environ.get("PREFECT_API_URL")
    if named and not await asyncio.to_thread(servers.is_healthy, "prefect", named):
        raise Unavailable(
            f"the Prefect server {named!r} named by PREFECT_API_URL does not answer",
            hint="Start it, or unset PREFECT_API_URL to let `aiwriter up` start one.",
        )
    ports = choose_ports(wanted_ports(settings, dashboard=dashboard))
    return Place(settings.home_folder, root, ports, named, "vectors" in settings.model_fields_set)


def _joined(settings: Settings, place: Place) -> dict[str, str]:
    """Servers that explicit settings name; for whoever else works over this home they count as well."""
    scheme, _, address = settings.vectors.partition(":")
    joined = {"prefect": place.prefect} if place.prefect else {}
    return joined | ({"chroma": address} if place.vectors and scheme == "chroma" else {})


def _given() -> dict[str, str]:
    """The environment, and what `.env` in the working folder says: the parts run in another folder."""
    from dotenv import dotenv_values

    ours = {
        name: value
        for name, value in dotenv_values(".env").items()
        if value is not None and (name.startswith(PREFIX) or name in KEYS)
    }
    return ours | dict(os.environ)


async def _session_key(tools: Tools) -> keys.MadeKey:
    """A key for the dashboard of this start; that of an earlier start is not valid any more."""
    for known in await keys.all(tools.database, tools.principal):
        if known.name == DASHBOARD_KEY and known.revoked_at is None:
            await keys.revoke(tools.database, tools.principal, known.id)
    return await keys.add(tools.database, tools.principal, DASHBOARD_KEY, ("read", "write"))


@dataclass
class Stop:
    """Tells that we are to stop, and by which signal; a second one calls `again`."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    sign: signal.Signals | None = None
    again: Callable[[], None] | None = None

    @classmethod
    def at_signals(cls) -> Stop:
        stop = cls()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(sign, stop._ask, sign)
        return stop

    def _ask(self, sign: signal.Signals) -> None:
        if self.sign is None:
            self.sign = sign
            self.asked.set()
        elif self.again is not None:
            self.again()


# ── what is shown ────────────────────────────────────────────────────────────────────────────────────────────────────


class Progress:
    """Lines for people, or JSON lines. A terminal that is gone does not keep anything from stopping."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def note(self, text: str) -> None:
        self._tell({"kind": "note", "text": text}, f"  {text}")

    def change(self, change: Change) -> None:
        facts: dict[str, Any] = {"kind": "part", "part": change.name, "state": change.state, "address": change.address}
        facts |= {"seconds": round(change.seconds, 2), "detail": change.detail}
        words = {
            State.STARTING: f"  {change.name:<10} {change.detail or 'starting …'}",
            State.READY: f"✓ {change.name:<10} ready in {change.seconds:.1f} s",
            State.ENDED: f"! {change.name:<10} {change.detail}; it is started again",
            State.FAILED: f"✗ {change.name:<10} failed: {change.detail}",
            State.STOPPED: f"  {change.name:<10} stopped",
        }
        self._tell(facts, words.get(change.state, ""))

    def ready(self, report: Mapping[str, Any], secret: str | None) -> None:
        with suppress(OSError):
            if self._as_json:
                console.give({**report, "api_key": secret})
            else:
                console.say(_ready_words(report, secret))
            sys.stdout.flush()

    def _tell(self, facts: Mapping[str, Any], words: str) -> None:
        with suppress(OSError):
            console.tell(json.dumps(facts) if self._as_json else words)


def _report(settings: Settings, supervisor: Supervisor, seconds: float) -> dict[str, Any]:
    home = settings.home_folder
    return {
        "status": "partly up" if supervisor.failed or supervisor.late else "up",
        "pid": os.getpid(),
        "home": str(home),
        "addresses": _addresses(home),
        "database": preparing.without_password(settings.database),
        "vectors": settings.vectors if "vectors" in settings.model_fields_set else None,
        "logs": str(home / "logs"),
        "late": supervisor.late,
        "failed": supervisor.failed,
        "seconds": round(seconds, 1),
    }


def _addresses(home: Path) -> dict[str, str]:
    """Where the servers are, for people: Prefect's page, not its API."""
    known = servers.read(home)
    found = {name: known[name].address for name in SHOWN if name in known}
    return {name: address.removesuffix("/api") for name, address in found.items() if address}


def _ready_words(report: Mapping[str, Any], secret: str | None) -> str:
    lines = [f"AI-Writer is {report['status']} after {report['seconds']:.1f} s:"]
    lines += [f"  {NAMES.get(name, name):<10} {address}" for name, address in report["addresses"].items()]
    if report["vectors"]:
        lines.append(f"  {'vectors':<10} {report['vectors']} (named by AIWRITER_VECTORS; not started here)")
    lines += [f"  {'database':<10} {report['database']}", f"  {'logs':<10} {report['logs']}"]
    lines += [f"  {'not yet':<10} {name}: {why}" for name, why in report["late"].items()]
    lines += [f"  {'failed':<10} {name}: {why}" for name, why in report["failed"].items()]
    if secret:
        lines += ["", f"  {_key_words(secret)}"]
    return "\n".join([*lines, "", "Ctrl-C stops everything."])


def _key_words(secret: str) -> str:
    return f"API key    {secret}\n             Shown only now; `aiwriter keys add` makes others."


async def _say_where(home: Path, *, as_json: bool) -> int:
    """Another `up` holds this home: where its servers are, and whether they answer."""
    known = servers.read(home)
    addresses = _addresses(home)
    asked = await asyncio.gather(*(asyncio.to_thread(servers.find, home, name) for name in addresses))
    answers = {name: address is not None for name, address in zip(addresses, asked, strict=True)}
    pid = known["up"].pid if "up" in known else None
    if as_json:
        console.give(
            {"status": "already up", "pid": pid, "home": str(home), "addresses": addresses, "answers": answers}
        )
        return 0
    console.say(
        f"AI-Writer is already up for {home} (process {pid}):"
        if pid
        else f"another `aiwriter up` is starting for {home}"
    )
    for name, address in addresses.items():
        console.say(f"  {NAMES.get(name, name):<10} {address}{'' if answers[name] else '   does not answer'}")
    console.say(f"Stop it with Ctrl-C there{f', or: kill {pid}' if pid else ''}.")
    return 0
