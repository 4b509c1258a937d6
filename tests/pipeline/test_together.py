"""Work that goes on beside other work."""

from __future__ import annotations

import asyncio

from aiwriter.pipeline.together import beside


async def test_what_is_done_beside_a_block_goes_on_with_it_and_is_given_up_at_its_end() -> None:
    seen: list[str] = []

    async def work() -> None:
        try:
            seen.append("begun")
            await asyncio.Event().wait()
        finally:
            seen.append("given up")

    async with beside(work()):
        await asyncio.sleep(0)
        assert seen == ["begun"]
    assert seen == ["begun", "given up"]


async def test_what_goes_wrong_beside_a_block_is_not_its_concern() -> None:
    async def work() -> None:
        raise ValueError("no weights")

    async with beside(work()):
        await asyncio.sleep(0)
