"""Work beside a block: what it leaves is there, and nothing of it is in the way."""

from __future__ import annotations

import asyncio

import pytest

from aiwriter.pipeline.together import beside


async def test_work_beside_a_block_goes_on_within_it() -> None:
    done = asyncio.Event()

    async def work() -> None:
        done.set()

    async with beside(work()):
        await done.wait()


async def test_work_that_is_not_done_ends_with_its_block() -> None:
    ended = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()

    async with beside(work()):
        await asyncio.sleep(0)
    assert ended.is_set()


async def test_what_fails_beside_a_block_is_no_failure_of_it_and_the_block_s_own_is() -> None:
    async def work() -> None:
        raise RuntimeError("beside")

    async with beside(work()):
        await asyncio.sleep(0)
    with pytest.raises(LookupError, match="within"):
        async with beside(work()):
            raise LookupError("within")
