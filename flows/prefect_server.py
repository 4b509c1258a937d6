"""A Prefect server to run flows against: a running one is joined, else one is started for as long as we need it.

Prefect's own ephemeral mode is off: it is slower and hangs on Ctrl-C. Ours is a child in a session of its own, so that
a Ctrl-C in the terminal reaches us alone.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiwriter import servers
from aiwriter.errors import Unavailable

STOP_SECONDS = 3.0
ROOT = Path(__file__).resolve().parent.parent
# An authority whose key was thrown away. Each of the eleven clients that Prefect opens in a run reads its authorities
# anew, 30 ms of a core for those of the web; over plain http, as a server of ours speaks, none is asked.
NOBODY = Path(__file__).with_name("nobody.pem")

CLIENT_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
    "PREFECT_LOGGING_LEVEL": "INFO",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",  # what a person must know, the command line says itself
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
}
SERVER_SETTINGS = {
    # With the defaults of one row a batch the recorder falls behind, and many runs choke a SQLite-backed server.
    # Never a flush interval below 1: Prefect truncates it to 0 and spins.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    # In memory (the default) a restarted server has forgotten who holds a place of a deployment: after minutes it
    # cancels a scheduled batch that still runs.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # By default it keeps every flow run, its tasks and its log for ever: one in five minutes is 105,000 a year.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "7776000",  # 90 days
    # The default, "*", lets any page that is open in a browser of this machine make deployments, and so run commands.
    # The server's own pages come from its own address and need no leave.
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "http://127.0.0.1",
    "PREFECT_UI_API_URL": "/api",  # else its pages ask port 4200, whatever their own is
}


def prepare_environment(home: Path) -> None:
    """Set what Prefect reads when it is first imported; values the user has set stay."""
    os.environ.setdefault("PREFECT_HOME", str(home / "prefect"))
    if not os.environ.get("PREFECT_API_URL", "").startswith("https:"):
        os.environ.setdefault("PREFECT_API_SSL_CERT_FILE", str(NOBODY))
    for name, value in CLIENT_SETTINGS.items():
        os.environ.setdefault(name, value)


@asynccontextmanager
async def server(home: Path, start_seconds: float) -> AsyncIterator[str]:
    """The API address of a healthy server. Order: PREFECT_API_URL, servers.json, a child of ours.

    Raises Unavailable when the named server does not answer or ours does not start in time.
    """
    named = os.environ.get("PREFECT_API_URL")
    if named:
        if not await _answers(named):
            raise Unavailable(
                f"the Prefect server {named!r} named by PREFECT_API_URL does not answer",
                hint="Start it, or unset PREFECT_API_URL to let a server be started for the run.",
            )
        yield named
        return
    known = known_server(home)
    if known and await _answers(known):
        yield known
        return
    async with _child(home, start_seconds) as address:
        yield address


def known_server(home: Path) -> str | None:
    """The Prefect server that servers.json names; believed only after a health call."""
    return servers.known(home, "prefect")


async def _answers(api: str) -> bool:
    return await asyncio.to_thread(is_healthy, api)


def is_healthy(api: str) -> bool:
    return servers.is_healthy("prefect", api)


@asynccontextmanager
async def _child(home: Path, start_seconds: float) -> AsyncIterator[str]:
    log = home / "logs" / "prefect-server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    port = servers.free_port()
    api = f"http://127.0.0.1:{port}/api"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "flows.prefect_child", str(port)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            env=os.environ | SERVER_SETTINGS | {"PYTHONPATH": str(ROOT)},
            cwd=home,
            start_new_session=True,
        )
    try:
        await _until_healthy(process, api, start_seconds, log)
        yield api
    finally:
        await _stop(process)


async def _until_healthy(process: asyncio.subprocess.Process, api: str, seconds: float, log: Path) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not await _answers(api):
        waited = loop.time() - began
        if process.returncode is not None or waited > seconds:
            state = f"ended with code {process.returncode}" if process.returncode is not None else "is not healthy"
            raise Unavailable(
                f"the Prefect server {state} after {waited:.0f} s",
                hint=f"Its log is {log}; a slow machine may need a larger AIWRITER_PREFECT__START_SECONDS.",
            )
        await asyncio.sleep(0.1)


async def _stop(process: asyncio.subprocess.Process) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is None:
            os.killpg(process.pid, sign)
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
