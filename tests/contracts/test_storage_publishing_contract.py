"""Publications, approvals and blocks, with the same answer from every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from aiwriter.documents import Approval, GateBlock, Publication, PublicationStatus
from aiwriter.errors import NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import ArticleFilter, Hold, Paging, UnitOfWork
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import MemoryDatabase, sample_article

pytestmark = pytest.mark.asyncio(loop_scope="module")

Db = MemoryDatabase | SqlDatabase
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SITE = "folder:/srv/Straße"
PUBLISHING, PUBLISHED = PublicationStatus.PUBLISHING, PublicationStatus.PUBLISHED
ARTICLE = sample_article().id


def asked(version: int = 1, target: str = SITE, **fields: object) -> Publication:
    given = {"title": "Über Fähren \0", "requested_by": "editor", "created_at": NOON, "updated_at": NOON, **fields}
    return Publication.model_validate({"article_id": ARTICLE, "version": version, "target": target, **given})


def hold(owner: str = "one", now: datetime = NOON) -> Hold:
    return Hold(owner, now, now + MINUTE)


@pytest.fixture
def work(database: Db) -> UnitOfWork:
    return database.unit_of_work(LOCAL_WORKSPACE)


async def filled(work: UnitOfWork) -> None:
    for version in (1, 2):
        await work.articles.add_version(sample_article(version=version))


async def test_one_version_at_one_target_is_one_publication(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        first = await work.publications.ask(asked())
        assert await work.publications.ask(asked()) == first == await work.publications.get(first.id)
        others = [await work.publications.ask(asked(2)), await work.publications.ask(asked(target="folder:/other"))]
        assert {one.id for one in await work.publications.of_article(ARTICLE)} == {first.id, *(o.id for o in others)}
        assert len(await work.publications.latest(2)) == 2
        with pytest.raises(NotFound):
            await work.publications.get(new_id())


async def test_a_publication_is_claimed_as_it_was_read_and_by_one_alone(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        read = await work.publications.ask(asked())
        assert await work.publications.claim(read, PUBLISHING, hold("one"), None)
        assert not await work.publications.claim(read, PUBLISHING, hold("two"), None)
        taken = await work.publications.get(read.id)
        assert (taken.status, taken.attempts, await work.publications.holder(read.id)) == (PUBLISHING, 1, "one")
        assert not await work.publications.claim(taken, PUBLISHING, hold("two"), "three")
        assert await work.publications.claim(taken, PUBLISHING, hold("two"), "one")  # which has died
        taken = await work.publications.get(read.id)
        assert await work.publications.claim(taken, PUBLISHING, hold("four", NOON + 2 * MINUTE), None)  # it lapsed


async def test_who_withdraws_and_why_is_kept_as_it_is_claimed(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        read = await work.publications.ask(asked())
        said = {"withdrawn_by": "editor", "withdrawn_at": NOON, "withdrawn_why": "Über \0"}
        taken = read.model_copy(update=said)
        assert await work.publications.claim(taken, PublicationStatus.WITHDRAWING, hold(), None)
        kept = await work.publications.get(read.id)
        assert (kept.withdrawn_by, kept.withdrawn_at, kept.withdrawn_why[:5]) == ("editor", NOON, "Über ")


async def test_who_lost_the_hold_changes_nothing(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        read = await work.publications.ask(asked())
        await work.publications.claim(read, PUBLISHING, hold("one"), None)
        assert not await work.publications.placed(read.id, hold("two"), "a")
        assert not await work.publications.settle(read, hold("two"), PUBLISHED, None, alone=True)
        assert await work.publications.placed(read.id, hold("one"), "a")
        assert [one.address for one in await work.publications.listed(SITE)] == ["a"]
        assert await work.publications.settle(read, hold("one"), PublicationStatus.FAILED, "full", alone=False)
        ended = await work.publications.get(read.id)
        assert (ended.status, ended.address, ended.error) == (PublicationStatus.FAILED, None, "full")
        assert await work.publications.listed(SITE) == []


async def test_the_version_that_is_alone_replaces_the_others_at_its_target(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        wanted = [asked(), asked(2), asked(target="folder:/other")]
        kept = [await work.publications.ask(one) for one in wanted]
        for one in (kept[0], kept[2], kept[1]):
            await work.publications.claim(one, PUBLISHING, hold(), None)
            await work.publications.placed(one.id, hold(), "a")
            assert await work.publications.settle(one, hold(), PUBLISHED, None, alone=True)
        states = [(await work.publications.get(one.id)).status for one in kept]
        assert states == [PublicationStatus.REPLACED, PUBLISHED, PUBLISHED]
        assert [one.id for one in await work.publications.listed(SITE)] == [kept[1].id]


async def test_what_is_due_is_found_and_what_is_published_never_waits(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        one = await work.publications.ask(asked())
        assert await work.publications.due(NOON, 5) == []  # it was asked for now, by somebody who is at it
        waiting = await work.publications.wait(one, NOON + MINUTE, NOON)
        assert (waiting.status, waiting.due_at) == (PublicationStatus.WAITING, NOON + MINUTE)
        assert await work.publications.due(NOON, 5) == []
        assert [found.id for found in await work.publications.due(NOON + MINUTE, 5)] == [one.id]
        await work.publications.claim(waiting, PUBLISHING, hold(now=NOON + MINUTE), None)
        assert await work.publications.due(NOON + MINUTE, 5) == []
        assert [found.id for found in await work.publications.due(NOON + 2 * MINUTE, 5)] == [one.id]
        await work.publications.settle(one, hold(), PublicationStatus.FAILED, "full", alone=False)
        assert [len(await work.publications.due(NOON, most)) for most in (1, 2)] == [0, 1]
        await work.publications.claim(await work.publications.get(one.id), PUBLISHING, hold(), None)
        await work.publications.settle(one, hold(), PUBLISHED, None, alone=True)
        assert (await work.publications.wait(one, NOON, NOON)).status is PUBLISHED


async def test_an_approval_is_given_once(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        assert await work.approvals.of(ARTICLE, 1) is None
        given = Approval(article_id=ARTICLE, version=1, approved_by="editor", note="read", created_at=NOON)
        assert await work.approvals.add(given) == given
        again = given.model_copy(update={"approved_by": "another"})
        assert await work.approvals.add(again) == given == await work.approvals.of(ARTICLE, 1)
        assert await work.approvals.of(ARTICLE, 2) is None


async def test_a_list_tells_of_an_approval_of_the_latest_version_alone(work: UnitOfWork) -> None:
    async with work:
        await work.articles.add_version(sample_article())
        assert not (await work.articles.heads([ARTICLE]))[ARTICLE].approved
        await work.approvals.add(Approval(article_id=ARTICLE, version=1, approved_by="editor"))
        assert [head.approved for head in (await work.articles.page(ArticleFilter(), Paging())).items] == [True]
        await work.articles.add_version(sample_article(version=2))
        assert not (await work.articles.heads([ARTICLE]))[ARTICLE].approved


async def test_blocks_keep_since_when_and_are_lifted(work: UnitOfWork) -> None:
    async with work:
        await filled(work)
        first = GateBlock(article_id=ARTICLE, version=1, reasons=("score 61 “low”",), since=NOON)
        await work.blocks.put([first])
        await work.blocks.put([first.model_copy(update={"reasons": ("a", "b"), "since": NOON + MINUTE})])
        assert await work.blocks.of(ARTICLE, 1) == first.model_copy(update={"reasons": ("a", "b")})
        assert len(await work.blocks.all()) == 1
        assert await work.blocks.lift([(ARTICLE, 1), (ARTICLE, 2)]) == 1
        assert await work.blocks.of(ARTICLE, 1) is None


async def test_with_the_article_goes_what_is_known_of_its_publishing(work: UnitOfWork, database: Db) -> None:
    async with work:
        await filled(work)
        await work.publications.ask(asked())
        await work.approvals.add(Approval(article_id=ARTICLE, version=1, approved_by="editor"))
        await work.blocks.put([GateBlock(article_id=ARTICLE, version=1, reasons=(), since=NOON)])
        await work.articles.delete(ARTICLE)
        assert await work.publications.latest() == []
        assert (await work.approvals.of(ARTICLE, 1), await work.blocks.all()) == (None, [])


async def test_another_workspace_sees_none_of_it(work: UnitOfWork, database: Db) -> None:
    elsewhere = UUID(int=7)
    await database.add_workspace(elsewhere, "elsewhere")
    async with work:
        await filled(work)
        kept = await work.publications.ask(asked())
        await work.blocks.put([GateBlock(article_id=ARTICLE, version=1, reasons=(), since=NOON)])
        await work.commit()
    async with database.unit_of_work(elsewhere) as other:
        assert (await other.publications.latest(), await other.blocks.all()) == ([], [])
        assert not await other.publications.claim(kept, PUBLISHING, hold(), None)
