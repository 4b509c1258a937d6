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

OPENING = -1
SAME_MEANING = 0.82  # cosine of two sentences that say the same
_SAME_SUBJECT = 0.62  # … of two that do if they also give the same number or date
_SAME_WORDS = 0.75  # of the shorter one's content words that the longer one holds
_WORDS_EXPONENT = 0.8  # how much length counts against a sentence: 0 not at all, 1 in full
_NEIGHBOUR = 1.25  # a sentence next to a chosen one makes a paragraph with it
_WEAK = 0.6
_OVER = 1.04  # by how much the whole may pass its words
_SECTION_OVER = (1.25, 1.6)  # and one section its own: what one cannot use, the others may
_ENOUGH = 0.88  # of the words; with less, sections may grow as they can
_PARAGRAPHS = 6  # of a section, unless it must grow
_LEAST = 0.03  # of the first quotation's gain that any other must have
_FIRST = 1.3  # the first sentence under a heading says what follows
_NEWER = 0.1  # at most so much more for a newer source
# Kinds of concepts. Like the other weights: set on the development articles, where ±0.01 in recall is noise.
_SMALL = frozenset(f"number {value} count" for value in range(1, 6))  # shared by chance
_KINDS = {"name": 1.2, "number": 1.2, "date": 1.2}
_PLAIN = 0.25


@dataclass(frozen=True, slots=True)
class Material:
    """What is chosen from: all sentences, the unit vectors of the candidates, and each one's nearness to the topic."""

    lines: Sequence[Line]
    vectors: dict[int, np.ndarray]
    topical: dict[int, float]  # how near to the topic alone
    worth: dict[int, float]  # 0–1: how near to the topic and to what the evidence says most
    sharpness: float  # how strongly worth counts (its exponent)
    floor: float  # what a sentence without any worth counts beside one with full worth
    least: float  # worth that a sentence must have: what is off the topic fills no words
    newness: Sequence[float]  # by source: 0 for the oldest or undated, 1 for the newest


@dataclass(slots=True)
class _Room:
    """Where words may still go: the group of each candidate, the words used and allowed by group, and those left."""

    group_of: dict[int, int]
    used: list[int]
    ceilings: list[float]
    left: int


class Choice:
    """Sentences chosen so far, what they cover and how many words they are."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.chosen: list[int] = []
        self.section: dict[int, int] = {}  # of each chosen sentence; OPENING for those that open the digest
        self.words = 0
        self._weights = _weights(material)
        self._covered: set[str] = set()
        self._least = 0.0  # gain a word that is worth quoting, known after the first choice
        self._refused: set[int] = set()
        self._compared: dict[int, int] = {}  # with how many of the chosen a sentence was compared

    def fill(self, groups: Sequence[Sequence[int]], budgets: Sequence[int]) -> None:
        """Choose for all groups at once, none far beyond its budget in words, together not beyond their sum."""
        total = self.words + sum(budgets)
        group_of = {index: number for number, group in enumerate(groups) for index in group}
        used = [0] * len(groups)
        for ceiling in (*_SECTION_OVER, math.inf):
            if ceiling == math.inf and self.words >= _ENOUGH * total:
                break
            room = _Room(group_of, used, [budget * ceiling for budget in budgets], int(total * _OVER) - self.words)
            paragraphs = _PARAGRAPHS
            if ceiling == math.inf:
                paragraphs, self._least = len(group_of), self._least / 4
            while best := self._best(room, paragraphs):
                group = group_of[best[-1]]
                for index in best:
                    self._take(index, group)
                    used[group] += self.material.lines[index].words
                room.left = int(total * _OVER) - self.words

    def open_with(self, indexes: Sequence[int]) -> None:
        for index in indexes:
            self._take(index, OPENING)

    def _best(self, room: _Room, paragraphs: int) -> tuple[int, ...]:
        """What to quote next: the most that is new a word, of what there is room for."""
        full = {group for group in set(room.group_of.values()) if self._paragraphs(group) >= paragraphs}
        best: tuple[float, int, tuple[int, ...]] | None = None
        for index, group in room.group_of.items():
            new = self._new(index, group)
            length = sum(self.material.lines[one].words for one in new)
            if not new or length > room.left or room.used[group] + length > room.ceilings[group]:
                continue
            if group in full and not self._beside(new, group):
                continue
            gain = self._gain(new, group) / length**_WORDS_EXPONENT
            if gain > self._least and (best is None or (gain, -index) > (best[0], -best[1])):
                best = (gain, index, new)
        if best is None:
            return ()
        self._least = self._least or _LEAST * best[0]
        return best[2]

    def _paragraphs(self, group: int) -> int:
        taken = {index for index in self.chosen if self.section[index] == group}
        return sum(self.material.lines[index].before not in taken for index in taken)

    def _new(self, index: int, group: int) -> tuple[int, ...]:
        """What must be added to quote this sentence in a section; () when it cannot be or says nothing new or nothing
        on the topic."""
        if index in self._refused or index in self.chosen:
            return ()
        needed = chain(self.material.lines, index)
        new = tuple(one for one in needed if one not in self.chosen)
        elsewhere = any(self.section.get(one, group) != group for one in needed)
        if not new or elsewhere or any(one not in self.material.vectors or self._repeats(one) for one in new):
            self._refused.add(index)
            return ()
        on_topic = self.material.worth[index] >= self.material.least or self._beside(new, group)
        return new if on_topic else ()

    def _repeats(self, index: int) -> bool:
        unseen = self.chosen[self._compared.get(index, 0) :]
        self._compared[index] = len(self.chosen)
        if any(same_fact(self.material, index, other) for other in unseen):
            self._refused.add(index)
        return index in self._refused

    def _gain(self, new: Sequence[int], group: int) -> float:
        gain, covered = 0.0, set(self._covered)
        for index in new:
            line = self.material.lines[index]
            concepts = line.stems | line.facts
            fresh = sum(self._weights[concept] for concept in sorted(concepts - covered))
            covered |= concepts
            gain += fresh * self._standing(index)
        return gain * (_NEIGHBOUR if self._beside(new, group) else 1.0)

    def _standing(self, index: int) -> float:
        line = self.material.lines[index]
        standing: float = self.material.floor + self.material.worth[index] ** self.material.sharpness
        if line.before is None or self.material.lines[line.before].headings != line.headings:
            standing *= _FIRST
        if line.weak:
            standing *= _WEAK
        return standing * (1 + _NEWER * self.material.newness[line.source])

    def _beside(self, new: Sequence[int], group: int) -> bool:
        """Whether it goes on, or leads up to, a paragraph of the section."""
        lines = self.material.lines
        before = lines[new[0]].before
        follows = before is not None and self.section.get(before) == group
        return follows or any(lines[one].before == new[-1] for one in self.chosen if self.section[one] == group)

    def _take(self, index: int, section: int) -> None:
        line = self.material.lines[index]
        self.section[index] = section
        self.chosen.append(index)
        self.words += line.words
        self._covered |= line.stems | line.facts


def _weights(material: Material) -> dict[str, float]:
    """Concept → weight: how often the evidence holds it, times how telling it is."""
    counts = Counter(concept for line in material.lines for concept in line.stems | line.facts)
    return {concept: math.log1p(count) * _telling(concept) for concept, count in counts.items()}


def _telling(concept: str) -> float:
    kind, _, value = concept.partition(" ")
    return _KINDS[kind] if value else _PLAIN * rarity(concept)


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
    shared_number = bool((numbers & others) - _SMALL)
    alike = float(material.vectors[one] @ material.vectors[other])
    return alike >= (_SAME_SUBJECT if shared_number else SAME_MEANING)


def _numbers(line: Line) -> set[str]:
    return {fact for fact in line.facts if not fact.startswith("name ")}
