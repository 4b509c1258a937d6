"""A run is held by one worker at a time; whoever loses it stops; what a dead one left is taken over."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from aiwriter.documents import Evidence, Run, RunStatus, Stage, utc_now
from aiwriter.errors import Conflict
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import CallIntent, CallKey, Principal, UnitOfWork
from aiwriter.services import holding, runs, stages
from aiwriter.testing import MemoryDatabase, sample_brief, sample_evidence

WHO = Principal("tester", LOCAL_WORKSPACE)


class PatientClock:
    """Real time, but renewals come when the test says so."""

    def __init__(self) -> None:
        self.due = asyncio.Event()
        self.offset = timedelta()

    def now(self) -> datetime:
        return utc_now() + self.offset

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await self.due.wait()
        self.due.clear()


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


async def asked(database: MemoryDatabase) -> Run:
    return await runs.ask(
        database, WHO, sample_brief(), model="offline:extractive", embedder="hashing:8", budget_usd=Decimal("0.50")
    )


async def test_what_the_offline_writer_was_asked_is_no_request_that_a_run_sent(database: MemoryDatabase) -> None:
    run = await asked(database)
    journal = database.journal(LOCAL_WORKSPACE)
    for model in (run.model, "openai:heron"):
        await journal.begin(CallIntent(model, CallKey(run.id, Stage.OUTLINE), 1, model, "outline", "hash", Decimal(0)))
    assert [call.model for call in await runs.calls(database, WHO, run.id)] == ["openai:heron"]


async def test_asking_keeps_the_brief_the_cap_and_the_first_event(database: MemoryDatabase) -> None:
    run = await asked(database)
    assert (await runs.find(database, WHO, str(run.id)[:18])).brief == sample_brief()
    state = await database.budgets(LOCAL_WORKSPACE).state("run", str(run.id))
    assert state is not None
    assert state.cap_usd == Decimal("0.50")
    assert [event.kind for event in await runs.events_after(database, WHO, run.id, 0)] == ["run.queued"]


async def test_a_held_run_is_refused_to_others(database: MemoryDatabase) -> None:
    run = await asked(database)
    async with holding.held(database, WHO, run.id, PatientClock()):
        with pytest.raises(Conflict, match="another process"):
            async with holding.held(database, WHO, run.id, PatientClock()):
                pytest.fail("both hold it")


async def test_a_run_whose_worker_has_died_is_taken_over_at_once(database: MemoryDatabase) -> None:
    run = await asked(database)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = holding.owner_name().replace(f"|{os.getpid()}|", f"|{ended.pid}|")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.claim(run.id, dead, 3600, utc_now())
        await work.commit()
    async with holding.held(database, WHO, run.id, PatientClock()):
        pass


async def test_a_worker_that_lost_its_lease_stops_and_cannot_end_the_run(database: MemoryDatabase) -> None:
    run = await asked(database)
    clock = PatientClock()
    with pytest.raises(Conflict, match="taken over"):
        async with holding.held(database, WHO, run.id, clock) as owner:
            await taken_over(database, run)
            clock.due.set()
            await asyncio.sleep(3600)
    with pytest.raises(Conflict):
        await holding.end(database, WHO, run.id, owner, RunStatus.DONE)


async def test_a_worker_that_lost_its_lease_writes_nothing_more_for_the_run(database: MemoryDatabase) -> None:
    run, other = await asked(database), await asked(database)
    clock = PatientClock()
    async with holding.held(database, WHO, run.id, clock):
        await runs.announce(database, WHO, run.id, "stage.progress")
        await taken_over(database, run)
        with pytest.raises(Conflict, match="no longer held"):
            await runs.announce(database, WHO, run.id, "stage.progress")
        with pytest.raises(Conflict, match="no longer held"):
            await stages.once(database, WHO, clock, run.id, Stage.EVIDENCE, Evidence, evidence)
        await runs.announce(database, WHO, other.id, "of a run that we do not hold")
    kinds = [event.kind for event in await runs.events_after(database, WHO, run.id, 0)]
    assert kinds == ["run.queued", "run.started", "stage.progress"]
    await runs.announce(database, WHO, run.id, "by somebody who holds nothing")


async def evidence() -> Evidence:
    return sample_evidence()


async def taken_over(database: MemoryDatabase, run: Run) -> None:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        later = utc_now() + timedelta(seconds=holding.LEASE_SECONDS + 1)
        assert await work.runs.claim(run.id, "elsewhere|1|x", 3600, later)
        await work.commit()


async def test_a_run_that_has_ended_is_not_taken_again(database: MemoryDatabase) -> None:
    run = await asked(database)
    async with holding.held(database, WHO, run.id, PatientClock()) as owner:
        await holding.end(database, WHO, run.id, owner, RunStatus.DONE)
    with pytest.raises(Conflict, match="has ended"):
        async with holding.held(database, WHO, run.id, PatientClock()):
            pytest.fail("it was taken again")


async def test_a_worker_notices_at_its_next_look_that_its_run_was_cancelled(database: MemoryDatabase) -> None:
    run = await asked(database)
    clock = PatientClock()
    with pytest.raises(Conflict, match="was cancelled"):
        async with holding.held(database, WHO, run.id, clock):
            cancelled = await runs.cancel(database, WHO, run.id)
            assert cancelled.status is RunStatus.CANCELLED
            clock.due.set()
            await asyncio.sleep(3600)
    kinds = [event.kind for event in await runs.events_after(database, WHO, run.id, 0)]
    assert kinds == ["run.queued", "run.started", "run.finished"]


async def test_fifty_runs_in_one_hand_are_looked_after_with_one_question_and_each_is_lost_alone() -> None:
    class Counting(MemoryDatabase):
        asked = 0

        def unit_of_work(self, workspace_id: UUID) -> UnitOfWork:
            self.asked += 1
            return super().unit_of_work(workspace_id)

    database, clock, lost = Counting(), PatientClock(), list[UUID]()
    held = [await asked(database) for _ in range(50)]
    begun = asyncio.Semaphore(0)

    async def carry(run: Run) -> None:
        with pytest.raises(Conflict, match="was cancelled"):
            async with holding.held(database, WHO, run.id, clock):
                begun.release()
                await asyncio.sleep(3600)
        lost.append(run.id)

    carrying = [asyncio.create_task(carry(run)) for run in held]
    for _ in held:
        await begun.acquire()
    await runs.cancel(database, WHO, held[7].id)
    database.asked = 0
    clock.due.set()
    await carrying[7]
    assert (lost, database.asked) == ([held[7].id], 2)  # the look, and why it was lost
    for one in carrying:
        one.cancel()
    await asyncio.gather(*carrying, return_exceptions=True)


async def test_a_run_that_was_lost_leaves_the_task_uncancelled(database: MemoryDatabase) -> None:
    run = await asked(database)
    clock = PatientClock()
    with pytest.raises(Conflict):
        async with holding.held(database, WHO, run.id, clock):
            await runs.cancel(database, WHO, run.id)
            clock.due.set()
            await asyncio.sleep(3600)
    current = asyncio.current_task()
    assert current is not None
    assert current.cancelling() == 0
    await asyncio.sleep(0)


async def test_a_run_is_looked_after_every_second_and_its_lease_renewed_every_eighth(database: MemoryDatabase) -> None:
    assert holding.LOOK_SECONDS == 1.0
    assert holding.LOOKS_A_RENEWAL * holding.LOOK_SECONDS * 3 < holding.LEASE_SECONDS


async def test_a_run_that_was_cancelled_ends_once_and_is_not_resumed(database: MemoryDatabase) -> None:
    run = await asked(database)
    await runs.cancel(database, WHO, run.id)
    with pytest.raises(Conflict, match="ended already: cancelled"):
        await runs.cancel(database, WHO, run.id)
    with pytest.raises(Conflict, match="has not failed: it is cancelled"):
        await runs.resume(database, WHO, run.id)


async def test_a_run_that_is_let_go_is_for_the_next_sweep(database: MemoryDatabase) -> None:
    run = await asked(database)
    async with holding.held(database, WHO, run.id, PatientClock()) as owner:
        await holding.let_go(database, WHO, run.id, owner)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert [one.id for one in await work.runs.reclaim(utc_now())] == [run.id]


async def test_who_ends_the_run_does_not_miss_its_own_lease_afterwards(database: MemoryDatabase) -> None:
    run = await asked(database)
    clock = PatientClock()
    async with holding.held(database, WHO, run.id, clock) as owner:
        await holding.end(database, WHO, run.id, owner, RunStatus.DONE)
        clock.due.set()  # a look that finds the lease gone, while figures are still being recorded
        for _ in range(20):
            await asyncio.sleep(0)
    assert (await runs.get(database, WHO, run.id)).status is RunStatus.DONE
