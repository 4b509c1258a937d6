"""Studies that are queued are handed to the orchestrator, and those a dead worker left are queued again: like runs."""

from __future__ import annotations

from datetime import timedelta

from aiwriter.documents import RunStatus, StudyHead
from aiwriter.errors import Unavailable
from aiwriter.ports import Clock, Database, Launcher, Paging, Principal, StudyFilter
from aiwriter.services import holding
from aiwriter.services.dispatch import AGAIN_SECONDS, AT_ONCE, MOST_ATTEMPTS, Swept


async def sweep(database: Database, principal: Principal, launcher: Launcher, clock: Clock) -> Swept:
    """Once through the workspace of the principal. Raises Unavailable like `dispatch.sweep`."""
    reclaimed, buried = await reclaim(database, principal, clock)
    submitted = 0
    while taken := await _take(database, principal, clock):
        await _submit(database, principal, launcher, taken)
        submitted += len(taken)
        if len(taken) < AT_ONCE:
            break
    return Swept(submitted, reclaimed, buried)


async def reclaim(database: Database, principal: Principal, clock: Clock) -> tuple[int, int]:
    """Queue studies whose lease has lapsed or whose worker is known to be dead: how many were queued, and how many were
    given up instead."""
    buried = 0
    async with database.unit_of_work(principal.workspace_id) as work:
        running = await work.studies.page(StudyFilter(status=(RunStatus.RUNNING,)), Paging(limit=holding.MOST_RUNNING))
        for study in running.items:
            holder = await work.studies.holder(study.id)
            if holder is not None and holding.is_dead_neighbour(holder):
                await work.studies.release(study.id, holder)
        lapsed = await work.studies.reclaim(clock.now())
        for study in lapsed:
            if study.attempts >= MOST_ATTEMPTS:
                reason = f"its worker died {study.attempts} times. Look at the worker's log before you ask again"
                buried += await work.studies.bury(study.id, clock.now(), reason)
        if lapsed:
            await work.commit()
    return len(lapsed) - buried, buried


async def _take(database: Database, principal: Principal, clock: Clock) -> list[StudyHead]:
    now = clock.now()
    async with database.unit_of_work(principal.workspace_id) as work:
        taken = await work.studies.take_unsubmitted(now, now - timedelta(seconds=AGAIN_SECONDS), AT_ONCE)
        if taken:
            await work.commit()
    return taken


async def _submit(database: Database, principal: Principal, launcher: Launcher, taken: list[StudyHead]) -> None:
    """Hand on what was taken; when that fails, the rest stays for a later sweep."""
    left = list(taken)
    try:
        while left:
            await launcher.submit_study(left[0])
            left.pop(0)
    except Unavailable:
        async with database.unit_of_work(principal.workspace_id) as work:
            for study in left:
                await work.studies.submitted(study.id, None)
            await work.commit()
        raise
