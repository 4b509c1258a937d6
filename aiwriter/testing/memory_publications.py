"""Publications, approvals and blocks of the database in dictionaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from aiwriter.documents import Approval, GateBlock, Publication, PublicationStatus
from aiwriter.ports import Hold
from aiwriter.storage.records import AT_WORK, IN_INDEX, WITHDRAWAL, no_such
from aiwriter.testing.memory_rows import HeldPublication, Part


class MemoryPublications(Part):
    async def ask(self, publication: Publication) -> Publication:
        rows = await self._writing()
        for known in await self.of_article(publication.article_id):
            if (known.version, known.target) == (publication.version, publication.target):
                return known
        rows.publications[self._workspace, publication.id] = HeldPublication(publication)
        return publication

    async def wait(self, publication: Publication, due_at: datetime, now: datetime) -> Publication:
        await self._writing()
        known = await self.get(publication.id)
        if known.status not in (*AT_WORK, PublicationStatus.PUBLISHED):
            waiting = PublicationStatus.WAITING
            await self._change(known.id, None, None, at=now, status=waiting, due_at=due_at, error=None)
        return await self.get(publication.id)

    async def get(self, publication_id: UUID) -> Publication:
        held = self._tx.rows.publications.get((self._workspace, publication_id))
        if held is None:
            raise no_such("publication", publication_id)
        return held.publication

    async def of_article(self, article_id: UUID) -> list[Publication]:
        return [one for one in self._newest_first() if one.article_id == article_id]

    async def latest(self, limit: int = 100) -> list[Publication]:
        return self._newest_first()[:limit]

    async def listed(self, target: str) -> list[Publication]:
        return [p for p in self._newest_first() if p.target == target and p.status in IN_INDEX and p.address]

    async def due(self, now: datetime, most_attempts: int, limit: int = 100) -> list[Publication]:
        def is_due(held: HeldPublication) -> bool:
            one = held.publication
            if one.status is PublicationStatus.WAITING:
                return one.due_at is not None and one.due_at <= now
            if one.status is PublicationStatus.FAILED:
                return one.attempts < most_attempts
            return one.status in AT_WORK and held.until is not None and held.until <= now

        rows = self._tx.rows.publications
        return [one for one in self._newest_first() if is_due(rows[self._workspace, one.id])][:limit]

    async def claim(self, publication: Publication, doing: PublicationStatus, hold: Hold, dead: str | None) -> bool:
        rows = await self._writing()
        held = rows.publications.get((self._workspace, publication.id))
        if held is None:
            return False
        now = held.publication
        lapsed = held.until is not None and held.until <= hold.now
        free = now.status not in AT_WORK or lapsed or (dead is not None and held.owner == dead)
        if not free or (now.status, now.attempts) != (publication.status, publication.attempts):
            return False
        fields: dict[str, Any] = {"status": doing, "attempts": now.attempts + 1, "address": None}
        fields |= {name: getattr(publication, name) for name in WITHDRAWAL}
        await self._change(publication.id, hold.owner, hold.until, at=hold.now, **fields)
        return True

    async def holder(self, publication_id: UUID) -> str | None:
        held = self._tx.rows.publications.get((self._workspace, publication_id))
        return held.owner if held else None

    async def placed(self, publication_id: UUID, hold: Hold, address: str) -> bool:
        if await self.holder(publication_id) != hold.owner:
            return False
        await self._change(publication_id, hold.owner, hold.until, address=address, at=hold.now)
        return True

    async def settle(
        self, publication: Publication, hold: Hold, status: PublicationStatus, error: str | None, *, alone: bool
    ) -> bool:
        await self._writing()
        if await self.holder(publication.id) != hold.owner:
            return False
        gone = {} if status is PublicationStatus.PUBLISHED else {"address": None}
        await self._change(publication.id, None, None, status=status, error=error, at=hold.now, **gone)
        for other in await self.of_article(publication.article_id) if alone else []:
            same_place = other.target == publication.target and other.id != publication.id
            if same_place and other.status is PublicationStatus.PUBLISHED:
                replaced = PublicationStatus.REPLACED
                await self._change(other.id, None, None, status=replaced, address=None, at=hold.now)
        return True

    async def _change(
        self, key: UUID, owner: str | None, until: datetime | None, *, at: datetime, **fields: Any
    ) -> None:
        rows = await self._writing()
        held = rows.publications[self._workspace, key]
        changed = held.publication.model_copy(update={**fields, "updated_at": at})
        rows.publications[self._workspace, key] = replace(held, publication=changed, owner=owner, until=until)

    def _newest_first(self) -> list[Publication]:
        mine: list[Publication] = [held.publication for held in self._mine(self._tx.rows.publications)]
        return sorted(mine, key=lambda one: (one.updated_at, one.id), reverse=True)


class MemoryApprovals(Part):
    async def add(self, approval: Approval) -> Approval:
        rows = await self._writing()
        return rows.approvals.setdefault((self._workspace, approval.article_id, approval.version), approval)

    async def of(self, article_id: UUID, version: int) -> Approval | None:
        return self._tx.rows.approvals.get((self._workspace, article_id, version))


class MemoryBlocks(Part):
    async def of(self, article_id: UUID, version: int) -> GateBlock | None:
        return self._tx.rows.blocks.get((self._workspace, article_id, version))

    async def all(self) -> list[GateBlock]:
        mine = [block for key, block in self._tx.rows.blocks.items() if key[0] == self._workspace]
        return sorted(mine, key=lambda block: (block.since, block.article_id, block.version))

    async def put(self, blocks: Sequence[GateBlock]) -> None:
        rows = await self._writing()
        for block in blocks:
            key = (self._workspace, block.article_id, block.version)
            known = rows.blocks.get(key, block)
            rows.blocks[key] = block.model_copy(update={"since": known.since})

    async def lift(self, versions: Sequence[tuple[UUID, int]]) -> int:
        rows = await self._writing()
        return sum(rows.blocks.pop((self._workspace, *version), None) is not None for version in versions)
