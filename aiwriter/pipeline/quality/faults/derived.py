"""Figures that no passage has and that a reader may work out from two that it has: sums, differences, shares, years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, permutations

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.facts import Bound, DateFact, Quantity, QuantityKind

_COUNTABLE = 12  # nearly every small count is the difference of two others
_LARGE = 1000
_MOST_FIGURES = 30  # told together: among more, two can be found for nearly any figure
_SLACK = Decimal("0.005")


def worked_out(quantity: Quantity, alignment: Alignment) -> tuple[str, str] | None:
    """Two figures of one sentence, or of where the claim is told, of which this one may be the sum, the difference or
    the share."""
    if quantity.kind in (QuantityKind.ORDINAL, QuantityKind.TIME):
        return None
    if quantity.kind is QuantityKind.COUNT and quantity.value <= _COUNTABLE:
        return None
    told = _told_together(alignment, quantity.dimension == "months")
    return next((pair for sentences in told for pair in _pairs(quantity, sentences)), None)


def _told_together(alignment: Alignment, years: bool) -> Iterator[tuple[Statement, ...]]:
    """What is told where the claim is, and each sentence; of years everything, for they are told far apart."""
    sentences = tuple(sentence for ground in alignment.grounds for sentence in ground.sentences)
    yield alignment.near
    yield from ((sentence,) for sentence in sentences)
    if years:
        yield sentences


def _pairs(quantity: Quantity, told: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    if quantity.dimension == "months":
        return _years_between(quantity, [date for sentence in told for date in sentence.dates])
    figures = [figure for sentence in told for figure in sentence.quantities]
    if len(figures) > _MOST_FIGURES:
        return iter(())
    if quantity.dimension == "share":
        return _shares(quantity, figures)
    alike = [figure for figure in figures if figure.dimension == quantity.dimension or _is_bare(figure)]
    return chain(
        (
            (one.text, other.text)
            for one, other in permutations(alike, 2)
            if any(_is(quantity, value) for value in _sums(one, other, quantity))
        ),
        _parts(quantity, alike, figures),
        _halves(quantity, alike, told),
    )


def _sums(one: Quantity, other: Quantity, like: Quantity) -> tuple[Decimal, Decimal]:
    """Difference and sum of two; one that leaves out its unit has that of the other."""
    if one.dimension == other.dimension:
        return one.base - other.base, one.base + other.base
    told = next((figure for figure in (one, other) if figure.dimension == like.dimension and figure.value), like)
    unit = told.base / told.value if told.value else Decimal(1)
    return (one.value - other.value) * unit, (one.value + other.value) * unit


def _is_bare(figure: Quantity) -> bool:
    """Whether it leaves its unit to another one: "8.2 million euros and 1.8 million more"."""
    return figure.kind is QuantityKind.COUNT and (not figure.noun or figure.step >= _LARGE)


def _parts(quantity: Quantity, alike: Sequence[Quantity], figures: Sequence[Quantity]) -> Iterator[tuple[str, str]]:
    """A share of a figure: 340 of 3,400, of which a tenth is told."""
    shares = (figure for figure in figures if figure.dimension == "share" and 0 < figure.base < 1)
    pairs = ((share, whole) for share in shares for whole in alike if whole is not share)
    return ((s.text, whole.text) for s, whole in pairs if _is(quantity, s.base * whole.base))


def _halves(quantity: Quantity, alike: Sequence[Quantity], told: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """What was doubled or halved, or the half of something: "half as many as ten years ago"."""
    word = next((match[0] for sentence in told if (match := _TWICE.search(sentence.text))), None)
    if word is not None:
        yield from ((w.text, word) for w in alike if _is(quantity, 2 * w.base) or _is(quantity, w.base / 2))


_TWICE = re.compile(
    r"\b(?:doubl\w+|halv\w+|half|twice|verdoppel\w+|halbier\w+|hälfte|doppelt|doublé\w*|double|moitié|mitad|doble|"
    r"duplic\w+|hälften|dubbl\w+|fördubbl\w+)\b",
    re.IGNORECASE,
)


def _is(quantity: Quantity, value: Decimal) -> bool:
    slack = _SLACK * (1 if quantity.bound is Bound.EXACT else 10)
    return value > 0 and abs(quantity.base - value) <= value * slack


def _shares(quantity: Quantity, figures: Sequence[Quantity]) -> Iterator[tuple[str, str]]:
    """Of one figure in another of its kind; in percent also by how much one is more or less than the other."""
    changed = quantity.kind is QuantityKind.PERCENT
    for one, other in permutations((figure for figure in figures if figure.dimension != "share"), 2):
        share = _ratio(one, other) if other.base > 0 else None
        if share and any(_is_about(quantity, value) for value in (share, abs(share - 1))[: 1 + changed]):
            yield one.text, other.text


def _ratio(one: Quantity, other: Quantity) -> Decimal | None:
    if one.dimension == other.dimension:
        return one.base / other.base
    return one.value / other.value if _is_bare(one) or _is_bare(other) else None


def _is_about(quantity: Quantity, share: Decimal) -> bool:
    """Whether a share is this one, or keeps its bound and is not far off: "more than a quarter" of 27.7 %."""
    over = quantity.bound in (Bound.MORE_THAN, Bound.AT_LEAST)
    under = quantity.bound in (Bound.LESS_THAN, Bound.AT_MOST)
    gap = (share - quantity.base) if over else (quantity.base - share)
    return abs(quantity.base - share) <= _SLACK or ((over or under) and 0 <= gap <= quantity.base / 4)


def _years_between(quantity: Quantity, dates: Sequence[DateFact]) -> Iterator[tuple[str, str]]:
    by_year = {Decimal(date.year): date.text for date in reversed(dates) if date.year}
    gap = quantity.base / 12
    if gap:
        yield from ((text, by_year[year + gap]) for year, text in by_year.items() if year + gap in by_year)


def year_worked_out(date: DateFact, alignment: Alignment) -> tuple[str, str] | None:
    """A year where the claim is told and how many years before or after it this one is."""
    if date.year is None or date.month is not None:
        return None
    spans = [q for s in alignment.near for q in s.quantities if q.dimension == "months" and q.base % 12 == 0]
    years = [told for s in alignment.near for told in s.dates if told.year]
    pairs = ((t.text, q.text) for t in years for q in spans if 12 * abs(date.year - (t.year or 0)) == q.base)
    return next(pairs, None)
