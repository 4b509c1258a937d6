"""Figures that no passage has and that a reader may work out from two that it has: sums, differences, shares, years."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import permutations

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.facts import Bound, DateFact, Quantity, QuantityKind

_COUNTABLE = 12  # nearly every small count is the difference of two others
_SLACK = Decimal("0.005")


def worked_out(quantity: Quantity, alignment: Alignment) -> tuple[str, str] | None:
    """Two figures of one sentence, or of where the claim is told, of which this one may be the sum, the difference or
    the share."""
    if quantity.kind in (QuantityKind.ORDINAL, QuantityKind.TIME):
        return None
    if quantity.kind is QuantityKind.COUNT and quantity.value <= _COUNTABLE:
        return None
    return next((pair for told in _told_together(alignment) for pair in _pairs(quantity, told)), None)


def _told_together(alignment: Alignment) -> Iterator[tuple[Statement, ...]]:
    yield alignment.near
    yield from ((sentence,) for ground in alignment.grounds for sentence in ground.sentences)


def _pairs(quantity: Quantity, told: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    figures = [figure for sentence in told for figure in sentence.quantities]
    if quantity.dimension == "share":
        return _shares(quantity, figures)
    if quantity.dimension == "months":
        return _years_between(quantity, [date for sentence in told for date in sentence.dates])
    alike = [figure for figure in figures if figure.dimension == quantity.dimension]
    return (
        (one.text, other.text)
        for one, other in permutations(alike, 2)
        if _is(quantity, one.base - other.base) or _is(quantity, one.base + other.base)
    )


def _is(quantity: Quantity, value: Decimal) -> bool:
    slack = _SLACK * (1 if quantity.bound is Bound.EXACT else 10)
    return value > 0 and abs(quantity.base - value) <= value * slack


def _shares(quantity: Quantity, figures: Sequence[Quantity]) -> Iterator[tuple[str, str]]:
    """Of one figure in another of its kind; in percent also by how much one is more or less than the other."""
    changed = quantity.kind is QuantityKind.PERCENT
    for one, other in permutations(figures, 2):
        if one.dimension == other.dimension != "share" and other.base > 0:
            share = one.base / other.base
            if any(abs(quantity.base - value) <= _SLACK for value in (share, abs(share - 1))[: 1 + changed]):
                yield one.text, other.text


def _years_between(quantity: Quantity, dates: Sequence[DateFact]) -> Iterator[tuple[str, str]]:
    for one, other in permutations(dates, 2):
        if one.year and other.year and 12 * (one.year - other.year) == quantity.base:
            yield other.text, one.text


def year_worked_out(date: DateFact, alignment: Alignment) -> tuple[str, str] | None:
    """A year where the claim is told and how many years before or after it this one is."""
    if date.year is None or date.month is not None:
        return None
    spans = [q for s in alignment.near for q in s.quantities if q.dimension == "months" and q.base % 12 == 0]
    years = [told for s in alignment.near for told in s.dates if told.year]
    pairs = ((t.text, q.text) for t in years for q in spans if 12 * abs(date.year - (t.year or 0)) == q.base)
    return next(pairs, None)
