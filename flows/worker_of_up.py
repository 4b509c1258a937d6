"""`python -m flows.worker_of_up`: the worker of `aiwriter up`. It loads while the Prefect server still starts.

What flows.deploy and flows.worker do one after the other, in one process: their imports are paid once, and at a time
when a core has nothing else to do.
"""

from __future__ import annotations

import asyncio
import sys
import time
from importlib import import_module

from aiwriter import settings
from aiwriter.errors import AIWriterError, Unavailable
from flows import deploy, worker
from flows.prefect_server import is_healthy

LOOK_SECONDS = 0.1


def main() -> int:
    try:
        chosen = settings.load()
        api = worker.prepare(chosen)
        wanted = deploy.read()
        for module in ("flows.processes", *(one["entrypoint"].rpartition(".")[0] for one in wanted)):
            import_module(module)
        wait_for(api, chosen.prefect.start_seconds)
        asyncio.run(deploy.register(api, chosen.prefect.pool, wanted))
    except AIWriterError as error:
        sys.stderr.write(f"error: {error}\nnext:  {error.hint}\n")
        return error.exit_code
    return worker.main()


def wait_for(api: str, seconds: float) -> None:
    """Until the server is well. Raises Unavailable."""
    deadline = time.monotonic() + seconds
    while not is_healthy(api):
        if time.monotonic() > deadline:
            raise Unavailable(
                f"the Prefect server {api!r} does not answer after {seconds:.0f} s", hint="Its log tells why."
            )
        time.sleep(LOOK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
