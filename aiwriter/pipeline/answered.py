"""How surely a stored article answers what a brief asks: what two articles compete for is the same topic."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words

BY_MEANING = 0.5  # weight of meaning beside words; chosen with `answered_min` by benchmarks/answered.py


def likeness(topic: str, others: Iterable[str], language: str, meanings: Iterable[float] = ()) -> float:
    """How much a topic and an article's own topic or title are the same, 0–1, by the one that is most alike.

    Words count by how telling they are (Dice coefficient). `meanings` are their cosines, none where there is no
    embedder. Where both name figures, such as years, and have none in common, they are two topics.
    """
    asked = _stems(topic, language)
    given = list(others)
    cosines: list[float | None] = [*meanings] or [None] * len(given)
    return max((_alike(asked, _stems(one, language), by) for one, by in zip(given, cosines, strict=True)), default=0.0)


def _alike(asked: frozenset[str], other: frozenset[str], meaning: float | None) -> float:
    figures, others = (frozenset(filter(str.isdigit, stems)) for stems in (asked, other))
    if figures and others and not figures & others:
        return 0.0
    whole = _weight(asked) + _weight(other)
    by_words = 2 * _weight(asked & other) / whole if whole else 0.0
    if meaning is None:
        return by_words
    return (1 - BY_MEANING) * by_words + BY_MEANING * max(0.0, meaning)


@lru_cache(maxsize=4096)  # each topic of a batch is put beside all before it
def _stems(text: str, language: str) -> frozenset[str]:
    return frozenset(content_words(text, language))


def _weight(stems: frozenset[str]) -> float:
    return sum(map(rarity, stems))
