"""Known sources, their passages and feeds of the database in dictionaries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from aiwriter.ports import (
    Feed,
    FoundPassage,
    IndexState,
    KnownFilter,
    KnownPassage,
    KnownSource,
    Look,
    LookState,
    Page,
    Paging,
    PassageFilter,
    Validators,
)
from aiwriter.ports.knowledge import LOOKS_ENDED, MOST_LOOKS
from aiwriter.storage.listing import KNOWN, check_times
from aiwriter.storage.records import fold, no_such
from aiwriter.testing.memory_lists import among, page, within
from aiwriter.testing.memory_rows import Committed, Part
from aiwriter.testing.vectors import MemoryVectorCache
from aiwriter.text.bm25 import idf, score


class MemoryKnowledge(Part):
    async def at(self, locations: Collection[str]) -> dict[str, KnownSource]:
        return {one.location: one for one in self._all() if one.location in locations}

    async def get(self, source_id: UUID) -> KnownSource:
        found = self._tx.rows.known.get((self._workspace, source_id))
        if found is None:
            raise no_such("known source", source_id)
        return found

    async def page(self, wanted: KnownFilter, paging: Paging) -> Page[KnownSource]:
        words = fold(wanted.words or "").split()
        found = [
            one
            for one in self._all()
            if among(one.domain, wanted.domains)
            and among(one.language or "", wanted.languages)
            and all(word in fold(one.title) or word in fold(one.location) for word in words)
            and wanted.feed_id in (None, one.feed_id)
            and wanted.index in (None, one.index)
        ]
        return page(KNOWN, found, paging)

    async def put(self, known: KnownSource, passages: Sequence[KnownPassage]) -> list[str]:
        rows = await self._writing()
        if (self._workspace, known.source_id) not in rows.sources:
            raise no_such("source", known.source_id)
        gone = [key for one in (await self.at([known.location])).values() for key in self._forget(one.source_id)]
        own = {one.passage.id: one for one in passages if (self._workspace, one.passage.id) not in rows.known_passages}
        rows.known[self._workspace, known.source_id] = replace(known, passages=len(own), index="pending")
        for key, one in own.items():
            rows.known_passages[self._workspace, key] = (known.source_id, one)
        return [key for key in gone if key not in own]

    async def checked(self, source_id: UUID, at: datetime, said: Validators, feed_id: UUID | None = None) -> None:
        known = await self.get(source_id)
        known = replace(known, checked_at=at, etag=said.etag, last_modified=said.last_modified, said_at=said.url)
        known = replace(known, feed_id=feed_id or known.feed_id)
        (await self._writing()).known[self._workspace, source_id] = known

    async def describe(self, known: KnownSource) -> None:
        said = {name: getattr(known, name) for name in ("title", "published_at", "language", "licence")}
        told = replace(await self.get(known.source_id), **said)
        (await self._writing()).known[self._workspace, known.source_id] = told

    async def remove(self, source_id: UUID) -> list[str]:
        await self._writing()
        await self.get(source_id)
        return self._forget(source_id)

    async def set_index_state(self, source_id: UUID, state: IndexState) -> bool:
        rows = await self._writing()
        known = rows.known.get((self._workspace, source_id))
        if known is None:
            return False
        rows.known[self._workspace, source_id] = replace(known, index=state)
        return True

    async def pending(self) -> list[UUID]:
        return [one.source_id for one in self._all() if one.index == "pending"]

    async def passages_of(self, source_id: UUID) -> list[KnownPassage]:
        found = [one for owner, one in self._mine(self._passages) if owner == source_id]
        return sorted(found, key=lambda one: one.ordinal)

    async def with_content(self, content_hash: str) -> list[KnownSource]:
        return [one for one in self._all() if one.content_hash == content_hash]

    async def text_hashes(self) -> dict[str, str]:
        return {one.passage.id: one.text_hash for _, one in self._mine(self._passages)}

    async def owners(self, passage_ids: Collection[str]) -> set[UUID]:
        return {owner for owner, one in self._mine(self._passages) if one.passage.id in passage_ids}

    async def replacements(self, source_ids: Collection[UUID]) -> dict[UUID, UUID]:
        stored = [self._tx.rows.sources[self._workspace, key] for key in source_ids]
        now = await self.at({one.location for one in stored})
        return {
            one.id: now[one.location].source_id
            for one in stored
            if one.location in now and now[one.location].source_id != one.id
        }

    @property
    def _passages(self) -> Mapping[tuple[UUID, UUID], tuple[UUID, KnownPassage]]:
        return self._tx.rows.known_passages  # type: ignore[return-value]  # a passage's id is text

    def _all(self) -> list[KnownSource]:
        return sorted(self._mine(self._tx.rows.known), key=lambda one: (one.kept_at, one.source_id))

    def _forget(self, source_id: UUID) -> list[str]:
        rows = self._tx.rows
        gone = [
            key for key, (owner, _) in rows.known_passages.items() if key[0] == self._workspace and owner == source_id
        ]
        for key in gone:
            del rows.known_passages[key]
        del rows.known[self._workspace, source_id]
        return [passage_id for _, passage_id in gone]


class MemoryFeeds(Part):
    async def add(self, feed: Feed) -> Feed:
        rows = await self._writing()
        same = next((one for one in self._mine(rows.feeds) if one.location == feed.location), feed)
        rows.feeds[self._workspace, same.id] = same
        return same

    async def change(self, feed_id: UUID, *, name: str, limit: int, every_hours: int) -> Feed:
        feed = replace(await self.get(feed_id), name=name, limit=limit, every_hours=every_hours)
        (await self._writing()).feeds[self._workspace, feed_id] = feed
        return feed

    async def get(self, feed_id: UUID) -> Feed:
        found = self._tx.rows.feeds.get((self._workspace, feed_id))
        if found is None:
            raise no_such("feed", feed_id)
        return found

    async def all(self) -> list[Feed]:
        return sorted(self._mine(self._tx.rows.feeds), key=lambda feed: (feed.created_at, feed.id))

    async def checked(self, feed_id: UUID, at: datetime, error: str | None, told: str) -> None:
        feed = replace(await self.get(feed_id), checked_at=at, error=error, told=told)
        (await self._writing()).feeds[self._workspace, feed_id] = feed

    async def remove(self, feed_id: UUID) -> None:
        rows = await self._writing()
        await self.get(feed_id)
        del rows.feeds[self._workspace, feed_id]


class MemoryLooks(Part):
    async def put(self, look: Look) -> None:
        (await self._writing()).looks[self._workspace, look.id] = look

    async def tell(self, look_id: UUID, state: LookState, told: str | None, at: datetime) -> bool:
        rows = await self._writing()
        found = rows.looks.get((self._workspace, look_id))
        if found is not None:
            rows.looks[self._workspace, look_id] = replace(found, state=state, told=told, told_at=at)
        return found is not None

    async def get(self, look_id: UUID) -> Look:
        found = self._tx.rows.looks.get((self._workspace, look_id))
        if found is None:
            raise no_such("look", look_id)
        return found

    async def all(self, states: Collection[LookState] = ()) -> list[Look]:
        found = [one for one in self._mine(self._tx.rows.looks) if among(one.state, states)]
        return sorted(found, key=lambda one: (-one.asked_at.timestamp(), one.id))[:MOST_LOOKS]

    async def remove(self, look_id: UUID) -> None:
        rows = await self._writing()
        await self.get(look_id)
        del rows.looks[self._workspace, look_id]

    async def prune(self, before: datetime) -> None:
        rows = await self._writing()
        for one in [one for one in self._mine(rows.looks) if one.state in LOOKS_ENDED and one.told_at < before]:
            del rows.looks[self._workspace, one.id]


class MemoryTextSearch:
    """The TextSearch double: every passage is looked through."""

    def __init__(self, committed: Committed, workspace_id: UUID, cache: MemoryVectorCache) -> None:
        self._committed = committed
        self._workspace = workspace_id
        self._cache = cache

    async def matching(self, stems: Sequence[str], wanted: PassageFilter, limit: int) -> Mapping[str, float]:
        everything = self._passing(PassageFilter())
        holding = Counter(stem for one in everything for stem in set(one.stems))
        weights = {stem: idf(len(everything), holding[stem]) for stem in dict.fromkeys(stems) if stem in holding}
        mean = sum(len(one.stems) for one in everything) / max(1, len(everything))
        scores = {one.passage.id: score(one.stems, weights, mean) for one in self._passing(wanted)}
        found = [key for key in scores if scores[key] > 0]
        return {key: scores[key] for key in sorted(found, key=lambda key: (-scores[key], key))[:limit]}

    async def those(self, passage_ids: Collection[str], wanted: PassageFilter) -> list[FoundPassage]:
        return [one for one in self._passing(wanted) if one.passage.id in passage_ids]

    async def size(self, wanted: PassageFilter) -> tuple[int, int]:
        return len(self._passing(wanted)), len(self._passing(PassageFilter()))

    async def ids(self, wanted: PassageFilter) -> Set[str]:
        return {one.passage.id for one in self._passing(wanted)}

    async def vectors(self, embedder: str, wanted: PassageFilter) -> Mapping[str, bytes]:
        found = self._passing(wanted)
        cached = await self._cache.get(embedder, {one.text_hash for one in found})
        return {one.passage.id: cached[one.text_hash] for one in found if one.text_hash in cached}

    def _passing(self, wanted: PassageFilter) -> list[FoundPassage]:
        check_times(wanted.since, wanted.until)
        rows = self._committed.rows
        found = [
            FoundPassage(one.passage, one.ordinal, rows.known[workspace, owner], one.text_hash, one.stems)
            for (workspace, _), (owner, one) in rows.known_passages.items()
            if workspace == self._workspace
        ]
        return [one for one in found if _passes(one.source, wanted)]


def _passes(source: KnownSource, wanted: PassageFilter) -> bool:
    at = source.published_at
    return (
        (not wanted.sources or source.source_id in wanted.sources)
        and among(source.domain, wanted.domains)
        and (source.language is None or among(source.language, wanted.languages))
        and (within(at, wanted.since, wanted.until) if at else not (wanted.since or wanted.until))
    )
