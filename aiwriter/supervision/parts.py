"""The parts of `aiwriter up` as data: what is started, with which environment, how it tells that it is well.

What an explicit setting names (a Prefect server, a vector index) is joined and not started.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request

from aiwriter import servers
from aiwriter.errors import BadInput
from aiwriter.settings import Settings
from aiwriter.supervision.supervisor import Part

LOCAL = "127.0.0.1"
ANYWHERE = {"0.0.0.0", "::", ""}  # noqa: S104 - listened on only when the user says so
TRIED_PORTS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where parts run: the home, the folder that holds aiwriter/, flows/ and dashboard/, ports, what was joined."""

    home: Path
    root: Path
    ports: Mapping[str, int]
    prefect: str | None = None  # an explicit PREFECT_API_URL
    vectors: bool = False  # an explicit vector index

    def address(self, name: str, host: str = LOCAL) -> str:
        return f"http://{LOCAL if host in ANYWHERE else host}:{self.ports[name]}"

    @property
    def prefect_api(self) -> str:
        return self.prefect or f"{self.address('prefect')}/api"


def wanted_ports(settings: Settings, *, dashboard: bool) -> dict[str, tuple[str, int]]:
    """Part → host and port as the settings have them."""
    wanted = {
        "prefect": (LOCAL, settings.serve.prefect_port),
        "chroma": (LOCAL, settings.serve.chroma_port),
        "api": (settings.api.host, settings.api.port),
        "dashboard": (LOCAL, settings.serve.dashboard_port),
    }
    return {name: place for name, place in wanted.items() if dashboard or name != "dashboard"}


def choose_ports(wanted: Mapping[str, tuple[str, int]]) -> dict[str, int]:
    """A free port for each: the wanted one, else the next that is free and that no other part wants.

    Raises BadInput when a host is not one of this machine's addresses.
    """
    chosen: dict[str, int] = {}
    for name, (host, port) in wanted.items():
        others = {other for part, (_host, other) in wanted.items() if part != name}
        chosen[name] = _free(host, port, others - {port} | set(chosen.values()))
    return chosen


def _free(host: str, port: int, others: set[int]) -> int:
    candidates: Iterable[int] = range(port, min(port + TRIED_PORTS, 65536)) if port else ()
    for candidate in candidates:
        if candidate not in others and _bind(host, candidate):
            return candidate
    found = _bind(host, 0)
    if not found:
        raise BadInput(
            f"no port can be had on {host!r}",
            hint="AIWRITER_API__HOST must be an address of this machine, such as 127.0.0.1.",
        )
    return found


def _bind(host: str, port: int) -> int | None:
    """The port that could be bound there, or None."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the servers themselves do
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError:
        return None


def environment(place: Place, given: Mapping[str, str]) -> dict[str, str]:
    """What every part sees: what we see, this home, this checkout, one thread a process where cores are few."""
    loopback = ",".join(filter(None, (given.get("no_proxy"), LOCAL, "localhost")))
    return dict(given) | {
        "AIWRITER_HOME": str(place.home),
        "PYTHONPATH": os.pathsep.join(filter(None, (str(place.root), given.get("PYTHONPATH")))),
        "OMP_NUM_THREADS": "1",
        "PREFECT_HOME": given.get("PREFECT_HOME", str(place.home / "prefect")),
        "PREFECT_API_URL": place.prefect_api,
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "no_proxy": loopback,
        "NO_PROXY": loopback,
    }


def parts(settings: Settings, place: Place, given: Mapping[str, str], dashboard_key: str | None) -> list[Part]:
    """Everything that is to run; without a key there is no dashboard."""
    shared = environment(place, given)
    found = [_worker(settings, place, shared), _api(settings, place, shared)]
    if place.prefect is None:
        found.append(_prefect(place, shared))
    if not place.vectors:
        found.append(_chroma(place, shared))
    if dashboard_key is not None:
        found.append(_dashboard(settings, place, shared, dashboard_key))
    return found


def _prefect(place: Place, shared: Mapping[str, str]) -> Part:
    return Part(
        "prefect",
        _python("flows.prefect_child", str(place.ports["prefect"]), "--ui"),
        address=place.prefect_api,
        is_healthy=_asks("prefect", place.prefect_api),
        env=shared,
    )


def _chroma(place: Place, shared: Mapping[str, str]) -> Part:
    folder, address = place.home / "chroma", f"{LOCAL}:{place.ports['chroma']}"
    program = str(Path(sys.executable).with_name("chroma"))
    return Part(
        "chroma",
        (program, "run", "--path", str(folder), "--host", LOCAL, "--port", str(place.ports["chroma"])),
        address=address,
        is_healthy=_asks("chroma", address),
        lock=folder / "aiwriter.lock",  # as knowledge/vectors.py has it: who opens the folder waits, and is told
        # It tells of each request otherwise, health checks too.
        env={"RUST_LOG": "warn"} | dict(shared) | {"ANONYMIZED_TELEMETRY": "false"},
    )


def _worker(settings: Settings, place: Place, shared: Mapping[str, str]) -> Part:
    return Part(
        "worker",
        _python("flows.worker_of_up"),
        is_healthy=partial(worker_is_online, place.prefect_api, settings.prefect.pool, datetime.now(UTC)),
        needs=("prefect",),
        early=True,
        watched=False,  # whether it is well is known to Prefect alone, which may be away for a while
        env=shared,
    )


def _api(settings: Settings, place: Place, shared: Mapping[str, str]) -> Part:
    address = place.address("api", settings.api.host)
    return Part(
        "api",
        _python("aiwriter.api"),
        address=address,
        is_healthy=_asks("api", address),
        env=dict(shared) | {"AIWRITER_API__PORT": str(place.ports["api"])},
    )


def _dashboard(settings: Settings, place: Place, shared: Mapping[str, str], key: str) -> Part:
    address, port = place.address("dashboard"), str(place.ports["dashboard"])
    options = ("--server.address", LOCAL, "--server.port", port, "--server.headless", "true")
    return Part(
        "dashboard",
        _python("streamlit", "run", "dashboard/app.py", *options, "--browser.gatherUsageStats", "false"),
        address=address,
        is_healthy=_asks("dashboard", address),
        needs=("api",),
        env=dict(shared) | {"AIWRITER_API__URL": place.address("api", settings.api.host), "AIWRITER_API__KEY": key},
    )


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


def _asks(name: str, address: str) -> Callable[[], bool]:
    return partial(servers.is_healthy, name, address)


def worker_is_online(api: str, pool: str, since: datetime) -> bool:
    """Whether a worker of the pool has given a sign of life since then; one of an earlier `up` does not count."""
    asked = Request(  # noqa: S310 - http(s) from settings or from our own ports
        f"{api}/work_pools/{pool}/workers/filter",
        data=json.dumps({"workers": {"status": {"any_": ["ONLINE"]}}}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with servers.fetch(asked) as answer:
            workers = json.load(answer)
        beats = [datetime.fromisoformat(str(worker["last_heartbeat_time"])) for worker in workers]
    except (URLError, OSError, ValueError, KeyError, TypeError):
        return False
    return any(beat >= since for beat in beats)
