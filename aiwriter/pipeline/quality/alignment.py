"""Where in its passages a sentence has its words: the best window of neighbouring sentences, and how well it fits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from aiwriter.pipeline.quality.statements import Ground, Statement, statement, windows
from aiwriter.text.rarity import rarity
from aiwriter.text.scripts import is_unreadable

WINDOW = 3  # sentences; people rarely spread one fact over more
_LENGTH_COST = 0.04  # what each further sentence of a window must gain in recall
NEAREST = 3  # sentences that are compared by meaning; each costs an embedder about 10 ms, five are little better


@dataclass(frozen=True)
class Window:
    """Neighbouring sentences of one passage, and the share of what the claim says that they have."""

    ground: Ground
    sentences: tuple[Statement, ...]
    recall: float

    @property
    def span(self) -> tuple[int, int]:
        return self.sentences[0].start, self.sentences[-1].end


@dataclass(frozen=True)
class Alignment:
    """A claim beside its passages. `best` is the best window of all, `by_passage` the best of each."""

    claim: Statement
    grounds: tuple[Ground, ...]
    by_passage: tuple[Window, ...]

    @cached_property
    def best(self) -> Window | None:
        return max(self.by_passage, key=lambda window: window.recall, default=None)

    @cached_property
    def near(self) -> tuple[Statement, ...]:
        """The sentences of the windows that fit about as well as the best one."""
        best = self.best
        if best is None:
            return ()
        return tuple(s for window in self.by_passage if window.recall >= best.recall - 0.2 for s in window.sentences)

    @cached_property
    def close(self) -> tuple[Statement, ...]:
        """The same, and first of each long sentence the part that is most like the claim."""
        parts = (excerpt(self.claim, sentence) for sentence in self.near)
        return (*(part for part in parts if part is not None), *self.near)


_LONGER = 4  # words; a sentence that is hardly longer than the claim is compared as a whole
_ALIKE = 0.5  # of the claim's words, in a part that is worth comparing


@lru_cache(maxsize=4096)
def excerpt(claim: Statement, sentence: Statement) -> Statement | None:
    """The part of a longer sentence that has most words of the claim, as many words long; None where none is like it,
    or where the rest of the sentence may turn it round."""
    size, tokens = len(claim.tokens), sentence.tokens
    if size < _LONGER or len(tokens) < size + _LONGER // 2:
        return None
    told = [token in claim.token_set for token in tokens]
    shared, first = max((sum(told[at : at + size]), -at) for at in range(len(tokens) - size + 1))
    begin, end = sentence.token_spans[-first][0], sentence.token_spans[size - first - 1][1]
    if shared < _ALIKE * size or any(not begin <= cue.start < end for cue in sentence.negations):
        return None
    return statement(sentence.text[begin:end], sentence.language, sentence.start + begin)


def nearest_sentences(claim: Statement, grounds: Iterable[Ground], limit: int = NEAREST) -> list[Statement]:
    """The sentences of all passages that hold most of the claim, its telling words counting most; best first."""
    weights = {stem: rarity(stem) for stem in claim.bare_stems}
    scored = [(_held(claim, weights, sentence), sentence) for ground in grounds for sentence in ground.sentences]
    scored.sort(key=lambda pair: -pair[0])  # stable: of equals the first stays first
    return [sentence for _, sentence in scored[:limit]]


def _held(claim: Statement, weights: Mapping[str, float], sentence: Statement) -> float:
    told = sum(weight for stem, weight in weights.items() if sentence.holds(stem))
    return told + sum(map(sentence.says, claim.figures))


def recall(claim: Statement, texts: Sequence[Statement]) -> float:
    """Share of the claim's content words, numbers and dates that one of the texts has; words by stem or by their first
    five letters."""
    hits = [_hits(claim, text) for text in texts]
    return _share([any(column) for column in zip(*hits, strict=True)])


def _hits(claim: Statement, text: Statement) -> list[bool]:
    words = [text.holds(stem) for stem in claim.bare_stems]
    return words + [text.says(fact) for fact in claim.figures]


def _share(hits: Sequence[bool]) -> float:
    return sum(hits) / len(hits) if hits else 0.0


def align(claim: Statement, grounds: Sequence[Ground]) -> Alignment:
    """Find the best window of every passage."""
    found = [window for ground in grounds if (window := _best_window(claim, ground)) is not None]
    return Alignment(claim, tuple(grounds), tuple(found))


@lru_cache(maxsize=4096)
def _best_window(claim: Statement, ground: Ground) -> Window | None:
    hits = {sentence.start: _hits(claim, sentence) for sentence in ground.sentences}
    if not hits:
        return None

    def value(window: tuple[Statement, ...]) -> float:
        return _share(list(map(any, zip(*(hits[sentence.start] for sentence in window), strict=True))))

    best = max(windows(ground.sentences, WINDOW), key=lambda window: value(window) - _LENGTH_COST * (len(window) - 1))
    return Window(ground, best, value(best))


def verbatim(claim: Statement, grounds: Sequence[Ground]) -> tuple[Ground, tuple[int, int]] | None:
    """The passage that holds the claim word for word and with the same signs at its figures, from a sentence's start
    or without a negation before it."""
    wanted = claim.tokens
    if is_unreadable(claim.text):
        return _whole_sentence(claim, grounds)
    if len(wanted) < 4:
        return None
    for ground in grounds:
        for index, sentence in enumerate(ground.sentences):
            span = _verbatim_from(claim, ground.sentences[index : index + WINDOW])
            if span is not None and _is_undenied(sentence, wanted):
                return ground, span
    return None


def _is_undenied(sentence: Statement, wanted: list[str]) -> bool:
    """Whether no negation of a sentence turns round what it says word for word: it has none, or it begins so and goes
    on without one in the same breath ("Der Zug hält hier" does not stand in "Der Zug hält hier nicht")."""
    if not sentence.negations:
        return True
    if sentence.tokens[: len(wanted)] != wanted:
        return False
    said = sentence.token_spans[len(wanted) - 1][1]
    return all(cue.start < said or _PAUSE.search(sentence.text, said, cue.start) for cue in sentence.negations)


_PAUSE = re.compile(r"[,;:.–—(]")


def _whole_sentence(claim: Statement, grounds: Sequence[Ground]) -> tuple[Ground, tuple[int, int]] | None:
    """A sentence that is the claim sign for sign, full stop aside: for scripts without blanks, which have no words to
    compare."""
    wanted = claim.text.strip().rstrip(_STOPS)
    for ground in grounds:
        for match in _UNSPACED_SENTENCE.finditer(ground.text):
            if match[0].strip() == wanted != "":
                return ground, match.span()
    return None


_STOPS = "。．｡！？!?.។။\n"
_UNSPACED_SENTENCE = re.compile(rf"(?:[^{_STOPS}]|[.．](?=\d))+")


def _verbatim_from(claim: Statement, sentences: Sequence[Statement]) -> tuple[int, int] | None:
    """The span of the fewest sentences that hold the claim's words in a row, beginning in the first."""
    row: list[str] = []
    for count, last in enumerate(sentences, start=1):
        row += last.tokens
        for place in _places(row, claim.tokens, len(sentences[0].tokens)):
            signs = [sign for sentence in sentences[:count] for sign in sentence.signs]
            if signs[place : place + len(claim.tokens)] == claim.signs:
                return sentences[0].start, last.end
    return None


def _places(row: list[str], wanted: list[str], within: int) -> Iterator[int]:
    """Where the wanted words stand in a row, beginning within the first so many words."""
    last = min(within, len(row) - len(wanted) + 1)
    return (i for i in range(last) if row[i] == wanted[0] and row[i : i + len(wanted)] == wanted)
