"""The repositories of the database in dictionaries."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from aiwriter.documents import Article, Run, RunEvent, RunFacts, RunStatus, Source, Stage
from aiwriter.errors import Conflict
from aiwriter.storage import money
from aiwriter.storage.records import (
    ENDED,
    FINISHED,
    check_article,
    fold,
    id_range,
    json_text,
    no_such,
    searchable,
    the_one,
)
from aiwriter.testing.memory_rows import Budget, HeldRun, MemoryTransaction, Rows


class _Part:
    """What the repositories share."""

    def __init__(self, transaction: MemoryTransaction, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._tx = transaction
        self._workspace = workspace_id
        self._now = now

    def _mine(self, rows: Mapping[tuple[UUID, UUID], Any]) -> list[Any]:
        return [row for (workspace, _), row in rows.items() if workspace == self._workspace]

    async def _writing(self) -> Rows:
        rows = await self._tx.writing()
        if self._workspace not in rows.workspaces:
            raise no_such("workspace", self._workspace)
        return rows

    async def _writing_run(self, run_id: UUID) -> Rows:
        rows = await self._writing()
        if (self._workspace, run_id) not in rows.runs:
            raise no_such("run", run_id)
        return rows


class MemoryRuns(_Part):
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

    async def claim(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        await self._writing_run(run_id)
        held = self._held(run_id)
        alive = held.until is not None and held.until > now and held.owner != owner
        if alive or held.run.status in ENDED:
            return False
        status = {"status": RunStatus.RUNNING, "attempts": held.run.attempts + 1, "reason": None, "finished_at": None}
        await self._put(run_id, status, owner=owner, until=now + timedelta(seconds=lease_seconds))
        return True

    async def renew(self, run_id: UUID, owner: str, lease_seconds: float, now: datetime) -> bool:
        return await self._if_held(run_id, owner, {}, owner=owner, until=now + timedelta(seconds=lease_seconds))

    async def holder(self, run_id: UUID) -> str | None:
        return self._held(run_id).owner

    async def release(self, run_id: UUID, owner: str) -> bool:
        return await self._if_held(run_id, owner, {})

    async def finish(
        self, run_id: UUID, owner: str, status: RunStatus, *, reason: str | None = None, article_id: UUID | None = None
    ) -> bool:
        ended: dict[str, object] = {"status": status, "reason": reason}
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

    async def _put(self, run_id: UUID, run: Mapping[str, object], owner: str | None, until: datetime | None) -> None:
        rows = await self._tx.writing()
        held = rows.runs[self._workspace, run_id]
        changed = held.run.model_copy(update=dict(run))
        rows.runs[self._workspace, run_id] = replace(held, run=changed, owner=owner, until=until)


class MemoryEvents(_Part):
    async def append(self, run_id: UUID, kind: str, data: Mapping[str, object]) -> RunEvent:
        rows = await self._writing_run(run_id)
        before = rows.events.get((self._workspace, run_id), ())
        as_stored = json.loads(json_text(data))
        event = RunEvent(run_id=run_id, seq=len(before) + 1, kind=kind, data=as_stored, at=self._now())
        rows.events[self._workspace, run_id] = (*before, event)
        return event

    async def after(self, run_id: UUID, seq: int = 0, limit: int = 500) -> list[RunEvent]:
        return list(self._tx.rows.events.get((self._workspace, run_id), ())[seq : seq + limit])


class MemoryStages(_Part):
    async def get(self, run_id: UUID, stage: Stage, item: str = "") -> str | None:
        found = self._tx.rows.stages.get((self._workspace, run_id, stage, item))
        return found[0] if found else None

    async def put(self, run_id: UUID, stage: Stage, item: str, document: BaseModel, seconds: float) -> None:
        rows = await self._writing_run(run_id)
        rows.stages.setdefault((self._workspace, run_id, stage, item), (document.model_dump_json(), seconds))

    async def seconds(self, run_id: UUID) -> dict[str, float]:
        longest: dict[str, float] = {}
        for (workspace, run, stage, _), (_, seconds) in self._tx.rows.stages.items():
            if (workspace, run) == (self._workspace, run_id):
                longest[stage.value] = max(seconds, longest.get(stage.value, 0.0))
        return longest


class MemorySources(_Part):
    async def keep(self, sources: Sequence[Source]) -> list[Source]:
        rows = await self._writing()
        stored: dict[tuple[str, str], Source] = {
            (source.content_hash, source.location): source for source in self._mine(rows.sources)
        }
        for source in sources:
            kept = stored.setdefault((source.content_hash, source.location), source)
            rows.sources[self._workspace, kept.id] = kept
        return [stored[source.content_hash, source.location] for source in sources]

    async def get_many(self, source_ids: Sequence[UUID]) -> list[Source]:
        known = self._tx.rows.sources
        if missing := [key for key in source_ids if (self._workspace, key) not in known]:
            raise no_such("source", min(missing))
        return [known[self._workspace, key] for key in source_ids]


class MemoryArticles(_Part):
    async def add_version(self, article: Article) -> None:
        check_article(article)
        rows = await self._writing()
        key = (self._workspace, article.id)
        versions = rows.articles.get(key, {})
        stored = versions.get(article.version)
        if stored is None:
            rows.articles[key] = {**versions, article.version: article}
            if article.version > max(versions, default=0):
                rows.index_states[key] = "pending"
        elif stored.fingerprint != article.fingerprint:
            raise Conflict(
                f"article {article.id} has a version {article.version} with other content",
                hint="Look at the latest version, then save your change as a new one.",
            )

    async def get(self, article_id: UUID, version: int | None = None) -> Article:
        versions = self._tx.rows.articles.get((self._workspace, article_id), {})
        wanted = max(versions, default=0) if version is None else version
        if wanted not in versions:
            raise no_such("article", article_id if version is None else f"{article_id} version {version}")
        return versions[wanted]

    async def find(self, prefix: str) -> Article:
        first, last = id_range(prefix) or (UUID(int=1), UUID(int=0))
        found = [
            a.id for a in await self.latest(len(self._tx.rows.articles)) if a.slug == prefix or first <= a.id <= last
        ]
        return await self.get(the_one("article", prefix, found))

    async def latest(self, limit: int = 20) -> list[Article]:
        newest: list[Article] = [versions[max(versions)] for versions in self._mine(self._tx.rows.articles)]
        return sorted(newest, key=lambda article: (article.created_at, article.id), reverse=True)[:limit]

    async def containing(self, query: str, limit: int = 20) -> list[tuple[Article, str]]:
        words = fold(query).split()
        found = []
        for article in await self.latest(len(self._tx.rows.articles)):
            matching = (text for text in searchable(article) if all(word in fold(text) for word in words))
            text = next(matching, None)
            if words and text is not None:
                found.append((article, text))
        return found[:limit]

    async def get_known(self, article_ids: Collection[UUID]) -> dict[UUID, Article]:
        return {key: await self.get(key) for key in await self.ids() & set(article_ids)}

    async def ids(self) -> set[UUID]:
        return {article_id for workspace, article_id in self._tx.rows.articles if workspace == self._workspace}

    async def set_index_state(self, article_id: UUID, version: int, state: str) -> bool:
        rows = await self._writing()
        if version != max(rows.articles.get((self._workspace, article_id), {}), default=0):
            return False
        rows.index_states[self._workspace, article_id] = state
        return True

    async def index_pending(self) -> list[UUID]:
        states = self._tx.rows.index_states
        newest_first = await self.latest(len(self._tx.rows.articles))
        return [a.id for a in reversed(newest_first) if states[self._workspace, a.id] == "pending"]

    async def delete(self, article_id: UUID) -> None:
        rows = await self._writing()
        await self.get(article_id)
        del rows.articles[self._workspace, article_id], rows.index_states[self._workspace, article_id]


class MemoryFacts(_Part):
    async def record(self, facts: RunFacts) -> None:
        rows = await self._writing_run(facts.run_id)
        rows.facts[self._workspace, facts.run_id] = facts

    async def get(self, run_id: UUID) -> RunFacts | None:
        return self._tx.rows.facts.get((self._workspace, run_id))
