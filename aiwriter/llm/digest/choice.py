"""Which sentences to quote: as many of the evidence's facts as the words allow, none twice.

Greedy maximisation of covered concepts per word (submodular; Lin and Bilmes 2011; concepts after Gillick and Favre
2009), where a concept is a name, number, date or content word, weighted by how often the sources come back to it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwriter.llm.digest.lines import Line, chain
from aiwriter.text.rarity import rarity

if TYPE_CHECKING:
    import numpy as np

SAME_MEANING = 0.82  # cosine of two sentences that say the same
_SAME_WORDS = 0.75  # of the shorter one's content words that the longer one holds
_WORDS_EXPONENT = 0.6  # how much length counts against a sentence: 0 not at all, 1 in full
_NEIGHBOUR = 1.25  # a sentence next to a chosen one makes a paragraph with it
_WEAK = 0.6
_OVER, _SECTION_OVER = 1.04, 1.3  # by how much the whole and one section may pass their words


@dataclass(frozen=True, slots=True)
class Material:
    """What is chosen from: all sentences, the unit vectors of the candidates, and each one's nearness to the topic."""

    lines: Sequence[Line]
    vectors: dict[int, np.ndarray]
    worth: dict[int, float]  # 0–1: how near to the topic and to the middle of the evidence
    newness: Sequence[float]  # by source: the newer the greater


class Choice:
    """Sentences chosen so far, what they cover and how many words they are."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.chosen: list[int] = []
        self.words = 0
        self._weights = _weights(material)
        self._covered: set[str] = set()
        self._refused: set[int] = set()

    def fill(self, groups: Sequence[Sequence[int]], budgets: Sequence[int]) -> None:
        """Choose for all groups at once, none far beyond its budget in words, together not beyond their sum."""
        total = self.words + sum(budgets)
        group_of = {index: number for number, group in enumerate(groups) for index in group}
        used = [0] * len(groups)
        for ceiling in (_SECTION_OVER, math.inf):  # what one section cannot use, the others may
            while best := self._best(group_of, used, [budget * ceiling for budget in budgets], total):
                for index in best:
                    self._take(index)
                    used[group_of.get(index, group_of[best[-1]])] += self.material.lines[index].words

    def open_with(self, indexes: Sequence[int]) -> None:
        for index in indexes:
            self._take(index)

    def _best(
        self, group_of: dict[int, int], used: Sequence[int], ceilings: Sequence[float], total: int
    ) -> tuple[int, ...]:
        best: tuple[float, int, tuple[int, ...]] | None = None
        for index, group in group_of.items():
            new = self._new(index)
            if not new:
                continue
            length = sum(self.material.lines[one].words for one in new)
            if used[group] + length > ceilings[group] or self.words + length > total * _OVER:
                continue
            gain = self._gain(new) / length**_WORDS_EXPONENT
            if gain > 0 and (best is None or (gain, -index) > (best[0], -best[1])):
                best = (gain, index, new)
        return best[2] if best else ()

    def _new(self, index: int) -> tuple[int, ...]:
        """What must be added to quote this sentence; () when it cannot be or says nothing new."""
        if index in self._refused or index in self.chosen:
            return ()
        needed = chain(self.material.lines, index)
        new = tuple(one for one in needed if one not in self.chosen)
        if not new or any(one not in self.material.vectors or self._repeats(one) for one in new):
            self._refused.add(index)
            return ()
        return new

    def _repeats(self, index: int) -> bool:
        return any(same_fact(self.material, index, other) for other in self.chosen)

    def _gain(self, new: Sequence[int]) -> float:
        gain, covered = 0.0, set(self._covered)
        for index in new:
            line = self.material.lines[index]
            concepts = line.stems | line.facts
            fresh = sum(self._weights[concept] for concept in sorted(concepts - covered))
            covered |= concepts
            gain += fresh * (0.25 + self.material.worth[index]) * (_WEAK if line.weak else 1.0)
        return gain * (_NEIGHBOUR if self._beside(new) else 1.0)

    def _beside(self, new: Sequence[int]) -> bool:
        lines = self.material.lines
        return any(lines[one].before in self.chosen for one in new) or any(
            lines[one].before == new[-1] for one in self.chosen
        )

    def _take(self, index: int) -> None:
        line = self.material.lines[index]
        self.chosen.append(index)
        self.words += line.words
        self._covered |= line.stems | line.facts


def _weights(material: Material) -> dict[str, float]:
    """Concept → weight: how often the evidence holds it, times how telling it is."""
    counts = Counter(concept for line in material.lines for concept in line.stems | line.facts)
    return {concept: math.log1p(count) * _telling(concept) for concept, count in counts.items()}


def _telling(concept: str) -> float:
    kind = concept.partition(" ")[0] if " " in concept else ""
    return {"name": 1.2, "number": 1.0, "date": 1.0}.get(kind, rarity(concept))


def same_fact(material: Material, one: int, other: int) -> bool:
    """Whether two sentences say the same. Different numbers from different sources are a disagreement, worth both."""
    first, second = material.lines[one], material.lines[other]
    numbers, others = _numbers(first), _numbers(second)
    if first.source != second.source and numbers and others and not (numbers <= others or others <= numbers):
        return False
    if first.stems == second.stems:
        return True
    shorter, longer = (first, second) if len(first.stems) <= len(second.stems) else (second, first)
    shared = len(shorter.stems & longer.stems) / max(1, len(shorter.stems))
    if shared >= _SAME_WORDS and _numbers(shorter) <= _numbers(longer):
        return True
    return float(material.vectors[one] @ material.vectors[other]) >= SAME_MEANING


def _numbers(line: Line) -> set[str]:
    return {fact for fact in line.facts if not fact.startswith("name ")}
