"""What is still to be written is made to fit what may still be spent, or refused before anything is paid for it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aiwriter.documents import Outline
from aiwriter.errors import BudgetSpent
from aiwriter.ids import new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.profiles import Price
from aiwriter.pipeline import drafting, formats, outline, thrift
from aiwriter.ports import LanguageModel, RunContext
from aiwriter.testing import ScriptedModel, sample_brief, sample_evidence

BRIEF, EVIDENCE = sample_brief(), sample_evidence()
CONTEXT = RunContext(new_id(), b"a secret of the run")


def priced(name: str, dollars: str) -> LanguageModel:
    """A model that is never asked here; a million tokens cost so much."""
    price = Price(Decimal(dollars), Decimal(dollars))
    return OpenAIModel(name, OpenAIOptions(base_url="http://127.0.0.1:9/v1", price=price))


DEAR, CHEAP = priced("dear", "100"), priced("cheap", "1")


@pytest.fixture
async def planned() -> Outline:
    return await outline.plan(BRIEF, EVIDENCE, formats.load(BRIEF.format), ScriptedModel(), CONTEXT)


def most(planned: Outline, model: LanguageModel, passages: int | None) -> Decimal:
    of_each = [
        drafting.most_usd(BRIEF, planned, index, EVIDENCE, model, CONTEXT, passages)
        for index in range(len(planned.sections))
    ]
    return sum(of_each, Decimal(0))


async def test_without_a_cap_or_with_enough_nothing_is_saved(planned: Outline) -> None:
    for left in (None, most(planned, DEAR, None)):
        made = thrift.fit(BRIEF, planned, EVIDENCE, [DEAR, CHEAP], CONTEXT, left)
        assert (made.model, made.passages, made.note) == ("openai:dear", None, "")


async def test_fewer_passages_come_before_a_cheaper_model_and_both_are_told(planned: Outline) -> None:
    few = most(planned, DEAR, thrift.FEW_PASSAGES)
    made = thrift.fit(BRIEF, planned, EVIDENCE, [DEAR, CHEAP], CONTEXT, few)
    assert (made.model, made.passages) == ("openai:dear", thrift.FEW_PASSAGES)
    full = most(planned, DEAR, None)
    assert f"the most that they may cost: ${full} for all sections at once, and ${few} was left" in made.note
    assert "at most 3 passages" in made.note
    made = thrift.fit(BRIEF, planned, EVIDENCE, [DEAR, CHEAP], CONTEXT, few - Decimal("0.000001"))
    assert (made.model, made.passages) == ("openai:cheap", thrift.FEW_PASSAGES)
    assert "by openai:cheap instead of openai:dear" in made.note


async def test_before_it_is_refused_it_is_tried_one_after_another(planned: Outline) -> None:
    needed = most(planned, CHEAP, thrift.FEW_PASSAGES)
    made = thrift.fit(BRIEF, planned, EVIDENCE, [DEAR, CHEAP], CONTEXT, needed * Decimal("0.95"))
    assert (made.model, made.one_by_one) == ("openai:cheap", True)
    assert made.note.endswith("one after another.")
    assert not thrift.fit(BRIEF, planned, EVIDENCE, [DEAR, CHEAP], CONTEXT, needed).one_by_one


async def test_what_cannot_be_written_for_what_is_left_is_refused_with_the_amounts(planned: Outline) -> None:
    with pytest.raises(BudgetSpent, match="sections, even when written thriftily,") as refused:
        thrift.fit(BRIEF, planned, EVIDENCE, [DEAR, CHEAP], CONTEXT, Decimal("0.000001"))
    assert Decimal("0.000001") < refused.value.needs_usd < most(planned, CHEAP, thrift.FEW_PASSAGES)


async def test_a_section_is_shown_no_more_passages_than_the_thrift_allows(planned: Outline) -> None:
    model = ScriptedModel()
    await drafting.write_section(BRIEF, planned, 0, EVIDENCE, model, CONTEXT, most_passages=1)
    assert "[S1]" in model.requests[0].prompt.text
    assert "[S2]" not in model.requests[0].prompt.text


async def test_what_a_run_needs_at_the_very_least_is_never_more_than_a_plan_of_it_needs(planned: Outline) -> None:
    fmt = formats.load(BRIEF.format)
    least = thrift.least_usd(BRIEF, EVIDENCE, fmt, [DEAR, CHEAP], CONTEXT)
    with pytest.raises(BudgetSpent) as refused:
        thrift.fit(BRIEF, planned, EVIDENCE, [DEAR, CHEAP], CONTEXT, Decimal(0))
    assert refused.value.needs_usd / 2 < least <= refused.value.needs_usd
