"""Publications, approvals, and what the gate has blocked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from aiwriter.documents import Approval, GateBlock, Publication, PublicationStatus
from aiwriter.ports import Hold
from aiwriter.storage.columns import hash_of
from aiwriter.storage.records import AT_WORK, IN_INDEX, WITHDRAWAL, no_such
from aiwriter.storage.tables import approvals, gate_blocks, publications
from aiwriter.storage.transaction import Repository

_FIELDS = tuple(Publication.model_fields)


class SqlPublications(Repository):
    """`PublicationRepository`."""

    async def ask(self, publication: Publication) -> Publication:
        key = hash_of(publication.target)
        row = {name: getattr(publication, name) for name in _FIELDS}
        row |= {"workspace_id": self._workspace, "target_hash": key}
        unique = [publications.c[name] for name in ("workspace_id", "article_id", "version", "target_hash")]
        await self._tx.write(self._tx.insert(publications).values(row).on_conflict_do_nothing(index_elements=unique))
        of_version = and_(
            publications.c.article_id == publication.article_id,
            publications.c.version == publication.version,
            publications.c.target_hash == key,
        )
        return (await self._where(of_version))[0]

    async def wait(self, publication: Publication, due_at: datetime, now: datetime) -> Publication:
        status = publications.c.status
        free = status.not_in((*AT_WORK, PublicationStatus.PUBLISHED))
        values = {"status": PublicationStatus.WAITING, "due_at": due_at, "error": None, "updated_at": now}
        await self._changed(and_(publications.c.id == publication.id, free), values)
        return await self.get(publication.id)

    async def get(self, publication_id: UUID) -> Publication:
        found = await self._where(publications.c.id == publication_id)
        if not found:
            raise no_such("publication", publication_id)
        return found[0]

    async def of_article(self, article_id: UUID) -> list[Publication]:
        return await self._where(publications.c.article_id == article_id)

    async def latest(self, limit: int = 100) -> list[Publication]:
        return await self._where(publications.c.id.is_not(None), limit)

    async def listed(self, target: str) -> list[Publication]:
        there = publications.c.address.is_not(None)
        return await self._where(
            and_(publications.c.target_hash == hash_of(target), publications.c.status.in_(IN_INDEX), there)
        )

    async def due(self, now: datetime, most_attempts: int, limit: int = 100) -> list[Publication]:
        status = publications.c.status
        wanted = or_(
            and_(status == PublicationStatus.WAITING, publications.c.due_at <= now),
            and_(status == PublicationStatus.FAILED, publications.c.attempts < most_attempts),
            and_(status.in_(AT_WORK), publications.c.until <= now),
        )
        return await self._where(wanted, limit)

    async def claim(self, publication: Publication, doing: PublicationStatus, hold: Hold, dead: str | None) -> bool:
        free = or_(
            publications.c.status.not_in(AT_WORK),
            publications.c.until <= hold.now,
            publications.c.owner == (dead or ""),
        )
        unchanged = and_(
            publications.c.status == publication.status, publications.c.attempts == publication.attempts, free
        )
        values: dict[str, Any] = {"status": doing, "owner": hold.owner, "until": hold.until, "updated_at": hold.now}
        values |= {"attempts": publications.c.attempts + 1, "address": None}
        values |= {name: getattr(publication, name) for name in WITHDRAWAL}
        return await self._changed(and_(publications.c.id == publication.id, unchanged), values)

    async def holder(self, publication_id: UUID) -> str | None:
        found = select(publications.c.owner).where(self._mine, publications.c.id == publication_id)
        return (await self._tx.read(found)).scalar_one_or_none()

    async def placed(self, publication_id: UUID, hold: Hold, address: str) -> bool:
        values = {"address": address, "updated_at": hold.now}
        return await self._changed(self._held(publication_id, hold), values)

    async def settle(
        self, publication: Publication, hold: Hold, status: PublicationStatus, error: str | None, *, alone: bool
    ) -> bool:
        values: dict[str, Any] = {"status": status, "error": error, "owner": None, "until": None}
        if status is not PublicationStatus.PUBLISHED:
            values["address"] = None
        if not await self._changed(self._held(publication.id, hold), values | {"updated_at": hold.now}):
            return False
        if alone:
            others = and_(
                publications.c.article_id == publication.article_id,
                publications.c.target_hash == hash_of(publication.target),
                publications.c.id != publication.id,
                publications.c.status == PublicationStatus.PUBLISHED,
            )
            gone = {"status": PublicationStatus.REPLACED, "address": None, "updated_at": hold.now}
            await self._tx.write(update(publications).where(self._mine, others).values(gone))
        return True

    @property
    def _mine(self) -> ColumnElement[bool]:
        return publications.c.workspace_id == self._workspace

    def _held(self, publication_id: UUID, hold: Hold) -> ColumnElement[bool]:
        return and_(publications.c.id == publication_id, publications.c.owner == hold.owner)

    async def _changed(self, condition: ColumnElement[bool], values: dict[str, Any]) -> bool:
        change = update(publications).where(self._mine, condition).values(values).returning(publications.c.id)
        return (await self._tx.write(change)).one_or_none() is not None

    async def _where(self, condition: ColumnElement[bool], limit: int | None = None) -> list[Publication]:
        query = select(*(publications.c[name] for name in _FIELDS)).where(self._mine, condition)
        newest = query.order_by(publications.c.updated_at.desc(), publications.c.id.desc()).limit(limit)
        return [Publication(**row._mapping) for row in await self._tx.read(newest)]


class SqlApprovals(Repository):
    """`ApprovalRepository`."""

    async def add(self, approval: Approval) -> Approval:
        row = {"workspace_id": self._workspace, **dict(approval)}
        await self._tx.write(self._tx.insert(approvals).values(row).on_conflict_do_nothing())
        kept = await self.of(approval.article_id, approval.version)
        assert kept is not None
        return kept

    async def of(self, article_id: UUID, version: int) -> Approval | None:
        columns = [approvals.c[name] for name in Approval.model_fields]
        of_version = and_(approvals.c.article_id == article_id, approvals.c.version == version)
        found = select(*columns).where(approvals.c.workspace_id == self._workspace, of_version)
        row = (await self._tx.read(found)).one_or_none()
        return None if row is None else Approval(**row._mapping)


class SqlBlocks(Repository):
    """`BlockRepository`."""

    async def of(self, article_id: UUID, version: int) -> GateBlock | None:
        found = await self._where(gate_blocks.c.article_id == article_id, gate_blocks.c.version == version)
        return found[0] if found else None

    async def all(self) -> list[GateBlock]:
        return await self._where()

    async def put(self, blocks: Sequence[GateBlock]) -> None:
        for block in blocks:
            row = {"workspace_id": self._workspace, **dict(block), "reasons": json.dumps(block.reasons)}
            changed = self._tx.insert(gate_blocks).values(row)
            key = gate_blocks.primary_key.columns
            reasons = {"reasons": row["reasons"]}
            await self._tx.write(changed.on_conflict_do_update(index_elements=key, set_=reasons))

    async def lift(self, versions: Sequence[tuple[UUID, int]]) -> int:
        lifted = 0
        for article_id, version in versions:
            of_version = and_(gate_blocks.c.article_id == article_id, gate_blocks.c.version == version)
            mine = gate_blocks.c.workspace_id == self._workspace
            lifted += (await self._tx.write(delete(gate_blocks).where(mine, of_version))).rowcount
        return lifted

    async def _where(self, *conditions: ColumnElement[bool]) -> list[GateBlock]:
        columns = [gate_blocks.c[name] for name in GateBlock.model_fields]
        query = select(*columns).where(gate_blocks.c.workspace_id == self._workspace, *conditions)
        rows = await self._tx.read(query.order_by(gate_blocks.c.since, gate_blocks.c.article_id, gate_blocks.c.version))
        return [GateBlock(**{**row._mapping, "reasons": tuple(json.loads(row.reasons))}) for row in rows]
