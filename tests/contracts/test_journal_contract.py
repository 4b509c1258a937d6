"""What every database promises of the journal of paid calls and of the budgets they are counted in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from aiwriter.errors import BadInput, BudgetSpent, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import EMBED, CallOutcome, CallTotals
from tests.contracts.records import ELSEWHERE, NOON, Db, add_run, answer, intent

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def budget(database: Db, scope: str, scope_id: str) -> tuple[Decimal, Decimal]:
    state = await database.budgets(LOCAL_WORKSPACE).state(scope, scope_id)
    assert state is not None
    return state.spent_usd, state.reserved_usd


async def test_a_call_is_reserved_before_and_settled_after_in_every_budget(database: Db) -> None:
    run = await add_run(database)
    scopes = [
        ("run", str(run.id)),
        ("workspace", str(LOCAL_WORKSPACE)),
        ("day", NOON.date().isoformat()),
        ("provider", "openai"),
    ]
    for scope in scopes:
        await database.budgets(LOCAL_WORKSPACE).set_cap(*scope, Decimal(1))
    journal = database.journal(LOCAL_WORKSPACE)
    call = await journal.begin(intent(run, "0.01"))
    assert [await budget(database, *scope) for scope in scopes] == [(Decimal(0), Decimal("0.01"))] * 4
    await journal.finish(call, answer("0.004"))
    assert [await budget(database, *scope) for scope in scopes] == [(Decimal("0.004"), Decimal(0))] * 4


async def test_a_stored_answer_is_found_by_its_key_and_only_an_answer_is(database: Db) -> None:
    run = await add_run(database)
    journal = database.journal(LOCAL_WORKSPACE)
    for status, key in (("not_sent", "a"), ("unknown", "b")):
        await journal.finish(await journal.begin(intent(run, call_key=key)), CallOutcome(status, error="no \x00"))
        assert await journal.answered(key) is None
    await journal.begin(intent(run, call_key="c"))
    assert await journal.answered("c") is None
    said = answer(text='{"text": "NUL \x00, “ü” 🚢"}')
    await journal.finish(await journal.begin(intent(run, call_key="a", attempt=2)), said)
    assert await journal.answered("a") == said


async def test_what_does_not_fit_one_budget_is_reserved_in_none(database: Db) -> None:
    run = await add_run(database)
    budgets = database.budgets(LOCAL_WORKSPACE)
    await budgets.set_cap("run", str(run.id), Decimal(1))
    await budgets.set_cap("provider", "openai", Decimal("0.009"))
    await budgets.set_cap("workspace", str(LOCAL_WORKSPACE), Decimal(1))
    journal = database.journal(LOCAL_WORKSPACE)
    with pytest.raises(BudgetSpent, match=r"\$0.01; \$0.009 of the provider openai's \$0.009") as refused:
        await journal.begin(intent(run, "0.01"))
    assert refused.value.hint == (
        f"Raise its cap to at least 0.01: `aiwriter budgets set openai DOLLARS`, then `aiwriter resume {run.id}`."
    )
    assert (refused.value.budget, refused.value.needs_usd) == ("openai", Decimal("0.01"))
    nothing = (Decimal(0), Decimal(0))
    assert await budget(database, "run", str(run.id)) == nothing
    assert await budget(database, "workspace", str(LOCAL_WORKSPACE)) == nothing
    assert await journal.totals(run.id) == CallTotals()


async def test_fifty_of_a_hundred_concurrent_calls_fit_where_the_cap_allows_fifty(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.50"))
    journal = database.journal(LOCAL_WORKSPACE)
    most = Decimal(0)

    async def call(number: int) -> str:
        nonlocal most
        try:
            begun = await journal.begin(intent(run, "0.01", call_key=str(number)))
        except BudgetSpent:
            return "refused"
        most = max(most, sum(await budget(database, "run", str(run.id)), Decimal(0)))
        if number % 2:
            await journal.finish(begun, answer("0.01"))
        return "begun"

    results = await asyncio.gather(*(call(number) for number in range(100)))
    assert results.count("begun") == 50
    assert most <= Decimal("0.50")
    spent, reserved = await budget(database, "run", str(run.id))
    assert spent + reserved == Decimal("0.50")


async def test_what_was_not_sent_frees_its_reservation_and_does_not_count(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.01"))
    journal = database.journal(LOCAL_WORKSPACE)
    for _ in range(3):
        await journal.finish(await journal.begin(intent(run, "0.01")), CallOutcome("not_sent", error="refused"))
    assert await budget(database, "run", str(run.id)) == (Decimal(0), Decimal(0))
    assert await journal.totals(run.id) == CallTotals()


async def test_an_unknown_outcome_counts_as_spent_in_full(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.50"))
    journal = database.journal(LOCAL_WORKSPACE)
    await journal.finish(await journal.begin(intent(run, "0.01")), CallOutcome("unknown", error="connection lost"))
    assert await budget(database, "run", str(run.id)) == (Decimal("0.01"), Decimal(0))
    assert await journal.totals(run.id) == CallTotals(
        calls=1, unknown=1, cost_usd=Decimal("0.01"), unknown_usd=Decimal("0.01")
    )


async def test_embeddings_and_the_offline_writers_answers_are_no_calls_of_a_language_model_whatever_they_cost(
    database: Db,
) -> None:
    run = await add_run(database, budget_usd=Decimal("0.50"))
    journal = database.journal(LOCAL_WORKSPACE)
    asked = (intent(run, "0.01", "a"), replace(intent(run, "0.01", "b"), prompt_name=EMBED))
    for one in (*asked, replace(intent(run, "0", "c"), model="offline:extractive")):
        await journal.finish(await journal.begin(one), answer("0.004"))
    totals = await journal.totals(run.id)
    assert (totals.calls, totals.input_tokens, totals.output_tokens) == (1, 10, 20)
    assert totals.cost_usd == Decimal("0.012")


async def test_calls_of_a_dead_process_become_unknown_and_count_as_spent(database: Db) -> None:
    run, other = await add_run(database, budget_usd=Decimal("0.50")), await add_run(database)
    journal = database.journal(LOCAL_WORKSPACE)
    done = await journal.begin(intent(run, "0.01", "done"))
    await journal.finish(done, answer("0.004"))
    for key in ("a", "b"):
        await journal.begin(intent(run, "0.01", key))
    await journal.begin(intent(other, "0.01", "c"))
    assert await journal.abandon(run.id) == 2
    assert await journal.abandon(run.id) == 0
    assert await budget(database, "run", str(run.id)) == (Decimal("0.024"), Decimal(0))
    totals = await journal.totals(run.id)
    assert (totals.calls, totals.unknown, totals.input_tokens, totals.output_tokens) == (3, 2, 10, 20)
    assert (totals.cost_usd, totals.unknown_usd) == (Decimal("0.024"), Decimal("0.02"))
    assert (await journal.totals(other.id)).unknown == 0


async def test_an_answer_that_comes_after_all_is_kept_and_corrects_what_was_counted(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.50"))
    journal = database.journal(LOCAL_WORKSPACE)
    call = await journal.begin(intent(run, "0.01"))
    await journal.abandon(run.id)
    await journal.finish(call, answer("0.004"))
    assert await journal.answered("key") == answer("0.004")
    assert await budget(database, "run", str(run.id)) == (Decimal("0.004"), Decimal(0))


async def test_a_call_is_settled_once(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.50"))
    journal = database.journal(LOCAL_WORKSPACE)
    call = await journal.begin(intent(run, "0.01"))
    await journal.finish(call, answer("0.004"))
    await journal.finish(call, answer("0.009", "again"))
    assert await journal.answered("key") == answer("0.004")
    assert await budget(database, "run", str(run.id)) == (Decimal("0.004"), Decimal(0))
    with pytest.raises(NotFound):
        await journal.finish(new_id(), answer())


async def test_a_cap_set_later_knows_what_was_spent_before(database: Db) -> None:
    run = await add_run(database)
    journal, budgets = database.journal(LOCAL_WORKSPACE), database.budgets(LOCAL_WORKSPACE)
    await journal.finish(await journal.begin(intent(run, "0.01")), answer("0.004"))
    assert await budgets.state("provider", "openai") is None
    await budgets.set_cap("provider", "openai", Decimal("0.005"))
    assert await budget(database, "provider", "openai") == (Decimal("0.004"), Decimal(0))
    with pytest.raises(BudgetSpent):
        await journal.begin(intent(run, "0.0011"))
    await journal.begin(intent(run, "0.001"))
    await journal.begin(intent(run, "0", model="offline:extractive"))


async def test_the_cap_of_every_day_is_that_of_this_one_and_of_those_to_come(database: Db) -> None:
    run = await add_run(database)
    journal, budgets = database.journal(LOCAL_WORKSPACE), database.budgets(LOCAL_WORKSPACE)
    today = NOON.date()
    await budgets.set_cap("day", "*", Decimal("0.02"))  # before the first call of the day
    await journal.finish(await journal.begin(intent(run, "0.015")), answer("0.012"))
    with pytest.raises(BudgetSpent, match="day"):
        await journal.begin(intent(run, "0.009"))
    await budgets.set_cap("day", "*", Decimal("0.03"))  # and after it
    await journal.begin(intent(run, "0.009"))
    found = {(one.scope, one.scope_id): one for one in await budgets.shared(today)}
    day = found["day", today.isoformat()]
    assert (day.cap_usd, day.spent_usd, day.reserved_usd) == (Decimal("0.03"), Decimal("0.012"), Decimal("0.009"))
    assert found["provider", "openai"].cap_usd is None
    assert {scope for scope, _id in found} == {"day", "provider", "workspace"}
    await budgets.set_cap("day", "*", None)
    await journal.begin(intent(run, "5"))
    assert await database.budgets(ELSEWHERE).shared(today) == []


async def test_what_is_left_is_what_the_tightest_budget_has(database: Db) -> None:
    run, other = await add_run(database, budget_usd=Decimal("0.50")), await add_run(database)
    journal, budgets = database.journal(LOCAL_WORKSPACE), database.budgets(LOCAL_WORKSPACE)
    assert await budgets.left(other.id, "openai:gpt", NOON) is None
    assert await budgets.left(run.id, "openai:gpt", NOON) == Decimal("0.50")
    await journal.finish(await journal.begin(intent(run, "0.01")), answer("0.004"))
    await journal.begin(intent(run, "0.01"))
    assert await budgets.left(run.id, "openai:gpt", NOON) == Decimal("0.486")
    await budgets.set_cap("day", "*", Decimal("0.02"))
    assert await budgets.left(run.id, "openai:gpt", NOON) == Decimal("0.006")
    assert await budgets.left(run.id, "openai:gpt", NOON + timedelta(days=1)) == Decimal("0.02")
    await budgets.set_cap("provider", "openai", Decimal("0.001"))
    assert await budgets.left(run.id, "openai:gpt", NOON) == 0
    assert await budgets.left(run.id, "openai:gpt, gemini:g", NOON) == Decimal("0.006")  # nothing caps the other
    await budgets.set_cap("provider", "gemini", Decimal("0.002"))
    assert await budgets.left(run.id, "openai:gpt, gemini:g", NOON) == Decimal("0.002")


async def test_a_run_that_is_allowed_more_knows_what_it_has_cost(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.01"))
    journal = database.journal(LOCAL_WORKSPACE)
    await journal.finish(await journal.begin(intent(run, "0.01")), answer("0.008"))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.allow(run.id, Decimal("0.02"))
        with pytest.raises(NotFound):
            await work.runs.allow(new_id(), Decimal(1))
        await work.commit()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert (await work.runs.get(run.id)).budget_usd == Decimal("0.02")
    with pytest.raises(BudgetSpent):
        await journal.begin(intent(run, "0.013"))
    await journal.begin(intent(run, "0.012"))


async def test_what_is_free_fits_even_a_budget_that_is_spent(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal(0))
    await database.journal(LOCAL_WORKSPACE).begin(intent(run, "0"))


async def test_a_reservation_is_rounded_up_and_a_cap_down(database: Db) -> None:
    run = await add_run(database, budget_usd=Decimal("0.0000029"))
    journal = database.journal(LOCAL_WORKSPACE)
    await journal.begin(intent(run, "0.0000011"))
    assert await budget(database, "run", str(run.id)) == (Decimal(0), Decimal("0.000002"))
    with pytest.raises(BudgetSpent):
        await journal.begin(intent(run, "0.0000001"))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1E30", "0.0000001"])
async def test_what_is_no_amount_of_money_is_refused(database: Db, amount: str) -> None:
    with pytest.raises(BadInput):
        await database.budgets(LOCAL_WORKSPACE).set_cap("provider", "openai", Decimal(amount))
