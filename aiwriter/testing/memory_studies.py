"""Studies of the database in dictionaries."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from aiwriter.documents import KeptStudy, RunStatus, Stage, Study, StudyHead
from aiwriter.ports import Page, Paging, StudyFilter
from aiwriter.storage.listing import STUDIES
from aiwriter.storage.records import STUDY_OPEN, fold, id_range, no_such, study_figures, the_one
from aiwriter.testing.memory_lists import among, page
from aiwriter.testing.memory_rows import Part


class MemoryStudies(Part):
    async def add(self, study: KeptStudy) -> None:
        (await self._writing()).studies[self._workspace, study.id] = study

    async def get(self, study_id: UUID) -> KeptStudy:
        found = self._tx.rows.studies.get((self._workspace, study_id))
        if found is None:
            raise no_such("study", study_id)
        return found

    async def find(self, prefix: str) -> KeptStudy:
        ids = id_range(prefix)
        mine = self._mine(self._tx.rows.studies)
        return await self.get(the_one("study", prefix, [one.id for one in mine if ids and ids[0] <= one.id <= ids[1]]))

    async def page(self, wanted: StudyFilter, paging: Paging) -> Page[StudyHead]:
        words = fold(wanted.words or "").split()
        found = [
            StudyHead(**{name: getattr(one, name) for name in StudyHead.model_fields})
            for one in self._mine(self._tx.rows.studies)
            if among(one.status, wanted.status) and all(word in fold(one.topic) for word in words)
        ]
        return page(STUDIES, found, paging)

    async def begin(self, study_id: UUID, at: datetime) -> bool:
        begun = {"status": RunStatus.RUNNING, "told_at": at, "reason": None, "finished_at": None}
        return await self._change(study_id, STUDY_OPEN, begun | {"stage": None, "done": 0, "total": 0})

    async def tell(self, study_id: UUID, at: datetime, stage: Stage, done: int = 0, total: int = 0) -> bool:
        told = {"stage": stage, "done": done, "total": total, "told_at": at}
        return await self._change(study_id, (RunStatus.RUNNING,), told)

    async def end(
        self, study_id: UUID, at: datetime, status: RunStatus, *, reason: str | None = None, study: Study | None = None
    ) -> bool:
        ended: dict[str, Any] = {"status": status, "reason": reason, "told_at": at, "finished_at": at, "stage": None}
        if study is not None:
            ended |= study_figures(study) | {"study": study}
        return await self._change(study_id, STUDY_OPEN, ended)

    async def remove(self, study_id: UUID) -> None:
        rows = await self._writing()
        await self.get(study_id)
        del rows.studies[self._workspace, study_id]

    async def _change(self, study_id: UUID, was: Collection[RunStatus], values: dict[str, Any]) -> bool:
        rows = await self._writing()
        before = rows.studies.get((self._workspace, study_id))
        if before is None or before.status not in was:
            return False
        rows.studies[self._workspace, study_id] = before.model_copy(update=values)
        return True
