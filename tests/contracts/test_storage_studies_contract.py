"""What every store promises of studies."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from aiwriter.documents import Brief, KeptStudy, Keyword, RunStatus, Stage, Study
from aiwriter.errors import BadInput, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import Paging, StudyFilter
from aiwriter.testing import sample_evidence
from tests.contracts.records import ELSEWHERE, NOON, Db

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATER = NOON + timedelta(minutes=1)
WORD = Keyword(phrase="shore battery", times=3, sources=2, weight=1.5)


def asked(topic: str = "Ferries of Große Straße", **values: object) -> KeptStudy:
    given = {"created_at": NOON, "told_at": NOON, "requested_by": "local", **values}
    return KeptStudy(topic=topic, brief=Brief(topic=topic, sources=("web:",)), **given)  # type: ignore[arg-type]


async def added(database: Db, *studies: KeptStudy, workspace: UUID = LOCAL_WORKSPACE) -> None:
    async with database.unit_of_work(workspace) as work:
        for one in studies:
            await work.studies.add(one)
        await work.commit()


async def test_a_study_comes_back_with_what_was_found(database: Db) -> None:
    study = asked("How ferries are charged")
    found = Study(topic=study.topic, keywords=(WORD,), questions=("Why?",), evidence=sample_evidence())
    await added(database, study)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.studies.get(study.id) == study
        assert await work.studies.begin(study.id, NOON)
        assert await work.studies.tell(study.id, LATER, Stage.RESEARCH, 2, 5)
        told = await work.studies.get(study.id)
        assert (told.status, told.stage, told.done, told.total, told.told_at) == ("running", "research", 2, 5, LATER)
        assert await work.studies.end(study.id, LATER, RunStatus.DONE, study=found)
        await work.commit()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        done = await work.studies.find(str(study.id)[:30])
    assert (done.study, done.brief, done.status, done.finished_at) == (found, study.brief, RunStatus.DONE, LATER)
    assert (done.sources, done.passages) == (len(found.evidence.sources), len(found.evidence.items))


async def test_only_what_is_open_is_begun_and_ended_and_only_what_runs_tells(database: Db) -> None:
    study = asked()
    await added(database, study)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert not await work.studies.tell(study.id, NOON, Stage.RESEARCH)
        assert await work.studies.end(study.id, NOON, RunStatus.FAILED, reason="away")
        assert await work.studies.begin(study.id, LATER)
        again = await work.studies.get(study.id)
        assert (again.reason, again.finished_at, again.study) == (None, None, None)
        assert await work.studies.end(study.id, LATER, RunStatus.REFUSED, reason="nothing there")
        assert not await work.studies.begin(study.id, LATER)
        assert not await work.studies.end(study.id, LATER, RunStatus.DONE)
        assert not await work.studies.begin(new_id(), LATER)
        assert not await work.studies.end(new_id(), LATER, RunStatus.FAILED)


async def test_studies_are_listed_newest_first_and_searched_by_topic(database: Db) -> None:
    old, new = asked("ÜBER Ferries 100%"), asked("The lighthouse", created_at=LATER)
    await added(database, old, new)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        first = await work.studies.page(StudyFilter(), Paging(limit=1))
        assert (first.total, [one.topic for one in first.items]) == (2, ["The lighthouse"])
        rest = await work.studies.page(StudyFilter(), Paging(limit=1, cursor=first.next_cursor))
        assert [one.id for one in rest.items] == [old.id]
        for words, total in (("über FERRIES", 1), ("100%", 1), ("%", 1), ("ferries lighthouse", 0)):
            assert (await work.studies.page(StudyFilter(words=words), Paging())).total == total
        assert (await work.studies.page(StudyFilter(status=["done"]), Paging())).total == 0
        by_topic = await work.studies.page(StudyFilter(), Paging(sort=("topic",)))
        assert [one.id for one in by_topic.items] == [new.id, old.id]
        with pytest.raises(BadInput):
            await work.studies.page(StudyFilter(), Paging(sort=("sources",)))


async def test_no_study_is_seen_or_removed_from_elsewhere(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    study = asked("Ferries")
    await added(database, study)
    async with database.unit_of_work(ELSEWHERE) as work:
        assert (await work.studies.page(StudyFilter(), Paging())).total == 0
        assert not await work.studies.begin(study.id, NOON)
        for attempt in (work.studies.get(study.id), work.studies.find(str(study.id)), work.studies.remove(study.id)):
            with pytest.raises(NotFound):
                await attempt
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.studies.remove(study.id)
        with pytest.raises(NotFound):
            await work.studies.get(study.id)
