"""Figures of two sources that answer the same question with another value, found by words and by meaning.

Each figure is put beside those of its kind that another source has, and two are compared by what stands near them and
by their whole sentences: how many telling words both share, and how near in meaning each word of one is to the nearest
of the other (greedy matching, after BERTScore: Zhang et al. 2020), from both sides. Two figures that fit one another
better than any others, and well enough, contradict each other if one of the sentences, told with the other's figure,
would stand beside the other's passage without a certain fault; unless few telling words speak for it, or they tell of
other years or events, of opposites, of numbers that are names (counterparts.toml), or of two things (qualifiers.py).
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from aiwriter.documents import Disagreement, EvidenceItem, PassageId
from aiwriter.pipeline.qualifiers import differ
from aiwriter.pipeline.quality.statements import Ground, Statement, statement
from aiwriter.pipeline.quality.support import examine, shown
from aiwriter.pipeline.telling import leant_weights, own_weights, shared_subject, weight
from aiwriter.pipeline.told import (
    SMALL,
    Figure,
    Told,
    as_document,
    foreign,
    key,
    of_one_kind,
    opposed,
    unsaid,
    with_figures,
)
from aiwriter.ports import WordEmbedder, WordVectors
from aiwriter.text.facts import DateFact, QuantityKind
from aiwriter.text.words import content_words, is_stop_word, stem, word_spans
from aiwriter.threads import computed

if TYPE_CHECKING:
    import numpy as np

MOST_READ = 120  # sentences that an embedder reads: 1.1 s of a core
# Set on what benchmarks/disagreements.py counts and on the sources of examples/: docs/measurements/research.md.
_ENOUGH = 0.30  # how well two figures must fit to be of one question
_ALIKE = 0.5  # cosine of the mean vectors of two sentences, with what they lean on
_OWN = 0.15  # the same without: what both lean on names a subject, and says nothing of it
_SHARED = 0.1  # of the telling words of the sentence that has fewer: below that nothing is compared
_EVIDENCE = 0.8  # weight of the words that they share, a telling figure in common counting half a word
_FIGURE, _MOST_FIGURES = 0.5, 2
_NEAR = 6  # content words to each side of a figure that say what it counts
_FAR, _FAR_YEARS = 10, 50  # a value so many times another, or a year so far from it, answers another question
_MEANT, _WHOLE = 0.5, 0.5  # weight of meaning against words, of a sentence against what is near
_OTHER_NOUN, _VAGUE, _LESS_EXACT = 0.05, 0.1, 0.1  # taken off: see _doubt
_SAME_EVENT = 0.4  # cosine of two words beside names, for dates: another event of one life has up to 0.3
_OF_ALL = re.compile(r"\bof (?:its|their|the|his|her|our|all) $")  # "in 38 of its 52 houses"
_REFERENCE = "://"  # a sentence with an address is a line of a list of sources


@dataclass(frozen=True, slots=True)
class _Words:
    """Content words of a sentence or of a part of it: their keys, how telling they are, their vectors (n, d)."""

    keys: tuple[str, ...]
    weights: np.ndarray
    rows: np.ndarray

    def part(self, chosen: Sequence[int]) -> _Words:
        return _Words(tuple(self.keys[i] for i in chosen), self.weights[chosen], self.rows[chosen])


async def find(
    items: Sequence[EvidenceItem],
    embedder: WordEmbedder,
    language: str = "en",
    about: Set[PassageId] | None = None,
    titles: Mapping[str, str] | None = None,
) -> list[Disagreement]:
    """The disagreements between passages of different sources, the best fitting first; with `about` only those in which
    one of these passages is a side. Reads at most MOST_READ sentences, those of the pairs that share most words."""
    told = [
        one
        for one in await computed(with_figures, items, language, titles or {})
        if _REFERENCE not in one.statement.text
    ]
    pairs = await computed(_likely, told, about)
    texts = list(dict.fromkeys(shown(side.statement) for pair in pairs for side in pair))
    vectors = dict(zip(texts, await embedder.embed_words(texts), strict=True))
    return await computed(_contradicting, pairs, vectors, language)


def _likely(told: Sequence[Told], about: Set[PassageId] | None) -> list[tuple[Told, Told]]:
    """The pairs of sentences that share most of their telling words, as many as may be read."""
    scored = sorted(_sharing(told, about), key=lambda found: -found[0])
    chosen, read = [], set[str]()
    for _share, one, other in scored:
        more = read | {one.statement.text, other.statement.text}
        if len(more) <= MOST_READ and not foreign(one, other):
            chosen.append((one, other))
            read = more
    return chosen


def _sharing(told: Sequence[Told], about: Set[PassageId] | None) -> Iterator[tuple[float, Told, Told]]:
    """Pairs of sentences of different sources with comparable figures, and what share of their words they have in
    common."""
    weights = [{**leant_weights(one), **own_weights(one)} for one in told]
    whole = [sum(telling.values()) for telling in weights]
    holding: dict[str, list[int]] = defaultdict(list)
    for index, one in enumerate(told):
        for before, shared in _in_common(weights, index, holding).items():
            other = told[before]
            share = shared / min(whole[index], whole[before])
            if (
                share >= _SHARED
                and opposed(one, other, about)
                and shared + _FIGURE * min(_MOST_FIGURES, _agreed(other, one)) >= _EVIDENCE
                and any(_comparable(one, other))
            ):
                yield share, other, one
        for word in weights[index]:
            holding[word].append(index)


def _in_common(
    weights: Sequence[Mapping[str, float]], index: int, holding: Mapping[str, list[int]]
) -> dict[int, float]:
    """Weight of the words that a sentence shares with each of those before it."""
    common: dict[int, float] = defaultdict(float)
    for word, telling in weights[index].items():
        for before in holding.get(word, ()):
            common[before] += min(telling, weights[before][word])
    return common


def _agreed(one: Told, other: Told) -> int:
    """How many figures both say that are more than a small count."""
    return sum(_tells(figure) and other.statement.says(figure) for figure in one.statement.figures)


def _tells(figure: Figure) -> bool:
    return isinstance(figure, DateFact) or figure.value > SMALL or figure.kind is not QuantityKind.COUNT


def _comparable(one: Told, other: Told) -> Iterator[tuple[Figure, Figure]]:
    """Figures of each that the other's passage does not have, and that may answer the same question."""
    theirs = unsaid(other, one)
    for a in unsaid(one, other) if theirs else ():
        yield from ((a, b) for b in theirs if of_one_kind(a, b) and _within_reach(a, b))


def _within_reach(a: Figure, b: Figure) -> bool:
    """Whether one may be an error or an estimate for the other: not worlds apart, or written alike."""
    if isinstance(a, DateFact) and isinstance(b, DateFact):
        return a.decade == b.decade and abs((a.year or 0) - (b.year or 0)) <= _FAR_YEARS
    if isinstance(a, DateFact) or isinstance(b, DateFact):
        return False
    less, more = sorted((abs(a.base), abs(b.base)))
    return more <= _FAR * less or a.value == b.value  # the same number in another unit


def _contradicting(
    pairs: Sequence[tuple[Told, Told]], vectors: Mapping[str, WordVectors], language: str
) -> list[Disagreement]:
    heard = {id(side): _Heard(side, vectors[shown(side.statement)], language) for pair in pairs for side in pair}
    scored = [
        (fit, one, a, other, b)
        for one, other in pairs
        for fit, a, b in _rivals(heard[id(one)], heard[id(other)], language)
    ]
    taken: set[tuple[int, Figure, str]] = set()
    found = []
    for _fit, one, a, other, b in sorted(scored, key=lambda rival: -rival[0]):
        sides = {(id(one), a, other.item.passage.id), (id(other), b, one.item.passage.id)}
        if taken.isdisjoint(sides):  # each has one counterpart in a passage
            taken |= sides
            found.append(as_document(one, other, a, b))
    return found


def _rivals(one: _Heard, other: _Heard, language: str) -> list[tuple[float, Figure, Figure]]:
    """The figures of two sentences that contradict each other, with how well they fit; none when both day and number
    differ: another day's number."""
    if not one.words.keys or not other.words.keys:
        return []
    leant = shared_subject(one.told, other.told)
    if _alike(one, other, leant) < _ALIKE or (leant and _alike(one, other, 0.0) < _OWN):
        return []
    scored = [
        (fit, a, b)
        for a, b in _comparable(one.told, other.told)
        if (fit := _fit(one, a, other, b, leant)) >= _ENOUGH
        and (not isinstance(a, DateFact) or _same_event(one, other))
        and not (_is_label(a, one.told, language) or _is_label(b, other.told, language))
        and not _of_another_whole(a, one.told, b, other.told)
        and not _opposite(one.near(a), other.near(b), language)
    ]
    if not scored or _differ(one.told, other.told, language):
        return []
    rivals = _best_of_each(scored)
    dated = {isinstance(a, DateFact) for _, a, _b in rivals}
    if len(dated) > 1 or (dated == {False} and _of_other_times(one.told, other.told, language)):
        return []
    return [
        (fit, a, b)
        for fit, a, b in rivals
        if _stands(one.told, a, b, other.told, language) or _stands(other.told, b, a, one.told, language)
    ]


def _differ(one: Told, other: Told, language: str) -> bool:
    """Whether two sentences, or what both lean on, speak of different things."""
    if differ(one.statement, other.statement, _words_of("prepositions", language)):
        return True
    return any(differ(a, b, ()) for a in _subjects(one) for b in _subjects(other))


def _subjects(told: Told) -> tuple[Statement, ...]:
    """Where a sentence's subject is named: in what stands above it if it leans, else in itself."""
    above = tuple(statement(text, told.statement.language) for text in told.above)
    return above if told.leant and above else (told.statement,)


def _best_of_each(scored: Sequence[tuple[float, Figure, Figure]]) -> list[tuple[float, Figure, Figure]]:
    """The pairs that fit best, each figure once."""
    chosen: list[tuple[float, Figure, Figure]] = []
    for fit, a, b in sorted(scored, key=lambda rival: -rival[0]):
        if all(a is not mine and b is not theirs for _, mine, theirs in chosen):
            chosen.append((fit, a, b))
    return chosen


def _stands(one: Told, mine: Figure, theirs: Figure, other: Told, language: str) -> bool:
    """Whether a sentence with the other's figure in the place of its own has no certain fault beside its passage."""
    text, passage = one.statement.text, other.item.passage
    told = f"{text[: mine.start]}{theirs.text}{text[mine.end :]}"
    ground = Ground(passage.id, passage.text, context=" · ".join(other.above), language=language)
    examined = examine(told, [ground], (), language)
    return examined is not None and not any(fault.certain for fault in examined.faults)


def _of_other_times(one: Told, other: Told, language: str) -> bool:
    """Whether numbers are of two years, or of a weekday and of a whole year."""
    days = [not told.statement.token_set.isdisjoint(_words_of("weekdays", language)) for told in (one, other)]
    years = [_whole_years(told) for told in (one, other)]
    return _of_other_years(one, other) or (days == [True, False] and years[1]) or (days == [False, True] and years[0])


def _whole_years(told: Told) -> bool:
    dates = told.statement.dates
    return bool(dates) and all(date.year and date.month is None for date in dates)


def _of_other_years(one: Told, other: Told) -> bool:
    mine, theirs = one.years, other.years
    return bool(mine and theirs) and mine.isdisjoint(theirs)


def _alike(one: _Heard, other: _Heard, leant: float) -> float:
    """Cosine of two sentences, as if words of that weight stood in both."""
    least = min(float(one.words.weights.sum()), float(other.words.weights.sum()))
    return (float(one.mean @ other.mean) * least + leant) / (least + leant)


def _fit(one: _Heard, a: Figure, other: _Heard, b: Figure, leant: float) -> float:
    """How surely two figures answer the same question, 0–1; `leant` is the weight of what only the contexts share."""
    near, whole = _both(one.near(a), other.near(b), leant), _both(one.words, other.words, leant)
    close = sum(share + _MEANT * meant for share, meant in near) / 2
    around = max(share for share, _ in whole) + _MEANT * max(meant for _, meant in whole)
    return (close + _WHOLE * around) / (1 + _MEANT) / (1 + _WHOLE) - _doubt(a, b)


def _same_event(one: _Heard, other: _Heard) -> bool:
    """Whether they share more than one name: another, a telling word, or one that is near in meaning; what is names
    alone has nothing else to share."""
    spans = [frozenset(map(key, content_words(name.text))) for name in one.told.statement.names()]
    if sum(not span.isdisjoint(map(key, other.told.names)) for span in spans) > 1:
        return True
    names = {key(name) for name in one.told.names | other.told.names}
    mine, theirs = (
        side.words.part([i for i, key in enumerate(side.words.keys) if key not in names]) for side in (one, other)
    )
    if not mine.keys or not theirs.keys:
        return True
    return not set(mine.keys).isdisjoint(theirs.keys) or float((mine.rows @ theirs.rows.T).max()) >= _SAME_EVENT


def _both(one: _Words, other: _Words, leant: float) -> tuple[tuple[float, float], tuple[float, float]]:
    return _held(one, other, leant), _held(other, one, leant)


def _held(one: _Words, other: _Words, leant: float) -> tuple[float, float]:
    """Share of the telling words of one that the other has, and mean similarity to the most similar ones there."""
    total = float(one.weights.sum()) + leant
    if not one.keys or not other.keys:
        return 0.0, 0.0
    theirs = set(other.keys)
    shared = sum(weight for key, weight in zip(one.keys, one.weights, strict=True) if key in theirs)
    similar = (one.rows @ other.rows.T).max(axis=1)
    return (float(shared) + leant) / total, (float((one.weights * similar).sum()) + leant) / total


def _doubt(a: Figure, b: Figure) -> float:
    """What is taken off for dates that are not equally exact, for counts that do not name the same thing, and once more
    for small ones."""
    if isinstance(a, DateFact) and isinstance(b, DateFact):
        return _LESS_EXACT * ((a.month is None, a.day is None) != (b.month is None, b.day is None))
    if isinstance(a, DateFact) or isinstance(b, DateFact) or a.kind is not QuantityKind.COUNT:
        return 0.0
    if a.noun and a.noun == b.noun:
        return 0.0
    return _OTHER_NOUN + _VAGUE * (max(a.value, b.value) <= SMALL)


def _of_another_whole(a: Figure, one: Told, b: Figure, other: Told) -> bool:
    """Whether one counts all there are of something, and the other counts something else."""
    if isinstance(a, DateFact) or isinstance(b, DateFact) or not (a.noun and b.noun) or a.noun == b.noun:
        return False
    return any(_OF_ALL.search(told.statement.text[: figure.start]) for figure, told in ((a, one), (b, other)))


def _is_label(figure: Figure, told: Told, language: str) -> bool:
    """Whether it is no count but the name of something: "chapter 4", the boat "Helga Two"."""
    if isinstance(figure, DateFact) or figure.kind is not QuantityKind.COUNT:
        return False
    before = told.statement.text[: figure.start].split()[-1:] or [""]
    named = figure.text[0].isupper() and before[0][0:1].isupper() and before[0].isalpha()
    return named or before[0].endswith(tuple("[#№^(")) or before[0].lower() in _words_of("labels", language)


def _opposite(one: _Words, other: _Words, language: str) -> bool:
    """Whether each says a word that excludes one of the other's, and that the other does not say too."""
    mine, theirs = set(one.keys) - set(other.keys), set(other.keys) - set(one.keys)
    return any(
        sides[i] & mine and sides[j] & theirs
        for sides in _opposites(language)
        for i in range(len(sides))
        for j in range(len(sides))
        if i != j
    )


@lru_cache(maxsize=8)
def _opposites(language: str) -> tuple[tuple[frozenset[str], ...], ...]:
    return tuple(
        tuple(frozenset(key(stem(word)) for word in side.split()) for side in group.split("|"))
        for group in _data()["opposites"].get(language, [])
    )


@lru_cache(maxsize=32)
def _words_of(kind: str, language: str) -> frozenset[str]:
    return frozenset(_data()[kind].get(language, "").split())


@lru_cache(maxsize=1)
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files(__package__ or "") / "counterparts.toml").read_text("utf-8"))


class _Heard:
    """A sentence with the vectors of its content words outside figures; of what an embedder did not read, none."""

    def __init__(self, told: Told, vectors: WordVectors, language: str) -> None:
        import numpy as np

        self.told = told
        found = list(_heard(told, vectors, language))
        self._places = [place for place, _, _ in found]
        rows = np.array([row for *_, row in found], dtype=np.float32).reshape(len(found), vectors.rows.shape[1])
        weights = np.array([weight(stemmed, told) for _, stemmed, _ in found])
        self.words = _Words(tuple(key(stemmed) for _, stemmed, _ in found), weights, rows)
        mean = rows.sum(axis=0)
        self.mean = mean / (np.linalg.norm(mean) or 1.0)
        self._near: dict[Figure, _Words] = {}

    def near(self, figure: Figure) -> _Words:
        if figure not in self._near:
            before = [i for i, (_, end) in enumerate(self._places) if end <= figure.start][-_NEAR:]
            after = [i for i, (start, _) in enumerate(self._places) if start >= figure.end][:_NEAR]
            self._near[figure] = self.words.part([*before, *after])
        return self._near[figure]


def _heard(told: Told, vectors: WordVectors, language: str) -> Iterator[tuple[tuple[int, int], str, np.ndarray]]:
    """Place, stem and vector of each content word."""
    import numpy as np

    text, figures = told.statement.text, told.statement.figures
    for start, end in word_spans(text):
        word = text[start:end].lower()
        pieces = [i for i, (first, last) in enumerate(vectors.spans) if first < end and last > start]
        inside = any(figure.start < end and figure.end > start for figure in figures)
        if pieces and not inside and not is_stop_word(word, language):
            row = vectors.rows[pieces].mean(axis=0)
            yield (start, end), stem(word), row / np.linalg.norm(row)
