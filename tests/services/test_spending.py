"""How a run spends what it may is decided once: resumed, it asks the same questions."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from aiwriter.documents import Outline
from aiwriter.errors import BudgetSpent
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.pipeline import formats, outline
from aiwriter.ports import Principal, RunContext
from aiwriter.services import runs, spending
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedModel, sample_brief, sample_evidence

OWNER = Principal("owner", LOCAL_WORKSPACE)
BRIEF, EVIDENCE = sample_brief(), sample_evidence()
DEAR, CHEAP = ScriptedModel(cost_usd=Decimal(1)), ScriptedModel(name="scripted:cheap", cost_usd=Decimal("0.001"))


async def asked(database: MemoryDatabase, budget: str) -> tuple[UUID, Outline, RunContext]:
    run = await runs.ask(
        database, OWNER, BRIEF, model="scripted:model", embedder="hashing:8", budget_usd=Decimal(budget)
    )
    context = RunContext(run.id, b"a secret of the run")
    return run.id, await outline.plan(BRIEF, EVIDENCE, formats.load(BRIEF.format), DEAR, context), context


async def test_it_is_decided_by_the_tightest_budget_and_kept(database: MemoryDatabase) -> None:
    run_id, planned, context = await asked(database, "5")
    await database.budgets(LOCAL_WORKSPACE).set_cap("day", "*", Decimal("0.5"))
    clock = ManualClock()
    made = await spending.decided(database, OWNER, clock, BRIEF, planned, EVIDENCE, [DEAR, CHEAP], context)
    assert made.model == "scripted:cheap"
    told = [event.data for event in await runs.events_after(database, OWNER, run_id, 0) if event.kind == "run.thrifty"]
    assert told == [{"note": made.note, "model": "scripted:cheap"}]
    await database.budgets(LOCAL_WORKSPACE).set_cap("day", "*", None)
    again = await spending.decided(database, OWNER, clock, BRIEF, planned, EVIDENCE, [DEAR, CHEAP], context)
    assert again == made == await spending.kept(database, OWNER, run_id)


async def test_what_does_not_fit_is_decided_anew_when_there_is_more(database: MemoryDatabase) -> None:
    run_id, planned, context = await asked(database, "0.0001")
    clock = ManualClock()
    with pytest.raises(BudgetSpent):
        await spending.decided(database, OWNER, clock, BRIEF, planned, EVIDENCE, [DEAR], context)
    assert await spending.kept(database, OWNER, run_id) is None
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.allow(run_id, Decimal(100))
        await work.commit()
    made = await spending.decided(database, OWNER, clock, BRIEF, planned, EVIDENCE, [DEAR], context)
    assert (made.model, made.note) == ("scripted:model", "")


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()
