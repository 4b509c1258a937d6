"""Quantities of a text: counts, measures, money, percentages, fractions, ordinals and times, with their units."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import chain

from aiwriter.text.bounds import Bound, bound_before
from aiwriter.text.dates import DateFact, dates
from aiwriter.text.number_forms import (
    DECIMAL_COMMA,
    LONG_MAGNITUDES,
    MAGNITUDES,
    NUMBER_FORMS,
    alternatives,
    decimal_of,
)
from aiwriter.text.spelled import (
    GLYPHS,
    HALF_DAY,
    NUMBER_WORDS,
    ORDINAL_WORDS,
    listed,
    spelled_fractions,
    spelled_numbers,
    spoken_times,
)
from aiwriter.text.thousands import joined
from aiwriter.text.units import CURRENCIES, SYMBOLS, UNIT_WORDS, unit_of
from aiwriter.text.words import is_stop_word, stem


class QuantityKind(StrEnum):
    COUNT = "count"
    MEASURE = "measure"
    MONEY = "money"
    PERCENT = "percent"
    FRACTION = "fraction"
    ORDINAL = "ordinal"
    TIME = "time of day"  # value in minutes since midnight; "time" is a dimension of measures


_DIGITS = (
    r"(?:(?<![^\s(])(?<!\d )(?P<debit>[-−–])(?=[UAC$€£¥₹₽₩]))?"
    r"(?P<money>US\$|A\$|C\$|[$€£¥₹₽₩]|\b(?:EUR|USD|GBP|CHF)\s)?\s?(?<![\w])(?<![\w][.,:/])(?<![A-Za-z]-)"
    r"(?P<minus>(?<![^\s($€£¥₹₽₩])(?<!\d )[-−–]|(?i:minus|negative)\s)?(?P<number>{number})"
    rf"(?:(?P<ordinal>st|nd|rd|th)\b|(?P<glyph>[½¼¾])|[\s\u00a0-]?(?P<magnitude>(?i:{alternatives(LONG_MAGNITUDES)}))\b"
    r"(?:(?<=[Mm]io|[Mm]rd|[Tt]sd)\.)?"
    r"|(?P<letter>[mkbMKB])\b)?"
)
_DIGIT_NUMBERS = {comma: re.compile(_DIGITS.replace("{number}", pattern)) for comma, pattern in NUMBER_FORMS.items()}
# "Less than a second" is a time.
_A_SECOND = r"(?!(?<=\ba )second\b(?! [a-z]{3})|(?<=per )second\b)"
_ORDINALS = re.compile(rf"(?<![\w-]){_A_SECOND}({alternatives(ORDINAL_WORDS)})\b(?!-)", re.IGNORECASE)
_MINUS = re.compile(r"\b(?:minus|negative)\s\Z", re.IGNORECASE)
_BELOW_ZERO = re.compile(
    r"\s?(?:degrees?|Grad|°[CF]?)?\s?(?:Celsius\s|Fahrenheit\s|[CF]\s)?(?:below\s(?:zero|freezing)|unter\s(?:null|Null))\b"
)
_TIMES = re.compile(
    r"(?<![\d:.,])(?:(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)(?::[0-5]\d)?(?![\d:])(?:\s?(?P<half>[ap])\.?m\b)?"
    r"|(?P<h2>1[0-2]|[1-9])(?:\.(?P<m2>[0-5]\d))?\s?(?P<half2>[ap])\.?m\b)",
    re.IGNORECASE,
)
_PERCENT = re.compile(
    r"\s?(?:%|per\s?cent\b|percent\b|percentage\s+points?\b|pct\b|Prozent\b|pour\s?cent\b|por\s?ciento\b|per\s?cento\b|procent\b)",
    re.I,
)
_SYMBOL = re.compile(rf"[\s\u00a0]?({alternatives(SYMBOLS)})(?![\w²³])")
_UNIT_WORD = re.compile(rf"[\s\u00a0-]({alternatives(UNIT_WORDS)})(?:e?s)?\b", re.IGNORECASE)
_HALF_A_MILLION = re.compile(r"\sa\s(thousand|million|billion|trillion)\b", re.IGNORECASE)
_AND_A_HALF = re.compile(rf"(?<![\w.,-])(?P<whole>\d+|{alternatives(NUMBER_WORDS)}) and a half\b", re.IGNORECASE)
_HALF_OF_ONE = re.compile(rf"\s(?:of\s)?an?\s({alternatives(UNIT_WORDS)})\b(?!\s(?:mark|back))", re.IGNORECASE)
_MONEY_WORD = re.compile(
    r"\s?(?:d[ei]\s|d['’])?(€|(?:US\s)?dollars?|euros?|EUR|USD|GBP|CHF|pounds?(?!\s+weight)|yen|rupees?|francs?|crowns?|krone[r]?|"
    r"kron(?:a|or)|roubles?|rubles?|yuan|cents?|pence)(?!\w)",
    re.IGNORECASE,
)
_MIL = re.compile(r"[\s\u00a0]mil\b")
_OF_MIL = frozenset({"es", "pt"})  # elsewhere it is a length, in Swedish ten kilometres
_RANGE_GAP = re.compile(r"\s?(?:[-–—]|to|and|or)\s?\Z")
_MAGNITUDE_WORD = re.compile(rf"\b({alternatives(LONG_MAGNITUDES)})\b", re.IGNORECASE)

_NOT_AFTER_ONE = frozenset(
    listed(
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
        if self.kind is QuantityKind.TIME and HALF_DAY in (self.step, source.step):
            return (mine - theirs) % HALF_DAY == 0
        if mine == theirs or abs(mine - theirs) <= abs(theirs) * Decimal("0.000001"):
            return True
        if self.dimension == source.dimension and self.unit != source.unit and self.kind is QuantityKind.MEASURE:
            rounds = abs(mine - theirs) <= max(self.base_step / 2, abs(theirs) * Decimal("0.01"))
        else:
            rounds = self._rounds(mine, theirs)
        return rounds or (source.bound in (Bound.EXACT, Bound.ABOUT) and self._keeps_bound(mine, theirs))

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
    finders = (_times(text), _fractions(text, language), numbers, _word_numbers(text, language), _ordinals(text))
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
        if not exponent and (thousand := _MIL.match(text, end) if language in _OF_MIL else None):
            exponent, end = 3, thousand.end()
        if match["glyph"]:
            over, under = GLYPHS[match["glyph"]]
            value, step = value + Decimal(over) / under, Decimal(1) / under
        written, value, step = value, value.scaleb(exponent), step.scaleb(exponent)
        if match["debit"] or match["minus"]:
            value = -value
        if match["ordinal"]:
            yield _quantity(text, (start, end), value, step, kind=QuantityKind.ORDINAL)
        elif end >= len(text) or not text[end].isalpha() or _SYMBOL.match(text, end):
            yield _quantity(text, (start, end), value, step, (money or "").strip(), written=written)


def _word_numbers(text: str, language: str) -> Iterator[Quantity]:
    for (start, end), value, exponent in spelled_numbers(text, language):
        if value == 1 and not _counts_one(text, end):
            continue
        minus = _MINUS.search(text, 0, start)
        span, signed = (minus.start() if minus else start, end), -value if minus else value
        yield _quantity(text, span, signed, Decimal(1).scaleb(exponent), language=language)


def _counts_one(text: str, end: int) -> bool:
    following = re.match(r"[\s-]+([a-z]+)", text[end:])
    return following is not None and following[1] not in _NOT_AFTER_ONE


def _ordinals(text: str) -> Iterator[Quantity]:
    for match in _ORDINALS.finditer(text):
        value = Decimal(ORDINAL_WORDS[match[1].lower()])
        yield _quantity(text, match.span(), value, Decimal(1), kind=QuantityKind.ORDINAL)


def _fractions(text: str, language: str) -> Iterator[Quantity]:
    for match in _AND_A_HALF.finditer(text):
        whole = (
            Decimal(NUMBER_WORDS.get(match["whole"].lower(), 0))
            if match["whole"].isalpha()
            else Decimal(match["whole"])
        )
        yield _quantity(text, match.span(), whole + Decimal("0.5"), Decimal("0.1"))
    for (start, end), value in spelled_fractions(text, language):
        if large := _HALF_A_MILLION.match(text, end):
            exponent = MAGNITUDES[large[1].lower()]
            yield _quantity(text, (start, large.end()), value.scaleb(exponent), Decimal(1).scaleb(exponent - 1))
        elif measured := _HALF_OF_ONE.match(text, end):  # half an hour
            unit = measured[1].lower()
            yield Quantity(text[start : measured.end()], start, measured.end(), value, QuantityKind.MEASURE, unit)
        else:
            yield _quantity(text, (start, end), value, Decimal("0.05"), kind=QuantityKind.FRACTION)


def _times(text: str) -> Iterator[Quantity]:
    for match in _TIMES.finditer(text):
        hour, minute = int(match["h"] or match["h2"]), int(match["m"] or match["m2"] or 0)
        half = (match["half"] or match["half2"] or "").lower()
        hour = hour % 12 + 12 * (half == "p") if half else hour % 24
        yield _time(text, match.span(), hour * 60 + minute)
    for span, minutes, step in spoken_times(text):
        yield _time(text, span, minutes, step)


def _time(text: str, span: tuple[int, int], minutes: int, step: int = 1) -> Quantity:
    """A time of day; `step` is half a day where it does not say which half."""
    value, kind = Decimal(minutes), QuantityKind.TIME
    return Quantity(text[slice(*span)], *span, value, kind, unit="time", step=Decimal(step))


def _quantity(
    text: str,
    span: tuple[int, int],
    value: Decimal,
    step: Decimal,
    currency: str = "",
    kind: QuantityKind | None = None,
    written: Decimal | None = None,
    language: str = "en",
) -> Quantity:
    """Put together a quantity from its number and what stands before and after it."""
    start, end = span
    unit = ""
    if currency:
        kind, unit = QuantityKind.MONEY, CURRENCIES[currency.lower()]
    elif kind is None:
        below = _BELOW_ZERO.match(text, end)
        kind, unit, end = _read_unit(text, end)
        if below:
            value, end = -value, below.end()
            kind, unit = (QuantityKind.MEASURE, "degree") if kind is QuantityKind.COUNT else (kind, unit)
    counted = kind in (QuantityKind.COUNT, QuantityKind.ORDINAL)
    noun = _noun(text, end, single=value == 1 or kind is QuantityKind.ORDINAL or language == "de") if counted else ""
    bound = bound_before(text, start)
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
    listed("people men women children feet teeth mice police staff crew sheep fish media data criteria")
)


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
