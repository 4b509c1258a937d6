"""How a run spends what it may is decided once: resumed, it asks the same questions."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from aiwriter.documents import Outline, Run, RunStatus, Shortage, Stage
from aiwriter.errors import BudgetSpent, Conflict
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.pipeline import formats, outline
from aiwriter.ports import CallIntent, CallKey, Principal, RunContext
from aiwriter.services import batches, caps, estimates, holding, runs, spending
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedModel, sample_brief, sample_evidence
from aiwriter.text import dollars

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


async def test_a_run_that_does_not_fit_is_told_which_budget_lacks_what_and_the_command_that_helps(
    database: MemoryDatabase,
) -> None:
    run_id, planned, context = await asked(database, "5")
    await database.budgets(LOCAL_WORKSPACE).set_cap("day", "*", Decimal("0.0004"))
    with pytest.raises(BudgetSpent, match=r"\$0\.0004 of this day's \$0\.0004 is left") as refused:
        await spending.decided(database, OWNER, ManualClock(), BRIEF, planned, EVIDENCE, [DEAR], context)
    assert refused.value.budget == "day"
    in_all = dollars.enough(refused.value.needs_usd)
    assert f"at least {in_all}: `aiwriter budgets set day DOLLARS`" in str(refused.value.hint)
    assert f"`aiwriter resume {run_id}`" in str(refused.value.hint)


async def refused_by(database: MemoryDatabase, budget: str, needs: str) -> Run:
    run_id, _, _ = await asked(database, "5")
    async with holding.held(database, OWNER, run_id, ManualClock()) as owner:
        short = Shortage(budget=budget, needs_usd=Decimal(needs))
        await holding.end(database, OWNER, run_id, owner, RunStatus.REFUSED, reason="no room", short=short)
    return await runs.get(database, OWNER, run_id)


@pytest.mark.parametrize(
    ("budget", "scope"),
    [("day", ("day", "*")), ("workspace", ("workspace", str(LOCAL_WORKSPACE))), ("scripted", ("provider", "scripted"))],
)
async def test_a_run_that_a_shared_budget_refused_goes_on_as_soon_as_that_has_room(
    database: MemoryDatabase, budget: str, scope: tuple[str, str]
) -> None:
    run, clock = await refused_by(database, budget, "0.30"), ManualClock()
    await database.budgets(LOCAL_WORKSPACE).set_cap(*scope, Decimal("0.29"))
    with pytest.raises(BudgetSpent, match=r"may cost \$0\.3; \$0\.29 of") as refused:
        await caps.require_room(database, OWNER, clock, run)
    assert f"`aiwriter budgets set {budget} DOLLARS`" in str(refused.value.hint)
    await database.budgets(LOCAL_WORKSPACE).set_cap(*scope, None)
    await caps.require_room(database, OWNER, clock, run)
    resumed = await runs.resume(database, OWNER, run.id)
    assert (resumed.status, resumed.reason, resumed.short) == (RunStatus.QUEUED, None, None)


async def test_a_run_that_its_own_budget_refused_says_what_goes_on_with_it(database: MemoryDatabase) -> None:
    run = await refused_by(database, "run", "0.30")
    await caps.require_room(database, OWNER, ManualClock(), run)
    with pytest.raises(Conflict, match="refused by its own budget: no room") as refused:
        await runs.resume(database, OWNER, run.id)
    assert f"`aiwriter resume {run.id} --budget DOLLARS`" in str(refused.value.hint)


async def test_a_batch_goes_on_with_what_a_shared_budget_refused(database: MemoryDatabase) -> None:
    batch = await batches.ask(
        database, OWNER, [BRIEF], name="one", model="scripted:model", embedder="hashing:8", budget_usd=None
    )
    (run,) = (await batches.state(database, OWNER, batch.id)).runs
    async with holding.held(database, OWNER, run.id, ManualClock()) as owner:
        short = Shortage(budget="day", needs_usd=Decimal(1))
        await holding.end(database, OWNER, run.id, owner, RunStatus.REFUSED, reason="no room", short=short)
    assert [one.status for one in (await batches.resume(database, OWNER, batch.id)).runs] == [RunStatus.QUEUED]


async def test_a_run_that_no_plan_could_finish_is_refused_before_one_is_paid_for(database: MemoryDatabase) -> None:
    run_id, _, context = await asked(database, "2.5")
    clock, wish = ManualClock(), (BRIEF, EVIDENCE, [DEAR], context)
    with pytest.raises(BudgetSpent, match=r"as thriftily as can be, may cost \$3; \$2\.5 of the run's") as refused:
        await spending.require_hope(database, OWNER, clock, *wish)
    assert f"`aiwriter resume {run_id} --budget DOLLARS`" in str(refused.value.hint)
    waits = BRIEF.model_copy(update={"approve_outline": True})  # a person may shorten it
    await spending.require_hope(database, OWNER, clock, waits, *wish[1:])


async def test_who_has_no_room_for_a_plan_is_told_what_has_room_for_all_that_follows(database: MemoryDatabase) -> None:
    """With room for the plan alone it would be paid for, and its sections be refused."""
    run_id, _, context = await asked(database, "5")
    await database.budgets(LOCAL_WORKSPACE).set_cap("day", "*", Decimal("0.5"))

    async def plan() -> Outline:
        raise BudgetSpent("the next model call may cost $1", scope="day", needs_usd=Decimal(1))

    with pytest.raises(BudgetSpent, match=r"plan of its sections may cost \$1; \$0\.5 of this day's \$0\.5") as refused:
        await spending.planned(database, OWNER, ManualClock(), BRIEF, [DEAR], context, plan())
    advised, _ = estimates.must_be_free(BRIEF, DEAR)
    assert (refused.value.budget, refused.value.needs_usd) == ("day", Decimal(1)) < ("day", advised)
    assert f"at least {dollars.enough(advised)}: `aiwriter budgets set day DOLLARS`" in str(refused.value.hint)
    assert f"`aiwriter resume {run_id}`" in str(refused.value.hint)


async def test_what_others_have_reserved_may_come_back_and_keeps_no_run_from_beginning(
    database: MemoryDatabase,
) -> None:
    _, _, context = await asked(database, "5")
    await database.budgets(LOCAL_WORKSPACE).set_cap("day", "*", Decimal(4))
    key = CallKey(new_id(), Stage.OUTLINE)
    await database.journal(LOCAL_WORKSPACE).begin(CallIntent("k", key, 1, "other:m", "p", "h", Decimal("3.9")))
    await spending.require_hope(database, OWNER, ManualClock(), BRIEF, EVIDENCE, [DEAR], context)
