"""Who works on a run: one process at a time, by a lease that lapses when it is not renewed."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from contextvars import Context, ContextVar
from functools import partial
from itertools import count
from typing import ClassVar
from uuid import UUID

from aiwriter.documents import ArticleStatus, RunStatus, Shortage
from aiwriter.errors import AIWriterError, Conflict
from aiwriter.ids import new_id
from aiwriter.ports import Clock, Database, Paging, Principal, RunFilter, UnitOfWork

LEASE_SECONDS = 30.0
LOOK_SECONDS = 1.0  # how soon a worker notices that its run was cancelled
MOST_RUNNING = 100  # runs that one sweep looks at
LOOKS_A_RENEWAL = 8  # three renewals may fail before the lease lapses


_giving_up: set[str] = set()  # owners of this process that are ending their hold themselves: no lease is missed
_in_hand: ContextVar[tuple[UUID, str] | None] = ContextVar("in_hand", default=None)  # what this task holds, and as whom


def owner_name() -> str:
    """Who holds a lease: host, process and a word that no other process has."""
    return f"{socket.gethostname()}|{os.getpid()}|{new_id().hex[-12:]}"


@asynccontextmanager
async def held(database: Database, principal: Principal, run_id: UUID, clock: Clock) -> AsyncIterator[str]:
    """Hold the run while the block runs, renewing the lease; yields the owner's name, needed to end the run.

    Raises Conflict when it has ended, waits, or another process holds it. When the lease is gone on the way (the run
    was cancelled, or taken over), the block is cancelled within about a second and Conflict raised: nobody goes on with
    what is not theirs. The run's status tells which it was.
    """
    owner = owner_name()
    await _claim(database, principal, run_id, owner, clock)
    token, lookout = _in_hand.set((run_id, owner)), _Lookout.of(database, principal, clock)
    try:
        async with _ended_when_lost(partial(_gone, database, principal, run_id)) as lose:
            lookout.add(owner, run_id, lose)
            yield owner
    finally:
        lookout.remove(owner)
        _giving_up.discard(owner)
        _in_hand.reset(token)


@asynccontextmanager
async def watched(
    owner: str, clock: Clock, still_ours: Callable[[bool], Awaitable[bool]], gone: Callable[[], Awaitable[Conflict]]
) -> AsyncIterator[None]:
    """Look every second whether what was claimed is `still_ours` (True: renew the lease) while the block runs; when it
    is not, cancel the block and raise what `gone` says. Not after `giving_up`."""

    async def look(renew: bool) -> None:
        if not await still_ours(renew) and owner not in _giving_up:
            lose()

    async with _ended_when_lost(gone) as lose:
        watching = asyncio.create_task(_looking(clock, look))
        try:
            yield
        finally:
            watching.cancel()
            _giving_up.discard(owner)


async def _looking(clock: Clock, look: Callable[[bool], Awaitable[None]]) -> None:
    """Look every second, for ever; `look(True)` is to renew."""
    for number in count(1):
        await clock.sleep(LOOK_SECONDS)
        with suppress(AIWriterError):  # the next may succeed; if none does, the lease lapses and another may take over
            await look(number % LOOKS_A_RENEWAL == 0)


@asynccontextmanager
async def _ended_when_lost(gone: Callable[[], Awaitable[Conflict]]) -> AsyncIterator[Callable[[], None]]:
    """Yields what cancels the block, which then ends with what `gone` says."""
    current = asyncio.current_task()
    lost = asyncio.Event()

    def lose() -> None:
        if not lost.is_set() and current is not None:
            lost.set()
            current.cancel()

    try:
        yield lose
    except asyncio.CancelledError:
        if lost.is_set():
            if current is not None:
                current.uncancel()  # it was ours to ask for, and it has been heard
            raise await gone() from None
        raise


class _Lookout:
    """Looks after all runs of a workspace that this process holds, with one question a second: fifty articles of a
    batch that each ask and renew for themselves keep one another from it."""

    _all: ClassVar[dict[tuple[object, ...], _Lookout]] = {}

    @classmethod
    def of(cls, database: Database, principal: Principal, clock: Clock) -> _Lookout:
        key = (asyncio.get_running_loop(), database, principal.workspace_id, id(clock))
        return cls._all.setdefault(key, cls(key, database, principal.workspace_id, clock))

    def __init__(self, key: tuple[object, ...], database: Database, workspace: UUID, clock: Clock) -> None:
        self._key = key
        self._database = database
        self._workspace = workspace
        self._clock = clock
        self._held: dict[str, tuple[UUID, Callable[[], None]]] = {}  # by owner
        self._watching: asyncio.Task[None] | None = None

    def add(self, owner: str, run_id: UUID, lose: Callable[[], None]) -> None:
        self._held[owner] = (run_id, lose)
        if self._watching is None:  # in a context of its own: it outlives the run that is the first
            looking = _looking(self._clock, self._look)
            self._watching = asyncio.get_running_loop().create_task(looking, context=Context())

    def remove(self, owner: str) -> None:
        self._held.pop(owner, None)
        if not self._held and self._watching is not None:
            self._watching.cancel()
            self._watching = None
            self._all.pop(self._key, None)

    async def _look(self, renew: bool) -> None:
        asked = dict(self._held)
        async with self._database.unit_of_work(self._workspace) as work:
            if renew:
                now = self._clock.now()
                ours = {one for one, (key, _) in asked.items() if await work.runs.renew(key, one, LEASE_SECONDS, now)}
                await work.commit()
            else:
                holders = await work.runs.holders([key for key, _ in asked.values()])
                ours = {one for one, (key, _) in asked.items() if holders.get(key) == one}
        for owner, (_, lose) in asked.items():
            if owner not in ours and owner in self._held and owner not in _giving_up:
                lose()


def giving_up(owner: str) -> None:
    """The owner is about to end its hold itself: no lease is missed."""
    _giving_up.add(owner)


async def fence(work: UnitOfWork, run_id: UUID) -> None:
    """At the beginning of a transaction that writes for a run: nobody else takes what this task holds before it ends.

    Raises Conflict when it is not ours any more: a worker that was stopped for longer than its lease leaves nothing
    behind in a run that another has taken over. Who holds nothing, such as a person, is not asked.
    """
    hold = _in_hand.get()
    if hold is not None and hold[0] == run_id and not await work.runs.keep(*hold):
        raise _not_held(*hold)


async def _gone(database: Database, principal: Principal, run_id: UUID) -> Conflict:
    async with database.unit_of_work(principal.workspace_id) as work:
        run = await work.runs.get(run_id)
    if run.status is RunStatus.CANCELLED:
        return Conflict(f"run {run_id} was cancelled", hint="Nothing to do here.")
    return Conflict(f"run {run_id} was taken over by another process", hint="Nothing to do here.")


async def _claim(database: Database, principal: Principal, run_id: UUID, owner: str, clock: Clock) -> None:
    async with database.unit_of_work(principal.workspace_id) as work:
        holder = await work.runs.holder(run_id)
        await release_if_dead(work, run_id, holder)
        taken = await work.runs.claim(run_id, owner, LEASE_SECONDS, clock.now())
        if taken:
            await work.events.append(run_id, "run.started", {"owner": owner})
        await work.commit()
        run = await work.runs.get(run_id)
    if not taken:
        if run.status in (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.FAILED):
            raise Conflict(
                f"run {run_id} cannot be taken: another process ({holder or 'unknown'}) is working on it",
                hint=f"See `aiwriter runs --watch`; a lease that is not renewed lapses after {LEASE_SECONDS:.0f} s.",
            )
        why = "it waits for a person" if run.status is RunStatus.WAITING else f"it has ended: {run.status}"
        raise Conflict(f"run {run_id} cannot be taken: {why}", hint="See `aiwriter runs`.")
    await database.journal(principal.workspace_id).abandon(run_id)


def is_dead_neighbour(owner: str) -> bool:
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


async def release_dead(work: UnitOfWork) -> set[UUID]:
    """Take the lease of every running run whose owner was a process of this machine and has ended: no need to wait.
    The ids of those runs."""
    released = set()
    running = await work.runs.page(RunFilter(status=(RunStatus.RUNNING,)), Paging(limit=MOST_RUNNING))
    for run in running.items:
        if await release_if_dead(work, run.id, await work.runs.holder(run.id)):
            released.add(run.id)
    return released


async def release_if_dead(work: UnitOfWork, run_id: UUID, holder: str | None) -> bool:
    """Take the lease of a holder that was a process of this machine and has ended; whether it was one."""
    return holder is not None and is_dead_neighbour(holder) and await work.runs.release(run_id, holder)


async def put_down(database: Database, principal: Principal, run_id: UUID, owner: str, waits_for: str) -> None:
    """Let the run wait for a person with nobody holding it. Raises Conflict when `owner` no longer holds it."""
    giving_up(owner)
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.runs.finish(run_id, owner, RunStatus.WAITING):
            raise _not_held(run_id, owner)
        await work.events.append(run_id, "run.waiting", {"for": waits_for})
        await work.commit()


async def end(
    database: Database,
    principal: Principal,
    run_id: UUID,
    owner: str,
    status: RunStatus,
    *,
    reason: str | None = None,
    article_id: UUID | None = None,
    short: Shortage | None = None,
) -> None:
    """End the run and say so in its history. Raises Conflict when `owner` no longer holds it."""
    giving_up(owner)
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.runs.finish(run_id, owner, status, reason=reason, article_id=article_id, short=short):
            raise _not_held(run_id, owner)
        await work.events.append(run_id, "run.finished", {"status": status, "reason": reason})
        await work.commit()


async def bury(work: UnitOfWork, run_id: UUID, reason: str) -> bool:
    """End a queued run, which nobody holds, as failed; whether it was one."""
    buried = await work.runs.bury(run_id, reason)
    if buried:
        await work.events.append(run_id, "run.finished", {"status": RunStatus.FAILED, "reason": reason})
    return buried


async def let_go(database: Database, principal: Principal, run_id: UUID, owner: str) -> None:
    """Give the run up in the middle: the next sweep hands it to another worker. Raises Conflict like `end`."""
    giving_up(owner)
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.runs.release(run_id, owner):
            raise _not_held(run_id, owner)
        await work.commit()


def _not_held(run_id: UUID, owner: str) -> Conflict:
    return Conflict(f"run {run_id} is no longer held by {owner}", hint="It was cancelled, or another took it over.")


def status_for(article_status: ArticleStatus) -> RunStatus:
    """How a run ends that made an article."""
    return RunStatus.REFUSED if article_status is ArticleStatus.REFUSED else RunStatus.DONE
