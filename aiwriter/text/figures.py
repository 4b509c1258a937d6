"""Figures of a text as they are written, to tell a copy from what says something else; `quantities` reads them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from aiwriter.text.spelled import SMALL_NUMBERS

MOST_ALIKE = 3  # texts that only figures tell apart: sources that disagree are heard, a flood of them is not

_SPELLED = {word: str(value) for value, word in enumerate(SMALL_NUMBERS) if value > 1}
_FIGURE = r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)|\d+(?:[.,:]\d+)*"
_TOKEN = re.compile(rf"(?P<figure>{_FIGURE})|[^\W\d_]+(?:['’][^\W_]+)*")
_GROUPS = re.compile(r"[.,'’ \u00a0\u202f](?=\d{3}(?!\d))")
_SLOT = "#"
_SIDES = ((3, 1), (2, 2), (1, 3))  # words before and behind a figure by which its place is known again
_FEWEST_WORDS = 3  # of them that are no figures: a column of numbers is like any other

Slots = Mapping[tuple[str, ...], frozenset[str]]


def figures(text: str) -> frozenset[str]:
    """The numbers of a text, however their thousands are parted: "1,200" and "1 200" are one."""
    return frozenset(figure for _, figure in _tokens(text) if figure)


def tells_more(one: frozenset[str], others: Iterable[frozenset[str]]) -> bool:
    """Whether a text with these figures has one that none of those it resembles has."""
    return not one <= frozenset().union(*others)


def slots(text: str) -> Slots:
    """What figures stand at each place of a text that its neighbouring words tell from others."""
    tokens = [("", ""), ("", ""), ("", ""), *_tokens(text), ("", ""), ("", ""), ("", "")]
    shown = [word for word, _ in tokens]
    found: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for place, (_, figure) in enumerate(tokens):
        if figure:
            for before, behind in _SIDES:
                around = shown[place - before : place + behind + 1]
                if sum(word not in ("", _SLOT) for word in around) >= _FEWEST_WORDS:
                    found[str(before), *around].add(figure)
    return {place: frozenset(values) for place, values in found.items()}


def contradict(one: Slots, other: Slots) -> bool:
    """Whether some place that two texts share has quite other figures in one than in the other."""
    return any(values.isdisjoint(other[place]) for place, values in one.items() if place in other)


def _tokens(text: str) -> list[tuple[str, str]]:
    """Each word as it is compared, and the number that it stands for, "" for none."""
    return [_token(match) for match in _TOKEN.finditer(text.lower())]


def _token(match: re.Match[str]) -> tuple[str, str]:
    word = match.group()
    if match["figure"]:
        return _SLOT, _GROUPS.sub("", word)
    return (_SLOT, _SPELLED[word]) if word in _SPELLED else (word, "")
