"""Dispatch: what is queued is handed to the orchestrator, what a dead worker left is queued again.

Accepting a run and handing it on are two things: a run is stored first, and swept up here as soon as the orchestrator
can be reached. Nothing that was accepted is lost by an outage, and nothing is done twice: a run is taken by one sweep
only, and worked on by whoever gets its lease.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from aiwriter.documents import Run, RunStatus
from aiwriter.errors import Unavailable
from aiwriter.ports import Clock, Database, Launcher, Principal, Submitted
from aiwriter.services import analytics, holding

MOST_ATTEMPTS = 3  # a run whose worker died that often is not tried again by itself
AT_ONCE = 20  # runs that one transaction takes
AGAIN_SECONDS = 60.0  # a run that nobody began by then is handed on again: its worker may have died before


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep came to."""

    submitted: int = 0
    reclaimed: int = 0
    buried: int = 0


async def sweep(database: Database, principal: Principal, launcher: Launcher, clock: Clock) -> Swept:
    """Once through the workspace of the principal.

    Raises Unavailable when the orchestrator cannot be reached: what was not handed on stays to be taken by a later
    sweep.
    """
    reclaimed, buried = await _reclaim(database, principal, clock)
    submitted = 0
    while taken := await _take(database, principal, clock):
        submitted += await _submit(database, principal, launcher, taken)
        if len(taken) < AT_ONCE:
            break
    return Swept(submitted, reclaimed, buried)


def split_by_risk(runs: Sequence[Run]) -> tuple[list[Run], list[Run]]:
    """Those that one process may carry side by side, and those to be carried alone after them: a worker that dies once
    more buries these, and whichever it was of them, none is buried for another's sake."""
    alone = [run for run in runs if run.attempts >= MOST_ATTEMPTS - 1]
    return [run for run in runs if run not in alone], alone


# ── what a dead worker left ──────────────────────────────────────────────────────────────────────────────────────────


async def _reclaim(database: Database, principal: Principal, clock: Clock) -> tuple[int, int]:
    """Queue runs whose lease has lapsed or whose worker is known to be dead, and with one of a batch all of its queued
    runs, unless somebody says that they wait in hand: a process too busy to renew one lease in time still carries its
    batch. How many were queued, and how many were given up instead."""
    buried: list[UUID] = []
    silent_since = clock.now() - timedelta(seconds=holding.LEASE_SECONDS)
    async with database.unit_of_work(principal.workspace_id) as work:
        dead = await holding.release_dead(work)
        lapsed = await work.runs.reclaim(clock.now())
        for run in lapsed:
            if run.attempts >= MOST_ATTEMPTS:
                reason = f"its worker died {run.attempts} times. Look at the worker's log before you resume it"
                await holding.bury(work, run.id, reason)
                buried.append(run.id)
            else:
                await work.events.append(run.id, "run.reclaimed", {"attempts": run.attempts})
        carried_by_dead = {run.batch_id for run in lapsed if run.id in dead}
        for batch_id in {run.batch_id for run in lapsed if run.batch_id is not None}:
            for run in await work.runs.of_batch(batch_id):
                if run.status is RunStatus.QUEUED:
                    await work.runs.not_submitted(run.id, None if batch_id in carried_by_dead else silent_since)
        if lapsed:
            await work.commit()
    for run_id in buried:
        await analytics.record_run(database, principal, run_id, RunStatus.FAILED, None)
    return len(lapsed) - len(buried), len(buried)


# ── what is queued ───────────────────────────────────────────────────────────────────────────────────────────────────


async def _take(database: Database, principal: Principal, clock: Clock) -> list[Run]:
    now = clock.now()
    async with database.unit_of_work(principal.workspace_id) as work:
        taken = await work.runs.take_unsubmitted(now, now - timedelta(seconds=AGAIN_SECONDS), AT_ONCE)
        if taken:
            await work.commit()
    return taken


async def _submit(database: Database, principal: Principal, launcher: Launcher, taken: list[Run]) -> int:
    """Hand on what was taken; how many runs. Several of one batch go together, as that batch."""
    left = {run.id for run in taken}
    try:
        for together in _together(taken):
            submitted = await _hand_on(database, principal, launcher, together)
            left -= {run.id for run in together}
            await _say(database, principal, together, submitted)
    except Unavailable:
        async with database.unit_of_work(principal.workspace_id) as work:
            for run_id in left:
                await work.runs.not_submitted(run_id)
            await work.commit()
        raise
    return len(taken)


def _together(taken: list[Run]) -> list[list[Run]]:
    alone = [[run] for run in taken if run.batch_id is None]
    in_batches = sorted((run for run in taken if run.batch_id is not None), key=lambda run: str(run.batch_id))
    return alone + [list(runs) for _batch, runs in groupby(in_batches, key=lambda run: run.batch_id)]


async def _hand_on(database: Database, principal: Principal, launcher: Launcher, together: list[Run]) -> Submitted:
    first = together[0]
    if first.batch_id is None or len(together) == 1:
        return await launcher.submit(first.id, first.attempts)
    async with database.unit_of_work(principal.workspace_id) as work:
        attempts = sum(run.attempts for run in await work.runs.of_batch(first.batch_id))
    return await launcher.submit_batch(first.batch_id, attempts)


async def _say(database: Database, principal: Principal, together: list[Run], submitted: Submitted) -> None:
    for run in together:
        async with database.unit_of_work(principal.workspace_id) as work:
            said = [event.data.get("id") for event in await work.events.after(run.id) if event.kind == "run.submitted"]
            if submitted.id in said:  # one that waits in line is handed on again and again
                continue
            await work.events.append(run.id, "run.submitted", {"orchestrator": submitted.page, "id": submitted.id})
            if (await work.runs.get(run.id)).finished_at is None:  # looked at now that nobody else can end it
                await work.commit()
