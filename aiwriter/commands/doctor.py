"""`doctor`: every effective choice, by which setting it was made, and whether it works when it is really used."""

from __future__ import annotations

import json
import platform
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial

from aiwriter import choices, embeddings, preparing, servers, settings
from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.errors import AIWriterError
from aiwriter.llm import entailment, profiles
from aiwriter.llm.endpoints import find_endpoints
from aiwriter.resilience.embedding import ACCOUNT
from aiwriter.text.counted import counted

SAFE_SQLITE = (3, 51, 3)  # before it, a rare race in WAL mode can damage a database: sqlite.org, "WAL-reset bug"
MARKS = {"ok": "✓", "warn": "!", "fail": "✗"}


@dataclass(frozen=True, slots=True)
class Result:
    """One line: what it is, the value in force, who chose it, and how it fared."""

    what: str
    value: str
    chosen_by: str
    state: str  # ok, warn, fail
    detail: str
    seconds: float = 0.0


async def examine(tools: Tools, *, as_json: bool) -> int:
    """Try everything, one after the other; exit code 0 when all work, else 3."""
    results = []
    for what, setting, probe in _probes(tools):
        result = await _try(what, setting, probe)
        results.append(result)
        if not as_json:
            console.say(_line(result))
    endpoints = await find_endpoints()
    remarks = _remarks(tools)
    if as_json:
        found = [asdict(endpoint) for endpoint in endpoints]
        checks = [asdict(result) for result in results]
        others = _other_settings(tools)
        console.give({"checks": checks, "settings": others, "endpoints": found, "remarks": remarks})
    else:
        for row in _other_settings(tools):
            console.say(f"  {row['setting']:<29} {row['value']}  [{row['chosen_by']}]")
        for endpoint in endpoints:
            models = ", ".join(endpoint.models) or "no model"
            first = endpoint.models[0] if endpoint.models else "NAME"
            console.say(f"  found {endpoint.server} at {endpoint.base_url} with {models}; use:")
            console.say(f"    AIWRITER_OPENAI__BASE_URL={endpoint.base_url} aiwriter write … --model openai:{first}")
        for remark in remarks:
            console.say(f"  {remark}")
    return 3 if any(result.state == "fail" for result in results) else 0


def _other_settings(tools: Tools) -> list[dict[str, str]]:
    """What cannot be tried but was chosen all the same; a secret shows only whether it is set."""
    tried = {setting for _what, setting, _probe in _probes(tools)}
    rows = []
    for name in type(tools.settings).model_fields:
        value = getattr(tools.settings, name)
        parts = {name: value} if not isinstance(value, settings.Group) else _parts(name, value)
        for part, held in parts.items():
            if name not in tried and held not in (None, ()):
                rows.append({"setting": part, "value": _shown(held), "chosen_by": settings.origin(part)})
    return rows


def _shown(held: object) -> str:
    """What has parts as it is written in its setting: JSON."""
    if not isinstance(held, dict):
        return str(held)
    return json.dumps(held, default=lambda group: group.model_dump(exclude_none=True))


def _parts(name: str, group: settings.Group) -> dict[str, object]:
    return {f"{name}.{part}": getattr(group, part) for part in type(group).model_fields}


Probe = Callable[[], Awaitable[tuple[str, str, str]]]  # value, state, detail


def _probes(tools: Tools) -> list[tuple[str, str | None, Probe]]:
    return [
        ("python", None, _python),
        ("home", "home", partial(_home, tools)),
        ("database", "database_url", partial(_database, tools)),
        ("files", "files_url", partial(_files, tools)),
        ("model", "model", partial(_model, tools, tools.settings.model)),
        *_beside_the_model(tools),
        ("left alone", None, partial(_left_alone, tools)),
        ("embedder", "embedder", partial(_embedder, tools)),
        ("vector index", "vectors", partial(_vectors, tools)),
        ("orchestrator", "launcher", partial(_launcher, tools)),
    ]


async def _try(what: str, setting: str | None, probe: Probe) -> Result:
    chosen_by = settings.origin(setting) if setting else ""
    began = time.monotonic()
    try:
        value, state, detail = await probe()
    except AIWriterError as error:
        value, state = _value(setting), "fail"
        detail = f"{error} {error.hint or ''}".strip()
    except OSError as error:
        value, state, detail = _value(setting), "fail", f"{error.strerror}: {error.filename}"
    return Result(what, value, chosen_by, state, detail, round(time.monotonic() - began, 2))


def _value(setting: str | None) -> str:
    return preparing.without_password(str(getattr(settings.load(), setting))) if setting else ""


def _line(result: Result) -> str:
    by = f"  [{result.chosen_by}]" if result.chosen_by else ""
    return f"{MARKS[result.state]} {result.what:<13} {result.value}{by}\n    {result.detail}"


async def _python() -> tuple[str, str, str]:
    sqlite = tuple(int(part) for part in sqlite3.sqlite_version.split("."))
    if sqlite < SAFE_SQLITE:
        detail = f"SQLite {sqlite3.sqlite_version}: below 3.51.3 a rare race can damage a file; we keep to one writer"
        return platform.python_version(), "warn", detail
    return platform.python_version(), "ok", f"{sys.executable}, SQLite {sqlite3.sqlite_version}"


async def _home(tools: Tools) -> tuple[str, str, str]:
    home = tools.settings.home_folder
    home.mkdir(parents=True, exist_ok=True)
    probe = home / ".doctor"
    probe.touch()
    probe.unlink()
    return str(home), "ok", "can be written"


async def _database(tools: Tools) -> tuple[str, str, str]:
    state = await preparing.database_state(tools.settings)
    value = preparing.without_password(tools.settings.database)
    if state == "current":
        return value, "ok", "its tables are of this version"
    if state == "missing" and tools.settings.database_url is None:
        return value, "ok", "not made yet: the first command that needs it makes it"
    return value, "warn", f"its tables are {state}: run `aiwriter migrate`"


async def _files(tools: Tools) -> tuple[str, str, str]:
    blobs = tools.blobs(None)
    await blobs.write(".doctor", b"x")
    await blobs.delete(".doctor")
    return preparing.without_password(tools.settings.files), "ok", "can be written"


def _beside_the_model(tools: Tools) -> Iterator[tuple[str, str | None, Probe]]:
    if cheaper := tools.settings.cheaper_model:
        yield "cheaper model", "cheaper_model", partial(_answering, tools, cheaper)
    if checking := tools.settings.checking_model:
        yield "checking model", "checking_model", partial(_checking_model, tools, checking)


async def _model(tools: Tools, spec: str) -> tuple[str, str, str]:
    return spec, "ok", await tools.try_model(spec)


async def _checking_model(tools: Tools, spec: str) -> tuple[str, str, str]:
    if entailment.create(spec, tools.settings) is not None:
        return spec, "ok", "set up; loaded when it is first asked"
    return await _answering(tools, spec)


async def _answering(tools: Tools, spec: str) -> tuple[str, str, str]:
    choices.answering(tools.model(spec))
    return await _model(tools, spec)


async def _left_alone(tools: Tools) -> tuple[str, str, str]:
    """Ask each provider that refused the account again; what is still left alone after that."""
    told = []
    if await preparing.database_state(tools.settings) == "current":
        told = [await _asked_again(tools, one.name) for one in await tools.limits.paused() if one.kind == "disabled"]
    alone = await tools.left_alone()
    return f"{len(alone) or 'nobody'}", "warn" if alone else "ok", "; ".join([*told, *alone]) or "all may be asked"


async def _asked_again(tools: Tools, provider: str) -> str:
    """Whether it answers, which needs no paid call but of an embedder's own account; in words."""
    model = next((name for name in profiles.known() if name.startswith(f"{provider}:")), f"{provider}:any")
    try:
        if provider == ACCOUNT:
            await tools.limits.resume(ACCOUNT)
            tools.breakers.ask_again()
            await tools.try_embedder(tools.settings.embedder)
        else:
            await tools.try_model(model)
    except AIWriterError as error:
        return f"{provider} was asked again: {error}"
    return f"{provider} answers again"


async def _embedder(tools: Tools) -> tuple[str, str, str]:
    spec = tools.settings.embedder
    if embeddings.create_paid(spec, tools.settings) is None:
        embedder = embeddings.create(spec)  # not the cached one: it must really work
        (row,) = await embedder.embed(["does it work?"])
        return embedder.name, "ok", f"{len(row)} dimensions, runs in this process"
    if await preparing.database_state(tools.settings) != "current":
        return spec, "warn", "set up, but not tried: what that costs is written down once there is a database"
    return spec, "ok", await tools.try_embedder(spec)


async def _vectors(tools: Tools) -> tuple[str, str, str]:
    held = await tools.vectors(tools.settings.embedder).article_ids()
    chosen = "vectors" in tools.settings.model_fields_set
    served = None if chosen else servers.find(tools.settings.home_folder, "chroma")
    value = f"chroma:{served} (of `aiwriter up`)" if served else tools.settings.vectors
    return value, "ok", f"{counted(len(held), 'article')} in the index"


async def _launcher(tools: Tools) -> tuple[str, str, str]:
    return tools.settings.launcher, "ok", await tools.launcher().describe()


def _remarks(tools: Tools) -> list[str]:
    remarks = [f"{name} is not a setting; see .env.example" for name in settings.unknown_variables()]
    return remarks + tools.announcements(tools.settings.model)
