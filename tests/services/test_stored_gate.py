"""The gate over what is stored: what fails today's thresholds is named, blocked, shown in pages, and lifted again."""

from __future__ import annotations

import html
import re
import warnings
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from aiwriter.documents import (
    Article,
    ArticleKind,
    ArticleStatus,
    GateBlock,
    GateReport,
    Publication,
    PublicationStatus,
)
from aiwriter.errors import BadInput, NotFound, Refused
from aiwriter.gate.data_docs import offline
from aiwriter.gate.examiner import GreatExaminer
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.pipeline import formats
from aiwriter.ports import Hold, Principal
from aiwriter.services import gating, publishing, stored_gate
from aiwriter.storage.blobs import FsspecBlobStore
from aiwriter.testing import (
    ManualClock,
    MemoryDatabase,
    TinyTarget,
    sample_article,
    sample_id,
    sound_article,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO = Principal("nightly", LOCAL_WORKSPACE)
NOON = datetime(2026, 10, 1, 12, tzinfo=UTC)


class Looked(NamedTuple):
    """Two looks: at all there was, and again when one article had been mended."""

    database: MemoryDatabase
    blobs: FsspecBlobStore
    first: GateReport
    blocked: dict[str, tuple[str, ...]]
    second: GateReport


def short() -> Article:
    """Accepted once, when its brief asked for less."""
    brief = sound_article().brief.model_copy(update={"words": 3000})
    return sound_article(id=sample_id("short"), title="Short", slug="short", brief=brief)


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return [
        sound_article(title="Sound"),
        short(),
        sample_article(id=sample_id("below"), title="Below today's"),
        sample_article(ArticleKind.DIGEST, title="Digest"),
        sample_article(status=ArticleStatus.REFUSED, id=sample_id("refused"), title="Refused"),
        sound_article(
            id=sample_id("gone"), title="Format gone", brief=short().brief.model_copy(update={"format": "gone.toml"})
        ),
    ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def looked(articles: list[Article], tmp_path_factory: pytest.TempPathFactory) -> Looked:
    """One import of Great Expectations for all tests of it."""
    database, blobs = MemoryDatabase(), FsspecBlobStore(str(tmp_path_factory.mktemp("gate")))
    await keep(database, *articles)
    first = await look(database, blobs)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        blocked = {str(block.article_id): block.reasons for block in await work.blocks.all()}
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        old = GateBlock(article_id=sound_article().id, version=1, reasons=("Another threshold.",), since=NOON)
        await work.blocks.put([old])
        await work.commit()
    await keep(database, *(sound_article(id=sample_id(name), version=2) for name in ("short", "below")))
    return Looked(database, blobs, first, blocked, await look(database, blobs, since=date(2026, 9, 1)))


async def keep(database: MemoryDatabase, *kept: Article) -> None:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for article in kept:
            await work.articles.add_version(article)
        await work.commit()


async def look(database: MemoryDatabase, blobs: FsspecBlobStore, since: date | None = None) -> GateReport:
    with warnings.catch_warnings():  # Great Expectations imports what Python warns of
        warnings.simplefilter("ignore")
        return await stored_gate.examine(database, WHO, GreatExaminer(), blobs, ManualClock(NOON), since=since)


def failing(report: GateReport) -> dict[str, str]:
    return {row.title: " ".join(row.reasons) for row in report.failing}


async def test_what_fails_is_named_by_article_and_reason_and_the_rest_passes(looked: Looked) -> None:
    assert looked.first.rows == 5  # what was refused cannot be published
    found = failing(looked.first)
    assert set(found) == {"Short", "Below today's", "Format gone"}
    assert "Verdict is refuse, not pass" in found["Short"]
    assert re.search(r"Length is 0\.0\d+, not at least 0\.5 \(refuse_length\)", found["Short"])
    assert "not at least 0.9 (supported_min)" in found["Below today's"]
    assert "cannot be judged" in found["Format gone"]


async def test_what_fails_is_blocked_whoever_asks_for_it(looked: Looked) -> None:
    assert set(looked.blocked) == {str(row.article_id) for row in looked.first.failing}
    gone, target = sample_id("gone"), TinyTarget()
    async with looked.database.unit_of_work(LOCAL_WORKSPACE) as work:
        article = await work.articles.get(gone)
    with pytest.raises(Refused, match="The gate has blocked it since 2026-10-01"):
        await publishing.publish(looked.database, WHO, article, "folder:x", lambda _: target, ManualClock(NOON))
    assert target.keys == []


async def test_a_version_that_passes_is_free_while_the_failing_one_stays_blocked(looked: Looked) -> None:
    assert set(failing(looked.second)) == {"Format gone"}
    async with looked.database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.blocks.of(sample_id("below"), 1) is not None
        assert await work.blocks.of(sample_id("below"), 2) is None


async def test_what_fails_and_is_before_readers_is_named_until_it_is_unpublished(looked: Looked) -> None:
    """It went out when its format was still there; nobody takes it away but a person."""
    gone, clock = sample_id("gone"), ManualClock(NOON)
    asked, hold = Publication(article_id=gone, version=1, target="folder:x"), Hold("me", NOON, NOON)
    async with looked.database.unit_of_work(LOCAL_WORKSPACE) as work:
        kept = await work.publications.ask(asked)
        await work.publications.claim(kept, PublicationStatus.PUBLISHING, hold, None)
        await work.publications.settle(kept, hold, PublicationStatus.PUBLISHED, None, alone=True)
        await work.commit()
    (row,) = (await look(looked.database, looked.blobs, since=date(2026, 9, 1))).still_published
    assert (row.article_id, row.published) == (gone, ("folder:x",))
    await publishing.unpublish(looked.database, WHO, gone, lambda _: TinyTarget(), clock)
    report = await stored_gate.latest(looked.database, WHO, looked.blobs)
    assert (set(failing(report)), report.still_published) == ({"Format gone"}, ())


async def test_the_published_version_is_judged_for_readers_and_a_later_draft_as_a_draft(tmp_path: Path) -> None:
    database, blobs = MemoryDatabase(), FsspecBlobStore(str(tmp_path))
    good, key = sound_article(title="Good"), sample_id("withheld")
    await keep(database, good)
    await publishing.publish(database, WHO, good, "folder:x", lambda _: TinyTarget(), ManualClock(NOON))
    await keep(database, wrong(good.model_copy(update={"version": 2, "title": "Draft"})))
    refused = sound_article(id=key, title="Refused since", status=ArticleStatus.REFUSED, version=2)
    await keep(database, sound_article(id=key, title="There", slug="there"), refused)
    first = sound_article(id=key, title="There", slug="there")
    await publishing.publish(database, WHO, first, "folder:x", lambda _: TinyTarget(), ManualClock(NOON))
    report = await look(database, blobs)
    (row,) = report.failing
    assert (row.title, row.version, row.published, row.instead) == ("Draft", 2, (), (1,))
    assert (report.rows, report.still_published) == (3, ())


def wrong(article: Article) -> Article:
    """With a figure that its source does not have."""
    return Article.model_validate_json(
        article.model_dump_json().replace("from 71 to 58 decibels", "from 71 to 83 d", 1)
    )


async def test_a_batch_is_called_what_it_holds(tmp_path: Path) -> None:
    database, blobs = MemoryDatabase(), FsspecBlobStore(str(tmp_path))
    digest = sample_article(ArticleKind.DIGEST)
    await keep(database, digest, sound_article(status=ArticleStatus.NEEDS_APPROVAL))
    await gating.approve(database, WHO, digest, ManualClock(NOON))
    batches = {batch.name: batch.page for batch in (await look(database, blobs)).batches}
    assert batches == {
        "blog_post, approved by a person": "blog-post-approved-by-a-person.html",
        "blog_post, waiting for a person": "blog-post-waiting-for-a-person.html",
    }


async def test_a_page_names_failing_rows_by_title_tells_no_machinery_and_goes_with_its_report(tmp_path: Path) -> None:
    database, blobs = MemoryDatabase(), FsspecBlobStore(str(tmp_path))
    await keep(database, wrong(sound_article(title="The <b>$bold</b> harbour")))
    (batch,) = (await look(database, blobs)).batches
    page = (await stored_gate.page(WHO, blobs, str(batch.page))).decode()
    assert "The &lt;b&gt;$bold&lt;/b&gt; harbour" in page
    assert not re.search(r"df\.filter|DATAFRAME|PandasDataFrame", page)
    assert "of the sentences that state a fact cite a source." in page
    assert not re.search(
        r"Expectation|[Uu]nexpected|Data asset|open_errors", page.replace("Great Expectations Version", "")
    )
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.delete(sound_article().id)
        await work.commit()
    await look(database, blobs)
    assert not list(tmp_path.rglob("*.html"))


async def test_a_format_that_there_is_not_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no format 'nosuch'") as raised:
        await stored_gate.examine(
            MemoryDatabase(),
            WHO,
            GreatExaminer(),
            FsspecBlobStore(str(tmp_path)),
            ManualClock(NOON),
            format_="nosuch",
        )
    assert "blog_post" in str(raised.value.hint)


async def test_what_passes_again_is_lifted(looked: Looked) -> None:
    assert looked.second.lifted == 1
    async with looked.database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.blocks.of(sound_article().id, 1) is None


async def test_the_report_and_its_pages_are_kept_as_files_and_ask_no_other_host(looked: Looked) -> None:
    report = await stored_gate.latest(looked.database, WHO, looked.blobs)
    assert {batch.name: (batch.rows, batch.expectations) for batch in report.batches if batch.page} == {
        "blog_post, accepted": (3, 6),
        "blog_post, waiting for a person": (1, 5),
    }
    for batch in report.batches:
        if batch.page:
            page = (await stored_gate.page(WHO, looked.blobs, batch.page)).decode()
            assert "default-src 'none'" in html.unescape(page)
            assert not re.search(r"https?://|<script|<link|<img|\bon\w+=|url\(", page)
    with pytest.raises(NotFound):
        await stored_gate.page(WHO, looked.blobs, "../../report.json")


async def test_an_article_that_is_called_like_a_word_of_the_library_keeps_its_title(tmp_path: Path) -> None:
    database, blobs = MemoryDatabase(), FsspecBlobStore(str(tmp_path))
    await keep(database, wrong(sound_article(title="Success Percent")))
    (batch,) = (await look(database, blobs)).batches
    page = (await stored_gate.page(WHO, blobs, str(batch.page))).decode()
    assert ("Success Percent" in page, "Share met by all" in page) == (True, True)


async def test_what_acts_or_leads_elsewhere_is_taken_out_of_a_page() -> None:
    acts = "<body onload='x()'><img src=//a><a href='javascript:x'>t</a>"
    made = offline(f"<html>{acts}<p>kept</p><table><tr><td>Run Name<td>__none__</table></body></html>", "<b>")
    assert b"kept" in made
    assert not re.search(rb"onload|<img|javascript|<b>|__none__", made)


async def test_the_expectations_are_the_thresholds_of_the_format() -> None:
    limits = formats.load("news_report").thresholds
    strict = {one.why: one.low for one in stored_gate.expectations(limits, stored_gate.ACCEPTED)}
    loose = {one.why: one.low for one in stored_gate.expectations(limits, stored_gate.APPROVED)}
    assert (strict["score_min"], strict["coverage_min"]) == (limits.score_min, limits.coverage_min)
    assert (loose["refuse_coverage"], loose["refuse_supported"]) == (limits.refuse_coverage, limits.refuse_supported)


async def test_before_the_first_look_there_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="has not looked"):
        await stored_gate.latest(MemoryDatabase(), WHO, FsspecBlobStore(str(tmp_path)))
