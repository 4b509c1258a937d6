"""Corruptions of true sentences: what a checker must notice. Deterministic for a given random generator.

Each function returns the corrupted sentence, or None when the sentence offers nothing to corrupt in that way.
"""

from __future__ import annotations

import calendar
import random
import re
from collections.abc import Callable, Sequence

from aiwriter.text.facts import Bound, Quantity, QuantityKind, dates, names, quantities

Mutation = Callable[[str, random.Random, Sequence[str]], str | None]

_SPELLED = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_MONTHS = tuple(calendar.month_name[1:])
_UNITS = {
    "kWh": "MWh", "MWh": "kWh", "GWh": "MWh", "kW": "MW", "MW": "kW", "km": "m", "m": "km", "metres": "kilometres",
    "meters": "kilometers", "kilometres": "metres", "kilometers": "meters", "km/h": "knots", "knots": "km/h",
    "mph": "km/h", "miles": "kilometres", "nautical miles": "metres", "feet": "metres", "ft": "m", "kg": "tonnes",
    "tonnes": "kilograms", "tons": "pounds", "hours": "minutes", "minutes": "hours", "seconds": "minutes",
    "days": "weeks", "weeks": "days", "months": "years", "years": "months", "per cent": "tonnes", "percent": "tons",
    "%": " tons", "crowns": "euros", "kroner": "euros", "dollars": "euros", "euros": "dollars", "pounds": "dollars",
    "decibels": "hertz", "hectares": "square metres", "acres": "square miles",
    "hour": "minute", "minute": "hour", "day": "week", "week": "day", "month": "year", "year": "month",
    "mile": "metre", "°C": "°F", "litres": "millilitres",
}  # fmt: skip
_QUANTIFIERS = (
    ("at least", "at most"), ("at most", "at least"), ("more than", "fewer than"), ("fewer than", "more than"),
    ("less than", "more than"), ("no more than", "no fewer than"), ("all", "few"),
    ("every", "hardly any"), ("each", "hardly any"), ("most", "few"), ("many", "no"), ("several", "no"),
    ("some", "all"), ("few", "most"), ("none", "all"), ("always", "rarely"), ("often", "never"), ("usually", "never"),
    ("rarely", "always"), ("never", "always"), ("only", "not only"),
)  # fmt: skip
_AUXILIARY = re.compile(r"\b(is|are|was|were|has|have|had|can|could|will|would|must|may|should|does|did|do)\b(?! not)")
_PAST = re.compile(r"(?<=\w )(\w{3,}ed)\b(?! by)")
_CAUSE = re.compile(r"^(.{12,}?),? (because|due to|as a result of|thanks to|was caused by|led to) (.{8,}?)([.!]?)$")


def number(claim: str, rng: random.Random, _pool: Sequence[str] = ()) -> str | None:
    """Another number in the place of one of its numbers."""
    kinds = (QuantityKind.COUNT, QuantityKind.MEASURE, QuantityKind.MONEY, QuantityKind.PERCENT)
    found = [q for q in quantities(claim) if q.kind in kinds and q.value > 1 and _digits(q)]
    if not found:
        return None
    quantity = rng.choice(found)
    start, end = _digits(quantity) or (0, 0)
    return claim[:start] + _other_number(claim[start:end], rng) + claim[end:]


def _digits(quantity: Quantity) -> tuple[int, int] | None:
    """Where the number itself stands."""
    match = re.search(r"\d[\d,.]*\d|\d", quantity.text)
    if match is None:
        match = re.search(rf"\b(?:{'|'.join(_SPELLED)})\b", quantity.text.lower())
    return (quantity.start + match.start(), quantity.start + match.end()) if match else None


def _other_number(written: str, rng: random.Random) -> str:
    if not written[0].isdigit():
        other = rng.choice([word for word in _SPELLED if word != written.lower()])
        return other.capitalize() if written[0].isupper() else other
    places = len(written.partition(".")[2])
    value = float(written.replace(",", ""))
    while True:
        other_value = value * rng.choice((0.4, 0.6, 0.75, 1.3, 1.5, 1.8, 2.2)) + rng.choice((1, 2, 3))
        text = f"{other_value:,.{places}f}" if "," in written else f"{other_value:.{places}f}"
        if text != written:
            return text


def date(claim: str, rng: random.Random, _pool: Sequence[str] = ()) -> str | None:
    """Another year, month or day in the place of one of its dates."""
    found = [fact for fact in dates(claim) if not fact.decade and (fact.year or fact.day)]
    if not found:
        return None
    fact = rng.choice(found)
    choices = []
    if fact.year and str(fact.year) in fact.text:
        choices.append(fact.text.replace(str(fact.year), str(fact.year + rng.choice((-7, -3, -1, 1, 2, 4)))))
    month = next((name for name in _MONTHS if name in fact.text), None)
    if month:
        choices.append(fact.text.replace(month, rng.choice([name for name in _MONTHS if name != month])))
    if fact.day and re.search(rf"\b{fact.day}\b", fact.text):
        other = rng.choice([day for day in range(1, 29) if day != fact.day])
        choices.append(re.sub(rf"\b{fact.day}\b", str(other), fact.text, count=1))
    return claim[: fact.start] + rng.choice(choices) + claim[fact.end :] if choices else None


def unit(claim: str, rng: random.Random, _pool: Sequence[str] = ()) -> str | None:
    """Another unit or currency behind one of its numbers."""
    found = []
    for quantity in quantities(claim):
        for name, other in _UNITS.items():
            if quantity.text.endswith(name) and not quantity.text.removesuffix(name)[-1:].isalpha():
                found.append((quantity.end - len(name), quantity.end, other))
    if not found:
        return None
    start, end, other = rng.choice(found)
    return claim[:start] + other + claim[end:]


def entity(claim: str, rng: random.Random, pool: Sequence[str]) -> str | None:
    """A name from `pool` in the place of one of its names."""
    found = names(claim)
    lower = claim.lower()
    others = [name for name in pool if not any(part in lower for part in name.lower().split())]
    if not found or not others:
        return None
    name = rng.choice(found)
    alike = [other for other in others if len(other.split()) == len(name.text.split())] or others
    return claim[: name.start] + rng.choice(alike) + claim[name.end :]


def negation(claim: str, _rng: random.Random, _pool: Sequence[str] = ()) -> str | None:
    """The opposite: a "not" put in or taken out."""
    without = re.sub(r"\b(?:not|never) ", "", claim, count=1)
    if without != claim:
        return without
    match = _AUXILIARY.search(claim)
    if match:
        return claim[: match.end()] + " not" + claim[match.end() :]
    match = _PAST.search(claim)
    return claim[: match.start()] + "never " + claim[match.start() :] if match else None


def quantifier(claim: str, _rng: random.Random, _pool: Sequence[str] = ()) -> str | None:
    """Another quantifier in the place of one of its own, or "fewer than" before a number that has none."""
    for word, other in _QUANTIFIERS:
        match = re.search(rf"(?<!the )(?<!its )(?<!their )(?<!his )(?<!her )(?<!a )(?<!-)\b{word}\b(?! but|-)", claim)
        if match:
            return claim[: match.start()] + other + claim[match.end() :]
    for quantity in quantities(claim):
        plain = quantity.bound is Bound.EXACT and quantity.kind in (QuantityKind.COUNT, QuantityKind.MEASURE)
        if plain and quantity.value > 1 and quantity.start > 0:
            return claim[: quantity.start] + "fewer than " + claim[quantity.start :]
    return None


def cause(claim: str, _rng: random.Random, _pool: Sequence[str] = ()) -> str | None:
    """Cause and effect the other way round."""
    match = _CAUSE.search(claim)
    if not match:
        return None
    first, word, second, end = match.groups()
    return f"{second[0].upper()}{second[1:]} {word} {first[0].lower()}{first[1:]}{end}"


MUTATIONS: dict[str, Mutation] = {
    "number": number,
    "date": date,
    "unit": unit,
    "entity": entity,
    "negation": negation,
    "quantifier": quantifier,
    "cause": cause,
}
