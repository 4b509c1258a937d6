"""Runs: ask for one, take it, keep it, end it, look at it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import ArticleStatus, Brief, Run, RunEvent, RunStatus
from aiwriter.errors import Conflict, Unavailable
from aiwriter.ids import new_id
from aiwriter.ports import Clock, Database, Principal

LEASE_SECONDS = 30.0
RENEW_SECONDS = 8.0  # three renewals may fail before the lease lapses


async def ask(
    database: Database,
    principal: Principal,
    brief: Brief,
    *,
    model: str,
    embedder: str,
    budget_usd: Decimal | None,
    out: str | None = None,
) -> Run:
    """Store a new run, queued, with its cap; nothing is started."""
    run = Run(brief=brief, model=model, embedder=embedder, budget_usd=budget_usd, out=out)
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.runs.add(run, secrets.token_bytes(32))
        await work.events.append(run.id, "run.queued", {"topic": brief.topic, "model": model})
        await work.commit()
    return run


async def find(database: Database, principal: Principal, prefix: str) -> Run:
    """The run whose id begins so. Raises NotFound, or BadInput when several do."""
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.runs.find(prefix)


async def get(database: Database, principal: Principal, run_id: UUID) -> Run:
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.runs.get(run_id)


async def latest(database: Database, principal: Principal, limit: int = 20) -> list[Run]:
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.runs.latest(limit)


async def events_after(database: Database, principal: Principal, run_id: UUID, seq: int) -> list[RunEvent]:
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.events.after(run_id, seq)


async def announce(
    database: Database, principal: Principal, run_id: UUID, kind: str, data: dict[str, object] | None = None
) -> None:
    """Add one event to the run's history."""
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.events.append(run_id, kind, data or {})
        await work.commit()


def owner_name() -> str:
    """Who holds a lease: host, process and a word that no other process has."""
    return f"{socket.gethostname()}|{os.getpid()}|{new_id().hex[-12:]}"


def _is_dead_neighbour(owner: str) -> bool:
    """Whether the owner was a process of this machine that has ended: its lease need not be waited for."""
    host, pid, _word = owner.split("|")
    if host != socket.gethostname():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@asynccontextmanager
async def held(database: Database, principal: Principal, run_id: UUID, clock: Clock) -> AsyncIterator[str]:
    """Hold the run while the block runs, renewing the lease; yields the owner's name, needed to end the run.

    Raises Conflict when another process holds it. When the lease is lost on the way, the block is cancelled and
    Conflict raised: a stale worker does not go on.
    """
    owner = owner_name()
    await _claim(database, principal, run_id, owner, clock)
    current = asyncio.current_task()
    lost = asyncio.Event()

    async def renew() -> None:
        while True:
            await clock.sleep(RENEW_SECONDS)
            try:
                async with database.unit_of_work(principal.workspace_id) as work:
                    ours = await work.runs.renew(run_id, owner, LEASE_SECONDS, clock.now())
                    await work.commit()
            except Unavailable:
                continue  # the next one may succeed; if none does, the lease lapses and another may take over
            if not ours:
                lost.set()
                if current is not None:
                    current.cancel()
                return

    renewing = asyncio.create_task(renew())
    try:
        yield owner
    except asyncio.CancelledError:
        if lost.is_set():
            raise Conflict(f"run {run_id} was taken over by another process", hint="Nothing to do here.") from None
        raise
    finally:
        renewing.cancel()


async def _claim(database: Database, principal: Principal, run_id: UUID, owner: str, clock: Clock) -> None:
    async with database.unit_of_work(principal.workspace_id) as work:
        holder = await work.runs.holder(run_id)
        if holder is not None and _is_dead_neighbour(holder):
            await work.runs.release(run_id, holder)
        taken = await work.runs.claim(run_id, owner, LEASE_SECONDS, clock.now())
        if taken:
            await work.events.append(run_id, "run.started", {"owner": owner})
        await work.commit()
    if not taken:
        raise Conflict(
            f"run {run_id} cannot be taken: it has ended, or another process ({holder or 'unknown'}) is working on it",
            hint=f"See `aiwriter runs --watch`; a lease that is not renewed lapses after {LEASE_SECONDS:.0f} s.",
        )
    await database.journal(principal.workspace_id).abandon(run_id)


async def end(
    database: Database,
    principal: Principal,
    run_id: UUID,
    owner: str,
    status: RunStatus,
    *,
    reason: str | None = None,
    article_id: UUID | None = None,
) -> None:
    """End the run and say so in its history. Raises Conflict when `owner` no longer holds it."""
    async with database.unit_of_work(principal.workspace_id) as work:
        ours = await work.runs.finish(run_id, owner, status, reason=reason, article_id=article_id)
        if not ours:
            raise Conflict(f"run {run_id} is no longer held by {owner}", hint="Another process took it over.")
        await work.events.append(run_id, "run.finished", {"status": status, "reason": reason})
        await work.commit()


def status_for(article_status: ArticleStatus) -> RunStatus:
    """How a run ends that made an article."""
    return RunStatus.REFUSED if article_status is ArticleStatus.REFUSED else RunStatus.DONE
