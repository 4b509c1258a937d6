"""Where a sentence comes from, as its words tell."""

from __future__ import annotations

from collections.abc import Sequence

from aiwriter.documents import EvidenceItem, PassageId
from aiwriter.pipeline.quality import asserting
from aiwriter.pipeline.quality.statements import statement
from aiwriter.text.words import content_words

TELLING_WORDS = 4  # content words a sentence must have for its citations to be checked by them
ADDED_BEYOND = 1.5  # times the words that those it cites share, and all that tell something, to add one it does not
KEPT_SHARE = 0.5  # of the words the best cited passage shares: citations below it are dropped


class Origins:
    """Whether what a model cites is where its words come from: where a sentence comes from is seen in the sources, not
    believed. A sentence in another language than the sources shares no words with any, and keeps what it cites."""

    def __init__(self, shown: Sequence[EvidenceItem], language: str) -> None:
        self.shown = shown
        self._language = language
        self._words = [set(content_words(item.passage.text, language)) for item in shown]
        self._texts = [statement(item.passage.text, language) for item in shown]

    def ids(self, text: str, named: Sequence[int]) -> tuple[PassageId, ...]:
        """Ids of those `checked` finds."""
        return tuple(self.shown[index].passage.id for index in self.checked(text, named))

    def checked(self, text: str, named: Sequence[int]) -> list[int]:
        """The named passages that share words with the sentence, and the nearest one if they share far fewer and it has
        all that the sentence tells: what only speaks of the same is no source of what a model made up."""
        about = set(content_words(text, self._language))
        if len(about) < TELLING_WORDS or not self.shown:
            return list(named)
        shares = [len(about & words) / len(about) for words in self._words]
        nearest = max(range(len(shares)), key=shares.__getitem__)
        best = max((shares[index] for index in named), default=0.0)
        found = list(named)
        all_told = not asserting.strange(statement(text, self._language), [self._texts[nearest]])
        if all_told and shares[nearest] > ADDED_BEYOND * best:
            found, best = [*named, nearest], shares[nearest]
        return [index for index in found if shares[index] >= KEPT_SHARE * best]
