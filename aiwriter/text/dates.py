"""Dates of a text in several spellings, normalised to year, month and day."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier janv enero",
            "february feb februar février févr febrero",
            "march mar märz mars marzo",
            "april apr avril abril",
            "may mai mayo",
            "june jun juni juin junio",
            "july jul juli juillet julio",
            "august aug août agosto",
            "september sept sep septembre septiembre",
            "october oct oktober octobre octubre",
            "november nov novembre noviembre",
            "december dec dezember décembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
# Month names that are no other word, so that they are a date without a day or a year beside them.
_PLAIN_MONTHS = "January|February|April|June|July|August|September|October|November|December"

_SHORT = [name for name in _MONTHS if len(name) <= 4 and name not in ("may", "june", "july", "mars", "mai", "juin")]
_LONG = [name for name in _MONTHS if name not in _SHORT]
_M = rf"(?P<month>(?:{'|'.join(_LONG)})\b|(?:{'|'.join(_SHORT)})\b\.?)"
_D = r"(?<![\d.,:])(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?"
_Y = r"(?P<year>1\d{3}|2[01]\d{2})(?![\d\w]|[.,]\d)"
_FLAGS = re.IGNORECASE

_PATTERNS = (
    re.compile(r"(?<!\d)(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)"),
    re.compile(r"(?<![\d./])(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./](?P<year>\d{4})(?!\d)"),
    re.compile(rf"{_D}\s+(?:of\s+|de\s+)?{_M}(?:,?\s+(?:de\s+)?{_Y})?", _FLAGS),
    re.compile(rf"\b{_M}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d\w]|[:.,]\d)(?:,?\s+{_Y})?", _FLAGS),
    re.compile(rf"\b{_M},?\s+(?:of\s+|de\s+)?{_Y}", _FLAGS),
    re.compile(r"\b(?:in|since|until|by|of|during|early|late|from|to|next|last)\s+(?P<month>May|March)\b(?!\s+\d)"),
    re.compile(rf"\b(?P<month>{_PLAIN_MONTHS})\b"),
)
_WITHOUT_DIGITS = _PATTERNS[-2:]
_DIGIT = re.compile(r"\d")
_DAY_RANGE = re.compile(
    rf"(?<![\d.,:])(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s?(?:[-–/]|to|and|until)\s?(?=\d{{1,2}}(?:st|nd|rd|th)?\s+{_M}(?:,?\s+{_Y})?)",
    _FLAGS,
)
_DECADE = re.compile(r"(?<![\w.,])(?P<year>[12]\d{2}0)['’]?s\b")
_SPAN_OF_YEARS = re.compile(r"(?<![\w.,$€£])(?P<year>1[5-9]\d{2}|20\d{2})[-–/](?P<to>\d{2})(?![\d\w]|[-–.,/]\d)")
_YEAR = re.compile(r"(?<![\w.,/$€£¥#-])(?P<year>1[0-9]{3}|20\d{2}|21\d{2})(?!\w|[.,:/]\d|\s?%|-\d{2}-)")
_AFTER_YEAR_RANGE = re.compile(r"(?<=\d{4}[-–])(?P<year>1[0-9]{3}|20\d{2})(?!\w|[.,:/]\d)")
# The number of a card, of which a group may look like a year; a row of years alone is none.
_CARD = re.compile(r"(?<!\d)(?=[\d -]*(?<!\d)(?:0|2[2-9]|[3-9])\d)\d{4}(?:[ -]\d{4}){3}(?!\d)")
# What follows a count and never a year.
_COUNTED = re.compile(
    r"\s?(?:°|per cent|percent|(?:people|million|billion|thousand|hundred|[kMG]?Wh?|k?m|kg|kn|t|ha|"
    r"members|passengers|votes|words|copies|tonnes|tons|miles|metres|meters|feet|acres|hectares|"
    r"euros|dollars|pounds|crowns|francs|employees|units|homes|troops|soldiers|deaths|cases)\b)"
)


@dataclass(frozen=True, slots=True)
class DateFact:
    """A date as far as the text tells it: `month` and `day` are None when unsaid, `year` too ("14 November").

    `decade`: the 1990s. `swappable`: written 4/5/2015, so that day and month may be the other way round.
    """

    text: str
    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    decade: bool = False
    swappable: bool = False

    def agrees(self, other: DateFact) -> bool:
        """Whether both may be the same date: nothing that both say differs, and they share what this one says most
        precisely (a year alone agrees with any day of it, a day never with a mere year)."""
        if self.decade and other.year is not None:
            return self.year is not None and self.year <= other.year < self.year + 10
        mine, theirs = (self.year, self.month, self.day), (other.year, other.month, other.day)
        if self.swappable and not other.swappable:
            return theirs in (mine, (self.year, self.day, self.month))
        finest = max(index for index, value in enumerate(mine) if value is not None)
        return theirs[finest] is not None and all(
            a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True)
        )


def dates(text: str) -> list[DateFact]:
    """Dates, months and years in order of appearance, none inside another."""
    found: list[DateFact] = []
    taken = {place for match in _CARD.finditer(text) for place in range(*match.span())}
    for fact in chain(_written_dates(text), _first_days(text), _spans_of_years(text), _decades(text), _years(text)):
        positions = range(fact.start, fact.end)
        if taken.isdisjoint(positions):
            taken.update(positions)
            found.append(fact)
    return sorted(found, key=lambda fact: fact.start)


def _written_dates(text: str) -> Iterator[DateFact]:
    for pattern in _PATTERNS if _DIGIT.search(text) else _WITHOUT_DIGITS:
        for match in pattern.finditer(text):
            fact = _fact(match)
            if fact is not None:
                yield fact


def _first_days(text: str) -> Iterator[DateFact]:
    """The 12 of "12 to 15 November 2024"."""
    for match in _DAY_RANGE.finditer(text):
        month, year = _MONTHS[match["month"].lower().rstrip(".")], match["year"]
        if 1 <= int(match["day"]) <= 31:
            yield DateFact(match["day"], *match.span("day"), int(year) if year else None, month, int(match["day"]))


def _fact(match: re.Match[str]) -> DateFact | None:
    groups = match.groupdict()
    raw_month = groups["month"].lower().rstrip(".")
    month = int(raw_month) if raw_month.isdigit() else _MONTHS[raw_month]
    day = int(groups["day"]) if groups.get("day") else None
    year = int(groups["year"]) if groups.get("year") else None
    swappable = raw_month.isdigit() and "-" not in match.group() and day is not None and day <= 12 and day != month
    if month > 12 and day is not None:
        day, month = month, day
    if month > 12 or (day is not None and not 1 <= day <= 31) or month < 1:
        return None
    start = match.start("month") if day is None and year is None else match.start()
    text = match.string[start : match.end()].rstrip(".")
    return DateFact(text, start, start + len(text), year, month, day, swappable=swappable)


def _spans_of_years(text: str) -> Iterator[DateFact]:
    for match in _SPAN_OF_YEARS.finditer(text):
        first = int(match["year"])
        last = first // 100 * 100 + int(match["to"])
        if last > first:
            yield DateFact(match["year"], match.start("year"), match.end("year"), first)
            yield DateFact(match["to"], match.start("to"), match.end("to"), last)


def _decades(text: str) -> Iterator[DateFact]:
    for match in _DECADE.finditer(text):
        yield DateFact(match.group(), match.start(), match.end(), int(match["year"]), decade=True)


def _years(text: str) -> Iterator[DateFact]:
    for match in chain(_YEAR.finditer(text), _AFTER_YEAR_RANGE.finditer(text)):
        if not _COUNTED.match(text, match.end()):
            yield DateFact(match["year"], match.start("year"), match.end("year"), int(match["year"]))
