"""Sentences of passages with figures in them, ready to be put beside one another."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from aiwriter.documents import Disagreement, EvidenceItem, PassageId
from aiwriter.pipeline.leaning import leans, points, supports
from aiwriter.pipeline.quality.agreement import same_date
from aiwriter.pipeline.quality.statements import Statement, sentences_of, statement
from aiwriter.text.facts import DateFact, Quantity, QuantityKind
from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words

SMALL = 12  # a count up to here tells nothing
_PREFIX = 5
_STRANGE = 0.5  # of the names of each that the other does not know: then they tell of different things

Figure = Quantity | DateFact


class Everything:
    """How common words are among all passages."""

    def __init__(self) -> None:
        self.common = Counter[str]()  # in how many sentences a word stands
        self.meant = Counter[str]()  # how many sentences lean on it
        self.tellers = defaultdict[str, set[str]](set)  # the sources that say it, by `key`


@dataclass(frozen=True, eq=False)
class Told:
    """A sentence of a passage with figures in it; `above` are title and headings, `leant` is what it leans on."""

    item: EvidenceItem
    statement: Statement
    passage: Statement
    among: Everything
    above: tuple[str, ...] = ()
    leant: tuple[Statement, ...] = ()

    @cached_property
    def weights(self) -> dict[str, float]:
        """How telling each word is: what every other sentence of these sources says as well tells little."""
        return {stem: rarity(stem) / (1 + math.log(self.among.common[stem])) for stem in self.statement.bare_stems}

    @cached_property
    def weight(self) -> float:
        return sum(self.weights.values())

    @cached_property
    def leant_stems(self) -> frozenset[str]:
        """Content words of what it leans on that it does not have itself."""
        return frozenset().union(*(one.bare_stems for one in self.leant)) - self.statement.bare_stems

    @cached_property
    def is_general(self) -> bool:
        """Whether it names nothing and points to nothing that was named: it may be said of anything."""
        return bool(self.leant) and not points(self.statement)

    @cached_property
    def names(self) -> frozenset[str]:
        """Content words of its names; when it leans and has none, of the nearest that it leans on."""
        return next((found for one in (self.statement, *self.leant) if (found := _names(one))), frozenset())

    @cached_property
    def years(self) -> frozenset[int]:
        """Of the days it tells; when it tells none, of the nearest heading, or the title, that does."""
        above = (statement(text, self.statement.language) for text in reversed(self.above))
        return next((found for one in (self.statement, *above) if (found := _years(one))), frozenset())

    @cached_property
    def known(self) -> Statement:
        """Its passage with what stands above."""
        return statement("\n".join((*self.above, self.passage.text)), self.statement.language)


def key(stemmed: str) -> str:
    """What two words have in common that count as one: their first five letters."""
    return stemmed[:_PREFIX]


def _years(one: Statement) -> frozenset[int]:
    return frozenset(date.year for date in one.dates if date.year)


def _names(one: Statement) -> frozenset[str]:
    return frozenset(stem for name in one.names() for stem in content_words(name.text))


def with_figures(items: Sequence[EvidenceItem], language: str, titles: Mapping[str, str]) -> list[Told]:
    """The sentences of all passages that have figures and words; `titles` of their sources by content hash.

    Rows of tables are none: two of them have most words in common and tell of different things.
    """
    among = Everything()
    found: list[Told] = []
    for item in items:
        if item.passage.is_table:
            continue
        above = tuple(filter(None, (titles.get(item.passage.source_hash, ""), *item.passage.headings)))
        found += _with_figures(item, language, above, among)
        for stem in content_words("\n".join((*above, item.passage.text)), language):
            among.tellers[key(stem)].add(item.passage.source_hash)
    return found


def _with_figures(item: EvidenceItem, language: str, above: tuple[str, ...], among: Everything) -> Iterator[Told]:
    sentences = sentences_of(item.passage.text, language)
    for index, sentence in enumerate(sentences):
        among.common.update(sentence.bare_stems)
        leant = supports(sentences, index, above) if sentence.figures and leans(sentence) else ()
        if sentence.figures and len(sentence.bare_stems) > (not leant):
            told = Told(item, sentence, statement(item.passage.text, language), among, above, leant)
            among.meant.update(told.leant_stems)
            yield told


def opposed(one: Told, other: Told, about: Set[PassageId] | None) -> bool:
    """Whether they are of two sources and, with `about`, one is of these passages."""
    sides = (one.item.passage, other.item.passage)
    return sides[0].source_hash != sides[1].source_hash and (about is None or any(side.id in about for side in sides))


def foreign(one: Told, other: Told) -> bool:
    """Whether each names chiefly what the other's passage does not."""
    return _unknown(one, other) > _STRANGE and _unknown(other, one) > _STRANGE


def _unknown(one: Told, other: Told) -> float:
    """Share of the names of one sentence that the other's passage does not hold."""
    return sum(not other.known.holds(name) for name in one.names) / max(1, len(one.names))


def unsaid(one: Told, other: Told) -> list[Figure]:
    """The figures of one sentence that the other's passage does not have."""
    return [figure for figure in one.statement.figures if not _said(figure, other.passage)]


def _said(figure: Figure, statement: Statement) -> bool:
    if statement.says(figure):
        return True
    if isinstance(figure, DateFact):  # "in March" beside "on 3 March 2021": less exact, not otherwise
        return any(same_date(date, figure, {date.year, figure.year}) for date in statement.dates)
    return figure.kind in (QuantityKind.COUNT, QuantityKind.ORDINAL) and figure.value <= 1


def of_one_kind(a: Figure, b: Figure) -> bool:
    """Whether two figures can be answers to the same question at all: two dates, or quantities of one dimension."""
    if isinstance(a, DateFact) and isinstance(b, DateFact):
        return a.year is not None and b.year is not None
    if isinstance(a, DateFact) or isinstance(b, DateFact):
        return False
    if a.dimension != b.dimension:
        return _in_another_unit(a, b)
    points = ("point" in a.text) == ("point" in b.text)  # percentage points are no per cents
    return a.kind is b.kind and points


def _in_another_unit(a: Quantity, b: Quantity) -> bool:
    """Whether both say the same number, and a telling one, of things that cannot be converted: euros and crowns."""
    units = (QuantityKind.MEASURE, QuantityKind.MONEY, QuantityKind.PERCENT)
    return a.value == b.value and a.value > SMALL and a.kind in units and b.kind in units


def as_document(one: Told, other: Told, mine: Figure, theirs: Figure) -> Disagreement:
    return Disagreement(
        one=one.item.passage.id,
        one_sentence=one.statement.text,
        one_says=mine.text,
        other=other.item.passage.id,
        other_sentence=other.statement.text,
        other_says=theirs.text,
    )
