"""A run waits for its outline with nobody holding it; what a person changes is checked, approved once, and counts."""

from __future__ import annotations

import pytest

from aiwriter.documents import Outline, Point, Run, RunStatus, SectionPlan, Stage, utc_now
from aiwriter.errors import BadInput, Conflict, Forbidden, NotFound
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal
from aiwriter.services import holding, runs
from aiwriter.testing import MemoryDatabase, sample_brief, sample_evidence
from aiwriter.testing.clock import ManualClock

WHO = Principal("editor", LOCAL_WORKSPACE)
PASSAGES = [item.passage.id for item in sample_evidence().items]
OUTLINE = Outline(
    title="Ferries",
    sections=(
        SectionPlan(heading="", passages=(PASSAGES[0],), words=50),
        SectionPlan(heading="Night", passages=(PASSAGES[1],), words=200),
    ),
)


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
async def waiting(database: MemoryDatabase) -> Run:
    run = await runs.ask(
        database, WHO, sample_brief(), model="offline:extractive", embedder="hashing:8", budget_usd=None
    )
    async with holding.held(database, WHO, run.id, ManualClock(utc_now())) as owner:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.stages.put(run.id, Stage.EVIDENCE, "", sample_evidence(), 0.1)
            await work.stages.put(run.id, Stage.OUTLINE, "", OUTLINE, 0.1)
            await work.commit()
        await holding.put_down(database, WHO, run.id, owner, "outline")
    return await runs.get(database, WHO, run.id)


def changed(section: int, **values: object) -> Outline:
    sections = list(OUTLINE.sections)
    sections[section] = sections[section].model_copy(update=values)
    return OUTLINE.model_copy(update={"sections": tuple(sections)})


async def test_a_waiting_run_is_held_by_nobody_and_taken_by_nobody(database: MemoryDatabase, waiting: Run) -> None:
    assert waiting.status is RunStatus.WAITING
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.runs.holder(waiting.id) is None
    with pytest.raises(Conflict, match="waits for a person"):
        async with holding.held(database, WHO, waiting.id, ManualClock()):
            pytest.fail("it was taken")
    assert (await runs.events_after(database, WHO, waiting.id, 0))[-1].data == {"for": "outline"}


async def test_the_outline_is_shown_with_the_passages_it_may_use(database: MemoryDatabase, waiting: Run) -> None:
    planned = await runs.outline_of(database, WHO, waiting.id)
    assert (planned.outline, planned.approved) == (OUTLINE, False)
    assert [passage.id for passage in planned.passages] == PASSAGES


async def test_a_changed_outline_is_the_one_that_counts_and_the_run_is_queued(
    database: MemoryDatabase, waiting: Run
) -> None:
    edited = changed(1, heading="By night", points=(Point(passage=PASSAGES[1], text="It sails."),))
    approved = await runs.approve_outline(database, WHO, waiting.id, edited)
    assert approved.status is RunStatus.QUEUED
    planned = await runs.outline_of(database, WHO, waiting.id)
    assert (planned.outline, planned.approved) == (edited, True)
    event = (await runs.events_after(database, WHO, waiting.id, 0))[-1]
    assert (event.kind, event.data) == ("run.approved", {"by": "editor", "changed": True, "sections": 2})


async def test_an_outline_is_approved_once(database: MemoryDatabase, waiting: Run) -> None:
    await runs.approve_outline(database, WHO, waiting.id, None)
    with pytest.raises(Conflict, match="does not wait"):
        await runs.approve_outline(database, WHO, waiting.id, changed(1, heading="Too late"))
    assert (await runs.outline_of(database, WHO, waiting.id)).outline == OUTLINE


@pytest.mark.parametrize(
    ("edited", "told"),
    [
        (changed(1, heading=" "), "sections.1.heading"),
        (changed(1, words=0), "sections.1.words"),
        (changed(1, passages=()), "sections.1.passages"),
        (changed(0, passages=("0" * 16,)), "sections.0.passages: 0000"),
        (changed(1, points=(Point(passage=PASSAGES[0], text="x"),)), "sections.1.points.0.passage"),
        (OUTLINE.model_copy(update={"title": ""}), "title"),
        (OUTLINE.model_copy(update={"sections": ()}), "sections: there are 0"),
    ],
)
async def test_an_outline_that_cannot_be_used_is_refused_and_the_run_still_waits(
    edited: Outline, told: str, database: MemoryDatabase, waiting: Run
) -> None:
    with pytest.raises(BadInput, match=told):
        await runs.approve_outline(database, WHO, waiting.id, edited)
    assert (await runs.get(database, WHO, waiting.id)).status is RunStatus.WAITING


async def test_there_is_no_outline_before_it_was_planned(database: MemoryDatabase) -> None:
    run = await runs.ask(database, WHO, sample_brief(), model="offline:x", embedder="hashing:8", budget_usd=None)
    with pytest.raises(NotFound, match="no outline yet"):
        await runs.outline_of(database, WHO, run.id)


async def test_a_waiting_run_can_be_cancelled(database: MemoryDatabase, waiting: Run) -> None:
    assert (await runs.cancel(database, WHO, waiting.id)).status is RunStatus.CANCELLED


async def test_who_may_only_read_looks_and_decides_nothing(database: MemoryDatabase, waiting: Run) -> None:
    reader = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))
    assert (await runs.outline_of(database, reader, waiting.id)).outline == OUTLINE
    for deciding in (
        runs.approve_outline(database, reader, waiting.id, None),
        runs.cancel(database, reader, waiting.id),
        runs.resume(database, reader, waiting.id),
    ):
        with pytest.raises(Forbidden):
            await deciding
