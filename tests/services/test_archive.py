"""The own archive as a source: what is found there, what never is, what a source of ours says of itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from aiwriter import embeddings
from aiwriter.documents import (
    Article,
    ArticleKind,
    ArticleStatus,
    Brief,
    OwnArticle,
    Source,
    SourceRef,
    Sources,
    Support,
)
from aiwriter.errors import SourceGone
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline import evidence, research, stories
from aiwriter.pipeline.versions import superseded_by
from aiwriter.ports import Principal, SearchQuery
from aiwriter.publishing import markdown
from aiwriter.services import articles
from aiwriter.services.archive import ArchiveEngine, ArchiveFinder, Writing, location_of, source_of
from aiwriter.testing import MemoryDatabase, sample_article, sample_sources
from aiwriter.testing.corpus import TinyCorpus
from aiwriter.testing.search import TinyEngines
from aiwriter.testing.vectors import MemoryVectorIndex

WHO = Principal("tester", LOCAL_WORKSPACE)
EMBEDDER = embeddings.create("hashing:128")
NOW = datetime(2026, 10, 1, tzinfo=UTC)
ASKED = SearchQuery("electric ferries Kestrel Sound", language="en")


class Shelf:
    """A database of articles with their index."""

    def __init__(self) -> None:
        self.database, self.index = MemoryDatabase(), MemoryVectorIndex()
        self.finder = ArchiveFinder(TinyCorpus({"notes.md": "# Notes\n\nA note."}), self.database, WHO)

    async def put(self, article: Article) -> Article:
        async with self.database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.articles.add_version(article)
            await work.commit()
        await articles.index(self.database, WHO, article, self.index, EMBEDDER)
        return article

    def engine(self, writing: Writing | None = None) -> ArchiveEngine:
        return ArchiveEngine(self.database, WHO, lambda: (self.index, EMBEDDER), writing)

    async def found(self, query: SearchQuery = ASKED, writing: Writing | None = None) -> list[str]:
        return [hit.url for hit in await self.engine(writing).search(query)]


def own_source(article: Article | None = None) -> Source:
    return source_of(article or sample_article(), NOW)


async def test_an_accepted_article_is_found_and_read_with_what_it_is_and_rests_on() -> None:
    shelf = Shelf()
    article = await shelf.put(sample_article())
    assert await shelf.found() == [location_of(article)]
    source = await shelf.finder.read(location_of(article))
    assert source.own == OwnArticle(
        article_id=article.id,
        version=article.version,
        kind=article.kind,
        created_at=article.created_at,
        rests_on=source.own.rests_on if source.own else (),
    )
    assert [one.location for one in source.own.rests_on] == [ref.location for ref in article.sources]
    assert (source.title, source.published_at) == (article.title, article.created_at)
    assert all(source.text[block.start : block.end].strip() for block in source.blocks)


@pytest.mark.parametrize(
    "article",
    [
        sample_article(status=ArticleStatus.REFUSED),
        sample_article(ArticleKind.DIGEST),
        sample_article(ArticleKind.DIGEST, ArticleStatus.REFUSED),
    ],
    ids=["refused", "a digest nobody approved", "a refused digest"],
)
async def test_what_is_not_accepted_is_neither_found_nor_read(article: Article) -> None:
    shelf = Shelf()
    await shelf.put(article)
    assert await shelf.found() == []
    with pytest.raises(SourceGone, match="not accepted"):
        await shelf.finder.read(location_of(article))


async def test_a_digest_that_was_approved_is_a_source() -> None:
    shelf = Shelf()
    article = await shelf.put(sample_article(ArticleKind.DIGEST, ArticleStatus.ACCEPTED))
    assert await shelf.found() == [location_of(article)]


async def test_the_article_that_is_written_anew_is_no_source_of_itself() -> None:
    shelf = Shelf()
    article = await shelf.put(sample_article())
    run_id, other = article.provenance.run_id, uuid4()
    assert await shelf.found(writing=Writing(run_id, None, "Trams")) == []
    assert await shelf.found(writing=Writing(other, article.id, "Trams")) == []
    assert await shelf.found(writing=Writing(other, None, article.brief.topic.upper())) == []
    assert await shelf.found(writing=Writing(other, None, "Trams")) == [location_of(article)]


async def test_filters_hold_and_an_article_lies_on_no_domain() -> None:
    shelf = Shelf()
    article = await shelf.put(sample_article())
    day = article.created_at.date()
    assert await shelf.found(SearchQuery(ASKED.text, since=day, until=day)) == [location_of(article)]
    for query in (
        SearchQuery(ASKED.text, since=date(2100, 1, 1)),
        SearchQuery(ASKED.text, until=date(2000, 1, 1)),
        SearchQuery(ASKED.text, language="de"),
        SearchQuery(ASKED.text, domains=("example.org",)),
    ):
        assert await shelf.found(query) == []


async def test_a_deleted_article_is_neither_found_nor_read() -> None:
    shelf = Shelf()
    article = await shelf.put(sample_article())
    await articles.delete(shelf.database, WHO, article.id, shelf.index)
    assert await shelf.found() == []
    with pytest.raises(SourceGone, match="no such article"):
        await shelf.finder.read(location_of(article))


def test_a_sentence_that_our_checks_doubted_is_not_handed_on() -> None:
    article = sample_article()
    verdicts = {verdict.sentence_id: verdict.support for verdict in article.quality.sentences}
    doubted = [one.text for one in article.sentences if verdicts.get(one.id) is Support.UNSURE]
    assert doubted, "the sample has such a sentence"
    text = own_source(article).text
    assert not any(sentence in text for sentence in doubted)
    assert any(one.text in text for one in article.sentences)


def test_an_article_that_rests_on_ours_names_the_sources_behind_it() -> None:
    first = own_source()
    second = sample_article(id=uuid4(), sources=(SourceRef.of(first),))
    own = own_source(second).own
    assert own
    assert first.own
    assert own.rests_on == first.own.rests_on


async def test_evidence_says_that_ours_is_secondary_and_what_counts_as_one_source() -> None:
    shelf = Shelf()
    article = await shelf.put(sample_article())
    brief = Brief(topic="Electric ferries at Kestrel Sound", sources=("archive:",))
    found = await research.gather(brief, shelf.finder, None, TinyEngines({"archive": shelf.engine()}))
    alone = await evidence.select(brief, found, chunk, EMBEDDER)
    assert any("secondary source" in note and article.sources[0].title in note for note in alone.notes)
    assert any("all evidence comes from our own archive" in note for note in alone.notes)
    both = await evidence.select(brief, Sources(items=(*sample_sources().items, *found.items)), chunk, EMBEDDER)
    assert any("count as one source" in note for note in both.notes)


def test_the_source_itself_is_kept_before_an_article_of_ours_that_tells_the_same() -> None:
    own = own_source().model_copy(update={"published_at": datetime(2020, 1, 1, tzinfo=UTC)})
    page = own.model_copy(update={"own": None, "location": "https://example.org/", "published_at": None, "id": uuid4()})
    kept, repeats = stories.told_once([], [own, page])
    assert (kept, [one.source for one in repeats]) == ([page], [own])


def test_an_article_of_ours_supersedes_nothing() -> None:
    page = own_source().model_copy(update={"own": None, "published_at": datetime(2020, 1, 1, tzinfo=UTC)})
    newer = own_source().model_copy(update={"content_hash": "0" * len(page.content_hash)})
    assert superseded_by([page, newer.model_copy(update={"own": None})])
    assert superseded_by([page, newer]) == {}


def test_a_reference_says_that_it_is_ours_on_what_it_rests_and_its_licence() -> None:
    article, own = sample_article(), own_source()
    ref = SourceRef.of(own.model_copy(update={"licence": "CC BY 4.0"}))
    said = markdown.render(article.model_copy(update={"sources": (ref.model_copy(update={"kind": "html"}),)}))
    (line,) = [line for line in said.splitlines() if line.startswith("1. ")]
    assert f"our own article {article.id}, version 1, a secondary source; it rests on" in line
    assert article.sources[0].title in line
    assert "licence: CC BY 4.0" in line
