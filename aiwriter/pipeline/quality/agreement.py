"""When a number or a date of a sentence stands in a passage."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal

from aiwriter.text.facts import Bound, DateFact, Quantity, QuantityKind

_UP, _DOWN = (Bound.AT_LEAST, Bound.MORE_THAN), (Bound.AT_MOST, Bound.LESS_THAN)


def same_quantity(quantity: Quantity, source: Quantity) -> bool:
    """Agreement of values and units, also with a bare number on one side: in a table the unit stands in another cell,
    and "9.8, 5.4 and 6.2 million" leaves it out."""
    if contrary_bounds(quantity, source):
        return False
    if any(one.agrees(other) for one in _readings(quantity) for other in _readings(source)):
        return True
    bare, source_bare = (q.kind is QuantityKind.COUNT and not q.noun for q in (quantity, source))
    if quantity.kind is QuantityKind.TIME or not (bare or source_bare):
        return False
    return quantity.value == source.value or (bare and quantity.value == source.written)


def _readings(quantity: Quantity) -> tuple[Quantity, ...]:
    """The quantity itself; "2.1m" is 2.1 metres or 2.1 million of something, pounds are money or a weight, and degrees
    of Fahrenheit are read in Celsius too."""
    if quantity.dimension == "fahrenheit":
        celsius = (quantity.value - 32) * 5 / 9
        return quantity, replace(quantity, unit="°C", value=celsius, step=Decimal(1))
    if quantity.unit == "GBP" and quantity.text.endswith(("pound", "pounds")):
        return quantity, replace(quantity, kind=QuantityKind.MEASURE, unit="lb")
    if quantity.unit != "m" or not _SHORT_MILLION.search(quantity.text):
        return (quantity,)
    value, step = quantity.value.scaleb(6), quantity.step.scaleb(6)
    return quantity, replace(quantity, kind=QuantityKind.COUNT, unit="", value=value, step=step)


_SHORT_MILLION = re.compile(r"\dm\Z")


def contrary_bounds(quantity: Quantity, source: Quantity) -> bool:
    """ "At least 40" against "at most 40"; "more than 40" and "fewer than 40" also against a plain 40."""
    mine, theirs = quantity.bound, source.bound
    if (mine in _UP and theirs in _DOWN) or (mine in _DOWN and theirs in _UP):
        return True
    return mine in (Bound.MORE_THAN, Bound.LESS_THAN) and theirs is Bound.EXACT and _equal(quantity, source)


def _equal(quantity: Quantity, source: Quantity) -> bool:
    return quantity.base == source.base or (quantity.written is not None and quantity.written == source.written)


def same_date(date: DateFact, source: DateFact, years: Collection[object]) -> bool:
    """Agreement, where a year that the source leaves out must be one of `years`, told near it."""
    return date.agrees(source) and (date.year is None or source.year is not None or date.year in years)
