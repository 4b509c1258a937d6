"""A topic as the words that tell it from others."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from aiwriter.text.rarity import rarity
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import content_words

_SAME_SERIES = 0.4  # of the topic's telling words in a title: then another year there means another event
_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic's content words (stems) with how telling each is, and the years it names."""

    text: str
    weights: dict[str, float]
    years: frozenset[str]

    @classmethod
    def of(cls, text: str, language: str) -> Topic:
        stems = dict.fromkeys(content_words(text, language))
        return cls(text, {word: _weight(word) for word in stems}, frozenset(_YEAR.findall(text)))

    def coverage(self, stems: Collection[str]) -> float:
        """Share of the topic's telling words that are among `stems`, 0–1."""
        total = sum(self.weights.values())
        return sum(weight for word, weight in self.weights.items() if word in stems) / total if total else 0.0

    def missing(self, stems: Collection[str]) -> list[str]:
        return [word for word in self.weights if word not in stems]

    def other_year(self, title: str, language: str) -> bool:
        """Whether a title is the topic's but for the year: "2021 Tour de France" is not in "2023 Tour de France"."""
        years = set(_YEAR.findall(title))
        if not years or not self.years or years & self.years:
            return False
        named = {word: weight for word, weight in self.weights.items() if word not in self.years}
        shared = sum(weight for word, weight in named.items() if word in set(content_words(title, language)))
        return shared >= _SAME_SERIES * sum(named.values())


def asked_in(text: str, language: str) -> list[str]:
    """The single questions of a topic that asks several; none when it asks one or nothing."""
    sentences = (text[start:end] for start, end in split_sentences(text, language))
    found = [sentence for sentence in sentences if sentence.endswith(("?", "？"))]
    return found if len(found) > 1 else []


def _weight(word: str) -> float:
    return 1.0 if word.isdigit() else rarity(word)
