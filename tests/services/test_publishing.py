"""A version comes before readers once, and only past the gate, whichever way it is asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from aiwriter.documents import Article, ArticleKind, ArticleStatus, GateBlock, Publication, PublicationStatus
from aiwriter.errors import BadInput, Conflict, Forbidden, Refused, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Hold, Principal
from aiwriter.services import gating, publishing
from aiwriter.testing import ManualClock, MemoryDatabase, TinyTarget, sample_article, sound_article

WHO = Principal("editor", LOCAL_WORKSPACE)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SITE = "folder:site"
PUBLISHED, WAITING = PublicationStatus.PUBLISHED, PublicationStatus.WAITING


class Desk:
    """A database with articles, a target, and the time."""

    def __init__(self, *failing: Exception) -> None:
        self.database, self.clock = MemoryDatabase(), ManualClock(NOON)
        self.target = TinyTarget(failing)

    async def keep(self, article: Article) -> Article:
        async with self.database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.articles.add_version(article)
            await work.commit()
        return article

    def targets(self, spec: str) -> TinyTarget:
        if not spec.startswith("folder:"):
            raise BadInput(f"nothing can be published to {spec!r}")
        return self.target

    async def publish(self, article: Article, target: str = SITE, due_at: datetime | None = None) -> Publication:
        return await publishing.publish(self.database, WHO, article, target, self.targets, self.clock, due_at)

    async def approve(self, article: Article) -> None:
        await gating.approve(self.database, WHO, article, self.clock)

    async def carry_due(self) -> list[Publication]:
        return await publishing.carry_due(self.database, WHO, self.targets, self.clock)

    async def withdraw(self, publication: Publication) -> Publication:
        return await publishing.withdraw(self.database, WHO, publication, self.targets, self.clock)

    async def unpublish(self, article: Article, target: str | None = None) -> list[Publication]:
        return await publishing.unpublish(self.database, WHO, article.id, self.targets, self.clock, target)

    async def all(self) -> list[Publication]:
        return await publishing.latest(self.database, WHO)

    async def block(self, article: Article, reason: str) -> None:
        async with self.database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.blocks.put(
                [GateBlock(article_id=article.id, version=article.version, reasons=(reason,), since=NOON)]
            )
            await work.commit()

    async def killed_while_publishing(self, article: Article, owner: str = "elsewhere|1|x") -> Publication:
        """What a process leaves that was killed after the target took the article: nobody knows whether it did."""
        asked = Publication(article_id=article.id, version=article.version, target=SITE, title=article.title)
        async with self.database.unit_of_work(LOCAL_WORKSPACE) as work:
            kept = await work.publications.ask(asked)
            hold = Hold(owner, self.clock.now(), self.clock.now() + timedelta(seconds=60))
            assert await work.publications.claim(kept, PublicationStatus.PUBLISHING, hold, None)
            await work.commit()
        await self.target.put(article, kept.id)
        return await publishing.get(self.database, WHO, kept.id)


class Stuck(TinyTarget):
    """A target from which nothing can be taken away."""

    async def remove(self, article: Article) -> None:
        raise Unavailable("the folder is read-only")


def with_wrong_number(article: Article) -> Article:
    """The text says 83 decibels where the source says 58; the stored report still says that all is well."""
    text = article.model_dump_json().replace("from 71 to 58 decibels", "from 71 to 83 decibels", 1)
    return Article.model_validate_json(text)


def stumbling() -> Article:
    """Shorter than its brief asks for, and a reader stumbles elsewhere too: to be revised, without an error."""
    return sound_article(brief=sound_article().brief.model_copy(update={"words": 300}))


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_an_accepted_version_is_put_at_the_target_and_listed(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    publication = await desk.publish(article)
    assert (publication.status, publication.requested_by) == (PUBLISHED, "editor")
    assert publication.address == f"tiny://{article.id}/index.html"
    assert desk.target.pages[article.id].sections == article.sections
    assert desk.target.index == [article.title]


async def test_the_same_version_and_target_again_is_the_same_publication(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    first = await desk.publish(article)
    assert await desk.publish(article) == first
    assert desk.target.keys == [first.id]


async def test_what_is_published_but_gone_from_its_place_is_put_there_again(desk: Desk) -> None:
    """The folder was lost, or only the database was restored: "published" must be true of it."""
    article = await desk.keep(sound_article())
    first = await desk.publish(article)
    desk.target.pages.clear()
    desk.target.index.clear()
    again = await desk.publish(article)
    assert (again.id, again.status) == (first.id, PUBLISHED)
    assert (list(desk.target.pages), desk.target.index) == ([article.id], [article.title])


async def test_what_is_half_gone_and_does_not_pass_any_more_is_taken_away(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    await desk.publish(article)
    desk.target.index.clear()
    await desk.block(article, "too short")
    with pytest.raises(Refused, match="too short"):
        await desk.publish(article)
    (ended,) = await desk.all()
    assert (ended.status, desk.target.pages) == (PublicationStatus.REFUSED, {})


async def test_asked_for_many_times_at_once_it_is_put_there_once(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    ended = await asyncio.gather(*(desk.publish(article) for _ in range(8)), return_exceptions=True)
    assert {type(one) for one in ended} <= {Publication, Conflict}
    (publication,) = await desk.all()
    assert desk.target.keys == [publication.id]
    assert publication.status is PUBLISHED


async def test_readers_do_not_see_what_was_taken_out_nor_where_sources_lie(desk: Desk) -> None:
    out = sound_article().removed[0].text
    article = await desk.keep(
        sound_article(notes=(f"Taken out: “{out}” Nothing supports it.", "Two sources disagree."))
    )
    assert not all("://" in location for location in article.brief.sources)
    await desk.publish(article)
    page = desk.target.pages[article.id]
    assert out not in page.model_dump_json()
    assert page.notes == ("Two sources disagree.",)
    assert all("://" in location for location in page.brief.sources)


# ── the gate ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("article", "reason"),
    [
        (sample_article(status=ArticleStatus.REFUSED), "It was refused"),
        (sample_article(ArticleKind.DIGEST), "No person has approved"),
        (sound_article(status=ArticleStatus.NEEDS_APPROVAL), "No person has approved"),
        (stumbling(), "No person has approved"),  # today's thresholds ask for more than it was accepted with
        (with_wrong_number(sound_article()), r"error is open\. support\.number"),
        (sound_article(brief=sound_article().brief.model_copy(update={"words": 3000})), "of the 3000 words"),
        (sound_article(brief=sound_article().brief.model_copy(update={"format": "gone.toml"})), "cannot be judged"),
    ],
    ids=["refused", "digest", "unapproved", "below today's", "tampered", "too short", "no format"],
)
async def test_what_does_not_pass_is_refused_with_its_reasons_and_leaves_nothing(
    article: Article, reason: str, desk: Desk
) -> None:
    await desk.keep(article)
    with pytest.raises(Refused, match=reason):
        await desk.publish(article)
    assert (desk.target.keys, await desk.all()) == ([], [])


async def test_what_the_nightly_suite_has_blocked_is_refused_until_it_is_lifted(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    await desk.block(article, "score 61 is below 70.")
    with pytest.raises(Refused, match=r"blocked it since 2026-03-01\. score 61"):
        await desk.publish(article)
    async with desk.database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.blocks.lift([(article.id, article.version)])
        await work.commit()
    assert (await desk.publish(article)).status is PUBLISHED


async def test_what_was_blocked_for_want_of_a_reader_is_freed_by_one_but_not_what_has_errors(desk: Desk) -> None:
    below = await desk.keep(stumbling())
    await desk.block(below, "Verdict is revise, not pass.")
    await desk.approve(below)
    assert (await desk.publish(below)).status is PUBLISHED
    wrong = await desk.keep(with_wrong_number(sound_article(id=WHO.workspace_id)))
    await desk.block(wrong, "Open errors is 1, not 0.")
    with pytest.raises(Refused, match="error is open"):
        await desk.approve(wrong)


async def test_what_a_person_has_approved_goes_out_and_only_that_version(desk: Desk) -> None:
    digest = await desk.keep(sample_article(ArticleKind.DIGEST))
    await desk.approve(digest)
    assert (await desk.publish(digest)).status is PUBLISHED
    assert desk.target.pages[digest.id].status is ArticleStatus.ACCEPTED
    edited = await desk.keep(digest.model_copy(update={"version": 2, "title": "Edited"}))
    with pytest.raises(Refused, match="No person"):
        await desk.publish(edited)


async def test_a_refusal_is_told_once_and_no_approval_is_advised(desk: Desk) -> None:
    short = sound_article(brief=sound_article().brief.model_copy(update={"words": 3000}))
    reasons = (await gating.judged(desk.database, WHO, short)).reasons
    quality = short.quality.model_copy(update={"reasons": reasons})
    refused = await desk.keep(short.model_copy(update={"status": ArticleStatus.REFUSED, "quality": quality}))
    found = await gating.standing(desk.database, WHO, refused)
    assert found.hindrances == (" ".join(("It was refused.", *reasons)),)
    with pytest.raises(Refused) as raised:
        await desk.publish(refused)
    assert "aiwriter edit" in str(raised.value.hint)
    assert "aiwriter approve" not in str(raised.value.hint)


async def test_where_a_person_is_all_that_is_missing_the_approval_is_advised(desk: Desk) -> None:
    digest = await desk.keep(sample_article(ArticleKind.DIGEST))
    with pytest.raises(Refused) as raised:
        await desk.publish(digest)
    assert "aiwriter approve" in str(raised.value.hint)


async def test_while_an_error_is_open_nobody_is_told_that_an_approval_is_missing(desk: Desk) -> None:
    wrong = await desk.keep(with_wrong_number(sample_article(ArticleKind.ARTICLE, ArticleStatus.NEEDS_APPROVAL)))
    found = await gating.standing(desk.database, WHO, wrong)
    assert gating.UNAPPROVED not in found.hindrances
    assert not found.can_be_approved


async def test_no_approval_helps_what_was_refused_or_has_open_errors(desk: Desk) -> None:
    for article in (sample_article(status=ArticleStatus.REFUSED), with_wrong_number(sample_article(version=2))):
        await desk.keep(article)
        with pytest.raises(Refused, match="cannot be approved"):
            await desk.approve(article)


async def test_who_may_only_read_publishes_and_approves_nothing(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    reader = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))
    with pytest.raises(Forbidden):
        await publishing.publish(desk.database, reader, article, SITE, desk.targets, desk.clock)
    with pytest.raises(Forbidden):
        await gating.approve(desk.database, reader, article, desk.clock)


# ── time, failure, crash ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_has_a_time_waits_for_it_and_for_its_approval(desk: Desk) -> None:
    digest = await desk.keep(sample_article(ArticleKind.DIGEST))
    kept = await desk.publish(digest, due_at=NOON + timedelta(hours=1))
    assert (kept.status, await desk.carry_due()) == (WAITING, [])
    desk.clock.advance(3600)
    (looked,) = await desk.carry_due()
    assert (looked.status, looked.error) == (WAITING, gating.UNAPPROVED)
    await desk.approve(digest)
    (looked,) = await desk.carry_due()
    assert (looked.status, desk.target.keys) == (PUBLISHED, [kept.id])
    assert await desk.carry_due() == []


async def test_a_target_that_fails_is_tried_again_under_the_same_key_but_not_for_ever() -> None:
    desk = Desk(*[Unavailable("the disk is full", hint="Make room.")] * publishing.MOST_ATTEMPTS)
    article = await desk.keep(sound_article())
    with pytest.raises(Unavailable, match=r"the disk is full\. Make room"):
        await desk.publish(article)
    looks = [len(await desk.carry_due()) for _ in range(publishing.MOST_ATTEMPTS)]
    assert looks == [1] * (publishing.MOST_ATTEMPTS - 1) + [0]
    (failed,) = await desk.all()
    assert (failed.status, failed.attempts) == (PublicationStatus.FAILED, publishing.MOST_ATTEMPTS)
    assert (await desk.publish(article)).id == failed.id


async def test_what_a_killed_process_leaves_is_carried_when_its_lease_has_lapsed(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    left = await desk.killed_while_publishing(article)
    assert await desk.carry_due() == []
    with pytest.raises(Conflict, match="another's hands"):
        await desk.publish(article)
    desk.clock.advance(61)
    (carried,) = await desk.carry_due()
    assert (carried.id, carried.status) == (left.id, PUBLISHED)
    assert set(desk.target.keys) == {left.id}


async def test_what_a_killed_process_leaves_is_taken_away_when_it_does_not_pass_any_more(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    await desk.killed_while_publishing(article)
    await desk.block(article, "score 61 is below 70.")
    desk.clock.advance(61)
    (ended,) = await desk.carry_due()
    assert (ended.status, ended.address) == (PublicationStatus.REFUSED, None)
    assert (desk.target.pages, desk.target.index) == ({}, [])


async def test_a_newer_version_takes_the_place_of_the_older(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    first = await desk.publish(article)
    edited = await desk.keep(article.model_copy(update={"version": 2, "title": "Quieter ferries"}))
    second = await desk.publish(edited)
    assert second.id != first.id
    assert desk.target.index == ["Quieter ferries"]
    assert (await publishing.get(desk.database, WHO, first.id)).status is PublicationStatus.REPLACED
    with pytest.raises(Conflict, match="not there: replaced"):
        await desk.withdraw(await publishing.get(desk.database, WHO, first.id))


async def test_what_is_withdrawn_is_gone_and_may_come_again(desk: Desk) -> None:
    article, other = await desk.keep(sound_article()), await desk.keep(sound_article(id=WHO.workspace_id))
    publication = await desk.publish(article)
    await desk.publish(other)
    withdrawn = await desk.withdraw(publication)
    assert (withdrawn.status, withdrawn.address) == (PublicationStatus.WITHDRAWN, None)
    assert (list(desk.target.pages), len(desk.target.index)) == ([other.id], 1)
    assert (await desk.publish(article)).id == publication.id
    assert len(desk.target.index) == 2


async def test_what_is_unpublished_is_nowhere_and_does_not_come_again_by_itself(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    published = await desk.publish(article)
    waiting = await desk.publish(article, "folder:later", due_at=NOON + timedelta(days=1))
    assert await desk.unpublish(article, "folder:elsewhere") == []
    assert {one.id for one in await desk.unpublish(article)} == {published.id, waiting.id}
    assert (desk.target.pages, desk.target.index) == ({}, [])
    desk.clock.advance(3 * 86400)
    assert (await desk.carry_due(), await desk.unpublish(article)) == ([], [])
    assert {(one.status, one.address) for one in await desk.all()} == {(PublicationStatus.WITHDRAWN, None)}


async def test_what_somebody_else_is_at_is_not_unpublished_under_their_hands(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    await desk.killed_while_publishing(article)
    with pytest.raises(Conflict, match="another's hands"):
        await desk.unpublish(article)
    desk.clock.advance(61)
    assert [one.status for one in await desk.unpublish(article)] == [PublicationStatus.WITHDRAWN]
    assert desk.target.pages == {}


async def test_who_takes_it_away_when_and_why_stays_with_it_also_when_it_is_published_again(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    await desk.publish(article)
    with pytest.raises(Unavailable):
        await publishing.unpublish(
            desk.database, WHO, article.id, lambda _: Stuck(), desk.clock, reason=" A wrong figure. "
        )
    desk.clock.advance(61)
    (gone,) = await desk.carry_due()  # the look that goes on with it does so in the name of who began
    kept = ("editor", NOON, "A wrong figure.")
    assert (gone.status, gone.withdrawn_by, gone.withdrawn_at, gone.withdrawn_why) == ("withdrawn", *kept)
    again = await desk.publish(article)
    assert (again.status, again.withdrawn_by, again.withdrawn_at, again.withdrawn_why) == ("published", *kept)


async def test_two_who_unpublish_at_once_withdraw_it_once(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    await desk.publish(article)
    each = await asyncio.gather(*(desk.unpublish(article) for _ in range(5)), return_exceptions=True)
    assert sum(len(one) for one in each if not isinstance(one, BaseException)) == 1
    assert all(isinstance(one, Conflict | list) for one in each)
    assert (await desk.unpublish(article), desk.target.pages) == ([], {})


async def test_a_target_that_there_cannot_be_is_refused_before_anything(desk: Desk) -> None:
    article = await desk.keep(sound_article())
    with pytest.raises(BadInput, match="ftp"):
        await desk.publish(article, "ftp:site", due_at=NOON)
    assert await desk.all() == []
