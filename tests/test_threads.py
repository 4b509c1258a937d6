"""Work that keeps a core busy is done off the event loop, as much at once as there are cores."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextvars import ContextVar

import pytest

from aiwriter.threads import computed

ABOUT: ContextVar[str] = ContextVar("about")


async def test_no_more_is_computed_at_once_than_there_are_cores() -> None:
    counting, inside, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal inside, most
        with counting:
            inside += 1
            most = max(most, inside)
        time.sleep(0.01)
        with counting:
            inside -= 1

    await asyncio.gather(*(computed(work) for _ in range(20)))
    assert most <= (os.cpu_count() or 1)


async def test_work_knows_what_its_caller_knows_and_its_outcome_comes_back() -> None:
    ABOUT.set("ferries")
    assert await computed(lambda end: ABOUT.get() + end, "!") == "ferries!"


async def test_an_error_of_the_work_comes_back() -> None:
    with pytest.raises(ValueError, match="no"):
        await computed(int, "no")
