"""Runs: who works on them, how they stand, lists of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, literal, or_, select, true, update

from aiwriter.documents import Brief, Run, RunStatus, Shortage
from aiwriter.ports import Page, Paging, RunFilter
from aiwriter.storage import money
from aiwriter.storage.budgets import set_cap
from aiwriter.storage.columns import UtcDateTime
from aiwriter.storage.leases import NO_LEASE, QUEUED, Leases
from aiwriter.storage.listing import NOT_YET, RUNS
from aiwriter.storage.paging import any_of, page, within
from aiwriter.storage.records import ENDED, FINISHED, id_range, no_such, read_document, the_one
from aiwriter.storage.tables import runs
from aiwriter.storage.transaction import Transaction


class SqlRuns:
    """`RunRepository`."""

    def __init__(self, transaction: Transaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._now = now
        self._leases = Leases(transaction, runs, workspace_id, now)

    async def add(self, run: Run, fence_secret: bytes) -> None:
        """Keep a new run and the cap it asked for."""
        await self._tx.write(
            self._tx.insert(runs).values(
                workspace_id=self._workspace,
                document=run.brief.model_dump_json(),
                schema_version=run.brief.schema_version,
                budget=None if run.budget_usd is None else money.cap(run.budget_usd),
                last_seq=0,
                fence_secret=fence_secret,
                **run.model_dump(exclude={"brief", "budget_usd", "short"}),
            )
        )
        if run.budget_usd is not None:
            await set_cap(self._tx, self._workspace, ("run", str(run.id)), run.budget_usd)

    async def get(self, run_id: UUID) -> Run:
        row = (await self._tx.read(select(runs).where(self._is(run_id)))).one_or_none()
        if row is None:
            raise no_such("run", run_id)
        return _run(row)

    async def find(self, prefix: str) -> Run:
        ids = id_range(prefix)
        found: list[UUID] = []
        if ids is not None:
            begins_so = and_(self._mine, runs.c.id.between(*ids))
            found = list((await self._tx.read(select(runs.c.id).where(begins_so).limit(6))).scalars())
        return await self.get(the_one("run", prefix, found))

    async def fence_secret(self, run_id: UUID) -> bytes:
        return bytes(await self._column(runs.c.fence_secret, run_id))

    async def latest(self, limit: int = 20) -> list[Run]:
        newest = select(runs).where(self._mine)
        rows = await self._tx.read(newest.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit))
        return [_run(row) for row in rows]

    async def page(self, wanted: RunFilter, paging: Paging) -> Page[Run]:
        conditions = [self._mine, *self._wanted(wanted)]
        return await page(self._tx, RUNS, paging, select(runs).where(*conditions), _SORTS, _run)

    async def of_batch(self, batch_id: UUID) -> list[Run]:
        those = select(runs).where(self._mine, runs.c.batch_id == batch_id)
        return [_run(row) for row in await self._tx.read(those.order_by(runs.c.batch_item, runs.c.id))]

    async def counts(self) -> dict[str, int]:
        by_status = select(runs.c.status, func.count().label("how_many")).where(self._mine).group_by(runs.c.status)
        return {row.status: row.how_many for row in await self._tx.read(by_status)}

    async def claim(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        free = or_(self._leases.held_by(owner), self._leases.free(now))
        taken = await self._leases.change(
            and_(self._is(run_id), runs.c.status.not_in((*ENDED, RunStatus.WAITING)), free),
            status=RunStatus.RUNNING,
            attempts=runs.c.attempts + 1,
            **_ANEW,
            **self._leases.lease(owner, lease_seconds, now),
        )
        return taken or await self._was_there(run_id)

    async def cancel(self, run_id: UUID, now: datetime) -> bool:
        open_ = and_(self._is(run_id), runs.c.status.not_in(ENDED))
        cancelled = await self._leases.change(open_, status=RunStatus.CANCELLED, finished_at=now, **NO_LEASE)
        return cancelled or await self._was_there(run_id)

    async def requeue(self, run_id: UUID, was: Collection[RunStatus]) -> bool:
        condition = and_(self._is(run_id), runs.c.status.in_(was), self._leases.free(self._now()))
        queued = await self._leases.change(condition, **QUEUED, **_ANEW)
        return queued or await self._was_there(run_id)

    async def allow(self, run_id: UUID, budget_usd: Decimal) -> None:
        if not await self._leases.change(self._is(run_id), budget=money.cap(budget_usd)):
            raise no_such("run", run_id)
        await set_cap(self._tx, self._workspace, ("run", str(run_id)), budget_usd)

    async def take_unsubmitted(self, now: datetime, again_before: datetime, limit: int = 50) -> list[Run]:
        return list(map(_run, await self._leases.take_unsubmitted(now, again_before, limit)))

    async def submitted(self, run_id: UUID, now: datetime) -> None:
        await self._leases.change(
            and_(self._is(run_id), runs.c.status == RunStatus.QUEUED), submitted_at=self._leases.moment(now)
        )

    async def batch_submitted(self, batch_id: UUID, now: datetime) -> None:
        queued = and_(self._mine, runs.c.batch_id == batch_id, runs.c.status == RunStatus.QUEUED)
        await self._tx.write(update(runs).where(queued).values(submitted_at=self._leases.moment(now)))

    async def not_submitted(self, run_id: UUID, before: datetime | None = None) -> None:
        earlier = true() if before is None else runs.c.submitted_at < self._leases.moment(before)
        queued = and_(self._is(run_id), runs.c.status == RunStatus.QUEUED, earlier)
        await self._leases.change(queued, submitted_at=None)

    async def reclaim(self, now: datetime, limit: int = 50) -> list[Run]:
        return list(map(_run, await self._leases.reclaim(now, limit)))

    async def bury(self, run_id: UUID, reason: str) -> bool:
        queued = and_(self._is(run_id), runs.c.status == RunStatus.QUEUED)
        return await self._leases.change(queued, status=RunStatus.FAILED, reason=reason, finished_at=self._now())

    async def renew(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        return await self._leases.change(self._held(run_id, owner), **self._leases.lease(owner, lease_seconds, now))

    async def keep(self, run_id: UUID, owner: str) -> bool:
        return await self._leases.change(self._held(run_id, owner), lease_owner=owner)

    async def holder(self, run_id: UUID) -> str | None:
        owner: str | None = await self._column(runs.c.lease_owner, run_id)
        return owner

    async def holders(self, run_ids: Collection[UUID]) -> dict[UUID, str]:
        those = and_(self._mine, runs.c.id.in_(run_ids), runs.c.lease_owner.is_not(None))
        found = await self._tx.read(select(runs.c.id, runs.c.lease_owner).where(those))
        return {row.id: row.lease_owner for row in found}

    async def release(self, run_id: UUID, owner: str) -> bool:
        return await self._leases.change(self._held(run_id, owner), **NO_LEASE)

    async def finish(
        self,
        run_id: UUID,
        owner: str,
        status: RunStatus,
        *,
        reason: str | None = None,
        article_id: UUID | None = None,
        short: Shortage | None = None,
    ) -> bool:
        return await self._leases.change(
            self._held(run_id, owner),
            status=status,
            reason=reason,
            short_of=short.budget if short else None,
            short=money.cost(short.needs_usd) if short else None,
            article_id=func.coalesce(article_id, runs.c.article_id),
            finished_at=self._now() if status in FINISHED else None,
            **NO_LEASE,
        )

    @property
    def _mine(self) -> ColumnElement[bool]:
        return runs.c.workspace_id == self._workspace

    def _wanted(self, wanted: RunFilter) -> Iterator[ColumnElement[bool]]:
        yield from any_of(runs.c.status, wanted.status)
        yield from any_of(runs.c.model, wanted.model)
        if wanted.batch_id is not None:
            yield runs.c.batch_id == wanted.batch_id
        if wanted.article_id is not None:
            yield runs.c.article_id == wanted.article_id
        yield from within(runs.c.created_at, wanted.since, wanted.until)

    def _is(self, run_id: UUID) -> ColumnElement[bool]:
        return and_(self._mine, runs.c.id == run_id)

    def _held(self, run_id: UUID, owner: str) -> ColumnElement[bool]:
        return and_(self._is(run_id), self._leases.held_by(owner))

    async def _was_there(self, run_id: UUID) -> bool:
        """False, unless there is no such run at all: NotFound says more."""
        await self._column(runs.c.id, run_id)
        return False

    async def _column(self, column: ColumnElement[Any], run_id: UUID) -> Any:
        row = (await self._tx.read(select(column).where(self._is(run_id)))).one_or_none()
        if row is None:
            raise no_such("run", run_id)
        return row[0]


_ANEW: Mapping[str, Any] = {"reason": None, "short_of": None, "short": None, "finished_at": None}

_SORTS: Mapping[str, ColumnElement[Any]] = {
    **{name: runs.c[name] for name in ("id", "created_at", "status", "model")},
    "finished_at": func.coalesce(runs.c.finished_at, literal(NOT_YET, UtcDateTime)),
}


def _run(row: Row[Any]) -> Run:
    budget: Decimal | None = None if row.budget is None else money.dollars(row.budget)
    brief = read_document(Brief, row.document, row.schema_version)
    short = None if row.short_of is None else Shortage(budget=row.short_of, needs_usd=money.dollars(row.short))
    names = set(Run.model_fields) - {"brief", "budget_usd", "short"}
    return Run(brief=brief, budget_usd=budget, short=short, **{name: getattr(row, name) for name in names})
