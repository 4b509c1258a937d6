"""Okapi BM25 (Robertson and Zaragoza 2009)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

K1, B = 1.2, 0.75


def idf(documents: int, holding: int) -> float:
    """How telling a word is that `holding` of all documents have; never negative."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5))


def score(document: Sequence[str], weights: Mapping[str, float], mean_length: float) -> float:
    """The score of one document, given the idf of each word of the query."""
    held = [word for word in document if word in weights]
    found = {word: held.count(word) for word in weights if word in held}  # a Counter takes longer for so few
    length = 1 - B + B * len(document) / (mean_length or 1.0)
    return sum(weights[word] * count * (K1 + 1) / (count + K1 * length) for word, count in found.items())
