"""Every fault of a provider at every call of a small run ends well: a draft, or an error of ours and then a draft.

The provider's own account is the judge of what was paid.
"""

from collections import Counter

import pytest

from aiwriter.documents import Draft
from aiwriter.errors import AIWriterError
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.profiles import Price
from aiwriter.pipeline import drafting, formats, outline
from aiwriter.ports import LanguageModel, RunContext
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase, sample_brief, sample_evidence
from aiwriter.testing.fake_provider import FAULTS, INPUT_USD, OUTPUT_USD, REFUSED, FakeProvider

BRIEF, EVIDENCE = sample_brief(), sample_evidence()
PRICE = Price(INPUT_USD, OUTPUT_USD)
EXECUTIONS = 4


async def watch(_text: str) -> None:
    """Somebody reads along."""


async def draft(model: LanguageModel, context: RunContext) -> Draft:
    """An outline that comes whole, and sections that are streamed."""
    planned = await outline.plan(BRIEF, EVIDENCE, formats.load(BRIEF.format), model, context)
    sections = [
        await drafting.write_section(BRIEF, planned, index, EVIDENCE, model, context, watch)
        for index in range(len(planned.sections))
    ]
    return drafting.assemble(planned, sections, model.writes)


@pytest.mark.parametrize("call", [1, 3])
@pytest.mark.parametrize("fault", [REFUSED, *FAULTS])
async def test_run_goes_on_after_the_fault_and_no_answer_is_paid_twice(fault: str, call: int) -> None:
    context, clock = RunContext(new_id(), b"a secret of the run"), ManualClock()
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    async with FakeProvider(faults={call: fault}) as provider:
        options = OpenAIOptions(base_url=provider.base_url, price=PRICE, timeout_seconds=0.3)
        made: Draft | None = None
        for _execution in range(EXECUTIONS):
            try:
                made = await draft(wrap(OpenAIModel("heron-1", options), journal, clock), context)
                break
            except AIWriterError:
                await provider.back()
    assert made is not None
    assert all(sentence.citations for sentence in made.sentences)
    answered = Counter(call.body_sha256 for call in provider.calls if call.fault == "good")
    assert max(answered.values()) == 1
    totals = await journal.totals(context.run_id)
    assert totals.cost_usd >= provider.billed_usd
    if not totals.unknown and fault != "no_usage":
        assert totals.cost_usd == provider.billed_usd
