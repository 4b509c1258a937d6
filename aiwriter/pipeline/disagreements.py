"""Where two sources tell the same thing with different numbers or dates.

Two sentences tell the same when they share most of their telling words (one that many sentences of these sources have
tells little), beside which figures that both say count, and neither names chiefly what the other does not. They
disagree when a figure of one has no equal in the passage of the other, which has another figure of its kind in that
place. Where both a date and a number differ, they tell of another day rather than otherwise of the same.

Set to raise no false alarm rather than to find everything, since readers are told and sentences rewritten. Of claims
with an exchanged number beside the human text they paraphrase 47 % are found, with an exchanged date 27 %, with an
exchanged unit 21 %; false alarms in 6 of 750 undisturbed pairs (`python -m benchmarks.disagreements` on development
data). Most of those that are missed are told in sentences that have few words in common. Where an embedder tells
meaning, `meant_alike` leaves out those that share words alone.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from aiwriter.documents import Disagreement, EvidenceItem, PassageId
from aiwriter.pipeline.quality.agreement import same_date
from aiwriter.pipeline.quality.statements import Statement, sentences_of, statement
from aiwriter.pipeline.relevance import Scale
from aiwriter.ports import Embedder
from aiwriter.text.facts import DateFact, Quantity, QuantityKind
from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words

MOST = 20  # that are told; more are a sign of two subjects that look alike
_SHARED = 0.5  # of the telling words of the sentence that has fewer of them
_OF_LONGER = 0.25  # of those of the other
_SAME = 0.9  # of the telling words of both: then they may be few
_ENOUGH = 1.0  # weight of the words they share
_STRANGE = 0.5  # of the names of each that the other does not know: then they tell of different things
_MEANT_ALIKE = 0.6  # cosine of two sentences without their figures
_SURROUNDINGS = 6  # words to each side of a figure that say what it counts

_TELLING_FIGURE = 1.0  # weight of a figure that both say, beside the words they share
_ALIKE = 0.8  # of the telling words of the sentence that has fewer: then their only dates need no words in common
_SAME_PLACE = 3  # words near both of two figures, from which they count the same though it is called otherwise
_SMALL = 12  # a count up to here tells nothing

Figure = Quantity | DateFact


@dataclass(frozen=True)
class _Told:
    """A sentence of a passage with figures in it."""

    item: EvidenceItem
    statement: Statement
    passage: Statement
    common: Counter[str]  # in how many sentences of all a word stands

    @cached_property
    def weights(self) -> dict[str, float]:
        """How telling each word is: what every other sentence of these sources says as well tells little."""
        return {stem: rarity(stem) / (1 + math.log(self.common[stem])) for stem in self.statement.bare_stems}

    @cached_property
    def weight(self) -> float:
        return sum(self.weights.values())

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(stem for name in self.statement.names() for stem in content_words(name.text))


def disagreements(
    items: Sequence[EvidenceItem], language: str = "en", about: Set[PassageId] | None = None
) -> list[Disagreement]:
    """The disagreements between passages of different sources, the most alike sentences first, at most MOST; with
    `about` only those in which one of these passages is a side."""
    common: Counter[str] = Counter()
    told = [sentence for item in items for sentence in _with_figures(item, language, common)]
    found = []
    for one, other in combinations(told, 2):
        if one.item.passage.source_hash == other.item.passage.source_hash:
            continue
        if about is not None and about.isdisjoint((one.item.passage.id, other.item.passage.id)):
            continue
        likeness = _likeness(one, other)
        if likeness >= _SHARED and (pair := _in_conflict(one, other, likeness)):
            found.append((likeness, _as_document(one, other, *pair)))
    found.sort(key=lambda scored: -scored[0])
    return list({(d.one, d.one_says, d.other, d.other_says): d for _likeness, d in found}.values())[:MOST]


async def meant_alike(
    found: Sequence[Disagreement], embedder: Embedder, scale: Scale, language: str = "en"
) -> tuple[Disagreement, ...]:
    """Those whose sentences mean the same, figures aside; all, when the embedder follows words and not meaning."""
    if not found or not scale.tells_meaning:
        return tuple(found)
    texts = [_bare(text, language) for one in found for text in (one.one_sentence, one.other_sentence)]
    rows = await embedder.embed(texts)
    alike = scale((rows[0::2] * rows[1::2]).sum(axis=1))
    return tuple(one for one, cosine in zip(found, alike, strict=True) if cosine >= _MEANT_ALIKE)


def _bare(text: str, language: str) -> str:
    """The sentence with a mark in place of each figure."""
    for figure in sorted(statement(text, language).figures, key=lambda figure: -figure.start):
        text = f"{text[: figure.start]}#{text[figure.end :]}"
    return text


def _with_figures(item: EvidenceItem, language: str, common: Counter[str]) -> Iterator[_Told]:
    for sentence in sentences_of(item.passage.text, language):
        common.update(sentence.bare_stems)
        if sentence.figures and len(sentence.bare_stems) > 1:
            yield _Told(item, sentence, statement(item.passage.text, language), common)


def _likeness(one: _Told, other: _Told) -> float:
    """Share of telling words in common; 0 when they are too few or each names chiefly others."""
    words = sum(weight for stem, weight in one.weights.items() if stem in other.weights)
    figures = sum(_tells(figure) and other.statement.says(figure) for figure in one.statement.figures)
    agreed = min(words, figures * _TELLING_FIGURE)
    shared = words + agreed
    most = agreed + max(one.weight, other.weight)
    if (
        shared < _OF_LONGER * most
        or shared < (_ENOUGH if shared < _SAME * most else _ENOUGH / 2)
        or (_foreign(one, other) > _STRANGE and _foreign(other, one) > _STRANGE)
    ):
        return 0.0
    return shared / (agreed + min(one.weight, other.weight))


def _tells(figure: Figure) -> bool:
    """Whether it is more than a year or a small number, which many sentences have."""
    if isinstance(figure, DateFact):
        return figure.month is not None
    return figure.value > _SMALL or figure.kind is not QuantityKind.COUNT


def _foreign(one: _Told, other: _Told) -> float:
    """Share of the names of one sentence that the other's passage does not hold."""
    return sum(not other.passage.holds(name) for name in one.names) / max(1, len(one.names))


def _in_conflict(one: _Told, other: _Told, likeness: float) -> tuple[Figure, Figure] | None:
    """The two figures that stand against each other; none when both day and number differ: another day's number."""
    mine = [figure for figure in one.statement.figures if not _said(figure, other.passage)]
    theirs = [figure for figure in other.statement.figures if not _said(figure, one.passage)]
    pairs = [(a, b) for a in mine for b in theirs if _rivals(a, one.statement, b, other.statement, likeness >= _ALIKE)]
    if len({isinstance(a, DateFact) for a, _b in pairs}) != 1:
        return None
    return max(pairs, key=lambda pair: len(_around(pair[0], one.statement) & _around(pair[1], other.statement)))


def _said(figure: Figure, statement: Statement) -> bool:
    if statement.says(figure):
        return True
    if isinstance(figure, DateFact):  # "in March" beside "on 3 March 2021": less exact, not otherwise
        return any(same_date(date, figure, {date.year, figure.year}) for date in statement.dates)
    return figure.kind in (QuantityKind.COUNT, QuantityKind.ORDINAL) and figure.value <= 1


def _rivals(a: Figure, of_a: Statement, b: Figure, of_b: Statement, is_alike: bool) -> bool:
    """Whether two unequal figures answer the same question: of one kind, unit and noun, among the same words; the only
    dates of two sentences that are alike do anywhere in them."""
    if isinstance(a, DateFact) and isinstance(b, DateFact):
        only = len(of_a.dates) == len(of_b.dates) == 1 and is_alike
        return a.year is not None and b.year is not None and (only or bool(_around(a, of_a) & _around(b, of_b)))
    if isinstance(a, DateFact) or isinstance(b, DateFact):
        return False
    if a.dimension != b.dimension or a.kind is not b.kind or ("point" in a.text) != ("point" in b.text):
        return False  # percentage points are no per cents
    around = len(_around(a, of_a) & _around(b, of_b))
    if a.noun and b.noun:
        return a.noun == b.noun or around >= _SAME_PLACE
    return around > 0


def _around(figure: Figure, statement: Statement) -> frozenset[str]:
    """Content words near a figure."""
    spans = statement.token_spans
    before = [index for index, (_start, end) in enumerate(spans) if end <= figure.start][-_SURROUNDINGS:]
    after = [index for index, (start, _end) in enumerate(spans) if start >= figure.end][:_SURROUNDINGS]
    near = [statement.text[slice(*spans[index])] for index in (*before, *after)]
    return frozenset(stem for stem in statement.bare_stems if any(word.lower().startswith(stem[:5]) for word in near))


def _as_document(one: _Told, other: _Told, mine: Figure, theirs: Figure) -> Disagreement:
    return Disagreement(
        one=one.item.passage.id,
        one_sentence=one.statement.text,
        one_says=mine.text,
        other=other.item.passage.id,
        other_sentence=other.statement.text,
        other_says=theirs.text,
    )
