"""New processes at one database, that begin at the same moment and share a time of their own.

What they do are plain functions of this folder's `*_work` modules; each is given the `Shared` and what else it needs.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.faults.processes_work"])
PATIENCE = 120.0  # seconds of real time in which the others must have come: longer is a deadlock
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
AWAKE = -1.0
GONE = float("inf")

Jump = tuple[float, float]  # at what second of the shared time, and how far

_mine: Shared


class Shared:
    """What processes have in common: a line from which they start together, and a time that moves on when all of them
    sleep, to the moment at which the first is to wake."""

    def __init__(self, processes: int) -> None:
        self.together = CONTEXT.Barrier(processes, timeout=PATIENCE)
        self._moved = CONTEXT.Condition()
        self._now = CONTEXT.Value("d", 0.0)
        self._wakes = CONTEXT.Array("d", [AWAKE] * processes)

    def now(self) -> float:
        return float(self._now.value)

    def sleep(self, number: int, seconds: float) -> None:
        with self._moved:
            until = self._now.value + seconds
            self._wakes[number] = until
            self._move_on()
            came = self._moved.wait_for(lambda: self._now.value >= until, PATIENCE)
            assert came, "the others neither sleep nor end"

    def end(self, number: int) -> None:
        with self._moved:
            self._wakes[number] = GONE
            self._move_on()

    def _move_on(self) -> None:
        wakes: list[float] = self._wakes[:]
        first = min(wakes)
        if first in (AWAKE, GONE):
            return
        self._now.value = max(first, self._now.value)
        for number, wake in enumerate(wakes):
            if wake <= self._now.value:
                self._wakes[number] = AWAKE
        self._moved.notify_all()


class SharedClock:
    """The clocks of one process: the machine's monotonic one, which all share, and a wall clock that jumps."""

    def __init__(self, shared: Shared, number: int, jumps: tuple[Jump, ...] = ()) -> None:
        self._shared = shared
        self._number = number
        self._jumps = jumps

    def monotonic(self) -> float:
        return self._shared.now()

    def now(self) -> datetime:
        now = self._shared.now()
        jumped = sum(far for at, far in self._jumps if at <= now)
        return START + timedelta(seconds=now + jumped)

    async def sleep(self, seconds: float) -> None:
        """For a process that has one thing to do at a time."""
        self._shared.sleep(self._number, seconds)


Work = Callable[..., Coroutine[Any, Any, Any]]


@contextmanager
def pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    shared = Shared(processes)
    with ProcessPoolExecutor(processes, CONTEXT, _begin, (shared,)) as executor:
        yield executor


def in_processes(work: Work, *each: tuple[Any, ...]) -> list[Any]:
    """What `work(shared, number, *arguments)` came to in a new process for each of the arguments. The first thing it
    does must be to wait for the others."""
    with pool(len(each)) as executor:
        waiting = [executor.submit(_done, work, number, arguments) for number, arguments in enumerate(each)]
        return [one.result() for one in waiting]


def _begin(shared: Shared) -> None:
    global _mine  # noqa: PLW0603 - what a process is given at its beginning
    _mine = shared


def _done(work: Work, number: int, arguments: tuple[Any, ...]) -> Any:
    _mine.together.wait()
    try:
        return asyncio.run(work(_mine, number, *arguments))
    finally:
        _mine.end(number)
