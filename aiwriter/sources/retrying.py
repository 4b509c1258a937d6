"""A request over the web tried again: pages and searches alike, each within its own limits."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from aiwriter.errors import AIWriterError
from aiwriter.sources.pace import Sleep

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """How often a request is made at the most, and the seconds between."""

    attempts: int = 3
    first_wait: float = 0.5
    longest_wait: float = 10.0


class TryAgain(Exception):
    """This attempt failed in a way that another may not; `wait` is what the server asked for, in seconds."""

    def __init__(self, problem: AIWriterError, wait: float | None = None) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.wait = wait


async def retried(attempt: Callable[[], Awaitable[T]], tries: Tries, sleep: Sleep) -> T:
    """What an attempt returns, made anew while it raises TryAgain; the problem of the last one is raised."""
    for number in range(1, tries.attempts + 1):
        try:
            return await attempt()
        except TryAgain as failure:
            wait = failure.wait if failure.wait is not None else _backoff(number, tries)
            if number == tries.attempts or wait > tries.longest_wait:
                raise failure.problem from failure
        await sleep(wait)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _backoff(number: int, tries: Tries) -> float:
    """Doubling, with up to half of it by chance, so that many readers do not come back at once."""
    return tries.first_wait * 2.0 ** (number - 1) * (1 + random.random() / 2)  # noqa: S311 - spreads load, no secret
