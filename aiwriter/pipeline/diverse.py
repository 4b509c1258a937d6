"""Which passages to choose of those that bear on a topic: the best, few that are alike, none that is a copy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from aiwriter.text.figures import MOST_ALIKE, figures, tells_more

if TYPE_CHECKING:
    import numpy as np

_FRESH = 0.7  # weight of relevance against likeness to what is chosen already
_COPY = 0.97  # cosine from which two passages say the same in the same words


@dataclass(frozen=True)
class Candidate:
    """A passage by its place among all, with the number of its source."""

    index: int
    source: int
    text: str

    @cached_property
    def figures(self) -> frozenset[str]:
        return figures(self.text)


def most_of_one(sources: int, limit: int) -> int:
    """Passages one source may give: all when it stands alone, else at most half, less the more sources there are."""
    return limit if sources == 1 else max(8, limit // 2 if sources < 4 else limit // 3)


def chosen(
    left: Sequence[Candidate],
    score: Mapping[int, float],
    vectors: Mapping[int, np.ndarray],
    limit: int,
    most: int,
) -> list[int]:
    """Indexes by maximal marginal relevance (Carbonell and Goldstein 1998), at most `most` of one source.

    A copy of a chosen passage is left out, unless it has a figure that none of those it is a copy of has: then it tells
    something else. Of such ones there are three at the most.
    """
    found: list[int] = []
    given = Counter[int]()
    likeness = dict.fromkeys((one.index for one in left), 0.0)
    originals = defaultdict[int, list[Candidate]](list)
    while left and len(found) < limit:
        pick = max(left, key=lambda one: (_FRESH * score[one.index] - (1 - _FRESH) * likeness[one.index], -one.index))
        found.append(pick.index)
        given[pick.source] += 1
        left = [one for one in left if one is not pick]
        for one in left:
            alike = float(vectors[one.index] @ vectors[pick.index])
            likeness[one.index] = max(likeness[one.index], alike)
            if alike >= _COPY:
                originals[one.index].append(pick)
        left = [one for one in left if given[one.source] < most and not _is_copy(one, originals[one.index])]
    return found


def _is_copy(one: Candidate, of: Sequence[Candidate]) -> bool:
    if not of:
        return False
    return len(of) >= MOST_ALIKE or not tells_more(one.figures, (other.figures for other in of))
