"""Sources: what was read, kept once for each content and location."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update

from aiwriter.documents import Source, SourceHead
from aiwriter.ids import content_hash
from aiwriter.ports import SOURCE_SORTS, Page, Paging, SourceFilter
from aiwriter.storage.listing import SOURCES
from aiwriter.storage.paging import any_of, page, within
from aiwriter.storage.records import fold, no_such, read_document
from aiwriter.storage.tables import sources
from aiwriter.storage.transaction import Repository


class SqlSources(Repository):
    """`SourceRepository`."""

    async def keep(self, sources_: Sequence[Source]) -> list[Source]:
        new = {_identity(source): source for source in reversed(sources_)}
        if new:  # sorted: two who keep the same sources at once meet them in the same order
            rows = [self._row(identity, new[identity]) for identity in sorted(new)]
            adding = self._tx.insert(sources)
            seen = {name: adding.excluded[name] for name in ("place", "etag")}
            unique = [sources.c.workspace_id, sources.c.identity]
            await self._tx.write(adding.on_conflict_do_update(index_elements=unique, set_=seen), rows)
        stored = await self._where(sources.c.identity.in_(new))
        by_identity = {_identity(source): await self._told(source, new[_identity(source)]) for source in stored}
        return [by_identity[_identity(source)] for source in sources_]

    async def _told(self, stored: Source, now: Source) -> Source:
        """The stored source with what it says of itself now."""
        told = stored.known_again(now)
        if told != stored:
            row = self._row(_identity(told), told)
            changes = {name: row[name] for name in ("title", "title_folded", "document")}
            this = (sources.c.workspace_id == self._workspace, sources.c.id == stored.id)
            await self._tx.write(update(sources).where(*this).values(changes))
        return told

    async def get_many(self, source_ids: Sequence[UUID]) -> list[Source]:
        by_id = {source.id: source for source in await self._where(sources.c.id.in_(source_ids))}
        if missing := set(source_ids) - set(by_id):
            raise no_such("source", min(missing))
        return [by_id[source_id] for source_id in source_ids]

    async def newest_at(self, location: str) -> Source | None:
        there = sources.c.place == content_hash(location)
        those = select(sources).where(sources.c.workspace_id == self._workspace, there)
        newest = those.order_by(sources.c.retrieved_at.desc(), sources.c.id.desc()).limit(1)
        return next(map(_source, await self._tx.read(newest)), None)

    async def page(self, wanted: SourceFilter, paging: Paging) -> Page[SourceHead]:
        heads = select(*(sources.c[name] for name in SourceHead.model_fields))
        those = heads.where(sources.c.workspace_id == self._workspace, *_wanted(wanted))
        return await page(self._tx, SOURCES, paging, those, _SORTS, lambda row: SourceHead(**row._mapping))

    async def _where(self, condition: Any) -> list[Source]:
        rows = await self._tx.read(select(sources).where(sources.c.workspace_id == self._workspace, condition))
        return [_source(row) for row in rows]

    def _row(self, identity: str, source: Source) -> dict[str, Any]:
        return {
            "workspace_id": self._workspace,
            "id": source.id,
            "identity": identity,
            "content_hash": source.content_hash,
            "location": source.location,
            "kind": source.kind,
            "title": source.title,
            "title_folded": fold(source.title),
            "location_folded": fold(source.location),
            "place": content_hash(source.location) if source.etag else "",
            "etag": source.etag or "",
            "retrieved_at": source.retrieved_at,
            "document": source.model_dump_json(exclude={"etag"}),
            "schema_version": source.schema_version,
        }


def _source(row: Any) -> Source:
    return read_document(Source, row.document, row.schema_version).model_copy(update={"etag": row.etag or None})


def _identity(source: Source) -> str:
    return content_hash(f"{source.content_hash}\n{source.location}")


_SORTS: Mapping[str, ColumnElement[Any]] = {
    **{name: sources.c[name] for name in (*SOURCE_SORTS, "id")},
    "title": sources.c.title_folded,
}


def _wanted(wanted: SourceFilter) -> Iterator[ColumnElement[bool]]:
    yield from any_of(sources.c.kind, wanted.kind)
    for word in fold(wanted.words or "").split():
        yield or_(*(sources.c[name].contains(word, autoescape=True) for name in ("title_folded", "location_folded")))
    yield from within(sources.c.retrieved_at, wanted.since, wanted.until)
