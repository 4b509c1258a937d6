"""`python -m flows.prefect_child PORT [--ui]`: a Prefect server that ends when its parent does, however that ends.

It is what `prefect server start` runs, without the command line around it: that costs a second at every start.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from socket import socket
from threading import Thread
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from aiwriter.supervision.child import die_with_parent
from flows.prefect_server import CLIENT_SETTINGS, SERVER_SETTINGS

if TYPE_CHECKING:
    import uvicorn

Served = Callable[[Any, Any, Callable[[Any], Awaitable[None]]], Awaitable[None]]  # what uvicorn serves: ASGI

# As in deployments/nginx/nginx.conf.
POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self'; "
    "worker-src 'self' blob:; "
    "object-src 'none'; "
    "base-uri 'self'; "
    "frame-ancestors 'self'"
)
# How often its services look for what nobody waits for; by default each every five seconds, on an idle laptop as well:
# expired pauses, late runs, deliveries to workers, and automations that wait for something not to happen.
LOOKS = {
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_LOOP_SECONDS": "60",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_LOOP_SECONDS": "15",
    "PREFECT_SERVER_SERVICES_CLEANUP_RECONCILER_LOOP_SECONDS": "60",
    "PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY": "PT30S",
}
COLLECT_SECONDS = 1.0
OLD_TURNS = 30  # every so many turns what has lived long is looked through too


def main(port: str, options: Sequence[str]) -> None:
    """Tie this process to its parent (where the kernel can), then be the server."""
    die_with_parent()
    for name, value in (CLIENT_SETTINGS | SERVER_SETTINGS | LOOKS).items():
        os.environ.setdefault(name, value)  # what the user has set stays
    os.environ["PREFECT_SERVER_UI_ENABLED"] = str("--ui" in options).lower()
    import uvicorn
    from prefect.server.api.server import create_app  # reads the settings when it is imported
    from prefect.settings import get_current_settings

    settings = get_current_settings()
    app = asking_nobody_else(create_app(final=True))
    collect_elsewhere()
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=int(port),
        timeout_keep_alive=settings.server.api.keepalive_timeout,
        log_level=settings.server.logging_level.lower(),
    )
    with suppress(KeyboardInterrupt):
        alone_until_started(uvicorn.Server(config), settings.home).run()


def asking_nobody_else(app: Served) -> Served:
    """Prefect's pages load from their own server alone: whatever our settings say, they ask the service that counts
    visitors for Prefect's makers what it wants to be told."""

    async def answer(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        async def with_policy(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", ()), (b"content-security-policy", POLICY.encode())]
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, with_policy)

    return answer


def alone_until_started(server: uvicorn.Server, home: Path) -> uvicorn.Server:
    """The server, once no other of this home is starting; the next may when it has started.

    Two that make the tables of one database at once undo each other's steps, and one of them ends: so did the second of
    two first commands in a fresh home.
    """
    home.mkdir(parents=True, exist_ok=True)
    starting = FileLock(home / "starting.lock")
    starting.acquire()
    start = server.startup

    async def started(sockets: list[socket] | None = None) -> None:
        await start(sockets)
        starting.release()

    server.startup = started  # type: ignore[method-assign]
    return server


def collect_elsewhere() -> None:
    """Look for garbage in a thread of its own, never where the event loop runs.

    A cursor of SQLite that goes waits for its connection, whose thread may wait for a lock, which may be held by a
    request that waits for the loop. Where the loop itself lets the cursor go, all three wait for the minute after which
    SQLite gives up, and so does whoever asks the server anything (4 of about 30 starts of three late flow runs).
    """
    gc.disable()
    gc.freeze()  # what was imported stays
    Thread(target=_collect, daemon=True).start()


def _collect() -> None:
    for turn in count(1):
        time.sleep(COLLECT_SECONDS)
        gc.collect(2 if turn % OLD_TURNS == 0 else 1)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
