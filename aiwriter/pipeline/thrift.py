"""Making what is still to be written fit what may still be spent: fewer passages, a cheaper model, then in turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from aiwriter.documents import Brief, Evidence, Outline, Thrift
from aiwriter.errors import BudgetSpent
from aiwriter.pipeline import drafting
from aiwriter.pipeline import outline as planning
from aiwriter.pipeline.formats import Format
from aiwriter.ports import LanguageModel, RunContext
from aiwriter.text import dollars
from aiwriter.text.counted import counted

FEW_PASSAGES = 3  # of a section, when all of them cost too much
LIKELY_SHARE = Decimal("0.5")  # of its upper bound that a call costs, counted generously


def fit(
    brief: Brief,
    outline: Outline,
    evidence: Evidence,
    models: Sequence[LanguageModel],
    context: RunContext,
    left_usd: Decimal | None,
) -> Thrift:
    """How the sections can be written for `left_usd` (None: there is no cap). Raises BudgetSpent, which says what they
    need, when they cannot.

    Side by side the upper bounds of all calls are reserved at once, and their sum must fit. One after another each is
    settled before the next, so that only the dearest must fit beside what the others are likely to cost.
    """
    full = needed = Decimal(0)
    for made, model in _rungs(models):
        bounds = [
            drafting.most_usd(brief, outline, index, evidence, model, context, made.passages)
            for index in range(len(outline.sections))
        ]
        needed = _in_turn(bounds) if made.one_by_one else sum(bounds, Decimal(0))
        full = full or needed
        if left_usd is None or (needed <= left_usd and not made.note):
            return made
        if needed <= left_usd:
            return made.model_copy(update={"note": _why(full, left_usd) + made.note})
    raise BudgetSpent(
        f"the {counted(len(outline.sections), 'section')}, even when written thriftily,", needs_usd=needed
    )


def least_usd(
    brief: Brief, evidence: Evidence, fmt: Format, models: Sequence[LanguageModel], context: RunContext
) -> Decimal:
    """What no plan can do with less of: the least that `fit` needs of the cheapest outline there can be."""
    found = (
        _in_turn([_least_of(brief, made, index, evidence, model, context) for index in range(len(made.sections))])
        for made in planning.cheapest(brief, evidence, fmt)
        for model in models
    )
    return min(found, default=Decimal(0))


def _least_of(
    brief: Brief, made: Outline, index: int, evidence: Evidence, model: LanguageModel, context: RunContext
) -> Decimal:
    """Of an introduction the passages are known, of another section only that it has one."""
    shown = 1 if made.sections[index].heading else FEW_PASSAGES
    return drafting.most_usd(brief, made, index, evidence, model, context, shown)


def _why(full: Decimal, left_usd: Decimal) -> str:
    """Far from a cap there may be no room for what must be reserved, of which most is given back."""
    full_usd, left = dollars.exact(full), dollars.exact(left_usd)
    return f"Calls reserve the most that they may cost: ${full_usd} for all sections at once, and ${left} was left. So "


def _in_turn(bounds: Sequence[Decimal]) -> Decimal:
    dearest = max(bounds)
    return dearest + LIKELY_SHARE * (sum(bounds, Decimal(0)) - dearest)


def _rungs(models: Sequence[LanguageModel]) -> Iterator[tuple[Thrift, LanguageModel]]:
    """From what is best to what is cheapest."""
    first, *cheaper = models
    few, note = FEW_PASSAGES, f"each section was written from at most {FEW_PASSAGES} passages"
    yield Thrift(model=first.name), first
    yield Thrift(model=first.name, passages=few, note=f"{note}."), first
    for model in cheaper:
        note = f"{note}, by {model.name} instead of {first.name}"
        yield Thrift(model=model.name, passages=few, note=f"{note}."), model
    last = models[-1]
    yield Thrift(model=last.name, passages=few, one_by_one=True, note=f"{note}, one after another."), last
