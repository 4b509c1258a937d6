"""What a run will take is told before it starts, from runs like it, and never above its cap."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from aiwriter.documents import ArticleKind, Brief, Estimate, Run, RunStatus
from aiwriter.errors import BadInput
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.pipeline import formats
from aiwriter.pipeline.second_opinion import ModelChecker
from aiwriter.ports import EVERY_DAY, Checker, Database, LanguageModel, Principal, Usage
from aiwriter.services import runs
from aiwriter.services.analytics import record_run
from aiwriter.services.estimates import estimate, tell
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedChecker, ScriptedModel, sample_facts

ME = Principal("me", LOCAL_WORKSPACE)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
BRIEF = Brief(topic="Ferries", words=600)


async def asked(
    database: Database,
    *,
    brief: Brief = BRIEF,
    model: LanguageModel | None = None,
    cap: str | None = None,
    checker: Checker | None = None,
    cheaper: LanguageModel | None = None,
) -> Estimate:
    chosen, budget = model or ScriptedModel(), Decimal(cap) if cap else None
    return await estimate(database, ME, ManualClock(), brief, chosen, budget, checker, cheaper)


async def remember(
    database: Database, tokens: int, cost: str = "0", estimated: str | None = None, unknown: int = 0
) -> None:
    run = Run(brief=BRIEF, model="scripted:model", embedder="minilm")
    facts = sample_facts(
        run,
        words=300,
        cost_usd=Decimal(cost),
        estimated_usd=Decimal(estimated) if estimated else None,
        input_tokens=tokens,
        output_tokens=tokens // 10,
        model_calls=4,
        unknown_calls=unknown,
        seconds=30.0,
    )
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, b"s" * 32)
        await work.facts.record(facts)
        await work.commit()


async def test_a_list_of_models_learns_from_its_runs_however_it_is_typed() -> None:
    run = Run(brief=BRIEF, model="openai:a,gemini:b", embedder="minilm")
    assert run.model == "openai:a, gemini:b"


async def test_without_runs_like_it_the_rule_counts_a_call_for_the_plan_and_one_for_each_section() -> None:
    told = await asked(MemoryDatabase())
    assert (told.fewest_calls, told.seconds) == (1 + 3 + 1, None)
    assert 0 < told.least_usd < told.likely_usd < told.most_usd


async def test_mending_is_a_range_from_none_to_all_rounds_of_every_section() -> None:
    database = MemoryDatabase()
    told = await asked(database)
    assert (told.fewest_calls, told.model_calls, told.most_calls) == (
        5,
        5 + 2,
        5 + 4 * formats.load("blog_post").rewrites,
    )
    for _ in range(3):
        await remember(database, 10_000)  # 4 calls for 300 words
    told = await asked(database)
    assert (told.fewest_calls, told.model_calls, told.most_calls) == (5, 8, 13)
    assert told.least_usd < told.likely_usd


async def test_second_opinions_are_within_what_is_told_as_the_most() -> None:
    judge = ModelChecker(ScriptedModel())
    without, told = await asked(MemoryDatabase()), await asked(MemoryDatabase(), checker=judge)
    assert (told.fewest_calls, told.least_usd) == (without.fewest_calls, without.least_usd)
    assert told.most_calls == without.most_calls + 2 * 4
    assert told.likely_usd > without.likely_usd
    whole = judge.model.cost_of(Usage(input_tokens=100 * 4, output_tokens=100 * 4))  # four calls, and short ones
    assert told.most_usd > without.most_usd + whole
    assert await asked(MemoryDatabase(), checker=ScriptedChecker()) == without


async def test_runs_of_the_same_model_are_what_it_goes_by() -> None:
    database = MemoryDatabase()
    for tokens in (9_000, 10_000, 50_000):
        await remember(database, tokens)
    told = await asked(database)
    assert (told.input_tokens, told.output_tokens, told.seconds) == (20_000, 2_000, 60.0)


async def test_how_far_such_runs_were_from_their_estimates_is_told_when_there_are_enough() -> None:
    database = MemoryDatabase()
    for cost in ("0.09", "0.12"):
        await remember(database, 1_000, cost, "0.10")
    assert (await asked(database)).error is None
    await remember(database, 1_000, "9.00", "0.10", unknown=2)
    assert (await asked(database)).error is None  # what nobody knows says nothing of them
    await remember(database, 1_000, "0.20", "0.10")
    assert (await asked(database)).error == 0.2


async def test_a_run_is_measured_by_what_was_reckoned_when_it_first_began() -> None:
    database, model = MemoryDatabase(), ScriptedModel()
    run = await runs.ask(database, ME, BRIEF, model=model.name, embedder="minilm", budget_usd=None)
    await tell(database, ME, ManualClock(), run, model)
    first = await asked(database)
    for tokens in (90_000, 90_000, 90_000):
        await remember(database, tokens)
    await tell(database, ME, ManualClock(), run, model)
    facts = await record_run(database, ME, run.id, RunStatus.FAILED, None)
    assert first.likely_usd > 0
    assert facts.estimated_usd == first.likely_usd


async def test_the_most_it_can_cost_is_the_cap() -> None:
    assert (await asked(MemoryDatabase(), cap="0.001")).most_usd == Decimal("0.001")


async def test_the_most_counts_the_thoughts_of_a_model_that_thinks_in_every_call_there_can_be() -> None:
    told = await asked(MemoryDatabase(), model=OpenAIModel("gpt-5", OpenAIOptions(api_key="sk-nobody")))
    assert told.most_usd > told.most_calls * 3 * 4_096 * Decimal(10) / 1_000_000


async def test_a_budget_that_does_not_suffice_to_begin_is_told_with_what_would_and_whose_it_is() -> None:
    database, model = MemoryDatabase(), OpenAIModel("gpt-5", OpenAIOptions(api_key="sk-nobody"))
    assert (
        "of the run's budget probably does not suffice: at least about $"
        in (await asked(database, model=model, cap="0.001")).caps
    )
    assert (await asked(database, model=model)).caps == ""
    await database.budgets(LOCAL_WORKSPACE).set_cap("day", EVERY_DAY, Decimal("0.02"))
    assert "$0.02 of this day's budget probably does not suffice" in (await asked(database, model=model, cap="9")).caps


async def test_a_budget_that_has_no_room_for_the_most_of_all_calls_is_told_with_the_one_that_has() -> None:
    database, model = MemoryDatabase(), OpenAIModel("gpt-5", OpenAIOptions(api_key="sk-nobody"))
    told = (await asked(database, model=model, cap="0.20")).caps
    assert "fewer passages" in told
    enough = told.rpartition("about $")[2].split()[0]
    assert (await asked(database, model=model, cap=enough)).caps == ""


async def test_a_budget_in_which_the_cheaper_model_can_write_is_not_said_to_be_too_small() -> None:
    free = OpenAIModel("free", OpenAIOptions(base_url="http://127.0.0.1:9/v1"))
    assert "does not suffice" in (await asked(MemoryDatabase(), cap="0.045")).caps
    assert "may be written from fewer passages" in (await asked(MemoryDatabase(), cap="0.045", cheaper=free)).caps


async def test_of_several_providers_the_cap_of_one_keeps_no_run_from_beginning() -> None:
    database = MemoryDatabase()
    await database.budgets(LOCAL_WORKSPACE).set_cap("provider", "scripted", Decimal("0.0001"))
    assert "of the budget of scripted probably does not suffice" in (await asked(database)).caps
    assert (await asked(database, model=ScriptedModel(name="scripted:a, other:b"))).caps == ""


async def test_a_longer_text_takes_more() -> None:
    short, long = [await asked(MemoryDatabase(), brief=Brief(topic="Ferries", words=words)) for words in (300, 3000)]
    assert long.likely_usd > short.likely_usd * 2


async def test_a_model_whose_context_holds_no_section_or_no_plan_is_refused_before_work_begins() -> None:
    for model, brief in (
        (ScriptedModel(context_tokens=512), Brief(topic="Ferries", words=100)),
        (ScriptedModel(context_tokens=2_048), Brief(topic="Ferries", words=5000)),
    ):
        with pytest.raises(BadInput, match=f"of scripted:model holds {model.context_tokens:,} tokens"):
            await asked(MemoryDatabase(), brief=brief, model=model)
    assert (await asked(MemoryDatabase(), model=ScriptedModel(context_tokens=2_048))).fewest_calls > 1


async def test_a_digest_costs_nothing() -> None:
    told = await asked(MemoryDatabase(), model=ScriptedModel(writes=ArticleKind.DIGEST))
    assert (told.model_calls, told.most_calls, told.most_usd) == (0, 0, 0)


async def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(BadInput, match="no format"):
        await asked(MemoryDatabase(), brief=Brief(topic="Ferries", format="limerick"))


async def test_a_search_whose_queries_the_model_plans_is_one_call_more() -> None:
    database = MemoryDatabase()
    plain = await asked(database)
    planned = await asked(database, brief=BRIEF.model_copy(update={"sources": ("a.md", "web:")}))
    given = await asked(database, brief=BRIEF.model_copy(update={"sources": ("web:ferries", "feed:https://x.org")}))
    assert planned.model_calls == plain.model_calls + 1
    assert planned.likely_usd > plain.likely_usd
    assert given.model_calls == plain.model_calls
    writer = ScriptedModel(writes=ArticleKind.DIGEST)
    assert (await asked(database, brief=BRIEF.model_copy(update={"sources": ("web:",)}), model=writer)).model_calls == 0
