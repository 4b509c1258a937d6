"""How telling a word is: "bank" says less about a subject than "gallium". From a list of common English words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from aiwriter.text.words import stem

#: (rank below which it holds, weight): the steps were set by hand; what matters is the order.
_STEPS = ((400, 0.2), (1000, 0.4), (2000, 0.6))


def rarity(stemmed: str) -> float:
    """0.2 for the commonest content words, 1 for words not in the list of common ones (names, terms, numbers)."""
    rank = _ranks().get(stemmed)
    return 1.0 if rank is None else next(weight for limit, weight in _STEPS if rank < limit)


@lru_cache(maxsize=1)
def _ranks() -> dict[str, int]:
    """Stem → place in the list, which is ordered by the number of texts (of 993, of all kinds) that hold the word."""
    listed = (files("aiwriter.text") / "data" / "common_words.txt").read_text("utf-8").split()
    ranks: dict[str, int] = {}
    for rank, word in enumerate(listed):
        ranks.setdefault(stem(word), rank)
    return ranks
