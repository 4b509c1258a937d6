"""Studies of the database in dictionaries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiwriter.documents import CheckedText, KeptStudy, RunStatus, Stage, Study, StudyHead, StudyKind
from aiwriter.ports import Page, Paging, StudyFilter
from aiwriter.storage.listing import STUDIES
from aiwriter.storage.records import (
    STUDY_OPEN,
    STUDY_UNDER_WAY,
    fold,
    id_range,
    no_such,
    study_figures,
    study_results,
    the_one,
)
from aiwriter.testing.memory_lists import among, page
from aiwriter.testing.memory_rows import HeldStudy, Part


class MemoryStudies(Part):
    async def add(self, study: KeptStudy) -> None:
        (await self._writing()).studies[self._workspace, study.id] = HeldStudy(study)

    async def get(self, study_id: UUID, kind: StudyKind | None = None) -> KeptStudy:
        found = self._tx.rows.studies.get((self._workspace, study_id))
        if found is None or kind not in (None, found.study.kind):
            raise no_such((kind or StudyKind.TOPIC).called, study_id)
        return found.study

    async def find(self, prefix: str) -> KeptStudy:
        ids = id_range(prefix)
        mine = [one for one in self._all() if one.kind is StudyKind.TOPIC]
        return await self.get(the_one("study", prefix, [one.id for one in mine if ids and ids[0] <= one.id <= ids[1]]))

    async def page(self, wanted: StudyFilter, paging: Paging) -> Page[StudyHead]:
        words = fold(wanted.words or "").split()
        found = [
            _head(one)
            for one in self._all()
            if among(one.status, wanted.status)
            and among(one.kind, wanted.kind)
            and all(word in fold(one.topic) for word in words)
        ]
        return page(STUDIES, found, paging)

    async def claim(self, study_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        held = await self._writing_held(study_id)
        if held is None or held.study.status not in STUDY_OPEN or (held.is_alive(now) and held.owner != owner):
            return False
        begun = {"status": RunStatus.RUNNING, "told_at": now, "reason": None, "finished_at": None}
        begun |= {"stage": None, "done": 0, "total": 0, "attempts": held.study.attempts + 1}
        return await self._put(held, begun, owner, now + timedelta(seconds=lease_seconds))

    async def tell(self, study_id: UUID, owner: str, at: datetime, stage: Stage, done: int = 0, total: int = 0) -> bool:
        held = await self._held_by(study_id, owner)
        told = {"stage": stage, "done": done, "total": total, "told_at": at}
        return held is not None and await self._put(held, told, owner, held.until)

    async def renew(self, study_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        held = await self._held_by(study_id, owner)
        return held is not None and await self._put(held, {}, owner, now + timedelta(seconds=lease_seconds))

    async def holder(self, study_id: UUID) -> str | None:
        held = self._tx.rows.studies.get((self._workspace, study_id))
        return None if held is None else held.owner

    async def release(self, study_id: UUID, owner: str) -> bool:
        held = await self._held_by(study_id, owner)
        return held is not None and await self._put(held, {})

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
        held = await self._held_by(study_id, owner)
        ended: dict[str, Any] = {"status": status, "reason": reason, "told_at": at, "finished_at": at, "stage": None}
        if found is not None:
            ended |= study_figures(found) | study_results(found)
        return held is not None and await self._put(held, ended)

    async def cancel(self, study_id: UUID, at: datetime, reason: str) -> bool:
        held = await self._writing_held(study_id)
        cancelled = {"status": RunStatus.CANCELLED, "reason": reason, "finished_at": at, "stage": None}
        return held is not None and held.study.status in STUDY_UNDER_WAY and await self._put(held, cancelled)

    async def bury(self, study_id: UUID, at: datetime, reason: str) -> bool:
        held = await self._writing_held(study_id)
        buried = {"status": RunStatus.FAILED, "reason": reason, "finished_at": at, "stage": None}
        return held is not None and held.study.status is RunStatus.QUEUED and await self._put(held, buried)

    async def reclaim(self, now: datetime, limit: int = 50) -> list[StudyHead]:
        await self._writing()
        running = [held for held in self._every() if held.study.status is RunStatus.RUNNING and not held.is_alive(now)]
        return [await self._queued(held, None) for held in _oldest(running, limit)]

    async def take_unsubmitted(self, now: datetime, again_before: datetime, limit: int = 50) -> list[StudyHead]:
        await self._writing()
        queued = [held for held in self._every() if held.study.status is RunStatus.QUEUED]
        due = [held for held in queued if held.submitted_at is None or held.submitted_at < again_before]
        return [await self._queued(held, now) for held in _oldest(due, limit)]

    async def submitted(self, study_id: UUID, at: datetime | None) -> None:
        held = await self._writing_held(study_id)
        if held is not None and held.study.status is RunStatus.QUEUED:
            await self._queued(held, at)

    async def remove(self, study_id: UUID) -> None:
        rows = await self._writing()
        await self.get(study_id)
        del rows.studies[self._workspace, study_id]

    def _every(self) -> list[HeldStudy]:
        found: list[HeldStudy] = self._mine(self._tx.rows.studies)
        return found

    def _all(self) -> list[KeptStudy]:
        return [held.study for held in self._every()]

    async def _writing_held(self, study_id: UUID) -> HeldStudy | None:
        return (await self._writing()).studies.get((self._workspace, study_id))

    async def _held_by(self, study_id: UUID, owner: str) -> HeldStudy | None:
        held = await self._writing_held(study_id)
        return held if held is not None and held.owner == owner else None

    async def _queued(self, held: HeldStudy, submitted_at: datetime | None) -> StudyHead:
        held = replace(held, submitted_at=submitted_at)
        await self._put(held, {"status": RunStatus.QUEUED})
        return _head(held.study.model_copy(update={"status": RunStatus.QUEUED}))

    async def _put(
        self, held: HeldStudy, values: dict[str, Any], owner: str | None = None, until: datetime | None = None
    ) -> bool:
        rows = await self._writing()
        changed = replace(held, study=held.study.model_copy(update=values), owner=owner, until=until)
        rows.studies[self._workspace, held.study.id] = changed
        return True


def _oldest(held: Iterable[HeldStudy], limit: int) -> list[HeldStudy]:
    return sorted(held, key=lambda one: (one.study.created_at, one.study.id))[:limit]


def _head(study: KeptStudy) -> StudyHead:
    return StudyHead(**{name: getattr(study, name) for name in StudyHead.model_fields})
