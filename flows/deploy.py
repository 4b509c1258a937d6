"""`python -m flows.deploy`: make Prefect know our work pool and what is in deployments/prefect.yaml.

Doing it again changes nothing but what changed in the file; a schedule that somebody paused stays paused.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

from aiwriter import settings
from aiwriter.errors import AIWriterError, BadInput, Unavailable
from flows.prefect_server import ROOT, known_server, prepare_environment

FILE = ROOT / "deployments" / "prefect.yaml"


def read(file: Path = FILE) -> list[dict[str, Any]]:
    """The deployments in the file."""
    yaml: Any = import_module("yaml")  # without stubs
    return list(yaml.safe_load(file.read_text(encoding="utf-8"))["deployments"])


def server_address(home: Path) -> str:
    """The Prefect server of this home. Raises Unavailable when none is known."""
    address = os.environ.get("PREFECT_API_URL") or known_server(home)
    if address is None:
        raise Unavailable(
            "no Prefect server is known", hint="Start everything with `aiwriter up`, or name one in PREFECT_API_URL."
        )
    return address


async def register(api: str, pool: str, wanted: list[dict[str, Any]]) -> list[str]:
    """Make the server know the pool and these deployments; their names. Raises Unavailable."""
    from flows import registering
    from flows.submitting import client_of

    async with client_of(api) as client:
        await registering.ensure_pool(client, pool)
        return [await registering.ensure(client, pool, load(one["entrypoint"]), one) for one in wanted]


def load(entrypoint: str) -> Any:
    """The flow at a module path. Raises BadInput when it is not there."""
    module, _, name = entrypoint.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise BadInput(f"there is no flow {entrypoint!r}: {error}", hint="Correct the entrypoint.") from error


def main() -> int:
    began = time.monotonic()
    try:
        chosen = settings.load()
        prepare_environment(chosen.home_folder)
        api = server_address(chosen.home_folder)
        names = asyncio.run(register(api, chosen.prefect.pool, read()))
    except AIWriterError as error:
        sys.stderr.write(f"error: {error}\nnext:  {error.hint}\n")
        return error.exit_code
    seconds = time.monotonic() - began
    sys.stdout.write(f"{', '.join(names)}: registered in pool {chosen.prefect.pool} of {api} in {seconds:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
