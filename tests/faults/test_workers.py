"""Workers that are stopped and killed: what they had is taken over, and nothing that was accepted is lost or stuck.

`make test` takes a sample; `make faults` takes all (trust.md R3, R5, R6, R7, R8).
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aiwriter.documents import Run, RunStatus
from aiwriter.resilience.clock import SystemClock
from aiwriter.services import dispatch
from aiwriter.services.dispatch import MOST_ATTEMPTS, Swept
from aiwriter.storage import open_database
from tests.faults.forking import TRANSACTION, Copy, Crash, Forks
from tests.faults.histories import assert_history
from tests.faults.workers import LOOK_SECONDS, WHO, Crew, Place

pytestmark = pytest.mark.flow

TRIALS = 50  # a store
LAST = {"sqlite": 85, "postgresql": 72}  # of the transactions of a run; when it is stopped later, it has ended
SAMPLE = {"sqlite": 11, "postgresql": 9}  # where a stage is kept
SEED = 20260914
EVIDENCE = 4  # the record that this stage keeps, after two that are told before it and the research
ASK_SECONDS = 0.2
KILLED_UNTIL = 0.6  # of the runs have begun: what is left is enough for the last kills
ENDED = (RunStatus.DONE, RunStatus.REFUSED, RunStatus.FAILED)


@pytest.fixture
async def place(forks: Forks, home: tuple[Path, str]) -> AsyncIterator[Place]:
    folder, url = home
    database = open_database(url)
    yield Place(forks, folder, url, database)
    await database.close()


def stops() -> list[Any]:
    """The transactions before which a worker is stopped: all over the run, the first two being before it is held."""
    spread = {
        store: [4 + round(n * (last - 4) / (TRIALS - 2)) for n in range(TRIALS - 1)] for store, last in LAST.items()
    }
    return [
        *(pytest.param(store, sample, id=f"{store}-{sample}-sample") for store, sample in SAMPLE.items()),
        *(
            pytest.param(store, point, id=f"{store}-{point}", marks=pytest.mark.faults)
            for store, points in spread.items()
            for point in points
        ),
    ]


@pytest.mark.parametrize(("store", "point"), stops(), indirect=["store"])
async def test_a_worker_that_was_stopped_past_its_lease_commits_nothing(point: int, place: Place) -> None:
    run = await place.asked()
    first = place.carry(run.id, Crash(TRANSACTION, point, "before", signal.SIGSTOP))
    assert await asyncio.to_thread(first.wait_until_stopped), place.log(run.id).read_text()
    await place.lapse(run.id)
    second = place.carry(run.id)
    assert await asyncio.to_thread(second.wait) == 0
    ended = await place.run(run.id)
    assert (ended.status, ended.attempts) == (RunStatus.DONE, 2), ended.reason
    before = await place.kept(run.id)
    first.send(signal.SIGCONT)
    assert await asyncio.to_thread(first.wait) == 0, place.log(run.id).read_text()
    assert await place.kept(run.id) == before
    assert assert_history(await place.history(run.id)) is RunStatus.DONE


@pytest.mark.parametrize(
    ("store", "where"),
    [
        ("sqlite", "elsewhere"),
        ("postgresql", "here"),
        pytest.param("sqlite", "here", marks=pytest.mark.faults),
        pytest.param("postgresql", "elsewhere", marks=pytest.mark.faults),
    ],
    indirect=["store"],
)
async def test_what_a_killed_worker_had_is_taken_back_and_goes_on(where: str, place: Place) -> None:
    run = await place.asked()
    killed = place.carry(run.id, Crash("INSERT INTO stage_records", EVIDENCE, "after"))
    assert await asyncio.to_thread(killed.wait) == -signal.SIGKILL
    if where == "elsewhere":  # nobody here can see that its process is gone: the lease has to lapse
        await place.move_to_another_machine(run.id)
        assert await dispatch.sweep(place.database, WHO, Crew(place.carry), SystemClock()) == Swept()
        assert (await place.run(run.id)).status is RunStatus.RUNNING
        await place.lapse(run.id)
    crew = Crew(place.carry)
    assert await dispatch.sweep(place.database, WHO, crew, SystemClock()) == Swept(submitted=1, reclaimed=1)
    async with crew.serving(place.database):
        ended = await place.until(run.id, is_ended)
    assert (ended.status, ended.attempts) == (RunStatus.DONE, 2), ended.reason
    history = await place.history(run.id)
    assert assert_history(history) is RunStatus.DONE
    reused = [event.data["stage"] for event in history if event.kind == "stage.reused"]
    assert reused[:2] == ["research", "evidence"]


def is_ended(run: Run) -> bool:
    return run.status in ENDED


@pytest.mark.parametrize(
    ("store", "others"),
    [
        ("postgresql", 2),
        pytest.param("sqlite", 49, marks=(pytest.mark.faults, pytest.mark.timeout(1800))),
        pytest.param("postgresql", 49, marks=(pytest.mark.faults, pytest.mark.timeout(1800))),
    ],
    indirect=["store"],
)
async def test_a_run_that_kills_its_worker_each_time_keeps_nobody_waiting(others: int, place: Place) -> None:
    asked = [await place.asked() for _ in range(others + 1)]
    poison = asked.pop(len(asked) // 3)

    def carry(run_id: UUID) -> Copy:
        return place.carry(run_id, Crash("INSERT INTO sources", 1, "before") if run_id == poison.id else None)

    async with Crew(carry).serving(place.database):
        ended = [await place.until(run.id, is_ended, others) for run in (poison, *asked)]
    assert (ended[0].status, ended[0].attempts) == (RunStatus.FAILED, MOST_ATTEMPTS), ended[0].reason
    assert f"its worker died {MOST_ATTEMPTS} times" in str(ended[0].reason)
    assert {(run.status, run.attempts) for run in ended[1:]} == {(RunStatus.DONE, 1)}
    for run in ended:
        assert assert_history(await place.history(run.id)) is run.status


def rounds() -> list[Any]:
    """500 runs and 50 kills a store in five rounds, and a sample."""
    return [
        pytest.param("sqlite", 8, 4, 0.0, SEED, marks=pytest.mark.timeout(600)),
        *(
            pytest.param(store, 100, 10, 0.1, SEED + n, marks=(pytest.mark.faults, pytest.mark.timeout(3600)))
            for store in LAST
            for n in range(1, 6)
        ),
    ]


@pytest.mark.parametrize(("store", "wanted", "kills", "early", "seed"), rounds(), indirect=["store"])
async def test_nothing_that_was_accepted_is_lost_while_workers_are_killed(
    wanted: int, kills: int, early: float, seed: int, place: Place
) -> None:
    crew, chance = Crew(place.carry), random.Random(seed)
    apart = KILLED_UNTIL * wanted / kills
    async with crew.serving(place.database):
        killed = asyncio.create_task(killing(place, crew, chance, kills, apart, early))
        accepted = await asking(place, wanted, killed)
        ended = [await place.until(run_id, is_ended, wanted) for run_id in accepted]
    assert len({run.id for run in ended}) == len(accepted) >= wanted
    assert {run.status for run in ended} <= {RunStatus.DONE, RunStatus.FAILED}
    for run in ended:
        assert assert_history(await place.history(run.id)) is run.status
        assert run.status is RunStatus.DONE or f"its worker died {MOST_ATTEMPTS} times" in str(run.reason)


async def asking(place: Place, wanted: int, killed: asyncio.Task[None]) -> list[UUID]:
    """The ids that were acknowledged: as many as are wanted, and one more whenever the last has ended before all the
    kills: those that came too late to hit anybody are made up for."""
    accepted = []
    while len(accepted) < wanted or not killed.done():
        accepted.append((await place.asked()).id)
        await asyncio.sleep(ASK_SECONDS)
        if len(accepted) >= wanted:
            await place.until(accepted[-1], lambda run: is_ended(run) or killed.done(), wanted)
    await killed
    return accepted


async def killing(place: Place, crew: Crew, chance: random.Random, kills: int, apart: float, early: float) -> None:
    """Kill so many workers, one in `apart`, each at some time of its work; some `early`, before they hold their run.

    What a worker that died early had is handed on again only after a minute.
    """
    killed = 0
    while killed < kills:
        await asyncio.sleep(LOOK_SECONDS)
        if not crew.at_work or crew.begun < killed * apart:
            continue
        run_id, copy = chance.choice(list(crew.at_work.items()))
        if chance.random() >= early:
            await place.until(run_id, lambda run, copy=copy: run.status is RunStatus.RUNNING or copy.ended.done())
        await asyncio.sleep(chance.uniform(0, 1))
        copy.send(signal.SIGKILL)
        killed += await asyncio.wrap_future(copy.ended) == -signal.SIGKILL
