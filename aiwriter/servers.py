"""Which servers run over a home: HOME/servers.json, written by `aiwriter up`, believed only after a health call.

    {"prefect": {"address": "http://127.0.0.1:4200/api", "pid": 41, "started_at": "…"},
     "chroma": {"address": "127.0.0.1:8001", …}, "api": {…}, "dashboard": {…}, "up": {"pid": 40, …}}

A process that was killed leaves its entry behind; so nobody acts on an entry before the server has answered.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from aiwriter.errors import Unavailable

HEALTH_SECONDS = 5.0  # a server that is there but busy is not to be taken for none
LOCK_SECONDS = 10.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
HEALTH = {  # where each kind of server says that it is well
    "prefect": "{}/health",
    "chroma": "http://{}/api/v2/heartbeat",
    "api": "{}/api/v1/health",
    "dashboard": "{}/_stcore/health",
}


@dataclass(frozen=True, slots=True)
class Server:
    """One entry; a server that was joined, not started, has no pid."""

    name: str
    address: str | None = None
    pid: int | None = None
    started_at: str | None = None


def read(home: Path) -> dict[str, Server]:
    """What is written, whether it is still true or not. An unreadable file says nothing."""
    return {name: Server(name, **_fields(entry)) for name, entry in _load(home).items() if isinstance(entry, dict)}


def known(home: Path, name: str) -> str | None:
    """The address that is written for a server, whether it answers or not."""
    server = read(home).get(name)
    return server.address if server else None


def find(home: Path, name: str) -> str | None:
    """The address of a server that answers now, or None. Waits for at most HEALTH_SECONDS."""
    address = known(home, name)
    return address if address and is_healthy(name, address) else None


def is_healthy(name: str, address: str) -> bool:
    return answers(HEALTH[name].format(address.rstrip("/")))


def answers(url: str) -> bool:
    """Whether a GET there is answered with 200, in HEALTH_SECONDS."""
    try:
        with fetch(Request(url)) as answer:  # noqa: S310 - http(s) from settings or from our own file
            return bool(answer.status == 200)
    except (URLError, OSError, ValueError):
        return False


def fetch(request: Request) -> Any:
    """The open answer to a short question. Loopback is never asked through a proxy, whatever the environment says."""
    proxies: dict[str, str] | None = {} if urlsplit(request.full_url).hostname in LOOPBACK else None
    return build_opener(ProxyHandler(proxies)).open(request, timeout=HEALTH_SECONDS)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def put(home: Path, name: str, address: str | None = None, pid: int | None = None) -> None:
    """Note that a server runs."""
    with _changing(home) as entries:
        entries[name] = {"address": address, "pid": pid, "started_at": datetime.now(UTC).isoformat(timespec="seconds")}


def drop(home: Path, name: str) -> None:
    """Note that it does not run any more."""
    with _changing(home) as entries:
        entries.pop(name, None)


def clear(home: Path) -> None:
    """Nothing runs over this home."""
    with _changing(home) as entries:
        entries.clear()


@contextmanager
def _changing(home: Path) -> Iterator[dict[str, Any]]:
    from filelock import FileLock, Timeout

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with FileLock(home / "servers.lock", timeout=LOCK_SECONDS):
            entries = _load(home)
            yield entries
            beside = home / f"servers.json.{os.getpid()}"
            beside.write_text(json.dumps(entries, indent=1), encoding="utf-8")
            beside.replace(home / "servers.json")  # a reader sees the old file or the new one
    except Timeout as error:
        raise Unavailable(
            f"{str(home / 'servers.json')!r} is held by another process for more than {LOCK_SECONDS:.0f} s",
            hint="End that process, then try again.",
        ) from error


def _load(home: Path) -> dict[str, Any]:
    try:
        entries = json.loads((home / "servers.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    kinds = {"address": str, "pid": int, "started_at": str}
    return {name: entry[name] for name, kind in kinds.items() if isinstance(entry.get(name), kind)}
