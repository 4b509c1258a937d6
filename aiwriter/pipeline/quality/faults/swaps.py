"""Two names or two figures of one sentence in each other's places, the words round them being the passage's own."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher
from itertools import combinations

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.statements import Statement, known_names
from aiwriter.text.facts import Span
from aiwriter.text.words import word_set

ALIKE = 0.7  # of the words of both, names and figures each taken for one word
_NAME, _FIGURE = "\0name", "\0figure"
_PASSIVE = re.compile(r"\b(?:is|are|was|were|be|been|being|wird|werden|wurden?|worden)\b.*\b(?:by|von|durch)\b", re.I)
# What stands between two that may be told in either order: "Spain and Germany", "Alice married Bob".
_EITHER_WAY = word_set(
    """and or nor with versus vs v between both as well married marries met meet meets play plays played faced drew
    borders bordering resembles resembled equals joined et und oder sowie mit traf heiratete the a an to der die das"""
)
_JOINING = word_set("and or but while whereas und oder aber während the a an")


def swapped(alignment: Alignment, known: Collection[str]) -> Iterator[Fault]:
    """What stands where the nearly same sentence of the passages has the other one of two."""
    claim = alignment.claim
    for sentence in alignment.near:
        shared = len(claim.token_set & sentence.token_set)
        if shared < ALIKE * max(len(claim.token_set), len(sentence.token_set)) - 2:
            continue  # a cheap bound
        names = frozenset(known) | known_names([claim.text, sentence.text])
        yield from _swap(_Row(claim, names), _Row(sentence, names))


class _Row:
    """A sentence as a row of words in which each name and each figure is one, and what these are."""

    def __init__(self, statement: Statement, known: Collection[str]) -> None:
        self.statement, self.words, self.items = statement, list[str](), dict[int, Span]()
        names = statement.names(known)
        last: Span | None = None
        for token, (start, end) in zip(statement.tokens, statement.token_spans, strict=True):
            name = next((one for one in names if one.start <= start and end <= one.end), None)
            if name is not None and name is last:
                continue
            last = name
            if name is not None:
                self._add(_NAME, name)
            elif token[0].isdigit():
                self._add(_FIGURE, Span(token, start, end))
            else:
                self.words.append(token)

    def _add(self, kind: str, item: Span) -> None:
        self.items[len(self.words)] = item
        self.words.append(kind)

    def between(self, one: int, other: int) -> list[str]:
        return [word for word in self.words[one + 1 : other] if word not in (_NAME, _FIGURE)]


def _swap(claim: _Row, source: _Row) -> Iterator[Fault]:
    matcher = SequenceMatcher(None, source.words, claim.words, autojunk=False)
    if len(claim.items) < 2 or matcher.ratio() < ALIKE or _is_passive(claim) != _is_passive(source):
        return
    pairs = {j + n: i + n for i, j, size in matcher.get_matching_blocks() for n in range(size) if j + n in claim.items}
    moved = [
        (one, other)
        for one, other in combinations(sorted(pairs), 2)
        if _same(claim.items[one], source.items[pairs[other]])
        and _same(claim.items[other], source.items[pairs[one]])
        and not _same(claim.items[one], claim.items[other])
    ]
    if len(moved) != 1 or _in_either_order(claim, *moved[0]):  # two swaps: clauses in another order
        return
    first, second = (claim.items[place] for place in moved[0])
    rule = "support.name" if claim.words[moved[0][0]] == _NAME else "support.number"
    message = f"The passage has “{first.text}” and “{second.text}” in each other's places."
    certain = not _is_passive(claim) and _bare(claim) == _bare(source)
    yield Fault(rule, message, (first.start, second.end), certain, "put them as the passage does")


def _same(one: Span, other: Span) -> bool:
    return one.text.lower() == other.text.lower()


def _is_passive(row: _Row) -> bool:
    return _PASSIVE.search(row.statement.text) is not None


def _in_either_order(row: _Row, one: int, other: int) -> bool:
    """Whether two are only listed: nothing but words that join stands between them."""
    between = row.between(one, other)
    gap = row.statement.text[row.items[one].end : row.items[other].start]
    return all(word in _EITHER_WAY for word in between) and gap != ":"


def _bare(row: _Row) -> list[str]:
    return [word for word in row.words if word not in _JOINING]
