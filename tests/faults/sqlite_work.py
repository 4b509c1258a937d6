"""What a process of test_sqlite_under_load.py does: small transactions, each noted once it was acknowledged."""

from __future__ import annotations

import asyncio
import sqlite3
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from aiwriter.documents import Stage
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import CallIntent, CallKey, CallOutcome
from aiwriter.storage.database import SqlDatabase

MODEL = "openai:heron"
COST = Decimal("0.001")
CHECKPOINT_EVERY = 50  # transactions of a process


def write_much(database: Path, run_id: UUID, number: int, transactions: int, notes: Path) -> None:
    asyncio.run(_write_much(database, run_id, number, transactions, notes))


async def _write_much(file: Path, run_id: UUID, number: int, transactions: int, notes: Path) -> None:
    database = SqlDatabase(f"sqlite:///{file}")
    journal = database.journal(LOCAL_WORKSPACE)
    with notes.open("ab", buffering=0) as acknowledged:
        for done in range(0, transactions, 3):
            item = f"{number}-{done}"
            key = CallKey(run_id, Stage.SECTIONS, item)
            call_id = await journal.begin(CallIntent(item, key, 1, MODEL, "section", "hash", 2 * COST))
            acknowledged.write(f"begun {call_id}\n".encode())
            await journal.finish(call_id, CallOutcome("answered", COST, reply_text=item))
            acknowledged.write(f"answered {call_id}\n".encode())
            async with database.unit_of_work(LOCAL_WORKSPACE) as work:
                event = await work.events.append(run_id, "stage.progress", {"what": item})
                await work.commit()
            acknowledged.write(f"event {event.seq}\n".encode())
            if done % CHECKPOINT_EVERY < 3:
                checkpoint(file)
    await database.close()


def checkpoint(file: Path) -> None:
    """Bring what is in the write-ahead log into the file, as far as nobody reads it."""
    connection = sqlite3.connect(file, timeout=30)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
