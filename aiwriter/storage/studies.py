"""Studies, of topics and of texts: what was asked of sources, how far it is, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select

from aiwriter.documents import (
    CheckedText,
    KeptStudy,
    RunStatus,
    Stage,
    Study,
    StudyHead,
    StudyKind,
    StudyRecord,
)
from aiwriter.ports import STUDY_SORTS, Page, Paging, StudyFilter
from aiwriter.storage.leases import NO_LEASE, Leases
from aiwriter.storage.listing import STUDIES
from aiwriter.storage.paging import any_of, page
from aiwriter.storage.records import (
    STUDY_OPEN,
    STUDY_UNDER_WAY,
    fold,
    id_range,
    no_such,
    read_document,
    study_figures,
    study_results,
    the_one,
)
from aiwriter.storage.tables import studies
from aiwriter.storage.transaction import Transaction

_FIELDS = tuple(StudyHead.model_fields)
_HEAD = [studies.c[name] for name in _FIELDS]


class SqlStudies:
    """`StudyRepository`."""

    def __init__(self, transaction: Transaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._leases = Leases(transaction, studies, workspace_id, now)

    async def add(self, study: KeptStudy) -> None:
        row = {name: getattr(study, name) for name in _FIELDS}
        row |= {"workspace_id": self._workspace, "topic_folded": fold(study.topic), **_written(study.record)}
        await self._tx.write(self._tx.insert(studies).values(row))

    async def get(self, study_id: UUID, kind: StudyKind | None = None) -> KeptStudy:
        row = (await self._tx.read(select(studies).where(self._this(study_id)))).one_or_none()
        if row is None or kind not in (None, row.kind):
            raise no_such((kind or StudyKind.TOPIC).called, study_id)
        record = read_document(StudyRecord, row.document, row.schema_version)
        return KeptStudy(**_head(row), **{name: getattr(record, name) for name in StudyRecord.model_fields})

    async def find(self, prefix: str) -> KeptStudy:
        ids, found = id_range(prefix), list[UUID]()
        if ids is not None:
            topics = and_(studies.c.workspace_id == self._workspace, studies.c.kind == StudyKind.TOPIC)
            begins_so = and_(topics, studies.c.id.between(*ids))
            found = list((await self._tx.read(select(studies.c.id).where(begins_so).limit(6))).scalars())
        return await self.get(the_one("study", prefix, found))

    async def page(self, wanted: StudyFilter, paging: Paging) -> Page[StudyHead]:
        those = select(*_HEAD).where(studies.c.workspace_id == self._workspace, *_wanted(wanted))
        return await page(self._tx, STUDIES, paging, those, _SORTS, lambda row: StudyHead(**_head(row)))

    async def claim(self, study_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        free = or_(self._leases.held_by(owner), self._leases.free(now))
        return await self._leases.change(
            and_(self._this(study_id), studies.c.status.in_(STUDY_OPEN), free),
            status=RunStatus.RUNNING,
            attempts=studies.c.attempts + 1,
            **_AT_THE_BEGINNING,
            told_at=now,
            **self._leases.lease(owner, lease_seconds, now),
        )

    async def tell(self, study_id: UUID, owner: str, at: datetime, stage: Stage, done: int = 0, total: int = 0) -> bool:
        return await self._leases.change(self._held(study_id, owner), stage=stage, done=done, total=total, told_at=at)

    async def renew(self, study_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        return await self._leases.change(self._held(study_id, owner), **self._leases.lease(owner, lease_seconds, now))

    async def holder(self, study_id: UUID) -> str | None:
        row = (await self._tx.read(select(studies.c.lease_owner).where(self._this(study_id)))).one_or_none()
        return None if row is None else row.lease_owner

    async def release(self, study_id: UUID, owner: str) -> bool:
        return await self._leases.change(self._held(study_id, owner), **NO_LEASE)

    async def end(
        self,
        study_id: UUID,
        owner: str,
        at: datetime,
        status: RunStatus,
        *,
        reason: str | None = None,
        found: Study | CheckedText | None = None,
    ) -> bool:
        ended: dict[str, Any] = {"status": status, "reason": reason, "told_at": at, "finished_at": at, "stage": None}
        if found is not None:
            document = await self._tx.read(select(studies.c.document).where(self._this(study_id)))
            text = document.scalar_one_or_none()
            if text is None:
                return False
            asked = StudyRecord.model_validate_json(text)
            ended |= study_figures(found) | _written(asked.model_copy(update=study_results(found)))
        return await self._leases.change(self._held(study_id, owner), **ended, **NO_LEASE)

    async def cancel(self, study_id: UUID, at: datetime, reason: str) -> bool:
        under_way = and_(self._this(study_id), studies.c.status.in_(STUDY_UNDER_WAY))
        cancelled = {"status": RunStatus.CANCELLED, "reason": reason, "finished_at": at, "stage": None}
        return await self._leases.change(under_way, **cancelled, **NO_LEASE)

    async def bury(self, study_id: UUID, at: datetime, reason: str) -> bool:
        queued = and_(self._this(study_id), studies.c.status == RunStatus.QUEUED)
        return await self._leases.change(queued, status=RunStatus.FAILED, reason=reason, finished_at=at, stage=None)

    async def reclaim(self, now: datetime, limit: int = 50) -> list[StudyHead]:
        return [StudyHead(**_head(row)) for row in await self._leases.reclaim(now, limit)]

    async def take_unsubmitted(self, now: datetime, again_before: datetime, limit: int = 50) -> list[StudyHead]:
        taken = await self._leases.take_unsubmitted(now, again_before, limit)
        return [StudyHead(**_head(row)) for row in taken]

    async def submitted(self, study_id: UUID, at: datetime | None) -> None:
        queued = and_(self._this(study_id), studies.c.status == RunStatus.QUEUED)
        await self._leases.change(queued, submitted_at=None if at is None else self._leases.moment(at))

    async def remove(self, study_id: UUID) -> None:
        if not (await self._tx.write(delete(studies).where(self._this(study_id)))).rowcount:
            raise no_such("study", study_id)

    def _this(self, study_id: UUID) -> ColumnElement[bool]:
        return and_(studies.c.workspace_id == self._workspace, studies.c.id == study_id)

    def _held(self, study_id: UUID, owner: str) -> ColumnElement[bool]:
        return and_(self._this(study_id), self._leases.held_by(owner))


_AT_THE_BEGINNING: Mapping[str, Any] = {"stage": None, "done": 0, "total": 0, "reason": None, "finished_at": None}

_SORTS: Mapping[str, ColumnElement[Any]] = {
    **{name: studies.c[name] for name in (*STUDY_SORTS, "id")},
    "topic": studies.c.topic_folded,
}


def _head(row: Row[Any]) -> dict[str, Any]:
    return {name: row._mapping[name] for name in _FIELDS}


def _written(record: StudyRecord) -> dict[str, Any]:
    return {"document": record.model_dump_json(), "schema_version": record.schema_version}


def _wanted(wanted: StudyFilter) -> Iterator[ColumnElement[bool]]:
    yield from any_of(studies.c.status, wanted.status)
    yield from any_of(studies.c.kind, wanted.kind)
    for word in fold(wanted.words or "").split():
        yield studies.c.topic_folded.contains(word, autoescape=True)
