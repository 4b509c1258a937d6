"""What is kept of runs beside them: their events, stage records and facts, and the figures of their days."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, and_, delete, select, update

from aiwriter.documents import DailyFigures, RunEvent, RunFacts, Stage
from aiwriter.storage import money
from aiwriter.storage.records import json_text, no_such, read_document, schema_version, seconds_by_stage
from aiwriter.storage.tables import content_metrics, daily_figures, rolled_up_days, run_events, runs, stage_records
from aiwriter.storage.transaction import Repository, Transaction


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
        each = select(stage_records.c.stage, stage_records.c.created_at, stage_records.c.seconds)
        rows = await self._tx.read(each.where(self._of(run_id)))
        return seconds_by_stage((row.stage, row.created_at, row.seconds) for row in rows)

    def _of(self, run_id: UUID) -> ColumnElement[bool]:
        return and_(stage_records.c.workspace_id == self._workspace, stage_records.c.run_id == run_id)


class SqlFacts(Repository):
    """`FactsRepository`."""

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

    async def between(self, first: date, last: date) -> list[RunFacts]:
        begins, ends = (datetime.combine(day, time(), UTC) for day in (first, last + timedelta(days=1)))
        at = content_metrics.c.created_at
        within = and_(content_metrics.c.workspace_id == self._workspace, at >= begins, at < ends)
        rows = await self._tx.read(select(content_metrics).where(within).order_by(at, content_metrics.c.run_id))
        return [read_document(RunFacts, row.document, row.schema_version) for row in rows]

    async def of_model(self, model: str, limit: int) -> list[RunFacts]:
        of = content_metrics.c
        same_run = and_(runs.c.workspace_id == of.workspace_id, runs.c.id == of.run_id)
        alike = and_(of.workspace_id == self._workspace, runs.c.model == model, of.words > 0)
        found = select(content_metrics).join(runs, same_run).where(alike)
        rows = await self._tx.read(found.order_by(of.created_at.desc(), of.run_id.desc()).limit(limit))
        return [read_document(RunFacts, row.document, row.schema_version) for row in rows]


class SqlFigures:
    """`FiguresRepository`."""

    def __init__(self, transaction: Transaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._now = now

    async def replace(self, day: date, figures: Sequence[DailyFigures]) -> None:
        """Of two who replace a day at once the second waits at the day's row for the first."""
        key, at = {"workspace_id": self._workspace, "day": day}, {"rolled_up_at": self._now()}
        rolled_up = self._tx.insert(rolled_up_days).values(**key, **at)
        await self._tx.write(
            rolled_up.on_conflict_do_update(index_elements=rolled_up_days.primary_key.columns, set_=at)
        )
        of_day = and_(daily_figures.c.workspace_id == self._workspace, daily_figures.c.day == day)
        await self._tx.write(delete(daily_figures).where(of_day))
        rows = [
            {
                **key,
                "format": one.format,
                "model": one.model,
                "document": one.model_dump_json(),
                "schema_version": one.schema_version,
            }
            for one in figures
        ]
        if rows:
            await self._tx.write(self._tx.insert(daily_figures), rows)

    async def between(self, first: date, last: date) -> list[DailyFigures]:
        columns = daily_figures.c
        within = and_(columns.workspace_id == self._workspace, columns.day.between(first, last))
        texts = (self._tx.by_code_point(column) for column in (columns.format, columns.model))
        rows = await self._tx.read(select(daily_figures).where(within).order_by(columns.day, *texts))
        return [read_document(DailyFigures, row.document, row.schema_version) for row in rows]

    async def rolled_up(self, first: date, last: date) -> set[date]:
        days = rolled_up_days.c
        within = and_(days.workspace_id == self._workspace, days.day.between(first, last))
        return set((await self._tx.read(select(days.day).where(within))).scalars())
