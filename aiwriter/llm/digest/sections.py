"""Which sentences belong together, and in which order the sections come."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from aiwriter.llm.digest.lines import Line

if TYPE_CHECKING:
    import numpy as np

_DOMINANT = 0.7  # share of the sentences from one source, whose own order is then kept
_THEMES = 3  # so many times the sections' number are told apart among several sources, the best are kept
_VOICE = 0.15  # what a further source adds to a theme's weight
_TELLING = 3  # sentences of a theme that say most: a long chapter that touches the topic is no answer to it
_UNEVEN = 0.5  # how much it counts against a merger that the union would be longer than its share
_SAME_CHAPTER = 0.6  # merging what stands under one heading in its source comes cheaper
_YEAR_FACT = re.compile(r"date (\d{4})-")
_OUTLOOK = re.compile(
    r"\b(?:will|plans? to|planned|expected to|aims?|intends?|future|outlook|from 20\d\d on|by 20\d\d)\b"
)
_OUTLOOK_HEADING = re.compile(r"(?i)\b(?:outlook|future|next|plans?|ahead|prospects|legacy|tomorrow|conclusions?)\b")


@dataclass(frozen=True, slots=True)
class Thread:
    """Sentences that stand together in a source under one heading."""

    source: int
    headings: tuple[str, ...]
    lines: tuple[int, ...]


def leading_source(lines: Sequence[Line], candidates: Sequence[int]) -> int | None:
    """The source that nearly everything comes from, if there is one: then its order and emphasis are kept."""
    if not candidates:  # all that can be quoted opens the digest
        return None
    sizes = Counter(lines[index].source for index in candidates)
    source, most = min(sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    return source if most >= _DOMINANT * len(candidates) else None


def threads(lines: Sequence[Line], candidates: Sequence[int]) -> list[Thread]:
    """Candidates by source and headings; where a source has no headings, by passage."""
    groups: dict[tuple[int, tuple[str, ...], int], list[int]] = {}
    for index in sorted(candidates):
        line = lines[index]
        groups.setdefault((line.source, line.headings, -1 if line.headings else line.passage), []).append(index)
    return [Thread(source, headings, tuple(found)) for (source, headings, _), found in groups.items()]


def group(
    lines: Sequence[Line], vectors: dict[int, np.ndarray], worth: dict[int, float], count: int, more: int = 0
) -> list[list[Thread]]:
    """At most `count` groups of threads, in the order in which they are read, and before them the beginning of a
    leading source. Where several sources speak, only the themes that matter most are kept, `more` of them when
    `count` do not fill the words."""
    found = threads(lines, list(vectors))
    leading = leading_source(lines, list(vectors))
    if leading is None:
        themes = _merge([[one] for one in found], vectors, _THEMES * count, neighbours=False)
        ranked = sorted(themes, key=lambda some: (-_weight(some, lines, worth), some[0].lines[0]))
        return _ordered(ranked[: count + more], lines)
    own = [one for one in found if one.source == leading]
    lead = [one for one in own if not one.headings] if any(one.headings for one in own) else []
    body = [one for one in own if one not in lead]
    merged = _merge([[one] for one in body], vectors, count, neighbours=True)
    for thread in (one for one in found if one.source != leading):
        middle = _middle([thread], vectors)
        min(merged, key=lambda some: float(((_middle(some, vectors) - middle) ** 2).sum())).append(thread)
    return [lead, *merged] if lead else merged


def _weight(some: Sequence[Thread], lines: Sequence[Line], worth: dict[int, float]) -> float:
    """How much a theme matters: its sentences' worth, and that more than one source speaks of it."""
    voices = len({thread.source for thread in some})
    telling = sorted(
        (worth[index] ** 2 for thread in some for index in thread.lines if lines[index].facts), reverse=True
    )
    total = sum(telling[:_TELLING])
    return total * (1 + _VOICE * (voices - 1))


def _merge(
    groups: list[list[Thread]], vectors: dict[int, np.ndarray], count: int, *, neighbours: bool
) -> list[list[Thread]]:
    """Ward's agglomeration: always the two whose union spreads least; only neighbours where order is to be kept."""
    middles = [_middle(some, vectors) for some in groups]
    sizes = [sum(len(thread.lines) for thread in some) for some in groups]
    share = sum(sizes) / max(1, count)
    while len(groups) > max(1, count):
        pairs = [
            (first, second)
            for first in range(len(groups))
            for second in (
                range(first + 1, min(first + 2, len(groups))) if neighbours else range(first + 1, len(groups))
            )
        ]
        costs = [
            sizes[a]
            * sizes[b]
            / (sizes[a] + sizes[b])
            * (1 + _UNEVEN * (sizes[a] + sizes[b]) / share)
            * float(((middles[a] - middles[b]) ** 2).sum())
            * _discount(groups[a], groups[b])
            for a, b in pairs
        ]
        first, second = pairs[min(range(len(pairs)), key=lambda number: (costs[number], number))]
        total = sizes[first] + sizes[second]
        middles[first] = (sizes[first] * middles[first] + sizes[second] * middles[second]) / total
        sizes[first] = total
        groups[first] = groups[first] + groups[second]
        del groups[second], middles[second], sizes[second]
    return groups


def _discount(some: list[Thread], others: list[Thread]) -> float:
    chapters = {(thread.source, thread.headings[0]) for thread in some if thread.headings}
    shared = any((thread.source, thread.headings[0]) in chapters for thread in others if thread.headings)
    return _SAME_CHAPTER if shared else 1.0


def _middle(some: Sequence[Thread], vectors: dict[int, np.ndarray]) -> np.ndarray:
    import numpy as np

    middle: np.ndarray = np.mean([vectors[index] for thread in some for index in thread.lines], axis=0)
    return middle


def _ordered(groups: list[list[Thread]], lines: Sequence[Line]) -> list[list[Thread]]:
    """By time where their years tell it, else by where they stand in their sources; what looks ahead comes last."""
    ends = Counter[int]()
    for line in lines:
        ends[line.source] = max(ends[line.source], line.place + 1)
    members = [[index for thread in some for index in thread.lines] for some in groups]
    years = [_years(indexes, lines) for indexes in members]
    usual = median(sorted(year for some in years for year in some) or [0])

    def key(number: int) -> tuple[bool, float, float, int]:
        indexes = members[number]
        places = [lines[index].place / ends[lines[index].source] for index in indexes]
        when = median(years[number]) if len(years[number]) > 1 else usual
        return _looks_ahead(groups[number], lines), when, sum(places) / len(places), indexes[0]

    return [groups[number] for number in sorted(range(len(groups)), key=key)]


def _years(indexes: Sequence[int], lines: Sequence[Line]) -> list[int]:
    found = [_YEAR_FACT.match(fact) for index in indexes for fact in lines[index].facts]
    return sorted(int(match[1]) for match in found if match)


def _looks_ahead(some: list[Thread], lines: Sequence[Line]) -> bool:
    indexes = [index for thread in some for index in thread.lines]
    ahead = sum(_OUTLOOK.search(lines[index].text) is not None for index in indexes)
    headed = sum(len(thread.lines) for thread in some if _OUTLOOK_HEADING.search(" ".join(thread.headings)))
    return ahead > 0.5 * len(indexes) or headed > 0.5 * len(indexes)
