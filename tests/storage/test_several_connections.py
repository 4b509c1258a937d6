"""Decisions hold among several connections, as of several processes, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import text

from aiwriter.documents import Brief, Run, RunStatus, Stage
from aiwriter.errors import BudgetSpent, Conflict
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import CallIntent, CallKey, CallOutcome
from aiwriter.storage.database import SqlDatabase
from aiwriter.storage.engines import RESTED_SECONDS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def databases(sql_url: str) -> AsyncIterator[list[SqlDatabase]]:
    databases = [SqlDatabase(sql_url) for _ in range(4)]
    yield databases
    for database in databases:
        await database.close()


@pytest.fixture
async def run(databases: list[SqlDatabase]) -> Run:
    run = Run(brief=Brief(topic="Electric ferries"), model="openai:x", embedder="e", budget_usd=Decimal("0.50"))
    async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, b"secret")
        await work.commit()
    return run


async def test_fifty_of_a_hundred_calls_fit_and_the_cap_is_never_passed(databases: list[SqlDatabase], run: Run) -> None:
    most = Decimal(0)

    async def call(number: int) -> bool:
        nonlocal most
        journal = databases[number % 4].journal(LOCAL_WORKSPACE)
        key = CallKey(run.id, Stage.SECTIONS, str(number))
        intent = CallIntent(str(number), key, 1, run.model, "section", "hash", Decimal("0.01"))
        try:
            begun = await journal.begin(intent)
        except BudgetSpent:
            return False
        state = await databases[number % 4].budgets(LOCAL_WORKSPACE).state("run", str(run.id))
        assert state is not None
        most = max(most, state.spent_usd + state.reserved_usd)
        if number % 2:
            await journal.finish(begun, CallOutcome("answered", Decimal("0.01"), reply_text="x"))
        return True

    assert sum(await asyncio.gather(*(call(number) for number in range(100)))) == 50
    assert most == Decimal("0.50")


async def test_of_twenty_claimants_one_wins(databases: list[SqlDatabase], run: Run) -> None:
    async def claim(number: int) -> bool:
        async with databases[number % 4].unit_of_work(LOCAL_WORKSPACE) as work:
            taken = await work.runs.claim(run.id, f"worker {number}", 30, NOON)
            await work.commit()
        return taken

    assert sum(await asyncio.gather(*(claim(number) for number in range(20)))) == 1


async def test_a_transaction_in_which_a_statement_failed_cannot_be_committed(
    databases: list[SqlDatabase], run: Run
) -> None:
    async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
        await work.events.append(run.id, "never", {})
        with pytest.raises(Conflict):
            await work.runs.add(run, b"again")
        with pytest.raises(RuntimeError, match="failed"):
            await work.commit()
    async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.events.after(run.id) == []


async def test_writers_cancelled_at_any_moment_leave_the_way_free(databases: list[SqlDatabase], run: Run) -> None:
    async def append() -> None:
        async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
            await work.events.append(run.id, "stage.progress", {})
            await work.commit()

    for turns in range(40):
        tasks = [asyncio.create_task(append()) for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in tasks[:2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert results[2] is None
        assert {type(result) for result in results} <= {type(None), asyncio.CancelledError}
    async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
        events = await work.events.after(run.id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len(events) >= 40


async def test_events_have_no_gaps(databases: list[SqlDatabase], run: Run) -> None:
    async def append(number: int) -> None:
        async with databases[number % 4].unit_of_work(LOCAL_WORKSPACE) as work:
            await work.runs.get(run.id)  # a read first must not stand in the way of the write
            await work.events.append(run.id, "stage.progress", {"number": number})
            if number % 5:
                await work.commit()

    await asyncio.gather(*(append(number) for number in range(20)))
    async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
        assert [event.seq for event in await work.events.after(run.id)] == list(range(1, 17))


async def test_several_sweepers_never_get_the_same_run(databases: list[SqlDatabase]) -> None:
    runs = [
        Run(brief=Brief(topic="Electric ferries"), model="m", embedder="e", created_at=NOON + timedelta(seconds=number))
        for number in range(60)
    ]
    async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
        for run in runs:
            await work.runs.add(run, b"secret")
        await work.commit()

    async def sweep(number: int) -> list[UUID]:
        taken: list[UUID] = []
        for _ in range(10):
            async with databases[number].unit_of_work(LOCAL_WORKSPACE) as work:
                taken += [run.id for run in await work.runs.take_unsubmitted(NOON, NOON - timedelta(hours=1), 7)]
                await work.commit()
        return taken

    handed_out = [run_id for ids in await asyncio.gather(*map(sweep, range(4))) for run_id in ids]
    assert sorted(handed_out) == sorted(run.id for run in runs)


async def test_of_cancelling_and_finishing_exactly_one_wins(databases: list[SqlDatabase]) -> None:
    for number in range(20):
        run = Run(brief=Brief(topic="Electric ferries"), model="m", embedder="e")
        async with databases[0].unit_of_work(LOCAL_WORKSPACE) as work:
            await work.runs.add(run, b"secret")
            await work.runs.claim(run.id, "worker", 30, NOON)
            await work.commit()

        async def cancel(run: Run = run) -> bool:
            async with databases[1].unit_of_work(LOCAL_WORKSPACE) as work:
                won = await work.runs.cancel(run.id, NOON)
                await work.commit()
            return won

        async def finish(run: Run = run) -> bool:
            async with databases[2].unit_of_work(LOCAL_WORKSPACE) as work:
                won = await work.runs.finish(run.id, "worker", RunStatus.DONE)
                await work.commit()
            return won

        won = await asyncio.gather(*((cancel(), finish()) if number % 2 else (finish(), cancel())))
        assert sum(won) == 1
        async with databases[3].unit_of_work(LOCAL_WORKSPACE) as work:
            status = (await work.runs.get(run.id)).status
        assert (status is RunStatus.CANCELLED) is (won[0] if number % 2 else won[1])


async def test_of_a_hundred_requests_with_one_key_one_is_new_and_all_get_its_answer(
    databases: list[SqlDatabase],
) -> None:
    async def ask(number: int) -> str:
        async with databases[number % 4].unit_of_work(LOCAL_WORKSPACE) as work:
            before = await work.idempotency.remember("me", "key", "f", str(number), NOON)
            if before is not None:
                return before.answer
            await work.commit()
        return str(number)

    answers = await asyncio.gather(*(ask(number) for number in range(100)))
    assert len(set(answers)) == 1


async def test_who_only_reads_keeps_no_transaction_of_postgresql_open(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    mine = text("SELECT state FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()")
    async with database.transaction() as reading, database.transaction() as looking:
        await reading.read(text("SELECT 1"))
        states = list((await looking.read(mine)).scalars())
    await database.close()
    assert states == ["idle"]


async def test_postgresql_starts_no_second_process_and_no_compiler_for_a_query_of_ours(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    async with database.transaction() as tx:
        found = [
            (await tx.read(text(f"SHOW {name}"))).scalar_one() for name in ("jit", "max_parallel_workers_per_gather")
        ]
    await database.close()
    assert found == ["off", "0"]


async def test_a_connection_to_postgresql_that_fell_while_it_rested_is_replaced(postgres_url: str) -> None:
    database, other = SqlDatabase(postgres_url), SqlDatabase(postgres_url)
    others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    await database.ping()
    async with other.transaction() as transaction:
        await transaction.read(text(f"{others} AND pid != pg_backend_pid()"))
    await asyncio.sleep(1.1 * RESTED_SECONDS)
    await database.ping()
    for each in (database, other):
        await each.close()
