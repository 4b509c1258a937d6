"""What the contracts of the database keep and ask for."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import Brief, Run, Stage
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import CallIntent, CallKey, CallOutcome, Usage
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import MemoryDatabase

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECRET = b"\x00\xff" * 16
ELSEWHERE = UUID("00000000-0000-7000-8000-0000000000ee")

Db = MemoryDatabase | SqlDatabase


async def add_run(database: Db, workspace: UUID = LOCAL_WORKSPACE, **values: object) -> Run:
    run = Run(**{"brief": Brief(topic="Electric ferries"), "model": "offline:x", "embedder": "hashing:8", **values})  # type: ignore[arg-type]
    async with database.unit_of_work(workspace) as work:
        await work.runs.add(run, SECRET)
        await work.commit()
    return run


def intent(
    run: Run, reserved: str = "0.01", call_key: str = "key", model: str = "openai:gpt", attempt: int = 1
) -> CallIntent:
    key = CallKey(run.id, Stage.SECTIONS, "2")
    return CallIntent(call_key, key, attempt, model, "section", "hash", Decimal(reserved))


def answer(cost: str = "0.004", text: str = "Hello.") -> CallOutcome:
    return CallOutcome("answered", Decimal(cost), Usage(10, 20, 5, estimated=True), text, "gpt-mini", seconds=1.5)
