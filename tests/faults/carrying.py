"""A program of one run: carries it to its end as a worker does, with nobody at a terminal."""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from flows.write_article import write_article


def main() -> None:
    """The run whose id is the one argument."""
    asyncio.run(_carried(UUID(sys.argv[1])))


async def _carried(run_id: UUID) -> None:
    state = await write_article(run_id, return_state=True)
    print(state.name, state.message, flush=True)
