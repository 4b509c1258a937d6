"""A sentence as a row of words in which each name, each number and each date is one."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection
from difflib import SequenceMatcher

from aiwriter.pipeline.quality.agreement import same_quantity
from aiwriter.pipeline.quality.faults.names import same_thing
from aiwriter.pipeline.quality.statements import Statement
from aiwriter.text.facts import DateFact, Quantity, Span
from aiwriter.text.weekdays import same_day

NAME, FIGURE, DATE = "\0name", "\0figure", "\0date"
Item = Span | Quantity | DateFact


_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|wird|werden|wurden?|worden)\b.*\b(?:by|von|durch)\b", re.I)


class Row:
    """The words of a statement, items taken for one word each, and which item stands where."""

    def __init__(self, statement: Statement, known: Collection[str]) -> None:
        self.statement, self.words, self.items = statement, list[str](), dict[int, Item]()
        self._starts = list[int]()
        items: list[Item] = [*statement.names(known), *statement.figures]
        places = {at: number for number, one in reversed([*enumerate(items)]) for at in range(one.start, one.end)}
        last: Item | None = None
        for token, (start, end) in zip(statement.tokens, statement.token_spans, strict=True):
            first = min((places[at] for at in range(start, end) if at in places), default=None)
            item = None if first is None else items[first]
            if item is None and token[0].isdigit():
                item = Span(token, start, end)
            if item is None or item is not last:
                self._add(token, item)
                self._starts.append(start)
            last = item

    def _add(self, token: str, item: Item | None) -> None:
        if item is not None:
            self.items[len(self.words)] = item
        self.words.append(token if item is None else _kind(item))

    def between(self, one: int, other: int) -> list[str]:
        """The words between two places that are no items."""
        return [self.words[place] for place in range(one + 1, other) if place not in self.items]

    def after_aside(self, place: int) -> int | None:
        """The word that goes on after what is put in between commas behind an item: "Ann, who was ill, left"."""
        aside = _ASIDE.match(self.statement.text, self.items[place].end)
        at = bisect_left(self._starts, aside.end()) if aside else len(self._starts)
        return at if at < len(self._starts) else None


_ASIDE = re.compile(r", [^,.;:]{2,70}, ")


def _kind(item: Item) -> str:
    if isinstance(item, Span):
        return FIGURE if item.text[0].isdigit() else NAME
    return DATE if isinstance(item, DateFact) else FIGURE


def is_passive(statement: Statement) -> bool:
    """Whether it tells what is done by somebody."""
    return _PASSIVE.search(statement.text) is not None


def same(one: Item, other: Item) -> bool:
    """Whether two items are one: figures that agree, names that share a word, mean the same or are spelled alike."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return same_quantity(one, other) or same_quantity(other, one)
    if isinstance(one, DateFact) and isinstance(other, DateFact):
        return one.agrees(other) or other.agrees(one)
    return kin(one.text, other.text) or same_day(one.text, other.text)


def kin(name: str, other: str) -> bool:
    """Whether they share a word, mean the same thing, or one is written a little otherwise."""
    if set(name.lower().split()) & set(other.lower().split()) or same_thing(name, other):
        return True
    return abbreviates(name, other) or SequenceMatcher(None, name, other).ratio() > 0.7


def abbreviates(name: str, other: str) -> bool:
    """Whether one is the initials of the other."""
    return name == _initials(other) or other == _initials(name)


def _initials(name: str) -> str:
    return "".join(word[0] for word in name.split() if word[0].isupper())
