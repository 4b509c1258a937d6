"""How much a passage, a source, a folder has to say about a topic: shared telling words and similar meaning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwriter.ports import Embedder
from aiwriter.text.bm25 import idf, score

if TYPE_CHECKING:
    import numpy as np


def bm25(query: Sequence[str], documents: Sequence[Sequence[str]]) -> list[float]:
    """Okapi BM25 of each document (a list of stems) for the query's distinct stems (see `text.bm25`)."""
    holding = Counter(word for document in documents for word in set(document))
    weights = {word: idf(len(documents), holding[word]) for word in dict.fromkeys(query)}
    mean = sum(map(len, documents)) / max(1, len(documents))
    return [score(document, weights, mean) for document in documents]


# What an embedder makes of a subject and a text that is, or is not, about it: embedders differ in what 0.5 means.
_YARDSTICK = (
    (
        "care of lime trees in towns",
        "Street limes are pruned in late winter, before the sap rises. Roots under paving suffer from salt and "
        "compacted soil, so the pits are mulched every second year and young trees are watered through dry summers.",
    ),
    (
        "how clay is fired in a kiln",
        "Pots dry for a week before the first firing. The kiln is heated slowly to 900 degrees to drive off water; "
        "glazed ware goes through a second, hotter firing, and the chamber cools for a day before the door is opened.",
    ),
    (
        "night shifts of hospital nurses",
        "Nurses who work at night sleep less and report more errors after four shifts in a row. Wards that let staff "
        "choose their rota had fewer absences, and short naps around three o'clock made the last hours safer.",
    ),
    (
        "the first maps of the moon",
        "Observers drew the lunar surface by eye at the telescope. Early charts named dark plains as seas, and a "
        "nomenclature of craters proposed by two Jesuits is in use to this day.",
    ),
)
_APART, _RELATED = 0.045, 0.62  # the mean cosines MiniLM gives to the unrelated and the related pairs above
_COVERAGE_WEIGHT = 0.35  # against similarity; set as the limits of evidence.py
_TELLING = 0.15  # a smaller gap between the two (hashing: has 0.03) means that the cosines follow words, not meaning


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns an embedder's cosines into those of the one the limits were set with (MiniLM), by a straight line."""

    low: float
    high: float

    @classmethod
    async def of(cls, embedder: Embedder) -> Scale:
        rows = await embedder.embed([text for pair in _YARDSTICK for text in pair])
        table = rows[0::2] @ rows[1::2].T
        count = len(_YARDSTICK)
        related = float(table.trace()) / count
        return cls((float(table.sum()) - related * count) / (count * (count - 1)), related)

    @property
    def tells_meaning(self) -> bool:
        return self.high - self.low >= _TELLING

    def __call__(self, cosines: np.ndarray) -> np.ndarray:
        scaled = (cosines - self.low) / max(self.high - self.low, _TELLING) * (_RELATED - _APART) + _APART
        return scaled.clip(0.0, 1.0)


def weighed(covered: float, similarity: float, tells_meaning: bool) -> float:
    """How much a text says about a topic, 0–1: shared telling words and similar meaning, where the latter is told."""
    return _COVERAGE_WEIGHT * covered + (1 - _COVERAGE_WEIGHT) * similarity if tells_meaning else covered
