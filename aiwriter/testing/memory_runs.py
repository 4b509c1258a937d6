"""Runs, and what is kept beside them, of the database in dictionaries."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel

from aiwriter.documents import DailyFigures, Run, RunEvent, RunFacts, RunStatus, Shortage, Stage
from aiwriter.errors import Conflict
from aiwriter.ports import Page, Paging, RunFilter
from aiwriter.storage import money
from aiwriter.storage.listing import RUNS, check_times
from aiwriter.storage.records import ENDED, FINISHED, id_range, json_text, no_such, seconds_by_stage, the_one
from aiwriter.testing.memory_lists import among, page, within
from aiwriter.testing.memory_rows import Budget, HeldRun, Part

_ANEW: Mapping[str, object] = {"reason": None, "short": None, "finished_at": None}


class MemoryRuns(Part):
    async def add(self, run: Run, fence_secret: bytes) -> None:
        rows = await self._writing()
        if (self._workspace, run.id) in rows.runs:
            raise Conflict(f"run {run.id} is there already", hint="Look at it with `aiwriter runs`.")
        rows.runs[self._workspace, run.id] = HeldRun(run, fence_secret)
        if run.budget_usd is not None:
            rows.budgets[self._workspace, "run", str(run.id)] = Budget(money.cap(run.budget_usd))

    async def get(self, run_id: UUID) -> Run:
        return self._held(run_id).run

    async def find(self, prefix: str) -> Run:
        first, last = id_range(prefix) or (UUID(int=1), UUID(int=0))
        found = [held.run.id for held in self._mine(self._tx.rows.runs) if first <= held.run.id <= last]
        return await self.get(the_one("run", prefix, found))

    async def fence_secret(self, run_id: UUID) -> bytes:
        return self._held(run_id).fence_secret

    async def latest(self, limit: int = 20) -> list[Run]:
        runs: list[Run] = [held.run for held in self._mine(self._tx.rows.runs)]
        return sorted(runs, key=lambda run: (run.created_at, run.id), reverse=True)[:limit]

    async def page(self, wanted: RunFilter, paging: Paging) -> Page[Run]:
        check_times(wanted.since, wanted.until)
        runs: list[Run] = [held.run for held in self._mine(self._tx.rows.runs)]
        found = [
            run
            for run in runs
            if among(run.status, wanted.status)
            and among(run.model, wanted.model)
            and wanted.batch_id in (None, run.batch_id)
            and wanted.article_id in (None, run.article_id)
            and within(run.created_at, wanted.since, wanted.until)
        ]
        return page(RUNS, found, paging)

    async def of_batch(self, batch_id: UUID) -> list[Run]:
        runs: list[Run] = [held.run for held in self._mine(self._tx.rows.runs) if held.run.batch_id == batch_id]
        return sorted(runs, key=lambda run: (run.batch_item or 0, run.id))

    async def counts(self) -> dict[str, int]:
        return dict(Counter(held.run.status.value for held in self._mine(self._tx.rows.runs)))

    async def claim(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        await self._writing_run(run_id)
        held = self._held(run_id)
        alive = held.until is not None and held.until > now and held.owner != owner
        if alive or held.run.status in (*ENDED, RunStatus.WAITING):
            return False
        status = {"status": RunStatus.RUNNING, "attempts": held.run.attempts + 1, **_ANEW}
        await self._put(run_id, status, owner=owner, until=now + timedelta(seconds=lease_seconds))
        return True

    async def cancel(self, run_id: UUID, now: datetime) -> bool:
        await self._writing_run(run_id)
        if self._held(run_id).run.status in ENDED:
            return False
        await self._put(run_id, {"status": RunStatus.CANCELLED, "finished_at": now})
        return True

    async def requeue(self, run_id: UUID, was: Collection[RunStatus]) -> bool:
        await self._writing_run(run_id)
        held = self._held(run_id)
        if held.run.status not in was or held.is_alive(self._now()):
            return False
        await self._put(run_id, {"status": RunStatus.QUEUED, **_ANEW})
        await self._submitted(run_id, None)
        return True

    async def allow(self, run_id: UUID, budget_usd: Decimal) -> None:
        await self._writing_run(run_id)
        rows, key = self._tx.rows, (self._workspace, "run", str(run_id))
        rows.budgets[key] = replace(rows.budgets.get(key, Budget()), cap=money.cap(budget_usd))
        await self._put(run_id, {"budget_usd": budget_usd})

    async def take_unsubmitted(self, now: datetime, again_before: datetime, limit: int = 50) -> list[Run]:
        await self._writing()
        those = [
            held
            for held in self._mine(self._tx.rows.runs)
            if held.run.status is RunStatus.QUEUED and (held.submitted_at is None or held.submitted_at < again_before)
        ]
        taken = _oldest(those, limit)
        for run in taken:
            await self._submitted(run.id, now)
        return taken

    async def submitted(self, run_id: UUID, now: datetime) -> None:
        held = self._tx.rows.runs.get((self._workspace, run_id))
        if held is not None and held.run.status is RunStatus.QUEUED:
            await self._submitted(run_id, now)

    async def batch_submitted(self, batch_id: UUID, now: datetime) -> None:
        for run in await self.of_batch(batch_id):
            await self.submitted(run.id, now)

    async def not_submitted(self, run_id: UUID, before: datetime | None = None) -> None:
        held = self._tx.rows.runs.get((self._workspace, run_id))
        if held is None or held.run.status is not RunStatus.QUEUED:
            return
        if before is None or (held.submitted_at is not None and held.submitted_at < before):
            await self._submitted(run_id, None)

    async def reclaim(self, now: datetime, limit: int = 50) -> list[Run]:
        await self._writing()
        running = [held for held in self._mine(self._tx.rows.runs) if held.run.status is RunStatus.RUNNING]
        taken = _oldest([held for held in running if not held.is_alive(now)], limit)
        for run in taken:
            await self._put(run.id, {"status": RunStatus.QUEUED})
            await self._submitted(run.id, None)
        return [self._held(run.id).run for run in taken]

    async def bury(self, run_id: UUID, reason: str) -> bool:
        await self._writing()
        held = self._tx.rows.runs.get((self._workspace, run_id))
        if held is None or held.run.status is not RunStatus.QUEUED:
            return False
        await self._put(run_id, {"status": RunStatus.FAILED, "reason": reason, "finished_at": self._now()})
        return True

    async def renew(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        return await self._if_held(run_id, owner, {}, owner=owner, until=now + timedelta(seconds=lease_seconds))

    async def keep(self, run_id: UUID, owner: str) -> bool:
        held = (await self._writing()).runs.get((self._workspace, run_id))
        return held is not None and held.owner == owner

    async def holder(self, run_id: UUID) -> str | None:
        return self._held(run_id).owner

    async def holders(self, run_ids: Collection[UUID]) -> dict[UUID, str]:
        held = {run_id: self._tx.rows.runs.get((self._workspace, run_id)) for run_id in run_ids}
        return {run_id: one.owner for run_id, one in held.items() if one is not None and one.owner is not None}

    async def release(self, run_id: UUID, owner: str) -> bool:
        return await self._if_held(run_id, owner, {})

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
        ended: dict[str, object] = {"status": status, "reason": reason, "short": short}
        ended["finished_at"] = self._now() if status in FINISHED else None
        if article_id is not None:
            ended["article_id"] = article_id
        return await self._if_held(run_id, owner, ended)

    def _held(self, run_id: UUID) -> HeldRun:
        held = self._tx.rows.runs.get((self._workspace, run_id))
        if held is None:
            raise no_such("run", run_id)
        return held

    async def _if_held(
        self, run_id: UUID, by: str, run: Mapping[str, object], owner: str | None = None, until: datetime | None = None
    ) -> bool:
        rows = await self._writing()
        held = rows.runs.get((self._workspace, run_id))
        if held is None or held.owner != by:
            return False
        await self._put(run_id, run, owner=owner, until=until)
        return True

    async def _submitted(self, run_id: UUID, at: datetime | None) -> None:
        rows = await self._tx.writing()
        key = (self._workspace, run_id)
        rows.runs[key] = replace(rows.runs[key], submitted_at=at)

    async def _put(
        self, run_id: UUID, run: Mapping[str, object], owner: str | None = None, until: datetime | None = None
    ) -> None:
        rows = await self._tx.writing()
        held = rows.runs[self._workspace, run_id]
        changed = held.run.model_copy(update=dict(run))
        rows.runs[self._workspace, run_id] = replace(held, run=changed, owner=owner, until=until)


def _oldest(held: Sequence[HeldRun], limit: int) -> list[Run]:
    return sorted((one.run for one in held), key=lambda run: (run.created_at, run.id))[:limit]


class MemoryEvents(Part):
    async def append(self, run_id: UUID, kind: str, data: Mapping[str, object]) -> RunEvent:
        rows = await self._writing_run(run_id)
        before = rows.events.get((self._workspace, run_id), ())
        as_stored = json.loads(json_text(data))
        event = RunEvent(run_id=run_id, seq=len(before) + 1, kind=kind, data=as_stored, at=self._now())
        rows.events[self._workspace, run_id] = (*before, event)
        return event

    async def after(self, run_id: UUID, seq: int = 0, limit: int = 500) -> list[RunEvent]:
        return list(self._tx.rows.events.get((self._workspace, run_id), ())[seq : seq + limit])


class MemoryStages(Part):
    async def get(self, run_id: UUID, stage: Stage, item: str = "") -> str | None:
        found = self._tx.rows.stages.get((self._workspace, run_id, stage, item))
        return found[0] if found else None

    async def put(self, run_id: UUID, stage: Stage, item: str, document: BaseModel, seconds: float) -> None:
        rows = await self._writing_run(run_id)
        rows.stages.setdefault(
            (self._workspace, run_id, stage, item), (document.model_dump_json(), seconds, self._now())
        )

    async def seconds(self, run_id: UUID) -> dict[str, float]:
        return seconds_by_stage(
            (stage, ended, seconds)
            for (workspace, run, stage, _), (_, seconds, ended) in self._tx.rows.stages.items()
            if (workspace, run) == (self._workspace, run_id)
        )


class MemoryFacts(Part):
    async def record(self, facts: RunFacts) -> None:
        rows = await self._writing_run(facts.run_id)
        rows.facts[self._workspace, facts.run_id] = facts

    async def get(self, run_id: UUID) -> RunFacts | None:
        return self._tx.rows.facts.get((self._workspace, run_id))

    async def between(self, first: date, last: date) -> list[RunFacts]:
        facts: list[RunFacts] = self._mine(self._tx.rows.facts)
        found = [one for one in facts if first <= one.created_at.astimezone(UTC).date() <= last]
        return sorted(found, key=lambda one: (one.created_at, one.run_id))

    async def of_model(self, model: str, limit: int) -> list[RunFacts]:
        facts: list[RunFacts] = self._mine(self._tx.rows.facts)
        found = [one for one in facts if one.model == model and one.words > 0]
        return sorted(found, key=lambda one: (one.created_at, one.run_id), reverse=True)[:limit]


class MemoryFigures(Part):
    async def replace(self, day: date, figures: Sequence[DailyFigures]) -> None:
        (await self._writing()).figures[self._workspace, day] = tuple(figures)

    async def between(self, first: date, last: date) -> list[DailyFigures]:
        found = [
            one
            for (workspace, day), figures in self._tx.rows.figures.items()
            if workspace == self._workspace and first <= day <= last
            for one in figures
        ]
        return sorted(found, key=lambda one: (one.day, one.format, one.model))

    async def rolled_up(self, first: date, last: date) -> set[date]:
        days = self._tx.rows.figures
        return {day for workspace, day in days if workspace == self._workspace and first <= day <= last}
