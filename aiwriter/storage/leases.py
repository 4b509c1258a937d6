"""Who works on a row, and which rows were handed on: leases of runs and studies, which have the same columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Interval, Row, Table, and_, func, literal, or_, select, update

from aiwriter.documents import RunStatus
from aiwriter.storage.transaction import Transaction

NO_LEASE: Mapping[str, Any] = {"lease_owner": None, "lease_until": None}
QUEUED: Mapping[str, Any] = {"status": RunStatus.QUEUED, "submitted_at": None, **NO_LEASE}


class Leases:
    """Every decision about a lease is one conditional UPDATE.

    Leases and submissions are timed by PostgreSQL's clock, which is one for all machines: by their own, one whose clock
    is fast would take what others hold, and what it left would be nobody's for as long as it is fast. Beside SQLite all
    are processes of one machine, which has one clock.
    """

    def __init__(self, transaction: Transaction, table: Table, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._table = table
        self._workspace = workspace_id
        self._now = now

    def lapsed(self, now: datetime) -> ColumnElement[bool]:
        lapsed: ColumnElement[bool] = self._table.c.lease_until <= self.moment(now)
        return lapsed

    def free(self, now: datetime) -> ColumnElement[bool]:
        return or_(self._table.c.lease_owner.is_(None), self.lapsed(now))

    def held_by(self, owner: str) -> ColumnElement[bool]:
        return self._table.c.lease_owner == owner

    def lease(self, owner: str, seconds: float, now: datetime) -> Mapping[str, Any]:
        """What a row says while it is held."""
        return {"lease_owner": owner, "lease_until": self.moment(now + timedelta(seconds=seconds))}

    def moment(self, moment: datetime) -> Any:
        """What is as far from now by the database's clock as this is by ours."""
        if self._tx.is_sqlite:
            return moment
        return func.clock_timestamp(type_=DateTime(timezone=True)) + literal(moment - self._now(), Interval)

    async def change(self, condition: ColumnElement[bool], **values: Any) -> bool:
        """Change the row if the condition holds; whether it did."""
        changed = update(self._table).where(condition).values(values).returning(self._table.c.id)
        return (await self._tx.write(changed)).one_or_none() is not None

    async def take_unsubmitted(self, now: datetime, again_before: datetime, limit: int) -> list[Row[Any]]:
        """Queued rows that were not handed on, or last before that: marked, each for one caller."""
        submitted_at = self._table.c.submitted_at
        not_since = or_(submitted_at.is_(None), submitted_at < self.moment(again_before))
        waiting = and_(self._table.c.status == RunStatus.QUEUED, not_since)
        return await self._take(waiting, limit, submitted_at=self.moment(now))

    async def reclaim(self, now: datetime, limit: int) -> list[Row[Any]]:
        """Rows at work that nobody holds, queued: each for one caller."""
        nobodys = and_(self._table.c.status == RunStatus.RUNNING, self.free(now))
        return await self._take(nobodys, limit, **QUEUED)

    async def _take(self, condition: ColumnElement[bool], limit: int, **values: Any) -> list[Row[Any]]:
        """Change the oldest rows of which the condition holds: each for one caller, who takes what others leave."""
        table, mine = self._table, self._table.c.workspace_id == self._workspace
        oldest = select(table.c.id).where(mine, condition).order_by(table.c.created_at, table.c.id).limit(limit)
        these = and_(mine, condition, table.c.id.in_(oldest.with_for_update(skip_locked=True)))
        taken = await self._tx.write(update(table).where(these).values(values).returning(table))
        return sorted(taken, key=lambda row: (row.created_at, row.id))
