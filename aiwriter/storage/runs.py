"""Runs with their events, stage records and facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, update

from aiwriter.documents import Brief, Run, RunEvent, RunFacts, RunStatus, Stage
from aiwriter.storage import money
from aiwriter.storage.journal import set_cap
from aiwriter.storage.records import (
    ENDED,
    FINISHED,
    id_range,
    json_text,
    no_such,
    read_document,
    schema_version,
    the_one,
)
from aiwriter.storage.tables import content_metrics, run_events, runs, stage_records
from aiwriter.storage.transaction import Transaction


class SqlRuns:
    """`RunRepository`. Every decision about a lease is one conditional UPDATE."""

    def __init__(self, transaction: Transaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._now = now

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
                **run.model_dump(exclude={"brief", "budget_usd"}),
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
            begins_so = and_(runs.c.workspace_id == self._workspace, runs.c.id.between(*ids))
            found = list((await self._tx.read(select(runs.c.id).where(begins_so).limit(6))).scalars())
        return await self.get(the_one("run", prefix, found))

    async def fence_secret(self, run_id: UUID) -> bytes:
        return bytes(await self._column(runs.c.fence_secret, run_id))

    async def latest(self, limit: int = 20) -> list[Run]:
        newest = select(runs).where(runs.c.workspace_id == self._workspace)
        rows = await self._tx.read(newest.order_by(runs.c.created_at.desc(), runs.c.id.desc()).limit(limit))
        return [_run(row) for row in rows]

    async def claim(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        free = or_(runs.c.lease_owner.is_(None), runs.c.lease_owner == owner, runs.c.lease_until <= now)
        taken = await self._update(
            and_(self._is(run_id), runs.c.status.not_in(ENDED), free),
            status=RunStatus.RUNNING,
            attempts=runs.c.attempts + 1,
            lease_owner=owner,
            lease_until=now + timedelta(seconds=lease_seconds),
            reason=None,
            finished_at=None,
        )
        if not taken:
            await self._column(runs.c.id, run_id)  # NotFound says more than False
        return taken

    async def renew(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        return await self._update(self._held(run_id, owner), lease_until=now + timedelta(seconds=lease_seconds))

    async def holder(self, run_id: UUID) -> str | None:
        owner: str | None = await self._column(runs.c.lease_owner, run_id)
        return owner

    async def release(self, run_id: UUID, owner: str) -> bool:
        return await self._update(self._held(run_id, owner), lease_owner=None, lease_until=None)

    async def finish(
        self, run_id: UUID, owner: str, status: RunStatus, *, reason: str | None = None, article_id: UUID | None = None
    ) -> bool:
        return await self._update(
            self._held(run_id, owner),
            status=status,
            reason=reason,
            article_id=func.coalesce(article_id, runs.c.article_id),
            finished_at=self._now() if status in FINISHED else None,
            lease_owner=None,
            lease_until=None,
        )

    def _is(self, run_id: UUID) -> ColumnElement[bool]:
        return and_(runs.c.workspace_id == self._workspace, runs.c.id == run_id)

    def _held(self, run_id: UUID, owner: str) -> ColumnElement[bool]:
        return and_(self._is(run_id), runs.c.lease_owner == owner)

    async def _update(self, condition: ColumnElement[bool], **values: Any) -> bool:
        """Change the run if the condition holds; whether it did."""
        result = await self._tx.write(update(runs).where(condition).values(values).returning(runs.c.id))
        return result.one_or_none() is not None

    async def _column(self, column: ColumnElement[Any], run_id: UUID) -> Any:
        row = (await self._tx.read(select(column).where(self._is(run_id)))).one_or_none()
        if row is None:
            raise no_such("run", run_id)
        return row[0]


def _run(row: Row[Any]) -> Run:
    budget: Decimal | None = None if row.budget is None else money.dollars(row.budget)
    brief = read_document(Brief, row.document, row.schema_version)
    names = set(Run.model_fields) - {"brief", "budget_usd"}
    return Run(brief=brief, budget_usd=budget, **{name: getattr(row, name) for name in names})


class SqlEvents:
    """`EventRepository`."""

    def __init__(self, transaction: Transaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._now = now

    async def append(self, run_id: UUID, kind: str, data: Mapping[str, object]) -> RunEvent:
        counted = (
            update(runs)
            .where(runs.c.workspace_id == self._workspace, runs.c.id == run_id)
            .values(last_seq=runs.c.last_seq + 1)
            .returning(runs.c.last_seq)
        )
        seq = (await self._tx.write(counted)).scalar_one_or_none()
        if seq is None:
            raise no_such("run", run_id)
        document = json_text(data)
        event = RunEvent(run_id=run_id, seq=seq, kind=kind, data=json.loads(document), at=self._now())
        row = {"workspace_id": self._workspace, "document": document, **event.model_dump(exclude={"data"})}
        await self._tx.write(self._tx.insert(run_events).values(row))
        return event

    async def after(self, run_id: UUID, seq: int = 0, limit: int = 500) -> list[RunEvent]:
        later = select(run_events).where(
            run_events.c.workspace_id == self._workspace, run_events.c.run_id == run_id, run_events.c.seq > seq
        )
        rows = await self._tx.read(later.order_by(run_events.c.seq).limit(limit))
        return [
            RunEvent(run_id=row.run_id, seq=row.seq, kind=row.kind, data=json.loads(row.document), at=row.at)
            for row in rows
        ]


class SqlStages:
    """`StageRepository`."""

    def __init__(self, transaction: Transaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._now = now

    async def get(self, run_id: UUID, stage: Stage, item: str = "") -> str | None:
        this = self._of(run_id) & (stage_records.c.stage == stage) & (stage_records.c.item == item)
        found: str | None = (await self._tx.read(select(stage_records.c.document).where(this))).scalar_one_or_none()
        return found

    async def put(self, run_id: UUID, stage: Stage, item: str, document: BaseModel, seconds: float) -> None:
        text = document.model_dump_json()
        await self._tx.write(
            self._tx.insert(stage_records)
            .values(
                workspace_id=self._workspace,
                run_id=run_id,
                stage=stage,
                item=item,
                document=text,
                schema_version=schema_version(document),
                fingerprint=hashlib.sha256(text.encode()).hexdigest(),
                seconds=seconds,
                created_at=self._now(),
            )
            .on_conflict_do_nothing()
        )

    async def seconds(self, run_id: UUID) -> dict[str, float]:
        longest = select(stage_records.c.stage, func.max(stage_records.c.seconds).label("seconds")).where(
            self._of(run_id)
        )
        rows = await self._tx.read(longest.group_by(stage_records.c.stage))
        return {row.stage: row.seconds for row in rows}

    def _of(self, run_id: UUID) -> ColumnElement[bool]:
        return and_(stage_records.c.workspace_id == self._workspace, stage_records.c.run_id == run_id)


class SqlFacts:
    """`FactsRepository`."""

    def __init__(self, transaction: Transaction, workspace_id: UUID) -> None:
        self._tx = transaction
        self._workspace = workspace_id

    async def record(self, facts: RunFacts) -> None:
        columns = set(content_metrics.c.keys()) & set(RunFacts.model_fields)
        row = {
            **facts.model_dump(include=columns),
            "cost": money.cost(facts.cost_usd),
            "document": facts.model_dump_json(),
            "schema_version": facts.schema_version,
        }
        await self._tx.write(
            self._tx.insert(content_metrics)
            .values(workspace_id=self._workspace, **row)
            .on_conflict_do_update(index_elements=content_metrics.primary_key.columns, set_=row)
        )

    async def get(self, run_id: UUID) -> RunFacts | None:
        this = and_(content_metrics.c.workspace_id == self._workspace, content_metrics.c.run_id == run_id)
        row = (await self._tx.read(select(content_metrics).where(this))).one_or_none()
        return None if row is None else read_document(RunFacts, row.document, row.schema_version)
