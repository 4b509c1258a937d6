"""`python -m flows.worker_of_up`: the worker of `aiwriter up`. It loads while the Prefect server still starts.

What flows.deploy and flows.worker do one after the other, in one process: their imports are paid once, and at a time
when a core has nothing else to do.
"""

from __future__ import annotations

import asyncio
import sys
from importlib import import_module

from aiwriter import settings
from aiwriter.errors import AIWriterError
from flows import deploy, worker


def main() -> int:
    try:
        chosen = settings.load()
        api = worker.prepare(chosen)
        wanted = deploy.read()
        for module in ("flows.processes", *(one["entrypoint"].rpartition(".")[0] for one in wanted)):
            import_module(module)
        worker.wait_for(api, chosen.prefect.start_seconds)
        asyncio.run(deploy.register(api, chosen.prefect.pool, wanted))
    except AIWriterError as error:
        sys.stderr.write(f"error: {error}\nnext:  {error.hint}\n")
        return error.exit_code
    return worker.main()


if __name__ == "__main__":
    sys.exit(main())
