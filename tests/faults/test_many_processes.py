"""What several processes at one database agree on: a cap, a provider's rates, its breaker, and who works on a run.

Four real processes that begin together; the clocks of some are wrong, or jump by an hour (trust.md R12, R13, R15, R21,
R30).
"""

from __future__ import annotations

import asyncio
import signal
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from aiwriter.documents import Brief, Run
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import BudgetState, Rates
from aiwriter.services import holding
from aiwriter.storage import tables
from tests.faults import processes_work as work
from tests.faults.processes import CONTEXT, Jump, in_processes

STORES = ("sqlite", "postgresql")
PROCESSES = 4
PRICE = Decimal("0.10")
MINUTE, HOUR = 60.0, 3_600.0
WINDOW = 62.0  # seconds that the product takes for a minute
RATES = Rates(rpm=60, tpm=10_000)
MINUTES = 3 * MINUTE
STEADY: tuple[Jump, ...] = ()
JUMPING: tuple[tuple[Jump, ...], ...] = (((40, HOUR),), ((70, -HOUR),), ((20, -HOUR), (100, 2 * HOUR)), STEADY)
LARGE = pytest.mark.faults


def both(*cases: tuple[Any, ...]) -> list[Any]:
    """The first case with SQLite for `make test`; all with both stores for `make faults`."""
    return [
        pytest.param(store, *case, id="-".join(map(str, (store, *case))), marks=() if first else (LARGE,))
        for number, case in enumerate(cases)
        for store in STORES
        for first in [number == 0]
    ]


@pytest.fixture
def url(store: str, request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("sqlite_url" if store == "sqlite" else "postgres_url"))


async def added(url: str, cap: Decimal | None = None) -> UUID:
    run = Run(brief=Brief(topic="Electric ferries"), model=work.MODEL, embedder="e", budget_usd=cap)
    async with work.opened(url) as database, database.unit_of_work(LOCAL_WORKSPACE) as unit:
        await unit.runs.add(run, b"secret")
        await unit.commit()
    return run.id


async def in_all(doing: Any, *each: tuple[Any, ...]) -> list[Any]:
    return await asyncio.to_thread(in_processes, doing, *each)


@pytest.mark.parametrize(("store", "callers", "cap"), both((80, Decimal("1.00")), (1_000, Decimal("5.00"))))
async def test_exactly_as_many_calls_as_fit_are_admitted_and_the_cap_is_never_passed(
    url: str, callers: int, cap: Decimal
) -> None:
    run_id = await added(url, cap)
    each = [(url, run_id, callers // PROCESSES, PRICE)] * PROCESSES
    came = await in_all(work.call_at_once, *each)
    assert sum(admitted for admitted, _ in came) == cap / PRICE
    assert max(seen for _, seen in came) == cap
    async with work.opened(url) as database:
        state = await database.budgets(LOCAL_WORKSPACE).state("run", str(run_id))
        calls = await database.journal(LOCAL_WORKSPACE).calls(run_id)
    assert state is not None
    assert (state.spent_usd, state.reserved_usd) == (
        sum(call.cost_usd for call in calls if call.status == "answered"),
        sum(call.reserved_usd for call in calls if call.status == "intent"),
    )


@pytest.mark.parametrize("store", STORES)
async def test_reservations_of_a_process_that_was_killed_count_as_spent_and_the_cap_holds(url: str) -> None:
    run_id, calls = await added(url, 30 * PRICE), 20
    process = CONTEXT.Process(target=work.reserve_and_die, args=(url, run_id, calls, PRICE))
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode == -signal.SIGKILL
    async with work.opened(url) as database:
        budgets = database.budgets(LOCAL_WORKSPACE)
        assert await budgets.state("run", str(run_id)) == BudgetState(30 * PRICE, Decimal(0), calls * PRICE)
        async with holding.held(database, work.WHO, run_id, work.WrongClock(0)):
            assert await budgets.state("run", str(run_id)) == BudgetState(30 * PRICE, calls * PRICE, Decimal(0))
    came = await in_all(work.call_at_once, *[(url, run_id, 10, PRICE)] * PROCESSES)
    assert sum(admitted for admitted, _ in came) == 30 - calls
    assert max(seen for _, seen in came) == 30 * PRICE


def fullest_minute(sent: list[tuple[float, int]]) -> tuple[int, int]:
    """The most requests, and the most tokens, in any 60 seconds."""
    minutes = [[tokens for at, tokens in sent if start <= at < start + MINUTE] for start, _ in sent]
    return max(map(len, minutes)), max(map(sum, minutes))


@pytest.mark.parametrize(
    ("store", "tokens", "clocks"), both((200, "jumping"), (100, "jumping"), (200, "steady"), (100, "steady"))
)
async def test_no_minute_of_four_processes_passes_the_rates_and_nearly_all_of_them_is_used(
    url: str, tokens: int, clocks: str
) -> None:
    """With 200 tokens a request the rate of tokens is what binds, with 100 that of requests."""
    jumps = JUMPING if clocks == "jumping" else (STEADY,) * PROCESSES
    came = await in_all(work.ask_for_minutes, *[(url, RATES, tokens, MINUTES, jump) for jump in jumps])
    sent = [request for process in came for request in process]
    requests, used = fullest_minute(sent)
    assert requests <= 60
    assert used <= 10_000
    in_time = [request for request in sent if request[0] < MINUTES]
    share = max(len(in_time) / (3 * 60), sum(tokens for _, tokens in in_time) / (3 * 10_000))
    assert share >= 0.9


@pytest.mark.parametrize("store", ["postgresql"])
async def test_turns_by_the_servers_clock_are_the_same_whatever_those_of_the_processes_say(url: str) -> None:
    """Forty turns of ten a minute: three windows after the first, whoever's clock is an hour off."""
    each = [(url, Rates(rpm=10), 10, ((0, far),)) for far in (0.0, HOUR, -HOUR, 0.0)]
    waits = [wait for process in await in_all(work.take_turns, *each) for wait in process]
    assert max(waits) <= 3 * WINDOW
    async with work.opened(url) as database, database.transaction() as transaction:
        at = [milliseconds / 1_000 for milliseconds in (await transaction.read(select(tables.turns.c.at_ms))).scalars()]
    assert len(at) == 40
    assert fullest_minute([(moment, 1) for moment in at]) == (10, 10)


@pytest.mark.parametrize(("store", "times"), both((25,), (334,)))
async def test_a_breaker_that_opened_in_one_process_is_open_in_all_a_second_later(url: str, times: int) -> None:
    (_, none), *others = await in_all(work.ask_around_a_failure, *[(url, times)] * PROCESSES)
    assert none == []
    assert others == [(0, ["Resting"] * times)] * 3


@pytest.mark.parametrize("store", ["postgresql"])
@pytest.mark.parametrize("holders", [-HOUR, pytest.param(0.0, marks=LARGE), pytest.param(HOUR, marks=LARGE)])
async def test_a_run_is_held_by_one_process_though_the_clocks_of_machines_differ_by_an_hour(
    url: str, holders: float
) -> None:
    run_id = await added(url)
    each = [(url, run_id, wrong) for wrong in (holders, 0.0, HOUR, -HOUR)]
    assert await in_all(work.hold_or_be_refused, *each) == ["held", "refused", "refused", "refused"]


@pytest.mark.parametrize("store", ["postgresql"])
@pytest.mark.parametrize("holders", [HOUR, pytest.param(0.0, marks=LARGE), pytest.param(-HOUR, marks=LARGE)])
@pytest.mark.parametrize("others", [-HOUR, pytest.param(0.0, marks=LARGE), pytest.param(HOUR, marks=LARGE)])
async def test_a_run_whose_holder_vanished_is_taken_over_whatever_its_clock_said(
    url: str, holders: float, others: float
) -> None:
    run_id = await added(url)
    came = await in_all(work.vanish_or_take_over, (url, run_id, holders), (url, run_id, others))
    assert came == ["gone", "taken"]
