"""The knowledge: sources whose passages are found by words and meaning. SQL is the truth, the index follows it.

A source is stored with its passages in one transaction, then its vectors are put into the index; whoever is stopped in
between, or cannot have the index, leaves the source "pending", and `services/reconciling.py` goes on from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID

from aiwriter.documents import Source
from aiwriter.errors import BadInput, NotFound
from aiwriter.ports import (
    Chunker,
    Clock,
    Database,
    Embedder,
    KnownFilter,
    KnownPassage,
    KnownSource,
    Page,
    Paging,
    PassageFilter,
    PassageIndex,
    PassageVector,
    Principal,
    Retrieved,
    Retriever,
    UnitOfWork,
    Validators,
    embedded_text,
    is_address,
)
from aiwriter.services.articles import NO_INDEX
from aiwriter.text.languages import language_code
from aiwriter.threads import computed

ANY_SOURCE = KnownFilter()
AT_ONCE = 256  # passages that are embedded before their vectors are handed on
Indexing = Callable[[int, int, str], Awaitable[None]]  # so many of so many passages of a long source, and which


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a source: new, changed (its older version is replaced), updated (another title, day, language or
    licence, its text is what it was) or unchanged (nothing was written)."""

    source: KnownSource
    state: Literal["new", "changed", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What keeping needs beside the database."""

    chunk: Chunker
    index: PassageIndex
    embedder: Embedder
    clock: Clock
    on_indexed: Indexing | None = None


async def keep(
    database: Database,
    principal: Principal,
    sources: Sequence[Source],
    shelf: Shelf,
    *,
    feed_id: UUID | None = None,
    validators: Mapping[str, Validators] | None = None,
) -> list[Kept]:
    """Make the sources known, each by itself, in their order; one with the content it had is neither cut nor embedded
    nor written, but for what it says of itself: another title is embedded, as a part of each passage. A page that says
    no day keeps the one that was known. One whose index is pending still is indexed; an index that cannot be had leaves
    it so."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        before = await work.knowledge.at({source.location for source in sources})
    kept = []
    for read in sources:
        known = before.get(read.location)
        source = with_known_day(read, known)
        same = known is not None and known.content_hash == source.content_hash
        if known is not None and same and known.title == source.title:
            told = _described(known, source)
            if told != known:
                await _describe(database, principal, told, source)
            now = await catch_up(database, principal, told, shelf)
            kept.append(Kept(now, "unchanged" if told == known else "updated"))
            before[source.location] = now
            continue
        said = (validators or {}).get(source.location, Validators())
        now = await _put(database, principal, source, shelf, feed_id, said)
        before[source.location] = now
        kept.append(Kept(now, "new" if known is None else "updated" if same else "changed"))
    return kept


def with_known_day(source: Source, known: KnownSource | None) -> Source:
    """The source with the day that was known of its page, which may be from a feed, where it says none itself."""
    if known is None or source.published_at or not is_address(source.location):
        return source
    return source.model_copy(update={"published_at": known.published_at})


def _described(known: KnownSource, source: Source) -> KnownSource:
    language = source.language[:16] if source.language else None
    return replace(known, published_at=source.published_at, licence=source.licence, language=language)


async def _describe(database: Database, principal: Principal, known: KnownSource, source: Source) -> None:
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.sources.keep([source])
        await work.knowledge.describe(known)
        await work.commit()


async def _put(
    database: Database,
    principal: Principal,
    source: Source,
    shelf: Shelf,
    feed_id: UUID | None,
    said: Validators,
) -> KnownSource:
    async with database.unit_of_work(principal.workspace_id) as work:
        (stored,) = await work.sources.keep([source])
        before = (await work.knowledge.at([source.location])).get(source.location)
        known = _known(stored, shelf, feed_id or (before.feed_id if before else None), said)
        gone = set(await work.knowledge.put(known, await _cut(stored, shelf.chunk)))
        heirs = await _hand_on(work, before.content_hash, shelf.chunk) if before else {}
        await work.commit()
    gone -= set().union(*heirs.values())
    await _follow(database, principal, gone, [stored.id, *heirs], shelf)
    async with database.unit_of_work(principal.workspace_id) as work:
        return (await work.knowledge.at([source.location])).get(source.location, known)


def _known(source: Source, shelf: Shelf, feed_id: UUID | None, said: Validators) -> KnownSource:
    now = shelf.clock.now()
    return KnownSource(
        source_id=source.id,
        location=source.location,
        content_hash=source.content_hash,
        title=source.title,
        domain=domain_of(source.location),
        language=source.language[:16] if source.language else None,
        published_at=source.published_at,
        licence=source.licence,
        etag=said.etag,
        last_modified=said.last_modified,
        said_at=said.url,
        feed_id=feed_id,
        checked_at=now,
        kept_at=now,
    )


def domain_of(location: str) -> str:
    """The host of an address without "www.", "" for a file."""
    try:
        host = urlsplit(location).hostname if "://" in location else None
    except ValueError:  # brackets that hold no address
        host = None
    return (host or "").removeprefix("www.")[:255]


async def _cut(source: Source, chunk: Chunker) -> list[KnownPassage]:
    def cut() -> list[KnownPassage]:
        return [KnownPassage.of(source, passage, ordinal) for ordinal, passage in enumerate(chunk(source))]

    return await computed(cut)


async def _hand_on(work: UnitOfWork, content_hash: str, chunk: Chunker) -> dict[UUID, set[str]]:
    """Let another known source of this content, if there is one, have the passages that went: which source, which."""
    heirs = await work.knowledge.with_content(content_hash)
    if not heirs or heirs[0].passages:
        return {}
    (source,) = await work.sources.get_many([heirs[0].source_id])
    passages = await _cut(source, chunk)
    await work.knowledge.put(heirs[0], passages)
    return {source.id: {one.passage.id for one in passages}}


async def _follow(
    database: Database, principal: Principal, gone: set[str], sources: Sequence[UUID], shelf: Shelf
) -> bool:
    """Let the index follow what was stored; False when it could not be had: it is reconciled later."""
    try:
        await shelf.index.remove(gone)
        for source_id in sources:
            await index_source(database, principal, source_id, shelf.index, shelf.embedder, shelf.on_indexed)
    except NO_INDEX:
        return False
    except NotFound:  # removed meanwhile, and its vectors by whoever did it
        return True
    return True


async def catch_up(database: Database, principal: Principal, known: KnownSource, shelf: Shelf) -> KnownSource:
    """Index a known source that is pending, because whoever kept it was stopped or could not have the index."""
    if known.index == "pending" and await _follow(database, principal, set(), [known.source_id], shelf):
        return replace(known, index="indexed")
    return known


async def index_source(
    database: Database,
    principal: Principal,
    source_id: UUID,
    index: PassageIndex,
    embedder: Embedder,
    on_indexed: Indexing | None = None,
) -> None:
    """Put the vectors of a known source into the index. Raises NotFound, Unavailable, and of a paid embedder
    ProviderRejected and BudgetSpent."""
    async with database.unit_of_work(principal.workspace_id) as work:
        known = await work.knowledge.get(source_id)
        passages = await work.knowledge.passages_of(source_id)
    for start in range(0, len(passages), AT_ONCE):
        some = passages[start : start + AT_ONCE]
        rows = await embedder.embed([embedded_text(known.title, one.passage) for one in some])
        await index.put(
            [PassageVector(one.passage.id, source_id, one.text_hash, row) for one, row in zip(some, rows, strict=True)]
        )
        if on_indexed and len(passages) > AT_ONCE:
            await on_indexed(start + len(some), len(passages), known.location)
    async with database.unit_of_work(principal.workspace_id) as work:
        counts = await work.knowledge.set_index_state(source_id, "indexed")
        left = await work.knowledge.text_hashes() if not counts else {}
        await work.commit()
    if not counts:  # replaced or removed meanwhile
        await index.remove({one.passage.id for one in passages} - set(left))


async def remove(database: Database, principal: Principal, source_id: UUID, shelf: Shelf) -> bool:
    """Forget a known source with its passages and vectors; whether the index could be had. Raises NotFound.

    The stored source stays, since articles may cite it. Vectors that stay behind are found by no search, and dropped by
    the next `reconcile`."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        known = await work.knowledge.get(source_id)
        gone = set(await work.knowledge.remove(source_id))
        heirs = await _hand_on(work, known.content_hash, shelf.chunk)
        await work.commit()
    gone -= set().union(*heirs.values())
    return await _follow(database, principal, gone, list(heirs), shelf)


async def retrieve(
    principal: Principal, retriever: Retriever, query: str, wanted: PassageFilter | None = None, limit: int = 10
) -> Retrieved:
    """Passages for a query by words and by meaning, best first, and notes on what could not be asked.

    Raises BadInput for what is no code of a language."""
    principal.require("read")
    _check_languages(wanted.languages if wanted else ())
    if not query.strip():
        return Retrieved([])
    return await retriever.retrieve(query, wanted or PassageFilter(), limit)


async def known(database: Database, principal: Principal, wanted: KnownFilter, paging: Paging) -> Page[KnownSource]:
    """Last kept first unless sorted otherwise. Raises BadInput for an unknown sort, a bad cursor, or what is no code of
    a language."""
    principal.require("read")
    _check_languages(wanted.languages)
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.knowledge.page(wanted, paging)


async def originals(
    database: Database, principal: Principal, sources: Sequence[KnownSource]
) -> dict[UUID, KnownSource]:
    """Of those that are copies: the known source of the same content, whose passages stand for both."""
    principal.require("read")
    found: dict[UUID, KnownSource] = {}
    async with database.unit_of_work(principal.workspace_id) as work:
        for one in sources:
            same = [] if one.passages else await work.knowledge.with_content(one.content_hash)
            if original := next((other for other in same if other.passages), None):
                found[one.source_id] = original
    return found


def _check_languages(languages: Collection[str]) -> None:
    for one in languages:
        if language_code(one) != one:
            raise BadInput(f"{one!r} is no code of a language", hint="Give two or three small letters, such as en.")


async def get(database: Database, principal: Principal, source_id: UUID) -> KnownSource:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.knowledge.get(source_id)


async def checked(
    database: Database,
    principal: Principal,
    source_id: UUID,
    clock: Clock,
    said: Validators,
    feed_id: UUID | None = None,
) -> None:
    """Note that somebody looked and the page was unchanged, a feed that names it. Raises NotFound."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.knowledge.checked(source_id, clock.now(), said, feed_id)
        await work.commit()


async def rebuild(database: Database, principal: Principal, index: PassageIndex, embedder: Embedder) -> int:
    """Make the index of passages anew from SQL; how many sources it holds. Raises like `index_source`."""
    principal.require("write")
    await index.clear()
    sources = [one.source_id for one in await everything(database, principal)]
    for source_id in sources:
        await index_source(database, principal, source_id, index, embedder)
    return len(sources)


async def index_pending(database: Database, principal: Principal, index: PassageIndex, embedder: Embedder) -> int:
    """Index the known sources that are pending; how many. Raises like `index_source`."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        pending = await work.knowledge.pending()
    for source_id in pending:
        await index_source(database, principal, source_id, index, embedder)
    return len(pending)


async def everything(database: Database, principal: Principal, wanted: KnownFilter = ANY_SOURCE) -> list[KnownSource]:
    """Every known source that passes the filter."""
    found: list[KnownSource] = []
    cursor: str | None = None
    async with database.unit_of_work(principal.workspace_id) as work:
        while True:
            page = await work.knowledge.page(wanted, Paging(limit=1000, cursor=cursor))
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found
