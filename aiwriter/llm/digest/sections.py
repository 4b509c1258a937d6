"""Which sentences belong together, and in which order the sections come."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwriter.llm.digest.lines import Line

if TYPE_CHECKING:
    import numpy as np

_DOMINANT = 0.7  # share of the sentences from one source, whose own order is then kept
_SAME_CHAPTER = 0.6  # merging what stands under one heading in its source comes cheaper
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


def threads(lines: Sequence[Line], candidates: Sequence[int]) -> list[Thread]:
    """Candidates by source and headings; where a source has no headings, by passage."""
    groups: dict[tuple[int, tuple[str, ...], int], list[int]] = {}
    for index in sorted(candidates):
        line = lines[index]
        groups.setdefault((line.source, line.headings, -1 if line.headings else line.passage), []).append(index)
    return [Thread(source, headings, tuple(found)) for (source, headings, _), found in groups.items()]


def group(lines: Sequence[Line], vectors: dict[int, np.ndarray], count: int) -> list[list[Thread]]:
    """At most `count` groups of threads, in the order in which they are read."""
    found = threads(lines, list(vectors))
    sizes = Counter(lines[index].source for index in vectors)
    leading, most = min(sizes.items(), key=lambda pair: (-pair[1], pair[0]))
    if most >= _DOMINANT * len(vectors):
        merged = _merge([[one] for one in found if one.source == leading], vectors, count, neighbours=True)
        for thread in (one for one in found if one.source != leading):
            middle = _middle([thread], vectors)
            min(merged, key=lambda some: float(((_middle(some, vectors) - middle) ** 2).sum())).append(thread)
        return merged
    return _ordered(_merge([[one] for one in found], vectors, count, neighbours=False), lines)


def _merge(
    groups: list[list[Thread]], vectors: dict[int, np.ndarray], count: int, *, neighbours: bool
) -> list[list[Thread]]:
    """Ward's agglomeration: always the two whose union spreads least; only neighbours where order is to be kept."""
    middles = [_middle(some, vectors) for some in groups]
    sizes = [sum(len(thread.lines) for thread in some) for some in groups]
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
    """By where their sentences stand in their sources; what looks ahead comes last."""
    ends = Counter[int]()
    for line in lines:
        ends[line.source] = max(ends[line.source], line.place + 1)

    def key(some: list[Thread]) -> tuple[bool, float, int]:
        indexes = [index for thread in some for index in thread.lines]
        places = [lines[index].place / ends[lines[index].source] for index in indexes]
        return _looks_ahead(some, lines), sum(places) / len(places), indexes[0]

    return sorted(groups, key=key)


def _looks_ahead(some: list[Thread], lines: Sequence[Line]) -> bool:
    indexes = [index for thread in some for index in thread.lines]
    ahead = sum(_OUTLOOK.search(lines[index].text) is not None for index in indexes)
    headed = sum(len(thread.lines) for thread in some if _OUTLOOK_HEADING.search(" ".join(thread.headings)))
    return ahead > 0.5 * len(indexes) or headed > 0.5 * len(indexes)
