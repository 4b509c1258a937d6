"""Quantities of a text: counts, measures, money, percentages, fractions, ordinals and times, with their units."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import chain

from aiwriter.text.dates import DateFact, dates
from aiwriter.text.number_forms import (
    DECIMAL_COMMA,
    LONG_MAGNITUDES,
    MAGNITUDES,
    NUMBER_FORMS,
    alternatives,
    decimal_of,
)
from aiwriter.text.thousands import joined
from aiwriter.text.units import CURRENCIES, SYMBOLS, UNIT_WORDS, unit_of
from aiwriter.text.words import is_stop_word, stem, words


class QuantityKind(StrEnum):
    COUNT = "count"
    MEASURE = "measure"
    MONEY = "money"
    PERCENT = "percent"
    FRACTION = "fraction"
    ORDINAL = "ordinal"
    TIME = "time"  # of day, value in minutes since midnight


class Bound(StrEnum):
    """What the words before a number say about it."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"


def _listed(spaced: str) -> list[str]:
    return spaced.split()


SMALL_NUMBERS = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = _listed("twenty thirty forty fifty sixty seventy eighty ninety")
_NUMBER_WORDS: dict[str, int] = (
    {word: value for value, word in enumerate(SMALL_NUMBERS)}
    | {word: value for value, word in zip(range(20, 100, 10), _TENS, strict=True)}
    | {"dozen": 12}
)
_ORDINAL_WORDS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        _listed("first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"), start=1
    )
}
_FRACTION_WORDS: dict[str, tuple[int, int]] = {
    "half": (1, 2), "halves": (1, 2), "a third": (1, 3), "one third": (1, 3), "two thirds": (2, 3),
    "a quarter": (1, 4), "one quarter": (1, 4), "three quarters": (3, 4), "a fifth": (1, 5), "one fifth": (1, 5),
    "two fifths": (2, 5), "three fifths": (3, 5), "four fifths": (4, 5), "a tenth": (1, 10), "one tenth": (1, 10),
}  # fmt: skip
_GLYPHS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4)}


def _spaced(names: Iterable[str]) -> str:
    return "|".join("[ -]".join(map(re.escape, name.split())) for name in names)


_DIGITS = (
    r"(?:(?<![^\s(])(?<!\d )(?P<debit>[-−–])(?=[UAC$€£¥₹₽₩]))?"
    r"(?P<money>US\$|A\$|C\$|[$€£¥₹₽₩]|\b(?:EUR|USD|GBP|CHF)\s)?\s?(?<![\w])(?<![\w][.,:/])(?<![A-Za-z]-)"
    r"(?P<minus>(?<![^\s($€£¥₹₽₩])(?<!\d )[-−–]|(?i:minus|negative)\s)?(?P<number>{number})"
    rf"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<glyph>[½¼¾])|[\s\u00a0-]?(?P<magnitude>(?i:{alternatives(LONG_MAGNITUDES)}))\b"
    r"(?:(?<=[Mm]io|[Mm]rd|[Tt]sd)\.)?"
    r"|(?P<letter>[mkbMKB])\b)?"
)
_DIGIT_NUMBERS = {comma: re.compile(_DIGITS.replace("{number}", pattern)) for comma, pattern in NUMBER_FORMS.items()}
_WORD = alternatives([*_NUMBER_WORDS, "hundred", "thousand", "million", "billion", "trillion"])
_WORD_NUMBERS = re.compile(
    rf"(?<![\w-])(?:(?:a|an)\s+(?=hundred|thousand|million|billion|dozen))?(?:{_WORD})"
    rf"(?:(?:[\s-]|\s+and\s+)(?:{_WORD})\b)*(?!\w)",
    re.IGNORECASE,
)
_ORDINALS = re.compile(rf"(?<![\w-])({alternatives(_ORDINAL_WORDS)})\b(?!-)", re.IGNORECASE)
_SINGULAR_PARTS = [
    name for name in _FRACTION_WORDS if name.startswith(("a ", "one "))
]  # "a third of", not "a third cousin"
_PLURAL_PARTS = [name for name in _FRACTION_WORDS if name not in _SINGULAR_PARTS]
_FRACTIONS = re.compile(
    rf"(?<![\w-])(?:(?:{_spaced(_PLURAL_PARTS)})(?![\w-])|(?:{_spaced(_SINGULAR_PARTS)})"
    r"(?=\s+(?:of|the|as|more|less|off|to)\b|[.,;:!?]|$))|[½⅓⅔¼¾]",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?<![\d:.,])(?:(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s?(?P<half>[ap])\.?m\b)?"
    r"|(?P<h2>1[0-2]|[1-9])(?:\.(?P<m2>[0-5]\d))?\s?(?P<half2>[ap])\.?m\b)",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"\s?(?:%|per\s?cent\b|percent\b|percentage\s+points?\b|pct\b|Prozent\b|pour\s?cent\b)", re.I)
_SYMBOL = re.compile(rf"[\s\u00a0]?({alternatives(SYMBOLS)})(?![\w²³])")
_UNIT_WORD = re.compile(rf"[\s\u00a0-]({alternatives(UNIT_WORDS)})(?:e?s)?\b", re.IGNORECASE)
_MONEY_WORD = re.compile(
    r"\s?(?:d[ei]\s|d['’])?(€|(?:US\s)?dollars?|euros?|EUR|USD|GBP|CHF|pounds?(?!\s+weight)|yen|rupees?|francs?|crowns?|krone[r]?|"
    r"kron(?:a|or)|roubles?|rubles?|yuan|cents?|pence)(?!\w)",
    re.IGNORECASE,
)
_RANGE_GAP = re.compile(r"\s?(?:[-–—]|to|and|or)\s?\Z")
_MAGNITUDE_WORD = re.compile(rf"\b({alternatives(LONG_MAGNITUDES)})\b", re.IGNORECASE)

_BOUNDS = (
    (Bound.AT_LEAST, re.compile(r"(?:at least|no (?:fewer|less) than|not less than|minimum of)\W*$|≥\s?$", re.I)),
    (Bound.AT_MOST, re.compile(r"(?:at most|no more than|not more than|up to|maximum of|as many as)\W*$|≤\s?$", re.I)),
    (
        Bound.MORE_THAN,
        re.compile(r"(?i)(?:more than|over|above|exceed\w*|greater than|upwards of|just over)\W*$|(?<=[^\s>]\s)>\s?$"),
    ),
    (
        Bound.LESS_THAN,
        re.compile(r"(?:(?:less|fewer|lower) than|under|below|nearly|almost|just under|close to)\W*$|<\s?$", re.I),
    ),
    (
        Bound.ABOUT,
        re.compile(r"(?:about|around|approximately|approx\.?|roughly|some|circa|ca?\.|~|≈|an estimated)\W*$", re.I),
    ),
)
_LOOK_BACK = 24
_NOT_AFTER_ONE = frozenset(
    _listed(
        "of another can could should would must may might who that or and which to is was has had by day thing from "
        "for with in at on as more side hand but"
    )
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit. `unit` is a symbol or singular ("kWh", "EUR", "%", "" for a count); `noun` the stem of
    what is counted; `step` the finest place that was written (3.2 million → 100,000), which is what rounding means."""

    text: str
    start: int
    end: int
    value: Decimal
    kind: QuantityKind
    unit: str = ""
    noun: str = ""
    bound: Bound = Bound.EXACT
    step: Decimal = Decimal(1)
    written: Decimal | None = None  # the digits before "million": what "9.8 and 5.4 million" leaves of the first

    @property
    def dimension(self) -> str:
        """What can be compared with what: "energy", "EUR", "share" (percentages and fractions), "count" …"""
        if self.kind is QuantityKind.MEASURE:
            return unit_of(self.unit)[0]
        if self.kind in (QuantityKind.PERCENT, QuantityKind.FRACTION):
            return "share"
        return self.unit if self.kind is QuantityKind.MONEY else self.kind

    @property
    def base(self) -> Decimal:
        """The value in the base unit of its dimension."""
        return self.value * self._factor

    @property
    def base_step(self) -> Decimal:
        return self.step * self._factor

    @property
    def _factor(self) -> Decimal:
        if self.kind is QuantityKind.MEASURE:
            return Decimal(unit_of(self.unit)[1])
        return Decimal("0.01") if self.kind is QuantityKind.PERCENT else Decimal(1)

    def agrees(self, source: Quantity) -> bool:
        """Whether this quantity may be said on the strength of `source`: equal after conversion, a fair rounding of
        it, or a bound that it keeps ("more than 40,000" for 41,200)."""
        if self.dimension != source.dimension:
            return False
        mine, theirs = self.base, source.base
        if mine == theirs or abs(mine - theirs) <= abs(theirs) * Decimal("0.000001"):
            return True
        if self.dimension == source.dimension and self.unit != source.unit and self.kind is QuantityKind.MEASURE:
            return abs(mine - theirs) <= max(self.base_step / 2, abs(theirs) * Decimal("0.01"))
        return self._rounds(mine, theirs) or (
            source.bound in (Bound.EXACT, Bound.ABOUT) and self._keeps_bound(mine, theirs)
        )

    def _rounds(self, mine: Decimal, theirs: Decimal) -> bool:
        if self.bound not in (Bound.EXACT, Bound.ABOUT):
            return False
        loose = self.bound is Bound.ABOUT or self.step < 1 or self.base_step >= 1000 or self.dimension == "share"
        if self.kind in (QuantityKind.ORDINAL, QuantityKind.TIME) or not loose:
            return False
        slack = abs(theirs) / 20
        limit = min(self.base_step / 2, slack) if self.bound is Bound.EXACT else max(self.base_step / 2, slack)
        return abs(mine - theirs) <= limit

    def _keeps_bound(self, mine: Decimal, theirs: Decimal) -> bool:
        """A bound is fair when it holds and is not far off: within a quarter of the value."""
        near = abs(mine - theirs) <= abs(theirs) / 4
        if self.bound in (Bound.AT_LEAST, Bound.MORE_THAN):
            return near and theirs >= mine
        if self.bound in (Bound.AT_MOST, Bound.LESS_THAN):
            return near and theirs <= mine
        return False


def quantities(text: str, language: str = "en", known_dates: list[DateFact] | None = None) -> list[Quantity]:
    """Quantities in order, dates and bare years left to `dates`. A range gives both its ends, with the unit of the
    last. Languages that write 3,2 for three and a fifth are read so."""
    taken = {position for date in known_dates or dates(text) for position in range(date.start, date.end)}
    found: list[Quantity] = []
    numbers = _digit_numbers(text, language, taken)
    finders = (_times(text), _fractions(text), numbers, _word_numbers(text), _ordinals(text))
    for quantity in chain.from_iterable(finders):
        if taken.isdisjoint(positions := range(quantity.start, quantity.end)):
            taken.update(positions)
            found.append(quantity)
    return _share_units(text, sorted(found, key=lambda quantity: quantity.start))


def _digit_numbers(text: str, language: str, taken: Container[int]) -> Iterator[Quantity]:
    comma = language in DECIMAL_COMMA
    for match in _DIGIT_NUMBERS[comma].finditer(joined(text, language, taken)):
        money, letter, end = match["money"], match["letter"], match.end()
        if letter and not money and not (letter in "kK" and text[match.end("number")] == letter):
            letter, end = None, match.start("letter")
        start = min(match.start(name) for name in ("debit", "money", "minus", "number") if match[name])
        value, step = decimal_of(match["number"], comma)
        exponent = MAGNITUDES[(match["magnitude"] or letter or "").lower()] if match["magnitude"] or letter else 0
        if match["glyph"]:
            over, under = _GLYPHS[match["glyph"]]
            value, step = value + Decimal(over) / under, Decimal(1) / under
        written, value, step = value, value.scaleb(exponent), step.scaleb(exponent)
        if match["debit"] or match["minus"]:
            value = -value
        if match["ordinal"]:
            yield _quantity(text, (start, end), value, step, kind=QuantityKind.ORDINAL)
        elif end >= len(text) or not text[end].isalpha() or _SYMBOL.match(text, end):
            yield _quantity(text, (start, end), value, step, (money or "").strip(), written=written)


def _word_numbers(text: str) -> Iterator[Quantity]:
    for match in _WORD_NUMBERS.finditer(text):
        value, exponent = _spelled(words(match.group()))
        if value == 1 and not _counts_one(text, match.end()):
            continue
        yield _quantity(text, match.span(), value, Decimal(1).scaleb(exponent))


def _spelled(tokens: list[str]) -> tuple[Decimal, int]:
    """Value of a spelled number and the power of ten of its last magnitude: ["two", "million"] → 2000000, 6."""
    total, current, exponent = 0, 0, 0
    for token in tokens:
        if token in _NUMBER_WORDS:
            value = _NUMBER_WORDS[token]
            current = current * 12 if token == "dozen" and current else current + value
            exponent = 0
        elif token == "hundred":
            current, exponent = max(current, 1) * 100, 2
        elif token in MAGNITUDES:
            exponent = MAGNITUDES[token]
            total, current = total + max(current, 1) * 10**exponent, 0
    return Decimal(total + current), exponent


def _counts_one(text: str, end: int) -> bool:
    following = re.match(r"[\s-]+([a-z]+)", text[end:])
    return following is not None and following[1] not in _NOT_AFTER_ONE


def _ordinals(text: str) -> Iterator[Quantity]:
    for match in _ORDINALS.finditer(text):
        value = Decimal(_ORDINAL_WORDS[match[1].lower()])
        yield _quantity(text, match.span(), value, Decimal(1), kind=QuantityKind.ORDINAL)


def _fractions(text: str) -> Iterator[Quantity]:
    for match in _FRACTIONS.finditer(text):
        if match.start() and text[match.start() - 1].isdigit():
            continue
        name = match.group().lower().replace("-", " ")
        over, under = _GLYPHS.get(name) or _FRACTION_WORDS[name]
        yield _quantity(text, match.span(), Decimal(over) / under, Decimal("0.05"), kind=QuantityKind.FRACTION)


def _times(text: str) -> Iterator[Quantity]:
    for match in _TIMES.finditer(text):
        hour, minute = int(match["h"] or match["h2"]), int(match["m"] or match["m2"] or 0)
        half = (match["half"] or match["half2"] or "").lower()
        hour = hour % 12 + 12 * (half == "p") if half else hour
        value = Decimal(hour * 60 + minute)
        yield Quantity(match.group(), match.start(), match.end(), value, QuantityKind.TIME, unit="time")


def _quantity(
    text: str,
    span: tuple[int, int],
    value: Decimal,
    step: Decimal,
    currency: str = "",
    kind: QuantityKind | None = None,
    written: Decimal | None = None,
) -> Quantity:
    """Put together a quantity from its number and what stands before and after it."""
    start, end = span
    unit = ""
    if currency:
        kind, unit = QuantityKind.MONEY, CURRENCIES[currency.lower()]
    elif kind is None:
        kind, unit, end = _read_unit(text, end)
    counted = kind in (QuantityKind.COUNT, QuantityKind.ORDINAL)
    noun = _noun(text, end, single=value == 1 or kind is QuantityKind.ORDINAL) if counted else ""
    bound = _bound(text, start)
    return Quantity(text[start:end], start, end, value, kind, unit, noun, bound, step, written)


def _read_unit(text: str, end: int) -> tuple[QuantityKind, str, int]:
    """Kind, unit and new end of a number that ends at `end`."""
    if match := _PERCENT.match(text, end):
        return QuantityKind.PERCENT, "%", match.end()
    if match := _MONEY_WORD.match(text, end):
        name = match[1].lower().removeprefix("us ")
        unit = CURRENCIES.get(name) or CURRENCIES[name.rstrip("s")]
        return QuantityKind.MONEY, unit, match.end()
    if match := _SYMBOL.match(text, end):
        return QuantityKind.MEASURE, match[1], match.end()
    if match := _UNIT_WORD.match(text, end):
        return QuantityKind.MEASURE, match[1].lower(), match.end()
    return QuantityKind.COUNT, "", end


def _noun(text: str, end: int, single: bool) -> str:
    """Stem of what is counted, in the same clause: the next plural ("320 battery modules"), or for one thing or an
    ordinal the next word."""
    for place, match in enumerate(_NOUN_WORD.finditer(text, end, min(len(text), end + 48))):
        token = match.group().lower()
        if place == _NOUN_REACH or not token.isalpha() or is_stop_word(token):
            return ""
        if (single and len(token) > 2) or token in _PLURALS or (token.endswith("s") and not token.endswith("ss")):
            return stem(token)
    return ""


_NOUN_WORD = re.compile(r"[^\W\d_]+|[.,;:()!?\d]")
_NOUN_REACH = 3
_PLURALS = frozenset(
    _listed("people men women children feet teeth mice police staff crew sheep fish media data criteria")
)


def _bound(text: str, start: int) -> Bound:
    before = text[max(0, start - _LOOK_BACK) : start]
    return next((bound for bound, cue in _BOUNDS if cue.search(before)), Bound.EXACT)


def _share_units(text: str, found: list[Quantity]) -> list[Quantity]:
    """Give the first end of a range ("10 to 20 km", "5 to 6 million") the unit and magnitude of its last."""
    for index in range(len(found) - 1, 0, -1):
        left, right = found[index - 1], found[index]
        if left.kind is QuantityKind.COUNT and not left.noun and _RANGE_GAP.match(text[left.end : right.start]):
            magnitude = _MAGNITUDE_WORD.search(right.text)
            exponent = MAGNITUDES[magnitude[1].lower()] if magnitude and left.value < 1000 else 0
            found[index - 1] = replace(
                left,
                value=left.value.scaleb(exponent),
                step=left.step.scaleb(exponent),
                kind=right.kind,
                unit=right.unit,
                noun=right.noun,
            )
    return found
