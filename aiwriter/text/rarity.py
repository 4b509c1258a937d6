"""How telling a word is: "bank" says less about a subject than "gallium". From a list of common English words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from aiwriter.text.words import stem

#: (rank below which it holds, weight): the steps were set by hand; what matters is the order.
_STEPS = ((400, 0.2), (1000, 0.4), (2000, 0.6))


def rarity(stemmed: str) -> float:
    """0.2 for the commonest content words, 1 for words not in the list of common ones (names, terms, numbers)."""
    return _weights().get(stemmed, 1.0)


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    """Stem → weight by its place in the list, ordered by the number of texts (of 993, of all kinds) with it."""
    listed = (files("aiwriter.text") / "data" / "common_words.txt").read_text("utf-8").split()
    ranks: dict[str, int] = {}
    for rank, word in enumerate(listed):
        ranks.setdefault(stem(word), rank)
    return {stemmed: next(weight for limit, weight in _STEPS if rank < limit) for stemmed, rank in ranks.items()}
