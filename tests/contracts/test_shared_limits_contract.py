"""What every database promises about a provider's rates and pauses, between processes whose clocks may jump."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aiwriter.ports import Rates, SharedLimits
from aiwriter.storage.database import SqlDatabase
from aiwriter.storage.limits import SqlLimits
from aiwriter.testing import ManualClock, MemoryDatabase

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODEL = "openai:heron"
MINUTE = 60.0
Db = MemoryDatabase | SqlDatabase


class ProcessClock(ManualClock):
    """A process's clocks: the machine's monotonic one, and a wall clock that may be put anywhere."""

    def jump(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


def limits_of(database: Db, clock: ManualClock) -> SharedLimits:
    """By the machine's clock, which is ours to turn, on every database."""
    if isinstance(database, MemoryDatabase):
        return database.limits(clock)
    return SqlLimits(database.transaction, clock, by_server=False)


class Processes:
    """Four processes at one database. `sent` holds the real time and the tokens of each request that left."""

    def __init__(self, database: Db) -> None:
        self.clocks = [ProcessClock() for _ in range(4)]
        self.limits = [limits_of(database, clock) for clock in self.clocks]
        self.now = 0.0
        self.sent: list[tuple[float, int]] = []

    def start_the_machine_anew(self) -> None:
        """Its monotonic clock begins at nothing."""
        for clock in self.clocks:
            clock._monotonic = 0.0

    def advance(self, seconds: float) -> None:
        self.now += seconds
        for clock in self.clocks:
            clock.advance(seconds)

    async def take(self, process: int, tokens: int, rates: Rates, patience: float = MINUTE) -> float | None:
        """When the request leaves; None when it does not."""
        turn = await self.limits[process].take(MODEL, tokens, rates, patience)
        if turn.id is None:
            assert turn.wait > patience
            return None
        self.sent.append((self.now + turn.wait, tokens))
        return self.now + turn.wait

    def fullest_minute(self) -> tuple[int, int]:
        return fullest_minute(self.sent)


def fullest_minute(sent: list[tuple[float, int]]) -> tuple[int, int]:
    """The most requests, and the most tokens, in any 60 seconds."""
    minutes = [[tokens for at, tokens in sent if start <= at < start + MINUTE] for start, _ in sent]
    return max(map(len, minutes), default=0), max(map(sum, minutes), default=0)


@pytest_asyncio.fixture(loop_scope="module")
async def processes(database: Db) -> AsyncIterator[Processes]:
    yield Processes(database)


async def test_requests_of_all_processes_at_once_keep_to_the_rate_and_come_in_order(processes: Processes) -> None:
    rates = Rates(rpm=10)
    left = await asyncio.gather(*(processes.take(number % 4, 1, rates) for number in range(40)))
    gone = [at for at in left if at is not None]
    assert len(gone) == 10
    assert set(gone) == {0.0}
    assert processes.fullest_minute() == (10, 10)
    assert await processes.take(0, 1, rates, patience=70) == pytest.approx(62)
    assert await processes.take(1, 1, rates) is None


async def test_tokens_keep_to_their_rate_and_what_was_not_used_is_free_again(processes: Processes) -> None:
    rates = Rates(tpm=1_000)
    turn = await processes.limits[0].take(MODEL, 900, rates, MINUTE)
    assert turn.id is not None
    assert (await processes.limits[1].take(MODEL, 200, rates, MINUTE)).id is None
    await processes.limits[0].correct(MODEL, turn.id, 300)
    assert (await processes.limits[1].take(MODEL, 200, rates, MINUTE)).wait == 0


async def test_a_request_as_large_as_a_minute_gets_one_to_itself(processes: Processes) -> None:
    rates = Rates(tpm=1_000)
    assert await processes.take(0, 1_000, rates) == 0
    assert await processes.take(1, 1_000, rates, patience=70) == pytest.approx(62)


async def test_nobody_is_kept_waiting_when_a_minute_has_passed_nor_when_an_idle_day_has(processes: Processes) -> None:
    rates = Rates(rpm=2)
    for process in (0, 1):
        assert await processes.take(process, 1, rates) == 0
    processes.advance(62)
    assert await processes.take(0, 1, rates) == processes.now
    processes.advance(86_400)
    assert await processes.take(2, 1, rates) == processes.now  # one who never asked before


async def test_three_minutes_of_four_processes_use_the_rates_fully_fairly_and_never_pass_them(
    processes: Processes,
) -> None:
    """R21: RPM 60, TPM 10,000; each of five tenants always has as many requests waiting as the others."""
    rates, tenants, ends = Rates(rpm=60, tpm=10_000), 5, 180.0
    served = [0] * tenants
    due = [(0.0, number % tenants, number % 4) for number in range(40)]
    while due and min(due)[0] < ends:
        now = min(due)[0]
        processes.advance(now - processes.now)
        asking, due = [one for one in due if one[0] <= now], [one for one in due if one[0] > now]
        for (_, tenant, process), at in zip(
            asking,
            await asyncio.gather(*(processes.take(one[2], 200, rates, patience=300) for one in asking)),
            strict=True,
        ):
            if at is not None and at < ends:
                served[tenant] += 1
            due.append((now + 1.0 if at is None else max(at, now) + 0.5, tenant, process))
    assert (most := processes.fullest_minute())[0] <= 60
    assert most[1] <= 10_000
    used = sum(tokens for at, tokens in processes.sent if at < ends)
    assert used >= 0.9 * 3 * 10_000
    assert sum(served) ** 2 / (tenants * sum(one * one for one in served)) >= 0.9


async def test_a_pause_is_heard_by_all_and_ends_by_itself_or_when_somebody_says_so(processes: Processes) -> None:
    one, other = processes.limits[:2]
    assert await one.pause(MODEL, "open", 30, "it failed")
    assert not await other.pause(MODEL, "open", 20, "it failed for us too")
    (pause,) = await other.paused([MODEL, "openai"])
    assert (pause.name, pause.kind, pause.reason) == (MODEL, "open", "it failed")
    assert await other.paused(["gemini:a"]) == []
    processes.advance(30)
    assert await other.paused() == []
    await one.pause("openai", "disabled", 900, "no such key\0")
    assert not await other.pause("openai", "disabled", 1_000, "heard later")
    assert [pause.name for pause in await other.paused()] == ["openai"]
    await other.resume("openai")
    assert await one.paused() == []


@pytest.mark.parametrize("jump", [3_600, -3_600])
async def test_a_clock_that_jumps_keeps_nobody_out_for_longer(processes: Processes, jump: float) -> None:
    await processes.limits[0].pause(MODEL, "open", 30, "it failed")
    processes.clocks[1].jump(jump)
    assert await processes.limits[1].paused() == []


async def test_postgresql_tells_the_time_itself(opened: SqlDatabase | None, database: Db) -> None:
    limits, rates = database.limits(ManualClock()), Rates(rpm=1)
    assert (await limits.take(MODEL, 1, rates, MINUTE)).wait == 0
    turn = await limits.take(MODEL, 1, rates, 1.0)
    assert turn.id is None
    assert 1 < turn.wait <= 62


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 3), st.integers(1, 60)),
        st.tuples(st.just("pass"), st.integers(0, 0), st.integers(0, 40)),
        st.tuples(st.just("jump"), st.integers(0, 3), st.sampled_from([-3_600, 3_600])),
        st.tuples(st.just("restart"), st.integers(0, 3), st.integers(0, 0)),
        st.tuples(st.just("reboot"), st.integers(0, 0), st.integers(0, 0)),
    ),
    max_size=60,
)


@given(steps=STEPS)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_minute_is_ever_passed_whatever_clocks_do(steps: list[tuple[str, int, int]]) -> None:
    """R30. The arithmetic is that of SQL (the tests above compare them)."""
    database = MemoryDatabase()
    processes, rates = Processes(database), Rates(rpm=5, tpm=100)
    for what, process, amount in steps:
        if what == "take":
            await processes.take(process, amount, rates)
        elif what == "pass":
            processes.advance(amount)
        elif what == "jump":
            now = processes.clocks[process].now() - ManualClock().now() - timedelta(seconds=processes.now)
            processes.clocks[process].jump(amount if not now else -now.total_seconds())
        elif what == "restart":
            processes.limits[process] = database.limits(processes.clocks[process])
        else:
            processes.start_the_machine_anew()
    requests, tokens = processes.fullest_minute()
    assert requests <= 5
    assert tokens <= 100
