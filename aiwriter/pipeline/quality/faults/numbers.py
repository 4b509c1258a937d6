"""Numbers and dates of a sentence that its passages do not have, or have for something else."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from aiwriter.pipeline.quality.agreement import contrary_bounds, same_date, same_quantity
from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.derived import worked_out, year_worked_out
from aiwriter.pipeline.quality.faults.fault import Fault, clauses, said_in
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.facts import Bound, DateFact, Quantity, QuantityKind
from aiwriter.text.weekdays import day_of_week
from aiwriter.text.words import stem


def numbers(alignment: Alignment) -> Iterator[Fault]:
    """Numbers that no passage has, and numbers that it has for another noun."""
    said = [quantity for text in said_in(alignment) for quantity in text.quantities]
    years = {date.year for text in said_in(alignment) for date in text.dates}
    near = [quantity for sentence in alignment.near for quantity in sentence.quantities]
    for quantity in alignment.claim.quantities:
        if _is_idle(quantity, near) or quantity.value in years or _is_century_of(quantity, years):
            continue
        if _is_halved(quantity, alignment):
            continue
        agreeing = [other for other in said if same_quantity(quantity, other)]
        span = (quantity.start, quantity.end)
        if not agreeing and (rival := next((q for q in near if _bounded_otherwise(quantity, q)), None)):
            bounds = _BOUNDS[quantity.bound], _BOUNDS[rival.bound]
            message = f"“{quantity.text}” is {bounds[0]} that here, and {bounds[1]} that in the passage."
            yield Fault("support.number", message, span, certain=True, fix=f"write {bounds[1]} “{rival.text}”")
        elif not agreeing and (parts := worked_out(quantity, alignment)):
            yield Fault("support.number", _may_follow(quantity.text, parts), span, certain=False, fix=_REWORK)
        elif not agreeing:
            rivals = [q for q in near if _comparable(quantity, q)]
            says = f"; it says “{_nearest(quantity, rivals, alignment.claim).text}”" if rivals else ""
            fix = f"write “{rivals[0].text}”" if len(rivals) == 1 else "use the number of the source, or take it out"
            message = f"“{quantity.text}” does not stand in the cited passage{says}."
            yield Fault("support.number", message, span, certain=bool(rivals) or not _may_be_counted(quantity), fix=fix)
        elif rival := _counted_otherwise(quantity, agreeing, near) or _in_other_money(quantity, said):
            message = f"“{quantity.text}” stands in the passage for something else; there it is “{rival.text}”."
            yield Fault("support.number", message, span, certain=True, fix=f"write “{rival.text}”")
        elif rival := _of_another_clause(quantity, alignment):
            message = (
                f"“{quantity.text}” stands in another part of the sentence; where this is told it is “{rival.text}”."
            )
            yield Fault("support.number", message, span, certain=False, fix="check the number in the passage")


def _may_follow(text: str, parts: tuple[str, str]) -> str:
    return f"“{text}” does not stand in the cited passage; it may follow from “{parts[0]}” and “{parts[1]}”."


_REWORK = "work it out again, or give the figures of the source"


def _is_halved(quantity: Quantity, alignment: Alignment) -> bool:
    """Whether it is the half to which something was halved."""
    half = quantity.kind is QuantityKind.FRACTION and 2 * quantity.value == 1
    return half and any(token.startswith(_HALVED) for s in alignment.near for token in s.tokens)


_HALVED = ("halv", "halbier")


def _is_century_of(quantity: Quantity, years: Collection[int | None]) -> bool:
    """Whether it is the century of a year that is told: "the 19th century" for 1850."""
    named = quantity.kind is QuantityKind.ORDINAL and quantity.noun == stem("century")
    return named and any(year is not None and (year - 1) // 100 + 1 == quantity.value for year in years)


_HELD, _NOT_HELD = 0.75, 0.5  # of the words of the claim: in the clause that tells it, in the clause of its number


def _of_another_clause(quantity: Quantity, alignment: Alignment) -> Quantity | None:
    """The number of the clause that tells the claim, when ours stands in a clause on something else and in no other
    sentence: "The tower delivers 900 kW; the shore connection delivers 600 kW"."""
    telling = [sentence for sentence in alignment.near if sentence.says(quantity)]
    stems = alignment.claim.bare_stems
    if len(telling) != 1 or len(stems) < _FEW:
        return None
    held = {clause: sum(map(clause.holds, stems)) / len(stems) for clause in clauses(telling[0])}
    best = max(held, key=held.__getitem__)
    if held[best] < _HELD or any(held[clause] > _NOT_HELD for clause in held if clause.says(quantity)):
        return None
    alike = (q for q in best.quantities if q.dimension == quantity.dimension and q.unit == quantity.unit)
    return next((q for q in alike if q.base != quantity.base), None)


_FEW = 3  # fewer words of a claim do not tell clauses apart
_BOUNDS = {
    Bound.EXACT: "exactly",
    Bound.ABOUT: "about",
    Bound.AT_LEAST: "at least",
    Bound.MORE_THAN: "more than",
    Bound.AT_MOST: "at most",
    Bound.LESS_THAN: "less than",
}


def _bounded_otherwise(quantity: Quantity, other: Quantity) -> bool:
    """Whether two are the same figure, with bounds that exclude each other."""
    return _comparable(quantity, other) and quantity.base == other.base and contrary_bounds(quantity, other)


def _may_be_counted(quantity: Quantity) -> bool:
    """Whether a reader of the passage may have counted it: a small number in words ("the two others")."""
    return not quantity.text[:1].isdigit() and quantity.value <= 12 and quantity.kind in _COUNTED


_COUNTED = (QuantityKind.COUNT, QuantityKind.ORDINAL)


def _is_idle(quantity: Quantity, near: list[Quantity]) -> bool:
    """Whether it is a mere word ("one", "first"), which counts only against a rival with the same noun, or the number
    of a list item."""
    if quantity.start == 0 and quantity.kind is QuantityKind.COUNT and not quantity.noun:
        return True
    if quantity.value != 1 or quantity.text[:1].isdigit() or quantity.kind not in _COUNTED:
        return False
    return not any(q.noun == quantity.noun and q.noun and q.kind is quantity.kind for q in near)


def _comparable(quantity: Quantity, other: Quantity) -> bool:
    same = quantity.dimension == other.dimension
    return same and (quantity.kind is not QuantityKind.COUNT or not quantity.noun or quantity.noun == other.noun)


def _nearest(quantity: Quantity, rivals: Sequence[Quantity], claim: Statement) -> Quantity:
    """The rival nearest in value, of those that the claim does not tell as well."""
    untold = [q for q in rivals if not any(same_quantity(told, q) for told in claim.quantities)]
    return min(untold or rivals, key=lambda q: abs(q.base - quantity.base))


def _counted_otherwise(quantity: Quantity, agreeing: list[Quantity], near: list[Quantity]) -> Quantity | None:
    """The number that the passage gives for the same noun, when ours belongs to other nouns there."""
    if not quantity.noun or any(other.noun in ("", quantity.noun) for other in agreeing):
        return None
    return next((q for q in near if q.noun == quantity.noun and q.kind is quantity.kind), None)


def _in_other_money(quantity: Quantity, said: list[Quantity]) -> Quantity | None:
    """A sum in another currency, when the passages know none in this one."""
    if quantity.kind is not QuantityKind.MONEY or any(other.unit == quantity.unit for other in said):
        return None
    return next((other for other in said if other.kind is QuantityKind.MONEY), None)


_FROM_TO = re.compile(r"\bfrom\b[^.;]*?\Z", re.IGNORECASE)


def order(alignment: Alignment) -> Iterator[Fault]:
    """ "From 43 to 6" against "from 6 to 43"."""
    for first, second in _from_to(alignment.claim):
        for sentence in alignment.near:
            for source_first, source_second in _from_to(sentence):
                if first.value == source_second.value and second.value == source_first.value != first.value:
                    message = f"The passage goes from {source_first.text} to {source_second.text}, not the other way."
                    yield Fault("support.number", message, (first.start, second.end), certain=True)
                    return


def _from_to(statement: Statement) -> Iterator[tuple[Quantity, Quantity]]:
    for left, right in pairwise(statement.quantities):
        between = statement.text[left.end : right.start]
        if re.fullmatch(r"\W*(?:\w+\W+){0,3}?to\W+(?:\w+\W+){0,2}", between) and _FROM_TO.search(
            statement.text[max(0, left.start - 24) : left.start]
        ):
            yield left, right


def dates(alignment: Alignment) -> Iterator[Fault]:
    """Dates that no passage has. The day of publication counts only where a passage tells no year itself."""
    texts = said_in(alignment)
    numbers = {quantity.value for text in texts for quantity in text.quantities}
    near = [date for sentence in alignment.near for date in sentence.dates]
    said = [date for text in texts for date in text.dates]
    published = [date for ground in alignment.grounds for date in ground.dated.dates]
    known = said if any(date.year for date in near) else said + published
    years = {date.year for date in said + published} | numbers
    for date in alignment.claim.dates:
        if any(same_date(date, other, years) for other in known) or (date.month is None and date.year in numbers):
            if rival := _told_of_another(date, alignment, years):
                message = f"“{date.text}” stands elsewhere in the passage; where this is told it says “{rival.text}”."
                span = (date.start, date.end)
                yield Fault("support.date", message, span, certain=False, fix="check the date in the passage")
            continue
        if parts := year_worked_out(date, alignment):
            span = (date.start, date.end)
            yield Fault("support.date", _may_follow(date.text, parts), span, certain=False, fix=_REWORK)
            continue
        rivals = [other for other in near if (other.day is None) == (date.day is None)] or near or said
        says = f"; it says “{_nearest_date(date, rivals, alignment.claim).text}”" if rivals else ""
        fix = f"write “{rivals[0].text}”" if len(rivals) == 1 else "use the date of the source, or take it out"
        message = f"“{date.text}” does not stand in the cited passage{says}."
        doubtful = any(_without_year(date, other) or date.agrees(other) for other in said + published)
        doubtful |= not any(_says_as_much(other, date) for other in rivals)
        doubtful |= date.month is None and _is_compared(alignment.claim, date, years)
        yield Fault("support.date", message, (date.start, date.end), certain=bool(rivals) and not doubtful, fix=fix)


_SIDE = re.compile(
    r"\b(before|until|after|since|vor|bis|nach|seit|avant|après|depuis|antes de|desde)\W+\Z", re.IGNORECASE
)
_EARLIER = ("before", "until", "vor", "bis", "avant", "antes de")


def sides(alignment: Alignment) -> Iterator[Fault]:
    """ "Born before 1970" where the passages have it only after 1970."""
    for date in alignment.claim.dates:
        mine = _side(alignment.claim, date)
        theirs = [_side(sentence, d) for sentence in alignment.near for d in sentence.dates if d.agrees(date)]
        if mine and theirs and all(other and (mine in _EARLIER) != (other in _EARLIER) for other in theirs):
            message = f"The passage says “{theirs[0]} {date.text}”, this says “{mine} {date.text}”."
            span = (date.start, date.end)
            yield Fault("support.date", message, span, certain=False, fix=f"write “{theirs[0]} {date.text}”")


def _side(text: Statement, date: DateFact) -> str:
    found = _SIDE.search(text.text[max(0, date.start - 12) : date.start])
    return found[1].lower() if found else ""


def weekdays(alignment: Alignment) -> Iterator[Fault]:
    """A day of the week that no passage has: "on Saturday" where they say "on Sunday"."""
    said = {day: text for ground in alignment.grounds for day, (text, _) in _days_of_week(ground.whole).items()}
    for day, (text, span) in _days_of_week(alignment.claim).items():
        if day not in said:
            says = f"; it says “{'”, “'.join(sorted(said.values()))}”" if said else ""
            message = f"“{text}” does not stand in the cited passage{says}."
            yield Fault("support.date", message, span, certain=False, fix="use the day of the source, or take it out")


def _days_of_week(text: Statement) -> dict[int, tuple[str, tuple[int, int]]]:
    """The days that it names: as it writes them, and where."""
    days = ((day_of_week(text.text[slice(*span)], text.language), span) for span in text.token_spans)
    return {day: (text.text[slice(*span)], span) for day, span in days if day is not None}


def _nearest_date(date: DateFact, rivals: Sequence[DateFact], claim: Statement) -> DateFact:
    """The same of dates: one told as precisely, before others; then by year, month and day."""
    untold = [other for other in rivals if not any(other.agrees(told) for told in claim.dates)]
    return min(untold or rivals, key=lambda other: (*_precision(date, other), _days(date, other)))


def _precision(date: DateFact, other: DateFact) -> tuple[bool, bool]:
    return (date.year is None) != (other.year is None), (date.month is None) != (other.month is None)


def _days(date: DateFact, other: DateFact) -> int:
    """About how far two dates are from each other."""
    parts = ((date.year, other.year, 365), (date.month, other.month, 30), (date.day, other.day, 1))
    return abs(sum((mine - theirs) * days for mine, theirs, days in parts if mine is not None and theirs is not None))


def _says_as_much(other: DateFact, date: DateFact) -> bool:
    """Whether a date of the passage tells what this one tells most precisely: only then it speaks against it."""
    return all(theirs is not None or mine is None for mine, theirs in ((date.year, other.year), (date.day, other.day)))


_COMPARED = re.compile(r"\b(?:than|compared (?:to|with)|up on|over|from|since)\W+(?:in\W+)?$", re.IGNORECASE)


def _is_compared(claim: Statement, date: DateFact, years: Collection[object]) -> bool:
    """The year before one that is told, for a comparison: "rose by 7.4 %" is "more than in 2023" in 2024."""
    return date.year is not None and date.year + 1 in years and bool(_COMPARED.search(claim.text[: date.start]))


def _told_of_another(date: DateFact, alignment: Alignment, years: Collection[object]) -> DateFact | None:
    """Another date in the one sentence that tells most of the claim, where that sentence has not this one; a date that
    the claim tells as well is not what this one stands for: sources may disagree, and the claim say so."""
    stems = alignment.claim.bare_stems
    best = max(alignment.near, key=lambda s: (sum(map(s.holds, stems)), sum(map(s.says, alignment.claim.figures))))
    if sum(map(best.holds, stems)) < _HELD * len(stems):
        return None
    if any(same_date(date, other, years) for other in best.dates) or best.says(date):
        return None
    untold = (other for other in best.dates if not any(same_date(other, told, years) for told in alignment.claim.dates))
    return next((other for other in untold if (other.day is None) == (date.day is None) and other.year), None)


def _without_year(date: DateFact, other: DateFact) -> bool:
    """The same day and month, where the passage leaves out the year."""
    return date.month is not None and other.year is None and (date.day, date.month) == (other.day, other.month)
