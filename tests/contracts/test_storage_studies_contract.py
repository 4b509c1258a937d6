"""What every store promises of studies."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from aiwriter.documents import (
    Brief,
    CheckAsked,
    CheckedText,
    KeptStudy,
    Keyword,
    Reviewed,
    RunStatus,
    Stage,
    Study,
    StudyKind,
    utc_now,
)
from aiwriter.errors import BadInput, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import Paging, StudyFilter
from aiwriter.testing import sample_article, sample_evidence
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
        assert await work.studies.claim(study.id, "one", 30, NOON)
        assert await work.studies.tell(study.id, "one", LATER, Stage.RESEARCH, 2, 5)
        told = await work.studies.get(study.id)
        assert (told.status, told.stage, told.done, told.total, told.told_at) == ("running", "research", 2, 5, LATER)
        assert await work.studies.end(study.id, "one", LATER, RunStatus.DONE, found=found)
        await work.commit()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        done = await work.studies.find(str(study.id)[:30])
    assert (done.study, done.brief, done.status, done.finished_at) == (found, study.brief, RunStatus.DONE, LATER)
    assert (done.sources, done.passages) == (len(found.evidence.sources), len(found.evidence.items))


async def test_only_who_holds_it_tells_and_ends_and_only_what_is_open_is_taken(database: Db) -> None:
    study = asked()
    await added(database, study)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert not await work.studies.tell(study.id, "one", NOON, Stage.RESEARCH)
        assert not await work.studies.end(study.id, "one", NOON, RunStatus.FAILED)
        assert await work.studies.claim(study.id, "one", 30, NOON)
        assert not await work.studies.claim(study.id, "two", 30, NOON)
        assert not await work.studies.tell(study.id, "two", NOON, Stage.RESEARCH)
        assert not await work.studies.renew(study.id, "two", 30, NOON)
        assert await work.studies.renew(study.id, "one", 30, LATER)
        assert await work.studies.holder(study.id) == "one"
        assert await work.studies.end(study.id, "one", NOON, RunStatus.FAILED, reason="away")
        assert await work.studies.holder(study.id) is None
        assert await work.studies.claim(study.id, "two", 30, LATER)
        again = await work.studies.get(study.id)
        assert (again.reason, again.finished_at, again.study, again.attempts) == (None, None, None, 2)
        assert await work.studies.end(study.id, "two", LATER, RunStatus.REFUSED, reason="nothing there")
        assert not await work.studies.claim(study.id, "one", 30, LATER)
        assert not await work.studies.cancel(study.id, LATER, "by me")
        assert not await work.studies.claim(new_id(), "one", 30, LATER)
        assert not await work.studies.end(new_id(), "one", LATER, RunStatus.FAILED)


async def test_what_nobody_holds_any_more_is_queued_and_handed_on_once(database: Db) -> None:
    left, held, queued = asked("left"), asked("held", created_at=LATER), asked("queued", created_at=LATER)
    await added(database, left, held, queued)
    ids = lambda heads: {one.id for one in heads}  # noqa: E731
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        now = utc_now()
        await work.studies.submitted(queued.id, now)
        assert await work.studies.claim(left.id, "one", -1, now)
        assert await work.studies.claim(held.id, "two", 30, now)
        (reclaimed,) = await work.studies.reclaim(now)
        assert (reclaimed.id, reclaimed.status, reclaimed.attempts) == (left.id, RunStatus.QUEUED, 1)
        assert not await work.studies.tell(left.id, "one", now, Stage.RESEARCH)
        before = now - timedelta(seconds=60)
        assert ids(await work.studies.take_unsubmitted(now, before)) == {left.id}
        assert ids(await work.studies.take_unsubmitted(now, before)) == set()
        await work.studies.submitted(left.id, None)
        assert ids(await work.studies.take_unsubmitted(now, now + timedelta(seconds=60))) == {left.id, queued.id}
        assert await work.studies.bury(left.id, now, "it died")
        assert not await work.studies.bury(held.id, now, "it died")
        assert await work.studies.release(held.id, "two")
        assert await work.studies.cancel(held.id, now, "by me")
        assert (await work.studies.get(held.id)).reason == "by me"


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
        with pytest.raises(BadInput, match="more than one study"):
            await work.studies.find(str(new.id)[:2])
        with pytest.raises(BadInput):
            await work.studies.page(StudyFilter(), Paging(sort=("sources",)))


async def test_a_check_of_a_text_is_a_study_of_another_kind_and_found_by_nobody_who_wants_a_topic(database: Db) -> None:
    topic = asked("Ferries")
    check = asked("A text", kind=StudyKind.TEXT, asked=CheckAsked(name="text.md", text="Nine ferries."))
    await added(database, topic, check)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.studies.get(check.id, StudyKind.TEXT) == check
        for strange in (work.studies.get(check.id, StudyKind.TOPIC), work.studies.get(topic.id, StudyKind.TEXT)):
            with pytest.raises(NotFound):
                await strange
        with pytest.raises(NotFound):
            await work.studies.find(str(check.id))
        texts = await work.studies.page(StudyFilter(kind=["text"]), Paging())
        assert [one.id for one in texts.items] == [check.id]
        assert await work.studies.claim(check.id, "one", 30, NOON)
        found = CheckedText(reviewed=Reviewed.article(sample_article()), read=3)
        assert await work.studies.end(check.id, "one", LATER, RunStatus.DONE, found=found)
        await work.commit()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        done = await work.studies.get(check.id)
    assert (done.checked, done.asked, done.sources, done.questions) == (found, check.asked, 3, len(found.judged))


async def test_no_study_is_seen_or_removed_from_elsewhere(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    study = asked("Ferries")
    await added(database, study)
    async with database.unit_of_work(ELSEWHERE) as work:
        assert (await work.studies.page(StudyFilter(), Paging())).total == 0
        assert not await work.studies.claim(study.id, "one", 30, NOON)
        for attempt in (work.studies.get(study.id), work.studies.find(str(study.id)), work.studies.remove(study.id)):
            with pytest.raises(NotFound):
                await attempt
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.studies.remove(study.id)
        with pytest.raises(NotFound):
            await work.studies.get(study.id)
