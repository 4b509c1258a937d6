"""The port of what is stored of studies."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from aiwriter.documents import CheckedText, KeptStudy, RunStatus, Stage, Study, StudyHead, StudyKind
from aiwriter.ports.lists import Page, Paging, StudyFilter


class StudyRepository(Protocol):
    async def add(self, study: KeptStudy) -> None: ...
    async def get(self, study_id: UUID, kind: StudyKind | None = None) -> KeptStudy:
        """Raises NotFound; for one of another kind, too."""
        ...

    async def find(self, prefix: str) -> KeptStudy:
        """The one study of a topic whose id begins so; raises NotFound, or BadInput when several do."""
        ...

    async def page(self, wanted: StudyFilter, paging: Paging) -> Page[StudyHead]:
        """Newest first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
        ...

    async def claim(self, study_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        """Take it for `owner` (running from its beginning, attempts + 1) in one conditional UPDATE: False when another
        owner's lease is alive, or it is done, refused, cancelled, or not there (any more)."""
        ...

    async def tell(self, study_id: UUID, owner: str, at: datetime, stage: Stage, done: int = 0, total: int = 0) -> bool:
        """How far it is; False, and nothing done, when `owner` does not hold it (any more)."""
        ...

    async def renew(self, study_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        """Prolong the lease; False when it is no longer ours."""
        ...

    async def holder(self, study_id: UUID) -> str | None:
        """Who holds the lease, alive or lapsed; None when nobody does, or there is no such study."""
        ...

    async def release(self, study_id: UUID, owner: str) -> bool:
        """Give up the lease without ending the study; False when `owner` is not the holder."""
        ...

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
        """End it as done with what was found, or as refused or failed with the reason, in one conditional UPDATE; False
        when `owner` does not hold it (any more)."""
        ...

    async def cancel(self, study_id: UUID, at: datetime, reason: str) -> bool:
        """End it for good while it is queued or running; False when it is not."""
        ...

    async def bury(self, study_id: UUID, at: datetime, reason: str) -> bool:
        """End a queued one as failed; whether it was one."""
        ...

    async def reclaim(self, now: datetime, limit: int = 50) -> list[StudyHead]:
        """Running ones that nobody holds, made queued (to be submitted), each handed to one caller only."""
        ...

    async def take_unsubmitted(self, now: datetime, again_before: datetime, limit: int = 50) -> list[StudyHead]:
        """Queued ones that were not submitted yet, or last before `again_before`: marked as submitted at `now`, each
        handed to one caller only, oldest first."""
        ...

    async def submitted(self, study_id: UUID, at: datetime | None) -> None:
        """Somebody has taken a queued one in hand; with None, nobody after all."""
        ...

    async def remove(self, study_id: UUID) -> None:
        """Raises NotFound."""
        ...
