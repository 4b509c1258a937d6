"""Minutes: who is tried again, and when."""

from types import SimpleNamespace

import pytest
from prefect.states import Failed

from aiwriter.errors import AccountRefused, AIWriterError, RateLimited, Unavailable
from aiwriter.testing import ManualClock
from tasks import policies


async def waited(error: AIWriterError, tries: int = 1) -> tuple[bool, list[float]]:
    clock = ManualClock()
    token = policies.clock.set(clock)
    try:
        state = Failed(data=error, message="as the engine makes it")
        again = await policies.worth_another_try(None, SimpleNamespace(run_count=tries), state)
    finally:
        policies.clock.reset(token)
    return again, clock.slept


@pytest.mark.parametrize("asked", [61.0, 75.0, 300.0, 1_000.0, 3_600.0])
async def test_a_provider_that_says_when_is_asked_then_and_not_earlier(asked: float) -> None:
    """R19, beyond a minute."""
    for tries in (1, 2, 3):
        again, (slept,) = await waited(RateLimited("busy", retry_after=asked), tries)
        assert again
        assert asked <= slept <= asked * 1.1


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15)])
async def test_what_says_nothing_is_tried_after_growing_minutes(tries: int, minutes: float) -> None:
    for error in (Unavailable("down"), RateLimited("busy"), RateLimited("busy", retry_after=20.0)):
        again, (slept,) = await waited(error, tries)
        assert again
        assert minutes * 60 <= slept <= minutes * 66


@pytest.mark.parametrize("error", [AccountRefused("401"), RateLimited("tomorrow", retry_after=86_400.0)])
async def test_what_waiting_cannot_cure_or_not_soon_ends_the_run(error: AIWriterError) -> None:
    assert await waited(error) == (False, [])


async def test_a_person_at_a_terminal_is_told_at_once() -> None:
    token = policies.attended.set(True)
    try:
        assert await waited(Unavailable("down")) == (False, [])
    finally:
        policies.attended.reset(token)
