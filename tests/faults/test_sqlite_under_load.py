"""SQLite, written to by several processes with checkpoints between, one of them killed: whole, and nothing that was
acknowledged is missing (trust.md R25)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID

import pytest

from aiwriter.documents import Brief, Run
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.storage.database import SqlDatabase
from tests.faults.processes import CONTEXT
from tests.faults.sqlite_work import COST, MODEL, write_much

LONG, ROUNDS = (8, 5_000, 0), [(8, 250, seed) for seed in range(20)]  # as many transactions in one round as in twenty
LARGE = [pytest.param(*one, marks=pytest.mark.faults) for one in (LONG, *ROUNDS)]


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize(("processes", "transactions", "seed"), [(3, 100, 0), *LARGE])
async def test_what_was_acknowledged_is_there_after_a_process_was_killed_and_the_file_is_whole(
    processes: int, transactions: int, seed: int, migrated_sqlite: Path, tmp_path: Path
) -> None:
    file = Path(shutil.copy(migrated_sqlite, tmp_path / "aiwriter.db"))
    run_id = await added(file)
    notes = [tmp_path / f"acknowledged-{number}" for number in range(processes)]
    each = [(file, run_id, number, transactions, note) for number, note in enumerate(notes)]
    doing = [CONTEXT.Process(target=write_much, args=arguments) for arguments in each]
    chance = random.Random(seed)
    victim = chance.randrange(processes)
    await asyncio.to_thread(carry_out, doing, doing[victim], notes[victim], chance.randrange(transactions * 9 // 10))
    assert [one.exitcode for one in doing] == [
        -signal.SIGKILL if number == victim else 0 for number in range(processes)
    ]
    said = [line.split() for note in notes for line in note.read_text().splitlines()]
    assert len(said) >= (processes - 1) * transactions
    look_whole(file)
    await compare(file, run_id, said)


async def added(file: Path) -> UUID:
    database = SqlDatabase(f"sqlite:///{file}")
    run = Run(brief=Brief(topic="Electric ferries"), model=MODEL, embedder="e", budget_usd=Decimal("1000"))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, b"secret")
        await work.commit()
    await database.close()
    return run.id


def carry_out(doing: Sequence[BaseProcess], victim: BaseProcess, note: Path, after: int) -> None:
    """Let all of them write, and kill one when so many of its transactions were acknowledged."""
    for process in doing:
        process.start()
    while victim.is_alive() and (not note.exists() or note.read_bytes().count(b"\n") < after):
        time.sleep(0.005)
    assert victim.pid is not None
    os.kill(victim.pid, signal.SIGKILL)
    for process in doing:
        process.join()


def look_whole(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        answers = connection.execute("SELECT item, reply FROM model_calls WHERE status = 'answered'").fetchall()
    assert all(json.loads(reply) == item for item, reply in answers)


async def compare(file: Path, run_id: UUID, said: list[list[str]]) -> None:
    """All that was acknowledged is stored; more than that is only what the killed one had no time to note."""
    told = {kind: {what for was, what in said if was == kind} for kind in ("begun", "answered", "event")}
    database = SqlDatabase(f"sqlite:///{file}")
    calls = await database.journal(LOCAL_WORKSPACE).calls(run_id)
    state = await database.budgets(LOCAL_WORKSPACE).state("run", str(run_id))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        events = await work.events.after(run_id, limit=len(told["event"]) + 2)
    await database.close()
    answered = {str(call.id): call for call in calls if call.status == "answered"}
    open_ = [call for call in calls if call.status == "intent"]
    assert told["begun"] <= {str(call.id) for call in calls}
    assert told["answered"] <= answered.keys()
    assert told["event"] <= {str(event.seq) for event in events}
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    unnoted = len(calls) - len(told["begun"]), len(answered) - len(told["answered"]), len(events) - len(told["event"])
    assert sum(unnoted) <= 1
    assert len(open_) <= 1
    assert state is not None
    assert (state.spent_usd, state.reserved_usd) == (COST * len(answered), 2 * COST * len(open_))
