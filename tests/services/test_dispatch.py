"""Nothing accepted is lost or submitted twice; what a dead worker left is taken up again, up to a point."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from aiwriter import settings
from aiwriter.documents import Run, RunStatus
from aiwriter.errors import Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal, Submitted
from aiwriter.services import batches, dispatch, holding, runs
from aiwriter.services.dispatch import AGAIN_SECONDS, Swept
from aiwriter.services.holding import LEASE_SECONDS
from aiwriter.testing import ManualClock, MemoryDatabase, sample_brief
from aiwriter.testing.launcher import RecordingLauncher, submissions, switch_off, switch_on

WHO = Principal("tester", LOCAL_WORKSPACE)
DEAD = "elsewhere|1|x"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))  # what services note themselves is real time


@pytest.fixture
def database(clock: ManualClock) -> MemoryDatabase:
    return MemoryDatabase(clock.now)


@pytest.fixture
def home() -> Path:
    folder = settings.load().home_folder
    folder.mkdir()
    return folder


@pytest.fixture
def launcher(database: MemoryDatabase, home: Path) -> RecordingLauncher:
    return RecordingLauncher(settings.load(), database, WHO)


def submitted(home: Path) -> list[tuple[UUID, int]]:
    """Runs or batches with their attempts, in order."""
    return [(key, attempt) for _kind, key, attempt in submissions(home)]


async def asked(database: MemoryDatabase, *, in_hand: bool = False) -> Run:
    return await runs.ask(
        database, WHO, sample_brief(), model="offline:extractive", embedder="hashing:8", budget_usd=None,
        in_hand=in_hand,
    )  # fmt: skip


async def batch_of(database: MemoryDatabase, number: int) -> list[Run]:
    batch = await batches.ask(
        database, WHO, [sample_brief()] * number, name="b", model="offline:extractive", embedder="hashing:8",
        budget_usd=None,
    )  # fmt: skip
    return (await batches.state(database, WHO, batch.id)).runs


async def taken_by_a_worker_that_dies(database: MemoryDatabase, clock: ManualClock, *run_ids: UUID) -> None:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for run_id in run_ids:
            assert await work.runs.claim(run_id, DEAD, LEASE_SECONDS, clock.now())
        await work.commit()
    clock.advance(LEASE_SECONDS + 1)


async def kinds(database: MemoryDatabase, run_id: UUID) -> list[str]:
    return [event.kind for event in await runs.events_after(database, WHO, run_id, 0)]


async def test_fifty_runs_asked_for_while_the_orchestrator_is_down_are_submitted_once_each_when_it_is_back(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    stored = [await asked(database) for _ in range(50)]
    switch_off(home)
    for _ in range(3):
        with pytest.raises(Unavailable):
            await dispatch.sweep(database, WHO, launcher, clock)
    switch_on(home)
    await asyncio.gather(*(dispatch.sweep(database, WHO, launcher, clock) for _ in range(4)))  # four API processes
    assert sorted(submitted(home)) == sorted((run.id, 0) for run in stored)
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept()
    history = await runs.events_after(database, WHO, stored[0].id, 0)
    assert [event.kind for event in history] == ["run.queued", "run.submitted"]
    assert str(history[1].data["orchestrator"]).startswith("http://127.0.0.1:4200/runs/")


async def test_the_oldest_run_goes_first(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    stored = [await asked(database) for _ in range(25)]
    await dispatch.sweep(database, WHO, launcher, clock)
    assert [run_id for run_id, _attempt in submitted(home)] == [run.id for run in stored]


async def test_a_run_that_this_process_carries_itself_is_not_submitted(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    run = await asked(database, in_hand=True)
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept()
    clock.advance(AGAIN_SECONDS + 1)  # … unless that process died before it began
    assert (await dispatch.sweep(database, WHO, launcher, clock)).submitted == 1
    assert submitted(home) == [(run.id, 0)]


async def test_the_run_of_a_dead_worker_is_queued_again_and_submitted_as_a_new_attempt(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    run = await asked(database)
    await dispatch.sweep(database, WHO, launcher, clock)
    await taken_by_a_worker_that_dies(database, clock, run.id)
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept(submitted=1, reclaimed=1)
    assert submitted(home) == [(run.id, 0), (run.id, 1)]
    assert (await kinds(database, run.id))[-2:] == ["run.reclaimed", "run.submitted"]


async def test_a_worker_that_died_on_this_machine_is_not_waited_for(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    run = await asked(database, in_hand=True)
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        dead = holding.owner_name().replace(f"|{os.getpid()}|", f"|{ended.pid}|")
        await work.runs.claim(run.id, dead, LEASE_SECONDS, clock.now())
        await work.commit()
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept(submitted=1, reclaimed=1)


async def test_a_run_whose_lease_is_alive_is_left_alone(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    run = await asked(database, in_hand=True)
    await taken_by_a_worker_that_dies(database, clock, run.id)
    clock.advance(-2)
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept()


async def test_a_run_that_kills_its_workers_is_given_up_after_three_attempts(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    run = await asked(database)
    for _ in range(dispatch.MOST_ATTEMPTS):
        await dispatch.sweep(database, WHO, launcher, clock)
        await taken_by_a_worker_that_dies(database, clock, run.id)
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept(buried=1)
    buried = await runs.get(database, WHO, run.id)
    assert buried.status is RunStatus.FAILED
    assert "died 3 times" in str(buried.reason)
    assert (await kinds(database, run.id))[-1] == "run.finished"
    assert len(submitted(home)) == dispatch.MOST_ATTEMPTS
    assert (await runs.resume(database, WHO, run.id)).status is RunStatus.QUEUED  # a person may


async def test_a_batch_whose_worker_died_is_submitted_again_as_a_whole_once(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    first, second, *_rest = of_batch = await batch_of(database, 5)
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept()
    await taken_by_a_worker_that_dies(database, clock, first.id, second.id)
    switch_off(home)
    with pytest.raises(Unavailable):
        await dispatch.sweep(database, WHO, launcher, clock)
    switch_on(home)
    await dispatch.sweep(database, WHO, launcher, clock)
    await dispatch.sweep(database, WHO, launcher, clock)
    assert submitted(home) == [(of_batch[0].batch_id, 2)]


async def test_of_a_batch_whose_process_is_alive_but_too_busy_to_renew_a_lease_only_that_run_is_taken(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    first, *_rest = await batch_of(database, 5)
    await taken_by_a_worker_that_dies(database, clock, first.id)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert first.batch_id is not None
        await work.runs.batch_submitted(first.batch_id, clock.now())  # the word of who carries it
        await work.commit()
    assert await dispatch.sweep(database, WHO, launcher, clock) == Swept(submitted=1, reclaimed=1)
    assert submitted(home) == [(first.id, 1)]
    clock.advance(AGAIN_SECONDS + 1)  # and says nothing any more
    await dispatch.sweep(database, WHO, launcher, clock)
    assert submitted(home)[1:] == [(first.batch_id, 1)]


async def test_a_batch_whose_worker_died_before_it_began_is_submitted_again_as_a_whole(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    of_batch = await batch_of(database, 3)
    clock.advance(AGAIN_SECONDS + 1)
    await dispatch.sweep(database, WHO, launcher, clock)
    await dispatch.sweep(database, WHO, launcher, clock)
    assert submitted(home) == [(of_batch[0].batch_id, 0)]


async def test_one_run_of_a_batch_that_a_person_resumes_goes_alone(
    database: MemoryDatabase, clock: ManualClock, launcher: RecordingLauncher, home: Path
) -> None:
    run, *_rest = await batch_of(database, 3)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.claim(run.id, DEAD, LEASE_SECONDS, clock.now())
        await work.runs.finish(run.id, DEAD, RunStatus.FAILED)
        await work.commit()
    await runs.resume(database, WHO, run.id)
    await dispatch.sweep(database, WHO, launcher, clock)
    assert submitted(home) == [(run.id, 1)]


class SlowLauncher(RecordingLauncher):
    """While it hands a run on, its owner cancels it."""

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__(settings.load(), database, WHO)
        self._database = database

    async def submit(self, run_id: UUID, attempt: int) -> Submitted:
        await runs.cancel(self._database, WHO, run_id)
        return await super().submit(run_id, attempt)


async def test_of_a_run_that_ends_while_it_is_handed_on_the_end_is_the_last_that_is_said(
    database: MemoryDatabase, clock: ManualClock, home: Path
) -> None:
    run, other = await asked(database), await asked(database)
    await dispatch.sweep(database, WHO, SlowLauncher(database), clock)
    for one in (run, other):
        assert await kinds(database, one.id) == ["run.queued", "run.finished"]
