"""Minutes: who is tried again, and when."""

from types import SimpleNamespace

import httpx
import pytest
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError
from prefect.states import Failed

from aiwriter.errors import AccountRefused, AIWriterError, RateLimited, Unavailable
from aiwriter.llm.remote import SELF_HOSTED_REPLY_SECONDS
from aiwriter.resilience.layer import RetryPolicy
from aiwriter.testing import ManualClock
from tasks import policies
from tasks.tooling import step


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


# ── an orchestrator that stumbles ────────────────────────────────────────────────────────────────────────────────────


async def carried(*outcomes: BaseException | int) -> tuple[int, list[float]]:
    """What came of a step whose task ends so, time after time; what was waited for."""
    clock, left = ManualClock(), list(outcomes)

    async def task(run_id: str) -> int:
        assert run_id == "the run"
        outcome = left.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    token = policies.clock.set(clock)
    try:
        return await step(task, "the run"), clock.slept
    finally:
        policies.clock.reset(token)


async def test_a_task_is_done_again_when_the_orchestrator_stumbled() -> None:
    assert await carried(httpx.ConnectError("no"), ConcurrencySlotAcquisitionError("no slots"), 5) == (5, [1.0, 4.0])


async def test_an_orchestrator_that_goes_on_stumbling_is_named_with_the_cause() -> None:
    broken = ConcurrencySlotAcquisitionError("no slots")
    broken.__cause__ = httpx.ReadTimeout("silence")
    with pytest.raises(Unavailable, match=r"stumbled again and again: .*no slots, from ReadTimeout: silence"):
        await carried(*[broken] * 4)


async def test_what_is_no_stumbling_is_not_done_again() -> None:
    for error in (Unavailable("503"), ValueError("a defect")):
        with pytest.raises(type(error), match=str(error)):
            await carried(error, 5)


def test_a_stage_lasts_longer_than_all_tries_of_an_answer_whose_error_says_what_to_set() -> None:
    """A slow model on two cores met the stage's limit first, which names no setting."""
    assert policies.MODEL["timeout_seconds"] > RetryPolicy().attempts * SELF_HOSTED_REPLY_SECONDS
