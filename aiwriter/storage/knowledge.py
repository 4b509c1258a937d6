"""Known sources and their passages: one version of a location counts, and its passages replace those of the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from aiwriter.ports import (
    KNOWN_SORTS,
    IndexState,
    KnownFilter,
    KnownPassage,
    KnownSource,
    Page,
    Paging,
    Validators,
)
from aiwriter.storage.columns import hash_of
from aiwriter.storage.known_rows import (
    PASSAGE_COLUMNS,
    SOURCE_COLUMNS,
    known_passage,
    known_source,
    passage_row,
    source_row,
)
from aiwriter.storage.listing import KNOWN
from aiwriter.storage.paging import any_of, in_parts, page
from aiwriter.storage.records import fold, no_such
from aiwriter.storage.tables import known_passages, known_sources, sources, stem_counts
from aiwriter.storage.transaction import Repository

ALL_PASSAGES, ALL_STEMS = "", " "  # rows of stem_counts that no stem can be
_AT_ONCE = 500


class SqlKnowledge(Repository):
    """`KnowledgeRepository`."""

    async def at(self, locations: Collection[str]) -> dict[str, KnownSource]:
        found: dict[str, KnownSource] = {}
        by_hash = {hash_of(location): location for location in locations}
        for some in in_parts(sorted(by_hash), _AT_ONCE):
            for row in await self._sources(known_sources.c.location_hash.in_(some)):
                found[by_hash[hash_of(row.location)]] = row
        return found

    async def get(self, source_id: UUID) -> KnownSource:
        found = await self._sources(known_sources.c.source_id == source_id)
        if not found:
            raise no_such("known source", source_id)
        return found[0]

    async def page(self, wanted: KnownFilter, paging: Paging) -> Page[KnownSource]:
        those = select(*SOURCE_COLUMNS).where(known_sources.c.workspace_id == self._workspace, *_wanted(wanted))
        return await page(self._tx, KNOWN, paging, those, _SORTS, known_source)

    async def put(self, known: KnownSource, passages: Sequence[KnownPassage]) -> list[str]:
        await self._take_turn()
        before = await self.at([known.location])
        gone = await self._forget([one.source_id for one in before.values()])
        taken = await self._ids([one.passage.id for one in passages])
        own = {one.passage.id: one for one in passages if one.passage.id not in taken}
        row = source_row(self._workspace, known) | {"passages": len(own), "index_state": "pending"}
        await self._tx.write(self._tx.insert(known_sources).values(row))
        if own:
            rows = [passage_row(self._workspace, known.source_id, one) for one in own.values()]
            await self._tx.write(self._tx.insert(known_passages), rows)
            await self._count([row["stems"].split() for row in rows], 1)
        return [key for key in gone if key not in own]

    async def checked(self, source_id: UUID, at: datetime, said: Validators, feed_id: UUID | None = None) -> None:
        changes: dict[str, Any] = {"checked_at": at, "feed_id": feed_id or known_sources.c.feed_id}
        changes |= {"etag": said.etag, "last_modified": said.last_modified, "said_at": said.url}
        changed = update(known_sources).where(*self._this(source_id)).values(changes)
        if not (await self._tx.write(changed)).rowcount:
            raise no_such("known source", source_id)

    async def describe(self, known: KnownSource) -> None:
        row = source_row(self._workspace, known)
        changes = {name: row[name] for name in ("title", "title_folded", "published_at", "language", "licence")}
        changed = update(known_sources).where(*self._this(known.source_id)).values(changes)
        if not (await self._tx.write(changed)).rowcount:
            raise no_such("known source", known.source_id)

    async def remove(self, source_id: UUID) -> list[str]:
        await self._take_turn()
        await self.get(source_id)
        return await self._forget([source_id])

    async def set_index_state(self, source_id: UUID, state: IndexState) -> bool:
        changed = update(known_sources).where(*self._this(source_id)).values(index_state=state)
        return bool((await self._tx.write(changed)).rowcount)

    async def pending(self) -> list[UUID]:
        return [one.source_id for one in await self._sources(known_sources.c.index_state == "pending")]

    async def passages_of(self, source_id: UUID) -> list[KnownPassage]:
        mine = self._passages(known_passages.c.source_id == source_id)
        query = select(*PASSAGE_COLUMNS).where(mine).order_by(known_passages.c.ordinal)
        return [known_passage(row) for row in await self._tx.read(query)]

    async def with_content(self, content_hash: str) -> list[KnownSource]:
        return await self._sources(known_sources.c.content_hash == content_hash)

    async def text_hashes(self) -> dict[str, str]:
        query = select(known_passages.c.id, known_passages.c.text_hash)
        rows = await self._tx.read(query.where(known_passages.c.workspace_id == self._workspace))
        return {row.id: row.text_hash for row in rows}

    async def owners(self, passage_ids: Collection[str]) -> set[UUID]:
        found: set[UUID] = set()
        for some in in_parts(sorted(passage_ids), _AT_ONCE):
            query = select(known_passages.c.source_id).where(self._passages(known_passages.c.id.in_(some)))
            found |= set((await self._tx.read(query)).scalars())
        return found

    async def replacements(self, source_ids: Collection[UUID]) -> dict[UUID, UUID]:
        same = and_(
            known_sources.c.workspace_id == sources.c.workspace_id,
            known_sources.c.location == sources.c.location,
            known_sources.c.source_id != sources.c.id,
        )
        query = select(sources.c.id, known_sources.c.source_id).join_from(sources, known_sources, same)
        mine = sources.c.workspace_id == self._workspace
        rows = await self._tx.read(query.where(mine, sources.c.id.in_(source_ids)))
        return {row.id: row.source_id for row in rows}

    async def _take_turn(self) -> None:
        """One writer at a time, on PostgreSQL too: counts and ids are of the whole workspace."""
        row = {"workspace_id": self._workspace, "stem": ALL_PASSAGES, "passages": 0}
        insert = self._tx.insert(stem_counts).values(row)
        same = {"passages": stem_counts.c.passages + 0}
        await self._tx.write(insert.on_conflict_do_update(index_elements=_COUNTS_KEY, set_=same))

    async def _forget(self, source_ids: Sequence[UUID]) -> list[str]:
        """Take known sources away with their passages; the ids of those."""
        if not source_ids:
            return []
        mine = self._passages(known_passages.c.source_id.in_(source_ids))
        rows = (await self._tx.read(select(known_passages.c.id, known_passages.c.stems).where(mine))).all()
        await self._count([row.stems.split() for row in rows], -1)
        await self._tx.write(delete(known_passages).where(mine))
        of_these = known_sources.c.source_id.in_(source_ids)
        await self._tx.write(delete(known_sources).where(known_sources.c.workspace_id == self._workspace, of_these))
        return [row.id for row in rows]

    async def _ids(self, wanted: Sequence[str]) -> set[str]:
        found: set[str] = set()
        for some in in_parts(wanted, _AT_ONCE):
            query = select(known_passages.c.id).where(self._passages(known_passages.c.id.in_(some)))
            found |= set((await self._tx.read(query)).scalars())
        return found

    async def _count(self, passages: Sequence[Sequence[str]], sign: int) -> None:
        """Add these passages, or take them off, from what is counted of all."""
        counts = Counter(stem for stems in passages for stem in set(stems))
        counts[ALL_PASSAGES], counts[ALL_STEMS] = len(passages), sum(map(len, passages))
        rows = [
            {"workspace_id": self._workspace, "stem": stem, "passages": sign * counts[stem]} for stem in sorted(counts)
        ]
        insert = self._tx.insert(stem_counts)
        more = {"passages": stem_counts.c.passages + insert.excluded.passages}
        await self._tx.write(insert.on_conflict_do_update(index_elements=_COUNTS_KEY, set_=more), rows)
        if sign < 0:
            none = (stem_counts.c.workspace_id == self._workspace, stem_counts.c.passages <= 0)
            await self._tx.write(delete(stem_counts).where(*none, stem_counts.c.stem != ALL_PASSAGES))

    async def _sources(self, condition: ColumnElement[bool]) -> list[KnownSource]:
        query = select(*SOURCE_COLUMNS).where(known_sources.c.workspace_id == self._workspace, condition)
        rows = await self._tx.read(query.order_by(known_sources.c.kept_at, known_sources.c.source_id))
        return [known_source(row) for row in rows]

    def _this(self, source_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return known_sources.c.workspace_id == self._workspace, known_sources.c.source_id == source_id

    def _passages(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(known_passages.c.workspace_id == self._workspace, condition)


_COUNTS_KEY = [stem_counts.c.workspace_id, stem_counts.c.stem]
_SORTS: Mapping[str, ColumnElement[Any]] = {
    **{name: known_sources.c[name] for name in KNOWN_SORTS},
    "title": known_sources.c.title_folded,
    "id": known_sources.c.source_id,
}


def _wanted(wanted: KnownFilter) -> Iterator[ColumnElement[bool]]:
    yield from any_of(known_sources.c.domain, wanted.domains)
    yield from any_of(known_sources.c.language, wanted.languages)
    for word in fold(wanted.words or "").split():
        folded = (known_sources.c.title_folded, known_sources.c.location_folded)
        yield or_(*(column.contains(word, autoescape=True) for column in folded))
    if wanted.feed_id is not None:
        yield known_sources.c.feed_id == wanted.feed_id
    if wanted.index is not None:
        yield known_sources.c.index_state == wanted.index
