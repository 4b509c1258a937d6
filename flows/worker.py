"""`python -m flows.worker`: carries out what is submitted to our work pool, each flow run in a process of its own.

SIGTERM and Ctrl-C stop it: no new run is begun, those at work are told to stop, and what they had not finished is taken
up by another worker.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from aiwriter import settings
from aiwriter.errors import AIWriterError, Unavailable
from aiwriter.settings import Settings
from flows.deploy import server_address
from flows.flow_process import SOCKET
from flows.prefect_server import ROOT, is_healthy, prepare_environment

WORKER_SETTINGS = {
    "PREFECT_WORKER_QUERY_SECONDS": "0.1",  # how soon the doorbell is heard; when the server is asked: Rhythm
    "PREFECT_WORKER_PREFETCH_SECONDS": "1",  # nothing takes a place long before its time
    "PREFECT_WORKER_HEARTBEAT_SECONDS": "10",  # how soon it is known that a worker is gone: three times this
    "PREFECT_RUNNER_HEARTBEAT_FREQUENCY": "30",  # of flow runs
}

LOOK_SECONDS = 0.1
WARM_SHARE = 1 / 3  # of the time in which we must be at work: loading takes three seconds on an idle machine


def prepare(chosen: Settings) -> str:
    """Set what Prefect and the flow processes read; the address of the server. Raises Unavailable."""
    from dotenv import load_dotenv

    prepare_environment(chosen.home_folder)
    load_dotenv(".env")  # flow processes start elsewhere and would not find it
    for name, value in WORKER_SETTINGS.items():
        os.environ.setdefault(name, value)
    os.environ["AIWRITER_HOME"] = str(chosen.home_folder)
    others = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path not in ("", str(ROOT))]
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ROOT), *others])
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # several processes share the cores
    api = os.environ["PREFECT_API_URL"] = server_address(chosen.home_folder)
    return api


async def work(chosen: Settings) -> None:
    """Until it is cancelled."""
    from flows.processes import worker_of

    given = Path(os.environ.get(SOCKET, "")).is_socket()  # somebody keeps one for several workers
    # it gives its first sign of life after that: who waits for it finds everything loaded
    async with nullcontext() if given else warm(WARM_SHARE * chosen.prefect.start_seconds):
        await worker_of(chosen).start(printer=_say)


@asynccontextmanager
async def warm(patience: float) -> AsyncIterator[int]:
    """A process beside us from which flow runs start at once, when it has loaded what they need; its id. They start
    without it, only later: one that ends, or takes more than so many seconds, is not waited for."""
    with tempfile.TemporaryDirectory(prefix="flows-") as folder:
        path = os.environ[SOCKET] = str(Path(folder) / "warm")
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "flows.warm", path)
        try:
            await _loaded(process, Path(path), patience)
            yield process.pid
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


async def _loaded(process: asyncio.subprocess.Process, listens_at: Path, patience: float) -> None:
    """Until it listens, or has ended, or the time is over."""
    deadline = time.monotonic() + patience
    while not listens_at.exists() and time.monotonic() < deadline:
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), LOOK_SECONDS)
            return


def wait_for(api: str, seconds: float) -> None:
    """Until the server is well. Raises Unavailable."""
    deadline = time.monotonic() + seconds
    while not is_healthy(api):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the Prefect server {api!r} does not answer after {seconds:.0f} s", hint="Its log tells why."
            )
        time.sleep(LOOK_SECONDS)


def main() -> int:
    try:
        chosen = settings.load()
        api = prepare(chosen)
        wait_for(api, chosen.prefect.start_seconds)
    except AIWriterError as error:
        sys.stderr.write(f"error: {error}\nnext:  {error.hint}\n")
        return error.exit_code
    _say(f"pool {chosen.prefect.pool} of {api}, {chosen.serve.runs} runs at once")
    with asyncio.Runner() as runner, suppress(asyncio.CancelledError):
        runner.run(_until_told(work(chosen)))
    return 0


async def _until_told(working: Any) -> None:
    task = asyncio.ensure_future(working)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, task.cancel)
    await task


def _say(text: str, **_style: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
