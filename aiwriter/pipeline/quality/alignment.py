"""Where in its passages a sentence has its words: the best window of neighbouring sentences, and how well it fits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from aiwriter.pipeline.quality.statements import Ground, Statement, windows

WINDOW = 3  # sentences; people rarely spread one fact over more
_LENGTH_COST = 0.04  # what each further sentence of a window must gain in recall


@dataclass(frozen=True)
class Window:
    """Neighbouring sentences of one passage, and the share of the claim's content words that they hold."""

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


def recall(claim: Statement, texts: Sequence[Statement]) -> float:
    """Share of the claim's different content words that one of the texts holds, by stem or by first five letters."""
    stems = claim.stem_set
    return sum(any(text.holds(stem) for text in texts) for stem in stems) / len(stems) if stems else 0.0


def align(claim: Statement, grounds: Sequence[Ground]) -> Alignment:
    """Find the best window of every passage."""
    found = [window for ground in grounds if (window := _best_window(claim, ground)) is not None]
    return Alignment(claim, tuple(grounds), tuple(found))


def _best_window(claim: Statement, ground: Ground) -> Window | None:
    sentences = ground.sentences
    stems = list(claim.stem_set)
    if not sentences:
        return None
    hits = {id(sentence): [sentence.holds(stem) for stem in stems] for sentence in sentences}

    def value(window: tuple[Statement, ...]) -> float:
        return sum(map(any, zip(*(hits[id(s)] for s in window), strict=True))) / (len(stems) or 1)

    best = max(windows(sentences, WINDOW), key=lambda window: value(window) - _LENGTH_COST * (len(window) - 1))
    return Window(ground, best, value(best))


def verbatim(claim: Statement, grounds: Sequence[Ground]) -> tuple[Ground, tuple[int, int]] | None:
    """The passage that holds the claim word for word, from a sentence's start or without a negation before it."""
    wanted = claim.tokens
    if len(wanted) < 4:
        return None
    for ground in grounds:
        for index, sentence in enumerate(ground.sentences):
            span = _verbatim_from(wanted, ground.sentences[index : index + WINDOW])
            if span is not None and (sentence.tokens[: len(wanted)] == wanted or not sentence.negations):
                return ground, span
    return None


def _verbatim_from(wanted: list[str], sentences: Sequence[Statement]) -> tuple[int, int] | None:
    """The span of the fewest sentences, beginning in the first, that hold the wanted words in a row."""
    row: list[str] = []
    for last in sentences:
        row += last.tokens
        if wanted[0] in sentences[0].tokens and _holds_row(row, wanted):
            return sentences[0].start, last.end
    return None


def _holds_row(row: list[str], wanted: list[str]) -> bool:
    size = len(wanted)
    return any(row[i] == wanted[0] and row[i : i + size] == wanted for i in range(len(row) - size + 1))
