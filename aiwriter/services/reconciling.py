"""Whether SQL, vectors, files and what is published agree, and making them: SQL is the truth.

What is found at a moment when others write may be gone the next: the index is read before SQL, so that a vector is
called orphaned only when its passage is really not there; a passage that has just come may be called missing once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from aiwriter.documents import Article, PublicationStatus
from aiwriter.errors import Conflict, NotFound
from aiwriter.ports import Clock, Database, Embedder, PassageIndex, Principal, Publisher, VectorIndex
from aiwriter.services import articles as library
from aiwriter.services import knowledge, publishing
from aiwriter.services.publishing import Targets

NO_VECTOR = "passage without a vector"
NO_PASSAGE = "vector without a passage"
OTHER_TEXT = "vector of another text"
PENDING = "source still pending"
ARTICLE_NOT_INDEXED = "article without vectors"
NO_ARTICLE = "vectors of no article"
NO_SIGNATURE = "article without a signature"
NO_FILE = "file that is not there"
NO_PAGE = "published page that is not there"


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One thing that SQL, vectors or files say otherwise than another; `id` is the passage's, source's, article's or
    publication's."""

    kind: str
    id: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Shelves:
    """Everything that is to agree with the database. `publisher` is given the folder a run asked for, if any, and
    `targets` where something was published."""

    passages: PassageIndex
    articles: VectorIndex
    embedder: Embedder
    publisher: Callable[[str | None], Publisher]
    targets: Targets
    clock: Clock


async def reconcile(database: Database, principal: Principal, shelves: Shelves, *, check: bool) -> list[Discrepancy]:
    """Every disagreement found; unless `check`, each is mended from SQL. Raises Unavailable when an index cannot be
    had, and of a paid embedder ProviderRejected and BudgetSpent."""
    principal.require("read" if check else "write")
    found = [
        *await _passages(database, principal, shelves.passages),
        *await _articles(database, principal, shelves.articles),
        *await _files(database, principal, shelves.publisher),
        *await _published(database, principal, shelves.targets),
    ]
    if not check:
        await _mend(database, principal, shelves, found)
    return found


def counted(found: Sequence[Discrepancy]) -> dict[str, int]:
    """How many there are of each kind."""
    return dict(Counter(one.kind for one in found))


async def _passages(database: Database, principal: Principal, index: PassageIndex) -> list[Discrepancy]:
    held = await index.text_hashes()
    async with database.unit_of_work(principal.workspace_id) as work:
        stored = await work.knowledge.text_hashes()
        pending = await work.knowledge.pending()
        missing = sorted(stored.keys() - held.keys())
        without = await work.knowledge.owners(missing)
    return [
        *(Discrepancy(NO_VECTOR, key) for key in missing),
        *(Discrepancy(NO_PASSAGE, key) for key in sorted(held.keys() - stored.keys())),
        *(Discrepancy(OTHER_TEXT, key) for key in sorted(held.keys() & stored.keys()) if held[key] != stored[key]),
        *(Discrepancy(PENDING, str(source_id)) for source_id in pending if source_id not in without),
    ]


async def _articles(database: Database, principal: Principal, vectors: VectorIndex) -> list[Discrepancy]:
    held = await vectors.article_ids()
    async with database.unit_of_work(principal.workspace_id) as work:
        stored, pending = await work.articles.ids(), set(await work.articles.index_pending())
        unsigned = await work.signatures.missing()
    return [
        *(Discrepancy(ARTICLE_NOT_INDEXED, str(key)) for key in sorted((stored - held) | pending)),
        *(Discrepancy(NO_ARTICLE, str(key)) for key in sorted(held - stored)),
        *(Discrepancy(NO_SIGNATURE, str(key)) for key in sorted(unsigned)),
    ]


async def _files(
    database: Database, principal: Principal, publisher: Callable[[str | None], Publisher]
) -> list[Discrepancy]:
    found = []
    async for article, out in _stored_articles(database, principal):
        missing = await publisher(out).missing(article)
        found += [Discrepancy(NO_FILE, str(article.id), key) for key in missing]
    return found


async def _published(database: Database, principal: Principal, targets: Targets) -> list[Discrepancy]:
    found = []
    async with database.unit_of_work(principal.workspace_id) as work:
        there = [
            (one, await work.articles.get(one.article_id, one.version))
            for article_id in sorted(await work.articles.ids())
            for one in await work.publications.of_article(article_id)
            if one.status is PublicationStatus.PUBLISHED
        ]
    for one, article in there:
        if not await targets(one.target).holds(article):
            found.append(Discrepancy(NO_PAGE, str(one.id), one.address or one.target))
    return found


async def _stored_articles(database: Database, principal: Principal) -> AsyncIterator[tuple[Article, str | None]]:
    """The latest version of every article, with the folder its run asked for."""
    async with database.unit_of_work(principal.workspace_id) as work:
        ids = sorted(await work.articles.ids())
    for article_id in ids:
        async with database.unit_of_work(principal.workspace_id) as work:
            try:
                article = await work.articles.get(article_id)
            except NotFound:  # deleted meanwhile
                continue
            try:
                out = (await work.runs.get(article.provenance.run_id)).out
            except NotFound:  # an article outlives its run
                out = None
        yield article, out


async def _mend(database: Database, principal: Principal, shelves: Shelves, found: Sequence[Discrepancy]) -> None:
    by_kind: dict[str, set[str]] = {}
    for one in found:
        by_kind.setdefault(one.kind, set()).add(one.id)
    wrong = by_kind.get(OTHER_TEXT, set())
    await shelves.passages.remove(by_kind.get(NO_PASSAGE, set()) | wrong)
    async with database.unit_of_work(principal.workspace_id) as work:
        behind = await work.knowledge.owners(by_kind.get(NO_VECTOR, set()) | wrong)
    for source_id in sorted(behind | set(map(UUID, by_kind.get(PENDING, set())))):
        with suppress(NotFound):  # removed meanwhile, with its passages and vectors
            await knowledge.index_source(database, principal, source_id, shelves.passages, shelves.embedder)
    for orphan in sorted(by_kind.get(NO_ARTICLE, set())):
        await shelves.articles.replace(UUID(orphan), [])
    await library.sign(database, principal, set(map(UUID, by_kind.get(NO_SIGNATURE, set()))))
    not_indexed, without_file = by_kind.get(ARTICLE_NOT_INDEXED, set()), by_kind.get(NO_FILE, set())
    if not_indexed or without_file:
        async for article, out in _stored_articles(database, principal):
            if str(article.id) in not_indexed:
                await library.index(database, principal, article, shelves.articles, shelves.embedder)
            if str(article.id) in without_file:
                await shelves.publisher(out).publish(article)
    for lost in sorted(by_kind.get(NO_PAGE, set())):
        with suppress(Conflict):  # somebody else is at it
            publication = await publishing.get(database, principal, UUID(lost))
            await publishing.carry(database, principal, publication, shelves.targets, shelves.clock)
