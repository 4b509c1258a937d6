"""Articles: keep a version with its files and its place in the index, list, show, find by meaning and by word."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from aiwriter.documents import Article, ArticleHead, ArticleStatus, Draft, StoredRecord, VersionHead
from aiwriter.errors import BadReply, BudgetSpent, Conflict, NotFound, ProviderRejected, Unavailable
from aiwriter.pipeline.together import both
from aiwriter.ports import (
    ArticleFilter,
    Database,
    Embedder,
    Page,
    Paging,
    Principal,
    Publisher,
    VectorEntry,
    VectorIndex,
)
from aiwriter.services import holding

NO_INDEX = (Unavailable, ProviderRejected, BadReply, BudgetSpent)
"""Why a text may not get into the index, or a query not be asked there: the index, or the embedder's provider."""

SIMILAR_ENOUGH = 0.2  # cosine below which MiniLM's neighbours have nothing to do with the query
ENTRY_WORDS = 120  # what one vector stands for: about what the embedders read at once


@dataclass(frozen=True, slots=True)
class Found:
    """One answer of a search: the article, the words that matched, and how well (0–1)."""

    article: ArticleHead
    excerpt: str
    similarity: float
    by: str  # "meaning" or "words"


async def store(
    database: Database,
    principal: Principal,
    article: Article,
    publisher: Publisher,
    vectors: VectorIndex,
    embedder: Embedder,
) -> StoredRecord:
    """Keep a version, write its files, index it. Doing it again changes nothing.

    An index that cannot be had leaves the article "pending"; it is stored and readable all the same. Raises Conflict
    when its run is not ours any more.
    """
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await holding.fence(work, article.provenance.run_id)
        await work.articles.add_version(article)
        await work.commit()
    indexing = _indexed(database, principal, article, vectors, embedder)
    paths, state = await both(publisher.publish(article), indexing)  # neither needs the other
    return StoredRecord(article_id=article.id, version=article.version, paths=paths, index=state)


async def _indexed(
    database: Database, principal: Principal, article: Article, vectors: VectorIndex, embedder: Embedder
) -> Literal["indexed", "pending"]:
    """How it stands in the index: it is written, whatever that or the embedder's provider says."""
    try:
        await index(database, principal, article, vectors, embedder)
    except NO_INDEX:
        return "pending"
    return "indexed"


async def index(
    database: Database, principal: Principal, article: Article, vectors: VectorIndex, embedder: Embedder
) -> None:
    """Put the article's text into the vector index, in place of what was there.

    Raises Unavailable, and of a paid embedder ProviderRejected and BudgetSpent."""
    texts = _entries(article)
    rows = await embedder.embed(texts)
    entries = [
        VectorEntry(id=f"{article.id}:{number}", article_id=article.id, text=text, vector=row)
        for number, (text, row) in enumerate(zip(texts, rows, strict=True))
    ]
    await vectors.replace(article.id, entries)
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.articles.set_index_state(article.id, article.version, "indexed")
        await work.commit()


async def delete(database: Database, principal: Principal, article_id: UUID, vectors: VectorIndex) -> bool:
    """Remove an article with its versions and vectors; whether the index could be had. Raises NotFound, and Conflict
    while it is published: what is before readers is withdrawn first.

    Vectors that a busy index keeps are passed over by every search and dropped by the next `reindex`.
    """
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        there = [one.target for one in await work.publications.of_article(article_id) if one.may_be_there]
        if there:
            raise Conflict(f"article {article_id} is published at {', '.join(there)}", hint="Withdraw it there first.")
        await work.articles.delete(article_id)
        await work.commit()
    try:
        await vectors.replace(article_id, [])
    except Unavailable:
        return False
    return True


async def reindex(
    database: Database, principal: Principal, vectors: VectorIndex, embedder: Embedder, *, everything: bool
) -> int:
    """Index what is pending, or everything anew, and drop vectors of articles that are gone; how many were indexed.

    Signatures that near-duplicates are found by are made anew along with it: those that are missing, or all."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        known = await work.articles.ids()
        wanted = known if everything else set(await work.articles.index_pending())
        unsigned = known if everything else await work.signatures.missing()
    await sign(database, principal, unsigned)
    for orphan in await vectors.article_ids() - known:
        await vectors.replace(orphan, [])
    for article_id in sorted(wanted):
        await index(database, principal, await find(database, principal, str(article_id)), vectors, embedder)
    return len(wanted)


async def standing(database: Database, principal: Principal, article_id: UUID) -> Article | None:
    """The latest version, unless it is refused or was deleted meanwhile."""
    try:
        article = await get(database, principal, article_id)
    except NotFound:
        return None
    return None if article.status is ArticleStatus.REFUSED else article


async def sign(database: Database, principal: Principal, article_ids: Collection[UUID]) -> None:
    """Make the signatures of these articles anew, each in a transaction of its own."""
    for article_id in sorted(article_ids):
        async with database.unit_of_work(principal.workspace_id) as work:
            await work.signatures.make(article_id)
            await work.commit()


async def find(database: Database, principal: Principal, prefix: str, version: int | None = None) -> Article:
    """The article whose id begins so or whose slug is this; its latest or the given version. Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        article = await work.articles.find(prefix)
        return article if version is None else await work.articles.get(article.id, version)


async def get(database: Database, principal: Principal, article_id: UUID, version: int | None = None) -> Article:
    """The latest or the given version. Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.articles.get(article_id, version)


async def page(database: Database, principal: Principal, wanted: ArticleFilter, paging: Paging) -> Page[ArticleHead]:
    """Latest first unless sorted otherwise. Raises BadInput for an unknown sort or a bad cursor."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.articles.page(wanted, paging)


async def versions(database: Database, principal: Principal, article_id: UUID) -> list[VersionHead]:
    """Newest first. Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.articles.versions(article_id)


async def latest(database: Database, principal: Principal, limit: int = 20) -> list[Article]:
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.articles.latest(limit)


async def standing_of(database: Database, principal: Principal, found: Sequence[Article]) -> dict[UUID, str]:
    """How the latest version of each stands: its status, or "approved" when a person did."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        heads = await work.articles.heads([article.id for article in found])
    return {key: head.standing for key, head in heads.items()}


async def search(
    database: Database, principal: Principal, query: str, vectors: VectorIndex, embedder: Embedder, limit: int = 10
) -> tuple[list[Found], str | None]:
    """Stored articles by words and by meaning, best first, one answer an article, and a note when one way failed."""
    principal.require("read")
    by_words, (by_meaning, note) = await asyncio.gather(
        _containing(database, principal, query, limit),
        _nearest(database, principal, query, vectors, embedder, limit * 4),
    )
    return _one_each([*by_words, *by_meaning])[:limit], note


async def _containing(database: Database, principal: Principal, query: str, limit: int) -> list[Found]:
    async with database.unit_of_work(principal.workspace_id) as work:
        return [
            Found(article, excerpt, 1.0, "words") for article, excerpt in await work.articles.containing(query, limit)
        ]


async def _nearest(
    database: Database, principal: Principal, query: str, vectors: VectorIndex, embedder: Embedder, limit: int
) -> tuple[list[Found], str | None]:
    """What is like the query in meaning, and a note when that could not be asked."""
    try:
        (vector,) = await embedder.embed([query])
        hits = await vectors.nearest(vector, limit)
    except NO_INDEX as error:
        return [], f"searched by words only: {error}"
    async with database.unit_of_work(principal.workspace_id) as work:
        known = await work.articles.heads({hit.article_id for hit in hits})
    near = [hit for hit in hits if hit.article_id in known and hit.similarity >= SIMILAR_ENOUGH]
    return [Found(known[hit.article_id], hit.text, hit.similarity, "meaning") for hit in near], None


def _one_each(found: Sequence[Found]) -> list[Found]:
    best: dict[UUID, Found] = {}
    for answer in found:
        best.setdefault(answer.article.id, answer)
    return list(best.values())


def _entries(article: Article) -> list[str]:
    """What is found by meaning: the head, then the parts."""
    return [f"{article.title}. {article.description}", *parts_of(article)]


def parts_of(text: Article | Draft) -> list[str]:
    """The text in pieces of about ENTRY_WORDS words that keep sentences whole, each under its heading."""
    pieces = []
    for section in text.sections:
        piece: list[str] = []
        for sentence in section.sentences:
            piece.append(sentence.text)
            if sum(len(text.split()) for text in piece) >= ENTRY_WORDS:
                pieces.append(f"{section.heading}. {' '.join(piece)}")
                piece = []
        if piece:
            pieces.append(f"{section.heading}. {' '.join(piece)}")
    return pieces
