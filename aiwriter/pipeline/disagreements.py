"""Where two sources tell the same thing with different numbers or dates.

With an embedder that knows words apart, `counterparts` finds them. Without one, by their words: two sentences tell the
same when they share most of their telling words (one that many sentences of these sources have tells little), beside
which figures that both say count, and neither names chiefly what the other does not. They disagree when a figure of one
has no equal in the passage of the other, which has another figure of its kind in that place. Where both a date and a
number differ, they tell of another day rather than otherwise of the same.

Set to raise few false alarms rather than to find everything, since readers are told and sentences rewritten; what is
found, and what is not, is measured by `python -m benchmarks.disagreements` and told in docs/measurements/research.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from itertools import combinations

from aiwriter.documents import Disagreement, EvidenceItem, PassageId
from aiwriter.pipeline import counterparts
from aiwriter.pipeline.quality.meaning import knows_words
from aiwriter.pipeline.quality.statements import Statement, statement
from aiwriter.pipeline.relevance import Scale
from aiwriter.pipeline.told import SMALL, Figure, Told, as_document, foreign, of_one_kind, opposed, unsaid, with_figures
from aiwriter.ports import Embedder, WordEmbedder
from aiwriter.text.facts import DateFact, QuantityKind
from aiwriter.threads import computed

MOST = 20  # that are told; more are a sign of two subjects that look alike
_SHARED = 0.5  # of the telling words of the sentence that has fewer of them
_OF_LONGER = 0.25  # of those of the other
_SAME = 0.9  # of the telling words of both: then they may be few
_ENOUGH = 1.0  # weight of the words they share
_MEANT_ALIKE = 0.6  # cosine of two sentences without their figures
_SURROUNDINGS = 6  # words to each side of a figure that say what it counts

_TELLING_FIGURE = 1.0  # weight of a figure that both say, beside the words they share
_ALIKE = 0.8  # of the telling words of the sentence that has fewer: then their only dates need no words in common
_SAME_PLACE = 3  # words near both of two figures, from which they count the same though it is called otherwise


async def contested(
    items: Sequence[EvidenceItem],
    embedder: Embedder | None,
    language: str = "en",
    about: Set[PassageId] | None = None,
    words: WordEmbedder | None = None,
    titles: Mapping[str, str] | None = None,
) -> tuple[Disagreement, ...]:
    """The disagreements between passages of different sources, the surest first, at most MOST; `about` as in
    `disagreements`. `titles` of the sources, by content hash, tell of what a sentence speaks that does not say so. With
    `words`, of one that knows words apart, by words and meaning; else by words alone, without those that the embedder
    takes to mean something else."""
    reader = knows_words(words or embedder)
    if reader is not None:
        return tuple(await counterparts.find(items, reader, language, about, titles))[:MOST]
    found = await computed(disagreements, items, language, about, titles)
    if embedder is None or not found:
        return tuple(found)
    return await meant_alike(found, embedder, await Scale.of(embedder), language)


def disagreements(
    items: Sequence[EvidenceItem],
    language: str = "en",
    about: Set[PassageId] | None = None,
    titles: Mapping[str, str] | None = None,
) -> list[Disagreement]:
    """The disagreements between passages of different sources by their words, the most alike sentences first, at most
    MOST; with `about` only those in which one of these passages is a side."""
    found = []
    for one, other in combinations(with_figures(items, language, titles or {}), 2):
        likeness = _likeness(one, other) if opposed(one, other, about) else 0.0
        if likeness >= _SHARED and (pair := _in_conflict(one, other, likeness)):
            found.append((likeness, as_document(one, other, *pair)))
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


def _likeness(one: Told, other: Told) -> float:
    """Share of telling words in common; 0 when they are too few or each names chiefly others."""
    words = sum(weight for stem, weight in one.weights.items() if stem in other.weights)
    figures = sum(_tells(figure) and other.statement.says(figure) for figure in one.statement.figures)
    agreed = min(words, figures * _TELLING_FIGURE)
    shared = words + agreed
    most = agreed + max(one.weight, other.weight)
    if (
        shared < _OF_LONGER * most
        or shared < (_ENOUGH if shared < _SAME * most else _ENOUGH / 2)
        or foreign(one, other)
    ):
        return 0.0
    return shared / (agreed + min(one.weight, other.weight))


def _tells(figure: Figure) -> bool:
    """Whether it is more than a year or a small number, which many sentences have."""
    if isinstance(figure, DateFact):
        return figure.month is not None
    return figure.value > SMALL or figure.kind is not QuantityKind.COUNT


def _in_conflict(one: Told, other: Told, likeness: float) -> tuple[Figure, Figure] | None:
    """The two figures that stand against each other; none when both day and number differ: another day's number."""
    mine, theirs = unsaid(one, other), unsaid(other, one)
    pairs = [(a, b) for a in mine for b in theirs if _rivals(a, one.statement, b, other.statement, likeness >= _ALIKE)]
    if len({isinstance(a, DateFact) for a, _b in pairs}) != 1:
        return None
    return max(pairs, key=lambda pair: len(_around(pair[0], one.statement) & _around(pair[1], other.statement)))


def _rivals(a: Figure, of_a: Statement, b: Figure, of_b: Statement, is_alike: bool) -> bool:
    """Whether two unequal figures answer the same question: of one kind, unit and noun, among the same words; the only
    dates of two sentences that are alike do anywhere in them."""
    if not of_one_kind(a, b):
        return False
    if isinstance(a, DateFact) or isinstance(b, DateFact):
        only = len(of_a.dates) == len(of_b.dates) == 1 and is_alike
        return only or bool(_around(a, of_a) & _around(b, of_b))
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
