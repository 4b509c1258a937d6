"""What the processes of test_many_processes.py do. Each function is all that its process does."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import Stage, utc_now
from aiwriter.errors import AIWriterError, BudgetSpent, Conflict, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import (
    CallIntent,
    CallKey,
    CallOutcome,
    Clock,
    LanguageModel,
    ModelReply,
    ModelRequest,
    Principal,
    Prompt,
    Rates,
    SharedLimits,
    Usage,
)
from aiwriter.resilience.breaker import Breakers
from aiwriter.resilience.layers import Gear, RetryPolicy, wrap_all
from aiwriter.services import holding
from aiwriter.storage.database import SqlDatabase
from aiwriter.storage.limits import SqlLimits
from aiwriter.testing import MemoryDatabase, ScriptedModel
from tests.faults.processes import Jump, Shared, SharedClock

MODEL = "openai:heron"
WHO = Principal("tester", LOCAL_WORKSPACE)
TRIES = 60  # at a run that is free after a second


@asynccontextmanager
async def opened(url: str, clock: Clock | None = None) -> AsyncIterator[SqlDatabase]:
    database = SqlDatabase(url, now=clock.now if clock else utc_now)
    try:
        yield database
    finally:
        await database.close()


# ── a cap ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def call_at_once(
    _shared: Shared, number: int, url: str, run_id: UUID, callers: int, price: Decimal
) -> tuple[int, Decimal]:
    """So many callers, each with one call of this price: how many were admitted, and the most that was ever seen spent
    and reserved together."""
    async with opened(url) as database:
        journal, seen = database.journal(LOCAL_WORKSPACE), Decimal(0)

        async def call(caller: int) -> bool:
            nonlocal seen
            key = CallKey(run_id, Stage.SECTIONS, f"{number}-{caller}")
            intent = CallIntent(key.item, key, 1, MODEL, "section", "hash", price)
            try:
                begun = await journal.begin(intent)
            except BudgetSpent:
                return False
            finally:
                seen = max(seen, await _held(database, run_id))
            if caller % 2:
                await journal.finish(begun, CallOutcome("answered", price, reply_text="x"))
                seen = max(seen, await _held(database, run_id))
            return True

        admitted = await asyncio.gather(*map(call, range(callers)))
    return sum(admitted), seen


async def _held(database: SqlDatabase, run_id: UUID) -> Decimal:
    state = await database.budgets(LOCAL_WORKSPACE).state("run", str(run_id))
    assert state is not None
    return state.spent_usd + state.reserved_usd


def reserve_and_die(url: str, run_id: UUID, calls: int, price: Decimal) -> None:
    """Hold the run, begin so many calls, and be killed before any of them ends."""

    async def reserve() -> None:
        async with opened(url) as database, holding.held(database, WHO, run_id, WrongClock(0)):
            for number in range(calls):
                key = CallKey(run_id, Stage.SECTIONS, str(number))
                await database.journal(LOCAL_WORKSPACE).begin(
                    CallIntent(key.item, key, 1, MODEL, "section", "hash", price)
                )
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(reserve())


# ── rates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def ask_for_minutes(
    shared: Shared, number: int, url: str, rates: Rates, tokens: int, seconds: float, jumps: tuple[Jump, ...]
) -> list[tuple[float, int]]:
    """Ask a model one thing after the other, through all layers, until so many seconds have passed: when each request
    reached it, and the tokens it used."""
    clock, chance = SharedClock(shared, number, jumps), random.Random(number)
    sent: list[tuple[float, int]] = []

    class Heron(ScriptedModel):
        async def answer(self, request: ModelRequest) -> ModelReply:
            used = chance.randint(tokens * 9 // 10, tokens)
            sent.append((clock.monotonic(), used))
            await clock.sleep(chance.uniform(0.1, 2.0))
            return ModelReply("A heron.", MODEL, Usage(10, used - 10), Decimal("0.01"))

    async with opened(url, clock) as database:
        by_our_clock = SqlLimits(database.transaction, clock, by_server=False)
        model = wrap_all([Heron(name=MODEL)], _gear(clock, by_our_clock, rates, tokens))
        while clock.monotonic() < seconds:
            await model.answer(asked())
    return sent


def asked() -> ModelRequest:
    return ModelRequest(CallKey(new_id(), Stage.SECTIONS), Prompt("test", "", "Which bird?", "hash"))


def _gear(clock: Clock, limits: SharedLimits, rates: Rates | None = None, tokens: int = 100) -> Gear:
    return Gear(
        MemoryDatabase(now=clock.now).journal(LOCAL_WORKSPACE),
        clock,
        RetryPolicy(attempts=1),
        shared=limits,
        breakers=Breakers(),
        rates={MODEL: rates} if rates else {},
        tokens=lambda _request: tokens,
    )


async def take_turns(
    shared: Shared, number: int, url: str, rates: Rates, times: int, jumps: tuple[Jump, ...]
) -> list[float]:
    """Turns by the clock that the database goes by, whatever ours says: how long each is to wait."""
    clock = SharedClock(shared, number, jumps)
    async with opened(url, clock) as database:
        limits = database.limits(clock)
        taken = [await limits.take(MODEL, 10, rates, 3_600) for _ in range(times)]
    assert all(turn.id for turn in taken)
    return [turn.wait for turn in taken]


# ── a breaker ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def ask_around_a_failure(shared: Shared, number: int, url: str, times: int) -> tuple[int, list[str]]:
    """The first process finds out that the provider is down; the others, which have just asked it with success, ask it
    again a second later. How often it was asked since, and what became of that."""
    clock = SharedClock(shared, number)
    async with opened(url, clock) as database:
        heron = ScriptedModel(["A heron."], name=MODEL)
        model = wrap_all([heron], _gear(clock, database.limits(clock)))
        await model.answer(asked())
        await clock.sleep(0.1)
        if number == 0:
            broken = ScriptedModel([Unavailable("503")], name=MODEL)
            await _ask(wrap_all([broken], _gear(clock, database.limits(clock))), 10)
        before = len(heron.requests)
        await clock.sleep(1.0)
        ended = await _ask(model, times) if number else []
    return len(heron.requests) - before, ended


async def _ask(model: LanguageModel, times: int) -> list[str]:
    ended = []
    for _ in range(times):
        try:
            await model.answer(asked())
            ended.append("answered")
        except AIWriterError as error:
            ended.append(type(error).__name__)
    return ended


# ── leases ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class WrongClock:
    """Real time, shown wrongly by one machine."""

    def __init__(self, wrong: float) -> None:
        self._wrong = timedelta(seconds=wrong)

    def now(self) -> datetime:
        return utc_now() + self._wrong

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def hold_or_be_refused(shared: Shared, number: int, url: str, run_id: UUID, wrong: float) -> str:
    """The first process holds a run; the others try to take it meanwhile."""
    clock = WrongClock(wrong)
    async with opened(url, clock) as database:
        if number:
            shared.together.wait()  # it is held
            try:
                return await _attempt(database, run_id, clock)
            finally:
                shared.together.wait()
        async with holding.held(database, WHO, run_id, clock) as owner:
            shared.together.wait()
            await asyncio.to_thread(shared.together.wait)
            async with database.unit_of_work(LOCAL_WORKSPACE) as work:
                return "held" if await work.runs.holder(run_id) == owner else "lost"


async def _attempt(database: SqlDatabase, run_id: UUID, clock: Clock) -> str:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        swept = [run.id for run in await work.runs.reclaim(clock.now())]
    if swept:
        return "reclaimed"
    try:
        async with holding.held(database, WHO, run_id, clock):
            return "taken"
    except Conflict:
        return "refused"


async def vanish_or_take_over(shared: Shared, number: int, url: str, run_id: UUID, wrong: float) -> str:
    """The first process, on another machine, takes a run for a second and is gone; the others take it over."""
    clock = WrongClock(wrong)
    async with opened(url, clock) as database:
        if number == 0:
            async with database.unit_of_work(LOCAL_WORKSPACE) as work:
                assert await work.runs.claim(run_id, "elsewhere|1|x", 1.0, clock.now())
                await work.commit()
        shared.together.wait()
        for _ in range(TRIES if number else 0):
            try:
                async with holding.held(database, WHO, run_id, clock):
                    return "taken"
            except Conflict:
                await clock.sleep(0.25)
    return "gone" if number == 0 else "locked out"
