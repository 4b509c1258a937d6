"""Who tries again, how long a task may take, and what it is tagged with: named constants, in one place.

Seconds are the business of the library (resilience/layers.py, sources/fetch.py); minutes are ours. A task is tried
again after minutes only when nobody is watching and only when a provider or a store was unavailable; a person at a
terminal gets the error and the command that resumes at once.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from aiwriter.errors import Unavailable

attended: ContextVar[bool] = ContextVar("attended", default=False)
"""Whether a person waits for this run at a terminal; the launcher's `run` sets it."""

MINUTES = 60.0


async def worth_another_try(_task: Any, _task_run: Any, state: Any) -> bool:
    """Whether a failed task should wait and try again: unattended, and something was unavailable."""
    if attended.get():
        return False
    try:
        await state.aresult()
    except Unavailable:
        return True
    except Exception:  # noqa: BLE001 - any other failure is final; the engine, which asks us, must not die of it
        return False
    return False


def _policy(*tags: str, minutes: float, retries: int) -> dict[str, Any]:
    return {
        "tags": list(tags),
        "timeout_seconds": minutes * MINUTES,
        "retries": retries,
        "retry_delay_seconds": [1 * MINUTES, 5 * MINUTES, 15 * MINUTES][:retries],
        "retry_jitter_factor": 0.2,
        "retry_condition_fn": worth_another_try,
        "persist_result": False,  # the stage's record is the result: any worker on any machine can go on from it
    }


FETCH = _policy("research", "network", minutes=20, retries=3)
COMPUTE = _policy("compute", minutes=10, retries=1)
MODEL = _policy("model", "paid", minutes=30, retries=3)
STORE = _policy("store", minutes=10, retries=3)
