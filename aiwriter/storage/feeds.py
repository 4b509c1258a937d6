"""Feeds: places that are looked at again and again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from aiwriter.ports import Feed
from aiwriter.storage.columns import hash_of
from aiwriter.storage.records import no_such
from aiwriter.storage.tables import feeds
from aiwriter.storage.transaction import Repository

_FIELDS = tuple(Feed.__dataclass_fields__)


class SqlFeeds(Repository):
    """`FeedRepository`."""

    async def add(self, feed: Feed) -> Feed:
        key = hash_of(feed.location)
        row = {name: getattr(feed, name) for name in _FIELDS}
        row |= {"workspace_id": self._workspace, "location_hash": key}
        unique = [feeds.c.workspace_id, feeds.c.location_hash]
        await self._tx.write(self._tx.insert(feeds).values(row).on_conflict_do_nothing(index_elements=unique))
        return (await self._where(feeds.c.location_hash == key))[0]

    async def change(self, feed_id: UUID, *, name: str, limit: int, every_hours: int) -> Feed:
        settings = {"name": name, "limit": limit, "every_hours": every_hours}
        await self._tx.write(update(feeds).where(*self._this(feed_id)).values(settings))
        return await self.get(feed_id)

    async def get(self, feed_id: UUID) -> Feed:
        found = await self._where(feeds.c.id == feed_id)
        if not found:
            raise no_such("feed", feed_id)
        return found[0]

    async def all(self) -> list[Feed]:
        return await self._where(feeds.c.id.is_not(None))

    async def checked(self, feed_id: UUID, at: datetime, error: str | None, told: str) -> None:
        changed = update(feeds).where(*self._this(feed_id)).values(checked_at=at, error=error, told=told)
        if not (await self._tx.write(changed)).rowcount:
            raise no_such("feed", feed_id)

    async def remove(self, feed_id: UUID) -> None:
        if not (await self._tx.write(delete(feeds).where(*self._this(feed_id)))).rowcount:
            raise no_such("feed", feed_id)

    def _this(self, feed_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return feeds.c.workspace_id == self._workspace, feeds.c.id == feed_id

    async def _where(self, condition: ColumnElement[Any]) -> list[Feed]:
        query = select(*(feeds.c[name] for name in _FIELDS)).where(feeds.c.workspace_id == self._workspace, condition)
        return [Feed(**row._mapping) for row in await self._tx.read(query.order_by(feeds.c.created_at, feeds.c.id))]
