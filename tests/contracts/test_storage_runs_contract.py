"""How runs are handed out, given up, cancelled and taken up again, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

import pytest

from aiwriter.documents import Brief, Run, RunStatus, Shortage
from aiwriter.errors import NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import Paging, RunFilter, RunRepository
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import MemoryDatabase

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(minutes=1)
ELSEWHERE = UUID("00000000-0000-7000-8000-0000000000ee")
SUBMIT_AGAIN = timedelta(minutes=10)
NOT_YET = SUBMIT_AGAIN - timedelta(seconds=30)  # PostgreSQL's clock, which tells the time there, goes on meanwhile

Db = MemoryDatabase | SqlDatabase
T = TypeVar("T")


async def do(database: Db, work: Callable[[RunRepository], Awaitable[T]], workspace: UUID = LOCAL_WORKSPACE) -> T:
    """One transaction with the runs."""
    async with database.unit_of_work(workspace) as unit:
        result = await work(unit.runs)
        await unit.commit()
    return result


async def add_run(database: Db, minutes: float = 0, workspace: UUID = LOCAL_WORKSPACE, **values: object) -> Run:
    defaults = {"brief": Brief(topic="Electric ferries"), "model": "offline:x", "embedder": "hashing:8"}
    run = Run.model_validate({**defaults, "created_at": NOON + timedelta(minutes=minutes), **values})
    await do(database, lambda runs: runs.add(run, b"secret"), workspace)
    return run


async def claim(database: Db, run: Run, owner: str = "worker", now: datetime = NOON) -> bool:
    return await do(database, lambda runs: runs.claim(run.id, owner, 30, now))


async def finish(database: Db, run: Run, status: RunStatus, owner: str = "worker") -> bool:
    return await do(database, lambda runs: runs.finish(run.id, owner, status, reason="because"))


async def ended_as(database: Db, status: RunStatus) -> Run:
    run = await add_run(database)
    await claim(database, run)
    await finish(database, run, status)
    return run


async def stored(database: Db, run: Run) -> Run:
    return await do(database, lambda runs: runs.get(run.id))


async def take(database: Db, now: datetime = NOON, limit: int = 50) -> list[UUID]:
    taken = await do(database, lambda runs: runs.take_unsubmitted(now, now - SUBMIT_AGAIN, limit))
    return [run.id for run in taken]


# ── what a run knows ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_of_a_batch_comes_back_with_its_place_and_who_asked(database: Db) -> None:
    batch = new_id()
    second = await add_run(database, batch_id=batch, batch_item=1, requested_by="Änne")
    first = await add_run(database, minutes=5, batch_id=batch, batch_item=0)
    await add_run(database)
    assert await stored(database, second) == second
    assert await do(database, lambda runs: runs.of_batch(batch)) == [first, second]
    assert await do(database, lambda runs: runs.of_batch(new_id())) == []


async def test_runs_are_counted_by_status(database: Db) -> None:
    for status in (RunStatus.DONE, RunStatus.DONE, RunStatus.FAILED):
        await ended_as(database, status)
    await add_run(database)
    assert await do(database, lambda runs: runs.counts()) == {"done": 2, "failed": 1, "queued": 1}


# ── waiting for a person ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_that_waits_for_a_person_is_held_by_nobody_and_cannot_be_taken(database: Db) -> None:
    run = await ended_as(database, RunStatus.WAITING)
    waiting = await stored(database, run)
    assert (waiting.status, waiting.finished_at) == (RunStatus.WAITING, None)
    assert await do(database, lambda runs: runs.holder(run.id)) is None
    assert not await claim(database, run, "another", LATER)
    assert await take(database) == []
    assert await do(database, lambda runs: runs.reclaim(LATER)) == []
    assert await do(database, lambda runs: runs.requeue(run.id, (RunStatus.WAITING,)))
    assert await take(database) == [run.id]
    assert await claim(database, run, "another", LATER)


# ── cancelling ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("status", "can_be"),
    [
        (RunStatus.WAITING, True),
        (RunStatus.FAILED, True),
        (RunStatus.DONE, False),
        (RunStatus.REFUSED, False),
        (RunStatus.CANCELLED, False),
    ],
)
async def test_only_what_has_not_ended_is_cancelled(database: Db, status: RunStatus, can_be: bool) -> None:
    run = await ended_as(database, status)
    assert await do(database, lambda runs: runs.cancel(run.id, LATER)) is can_be
    now = await stored(database, run)
    assert now.status is (RunStatus.CANCELLED if can_be else status)
    assert now.finished_at == (LATER if can_be else NOON)


async def test_a_queued_run_that_is_cancelled_is_never_handed_out(database: Db) -> None:
    run = await add_run(database)
    assert await do(database, lambda runs: runs.cancel(run.id, LATER))
    assert await take(database) == []
    assert not await claim(database, run)
    assert not await do(database, lambda runs: runs.requeue(run.id, (RunStatus.QUEUED, RunStatus.FAILED)))


async def test_cancelling_beats_the_worker_that_has_not_noticed(database: Db) -> None:
    run = await add_run(database)
    await claim(database, run)
    assert await do(database, lambda runs: runs.cancel(run.id, LATER))
    assert await do(database, lambda runs: runs.holder(run.id)) is None
    assert not await do(database, lambda runs: runs.renew(run.id, "worker", 30, LATER))
    assert not await finish(database, run, RunStatus.DONE)
    now = await stored(database, run)
    assert (now.status, now.finished_at, now.reason) == (RunStatus.CANCELLED, LATER, None)


async def test_of_cancelling_and_finishing_at_once_exactly_one_wins(database: Db) -> None:
    for number in range(10):
        run = await add_run(database)
        await claim(database, run)
        attempts = [
            finish(database, run, RunStatus.DONE),
            do(database, lambda runs, run=run: runs.cancel(run.id, LATER)),  # type: ignore[misc]
        ]
        won = await asyncio.gather(*(attempts if number % 2 else attempts[::-1]))
        assert sum(won) == 1


# ── taking up again ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_failed_run_is_queued_again_as_if_new_and_remembers_its_attempts(database: Db) -> None:
    run = await add_run(database)
    assert await take(database) == [run.id]
    await claim(database, run)
    await finish(database, run, RunStatus.FAILED)
    assert not await do(database, lambda runs: runs.requeue(run.id, (RunStatus.WAITING,)))
    assert await do(database, lambda runs: runs.requeue(run.id, (RunStatus.FAILED, RunStatus.WAITING)))
    now = await stored(database, run)
    assert (now.status, now.reason, now.finished_at, now.attempts) == (RunStatus.QUEUED, None, None, 1)
    assert await take(database) == [run.id]


async def test_a_run_that_a_budget_refused_says_which_and_what_it_lacked_until_it_is_queued_again(database: Db) -> None:
    run, short = await add_run(database), Shortage(budget="openai", needs_usd=Decimal("0.0125"))
    assert await claim(database, run)
    assert await do(database, lambda runs: runs.finish(run.id, "worker", RunStatus.REFUSED, short=short))
    assert (await do(database, lambda runs: runs.get(run.id))).short == short
    assert await do(database, lambda runs: runs.requeue(run.id, (RunStatus.REFUSED,)))
    assert (await do(database, lambda runs: runs.get(run.id))).short is None


async def test_a_run_that_somebody_works_on_is_not_queued_again(database: Db) -> None:
    run = await add_run(database)
    await claim(database, run, now=NOON)
    assert not await do(database, lambda runs: runs.requeue(run.id, (RunStatus.RUNNING,)))
    lapsed = await add_run(database)
    await claim(database, lapsed, now=NOON - timedelta(minutes=1))
    assert await do(database, lambda runs: runs.requeue(lapsed.id, (RunStatus.RUNNING,)))
    assert await do(database, lambda runs: runs.holder(lapsed.id)) is None


async def test_a_queued_run_can_be_given_up_and_another_cannot(database: Db) -> None:
    run = await add_run(database)
    assert await do(database, lambda runs: runs.bury(run.id, "its worker died 3 times"))
    assert not await do(database, lambda runs: runs.bury(run.id, "again"))
    now = await stored(database, run)
    assert (now.status, now.reason, now.finished_at) == (RunStatus.FAILED, "its worker died 3 times", NOON)
    running = await add_run(database)
    await claim(database, running)
    assert not await do(database, lambda runs: runs.bury(running.id, "no"))


# ── handing out ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_queued_runs_are_handed_out_oldest_first(database: Db) -> None:
    young, old, middle = [await add_run(database, minutes=minutes) for minutes in (3, 1, 2)]
    running = await add_run(database)
    await claim(database, running)
    assert await take(database, limit=2) == [old.id, middle.id]
    assert await take(database) == [young.id]
    assert await take(database) == []


async def test_a_run_that_is_in_good_hands_is_not_handed_out(database: Db) -> None:
    run = await add_run(database)
    await do(database, lambda runs: runs.submitted(run.id, NOON))
    await do(database, lambda runs: runs.submitted(new_id(), NOON))
    assert await take(database) == []
    assert await take(database, NOON + 2 * SUBMIT_AGAIN) == [run.id]


async def test_a_run_that_nobody_took_up_is_handed_out_again_after_a_while(database: Db) -> None:
    run = await add_run(database)
    assert await take(database, NOON) == [run.id]
    assert await take(database, NOON + NOT_YET) == []
    assert await take(database, NOON + SUBMIT_AGAIN + timedelta(seconds=1)) == [run.id]


async def test_the_queued_runs_of_a_batch_are_kept_back_together(database: Db) -> None:
    batch = new_id()
    queued = [await add_run(database, minutes=number, batch_id=batch, batch_item=number) for number in range(2)]
    running = await add_run(database, batch_id=batch, batch_item=2)
    other = await add_run(database, minutes=3)
    await claim(database, running)
    await do(database, lambda runs: runs.batch_submitted(batch, NOON))
    assert await take(database, NOON + NOT_YET) == [other.id]
    await do(database, lambda runs: runs.batch_submitted(batch, NOON + SUBMIT_AGAIN))
    assert await take(database, NOON + NOT_YET + NOT_YET) == []
    later = NOON + 2 * SUBMIT_AGAIN + timedelta(seconds=1)
    assert set(await take(database, later)) == {run.id for run in (*queued, other)}
    assert (await stored(database, running)).status is RunStatus.RUNNING


async def test_a_run_whose_submission_failed_is_handed_out_again_at_once(database: Db) -> None:
    run = await add_run(database)
    assert await take(database) == [run.id]
    await do(database, lambda runs: runs.not_submitted(run.id))
    assert await take(database) == [run.id]
    await claim(database, run)
    await do(database, lambda runs: runs.not_submitted(run.id))  # it was taken up after all
    await do(database, lambda runs: runs.not_submitted(new_id()))
    assert (await stored(database, run)).status is RunStatus.RUNNING


async def test_a_run_of_which_somebody_spoke_since_is_not_handed_out_again(database: Db) -> None:
    run = await add_run(database)
    assert await take(database, NOON) == [run.id]
    await do(database, lambda runs: runs.not_submitted(run.id, before=NOON - timedelta(seconds=5)))
    assert await take(database, NOON + NOT_YET) == []
    await do(database, lambda runs: runs.not_submitted(run.id, before=NOON + NOT_YET))
    assert await take(database, NOON + NOT_YET) == [run.id]


async def test_several_sweepers_never_get_the_same_run(database: Db) -> None:
    runs = [await add_run(database, minutes=number) for number in range(40)]

    async def sweep(rolls_back: bool) -> list[UUID]:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            taken = await work.runs.take_unsubmitted(NOON, NOON - SUBMIT_AGAIN, 7)
            await asyncio.sleep(0)
            if rolls_back:
                return []
            await work.commit()
        return [run.id for run in taken]

    swept = await asyncio.gather(*(sweep(number % 3 == 0) for number in range(9)))
    handed_out = [run_id for ids in swept for run_id in ids]
    assert len(handed_out) == len(set(handed_out))
    while rest := await take(database):
        handed_out += rest
    assert sorted(handed_out) == sorted(run.id for run in runs)


# ── workers that died ────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_run_whose_lease_lapsed_is_queued_again_and_its_worker_is_too_late(database: Db) -> None:
    run = await add_run(database)
    batch = new_id()
    of_batch = await add_run(database, minutes=1, batch_id=batch, batch_item=0)
    for each in (run, of_batch):
        await claim(database, each, "dead")
    alive = await add_run(database)
    await claim(database, alive, "alive", LATER)
    assert await take(database) == []
    assert await do(database, lambda runs: runs.reclaim(NOON + timedelta(seconds=29))) == []
    reclaimed = await do(database, lambda runs: runs.reclaim(LATER))
    assert [(one.id, one.status, one.attempts, one.batch_id) for one in reclaimed] == [
        (run.id, RunStatus.QUEUED, 1, None),
        (of_batch.id, RunStatus.QUEUED, 1, batch),
    ]
    assert await do(database, lambda runs: runs.reclaim(LATER)) == []
    assert not await finish(database, run, RunStatus.DONE, "dead")
    assert not await do(database, lambda runs: runs.renew(run.id, "dead", 30, LATER))
    assert await take(database) == [run.id, of_batch.id]


async def test_a_run_that_its_holder_gave_up_is_reclaimed(database: Db) -> None:
    run = await add_run(database)
    await claim(database, run)
    await do(database, lambda runs: runs.release(run.id, "worker"))
    assert [one.id for one in await do(database, lambda runs: runs.reclaim(NOON))] == [run.id]


async def test_each_lapsed_run_is_reclaimed_by_one(database: Db) -> None:
    runs = [await add_run(database) for _ in range(12)]
    for run in runs:
        await claim(database, run, "dead")
    reclaimed = await asyncio.gather(*(do(database, lambda runs: runs.reclaim(LATER, 5)) for _ in range(6)))
    ids = [run.id for some in reclaimed for run in some]
    ids += [run.id for run in await do(database, lambda runs: runs.reclaim(LATER))]
    assert sorted(ids) == sorted(run.id for run in runs)


# ── what is not there, and other workspaces ──────────────────────────────────────────────────────────────────────────


async def test_who_decides_about_a_run_that_is_not_there_is_told(database: Db) -> None:
    nobody = new_id()
    with pytest.raises(NotFound, match=str(nobody)):
        await do(database, lambda runs: runs.cancel(nobody, NOON))
    with pytest.raises(NotFound, match=str(nobody)):
        await do(database, lambda runs: runs.requeue(nobody, (RunStatus.FAILED,)))
    assert not await do(database, lambda runs: runs.bury(nobody, "why"))


async def test_nobody_decides_about_the_runs_of_another_workspace(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    batch = new_id()
    queued = await add_run(database)
    running = await add_run(database, batch_id=batch)
    await claim(database, running)
    async with database.unit_of_work(ELSEWHERE) as work:
        runs = work.runs
        assert await runs.take_unsubmitted(LATER, LATER) == []
        assert await runs.reclaim(LATER) == []
        assert await runs.of_batch(batch) == []
        assert await runs.counts() == {}
        assert (await runs.page(RunFilter(), Paging())).total == 0
        assert not await runs.bury(queued.id, "why")
        await runs.submitted(queued.id, LATER)
        await runs.not_submitted(queued.id)
        await runs.batch_submitted(batch, LATER)
        with pytest.raises(NotFound):
            await runs.cancel(queued.id, NOON)
        with pytest.raises(NotFound):
            await runs.requeue(running.id, (RunStatus.RUNNING,))
        await work.commit()
    assert await stored(database, queued) == queued
    assert await take(database) == [queued.id]
    assert (await stored(database, running)).status is RunStatus.RUNNING
