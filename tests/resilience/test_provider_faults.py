"""Every fault of a provider at every call of a small run ends well: a draft, or an error of ours and then a draft.

The provider's own account is the judge of what was paid.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest

from aiwriter.documents import Draft
from aiwriter.errors import AIWriterError
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.pipeline import drafting, formats, outline
from aiwriter.ports import LanguageModel, RunContext
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase, sample_brief, sample_evidence
from aiwriter.testing.fake_provider import FAULTS, REFUSED, FakeProvider
from aiwriter.testing.remotes import REMOTES, remote_model

BRIEF, EVIDENCE = sample_brief(), sample_evidence()
EXECUTIONS = 4
PATIENCE = {"timeout": 0.5, "stall": 0.5}  # seconds, where nothing more will come; elsewhere the usual time


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


def runs() -> Iterator[tuple[str, str, int]]:
    """Every fault of every provider: at a call that comes whole and at one that is streamed, in turn; with chat
    completions at both."""
    for number, (kind, fault) in enumerate(product(REMOTES, [REFUSED, *FAULTS])):
        yield from ((kind, fault, call) for call in (1, 3) if kind == "openai" or call == 1 + number % 2 * 2)


@pytest.mark.parametrize(("kind", "fault", "call"), list(runs()))
async def test_run_goes_on_after_the_fault_and_no_answer_is_paid_twice(kind: str, fault: str, call: int) -> None:
    context, clock = RunContext(new_id(), b"a secret of the run"), ManualClock()
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    async with FakeProvider(faults={call: fault}) as provider:
        made: Draft | None = None
        for _execution in range(EXECUTIONS):
            try:
                made = await draft(
                    wrap(remote_model(kind, provider, timeout_seconds=PATIENCE.get(fault)), journal, clock), context
                )
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
