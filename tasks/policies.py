"""Who tries again and how long a task may take: named constants, in one place.

The waits are ours too, since Prefect knows only fixed ones: a provider that says when to come back is asked then, not
at the next full minute (Prefect's own AwaitingRetry sleeps in the worker just the same).

Seconds are the business of the library (resilience/layers.py, sources/fetch.py); minutes are ours. A task is tried
again after minutes only when nobody is watching and only when a provider or a store was unavailable; a person at a
terminal gets the error and the command that resumes at once.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from aiwriter.errors import RateLimited, Unavailable
from aiwriter.ports import Clock
from aiwriter.resilience.clock import SystemClock
from aiwriter.resilience.layer import RetryPolicy

attended: ContextVar[bool] = ContextVar("attended", default=False)
"""Whether a person waits for this run at a terminal; the launcher's `run` sets it."""

stopped_by: ContextVar[Any] = ContextVar("stopped_by", default=None)
"""What SIGTERM was handled by before an attended flow began; the launcher's `run` sets it."""

clock: ContextVar[Clock] = ContextVar("clock", default=SystemClock())  # noqa: B039 - it has no state
"""What waits are waited by."""

MINUTES = 60.0
WAITS = (1 * MINUTES, 5 * MINUTES, 15 * MINUTES)  # before the first, second, third further try
STUMBLES = (1.0, 4.0, 15.0)  # before an orchestrator that stumbled is asked a second, third and fourth time
SHORT = 60.0  # what a provider asks for up to here was waited for in seconds already, and did not help
LONGEST = 60 * MINUTES  # who is to come back later than this has no run kept open for it: it fails and can be resumed


async def worth_another_try(_task: Any, task_run: Any, state: Any) -> bool:
    """Wait and say whether a failed task is to be tried again: unattended, and something was unavailable."""
    if attended.get():
        return False
    try:
        await state.aresult()
    except Unavailable as error:
        seconds = wait(error, task_run.run_count)
    except Exception:  # noqa: BLE001 - any other failure is final; the engine, which asks us, must not die of it
        return False
    else:
        return False
    if seconds is not None:
        await clock.get().sleep(seconds)
    return seconds is not None


def wait(error: Unavailable, tries: int) -> float | None:
    """Seconds until the next try; None when that is too far away to be waited for."""
    seconds = WAITS[min(max(tries, 1), len(WAITS)) - 1]
    if isinstance(error, RateLimited) and (error.retry_after or 0) > SHORT:
        assert error.retry_after is not None
        seconds = error.retry_after
    if seconds > LONGEST:
        return None
    return RetryPolicy().spread(seconds)


def _policy(*, minutes: float, retries: int) -> dict[str, Any]:
    """Without tags: for those of a task, limited or not, Prefect asks its server for a place. On SQLite it found its
    database locked one to three times a run, and then waits two seconds. What runs at once is limited by our rates
    and leases, and by the limits of deployments."""
    return {
        "timeout_seconds": minutes * MINUTES,
        "retries": retries,
        "retry_condition_fn": worth_another_try,
        "persist_result": False,  # the stage's record is the result: any worker on any machine can go on from it
    }


FETCH = _policy(minutes=20, retries=3)
COMPUTE = _policy(minutes=10, retries=1)
# longer than all the tries of an answer take at the slowest: their error says which setting gives a model more time
MODEL = _policy(minutes=360, retries=3)
STORE = _policy(minutes=10, retries=3)
