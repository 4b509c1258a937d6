"""Hybrid retrieval: passages by words (BM25) and by meaning (vectors), fused, of several domains, no copies.

The fusion was chosen on the claims of WiCE development (benchmarks/evidence_retrieval.py, docs/measurements/): both
scores as shares of the best one, added, and half of the best passage of the same source on top, since a page that
answers once tends to hold the rest as well. A filter goes into the search by words; vectors are asked for without one
and sifted by what SQL says, because a vector index pays dearly for filters, and compared one by one where few pass.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from aiwriter.errors import BadReply, BudgetSpent, ProviderRejected, Unavailable
from aiwriter.ports import (
    Embedder,
    FoundPassage,
    PassageFilter,
    PassageIndex,
    Reranker,
    Retrieved,
    TextSearch,
    stems_of,
)
from aiwriter.text.figures import MOST_ALIKE, figures, tells_more
from aiwriter.threads import computed

CANDIDATES = 50  # of each search, for ten answers; more for more
MOST_CANDIDATES = 1600  # when a flood of copies leaves too few answers
MEANING = 1.0  # weight of the cosine against the words, both as shares of the best
SAME_SOURCE = 0.5  # weight of the best passage of the same source
OF_ONE_DOMAIN = 0.3  # of the answers, at most
COPY = 0.8  # of the stems of two passages that are in both, from which one is a copy of the other
EXACT = 1500  # passages that pass a filter, up to which their vectors are compared one by one
LISTED = 10_000  # passages that pass a filter, up to which to read all their ids is cheaper than to look near ones up
MOST_SIFTED = 1500  # vectors asked for to be sifted by a filter: of the fewest that are, 22 are left
LEFT = 0.8  # of the candidates is what sifting is to leave: for all of them a search takes a tenth longer
RERANKED = 30
_SHARED = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})  # second labels that nobody registers
_WHOLE = (1 + MEANING) * (1 + SAME_SOURCE)

NO_MEANING = (Unavailable, ProviderRejected, BadReply, BudgetSpent)


@dataclass(frozen=True, slots=True)
class HybridRetriever:
    """`Retriever`. `one_domain` is the share of the answers that one domain may give; 1 lets it give all. Where at most
    `exact` passages pass a filter, their vectors are compared one by one."""

    words: TextSearch
    index: PassageIndex
    embedder: Embedder
    reranker: Reranker | None = None
    one_domain: float = OF_ONE_DOMAIN
    exact: int = EXACT

    async def retrieve(self, query: str, wanted: PassageFilter, limit: int) -> Retrieved:
        """At most `limit` passages, best first. The score is a share of the best that could be, 0–1; a reranker's order
        goes before it. Raises Unavailable when the search by words cannot be had."""
        asked = CANDIDATES * max(1, -(-limit // 10))
        vector, notes = await self._vector(query)
        while True:
            candidates, more, also = await self._candidates(query, vector, wanted, asked)
            ranked = await self._reranked(query, candidates)
            chosen = await computed(_diverse, ranked, limit, self._most(wanted, limit))
            if len(chosen) >= limit or not more or asked >= MOST_CANDIDATES:
                return Retrieved(chosen, [*notes, *also])
            asked *= 4

    def _most(self, wanted: PassageFilter, limit: int) -> int:
        """How many one domain may give; all, where somebody named the domain or the sources."""
        named = wanted.domains or wanted.sources
        return limit if named else max(1, int(self.one_domain * limit))

    async def _vector(self, query: str) -> tuple[Sequence[float] | None, list[str]]:
        try:
            (vector,) = await self.embedder.embed([query])
        except NO_MEANING as error:
            return None, [f"searched by words only: {error}"]
        return vector, []

    async def _candidates(
        self, query: str, vector: Sequence[float] | None, wanted: PassageFilter, count: int
    ) -> tuple[list[FoundPassage], bool, list[str]]:
        """What both searches bring, fused, best first, whether there is more to be had, and what went wrong."""
        language = next(iter(wanted.languages)) if len(wanted.languages) == 1 else "en"
        lexical, (near, more, note) = await asyncio.gather(
            self.words.matching(stems_of(query, language), wanted, count), self._near(vector, wanted, count)
        )
        found = await self.words.those(lexical.keys() | near.keys(), wanted) if lexical or near else []
        return _fused(found, lexical, near), more or len(lexical) >= count, note

    async def _near(
        self, vector: Sequence[float] | None, wanted: PassageFilter, count: int
    ) -> tuple[dict[str, float], bool, list[str]]:
        """Cosines of the nearest passages, some of which may not pass the filter, and whether there are more."""
        if vector is None:
            return {}, False, []
        try:
            if wanted.is_open:
                found = dict(await self.index.nearest(vector, count))
                return found, len(found) >= count, []
            passing, everything = await self.words.size(wanted)
            if passing <= self.exact:
                found = await self._exactly(vector, wanted, count)
                return found, len(found) >= count, []
            sifted = min(MOST_SIFTED, int(LEFT * count * everything / passing))
            if passing > LISTED:  # SQL sifts these
                found = dict(await self.index.nearest(vector, sifted))
            else:
                near, ids = await asyncio.gather(self.index.nearest(vector, sifted), self.words.ids(wanted))
                found = dict([one for one in near if one[0] in ids][:count])
            return found, len(found) >= count or sifted < min(MOST_SIFTED, everything), []
        except NO_MEANING as error:
            return {}, False, [f"searched by words only: {error}"]

    async def _exactly(self, vector: Sequence[float], wanted: PassageFilter, count: int) -> dict[str, float]:
        held = await self.words.vectors(self.embedder.name, wanted)
        return await computed(_nearest, vector, held, count) if held else {}

    async def _reranked(self, query: str, ranked: list[FoundPassage]) -> list[FoundPassage]:
        if self.reranker is None or not ranked:
            return ranked
        head, rest = ranked[:RERANKED], ranked[RERANKED:]
        scores = await self.reranker.scores(query, [one.passage.text for one in head])
        order = sorted(range(len(head)), key=lambda place: (-scores[place], place))
        return [*(head[place] for place in order), *rest]


def _nearest(vector: Sequence[float], held: Mapping[str, bytes], count: int) -> dict[str, float]:
    import numpy as np

    keys = list(held)
    matrix = np.frombuffer(b"".join(held.values()), np.float32).reshape(len(keys), -1)
    cosines = matrix @ np.asarray(vector, np.float32)
    best = np.argsort(-cosines, kind="stable")[:count]
    return {keys[place]: float(cosines[place]) for place in best}


def _fused(
    found: Sequence[FoundPassage], lexical: Mapping[str, float], near: Mapping[str, float]
) -> list[FoundPassage]:
    """Best first. What one search did not bring counts as its worst: no word in common, or the farthest of the near."""
    most_words, nearest = max(lexical.values(), default=0.0) or 1.0, max(near.values(), default=0.0)
    farthest = min(near.values(), default=0.0)
    value = {}
    for one in found:
        key = one.passage.id
        meaning = near.get(key, farthest) / nearest if nearest > 0 else 0.0
        value[key] = lexical.get(key, 0.0) / most_words + MEANING * max(0.0, meaning)
    best: dict[str, float] = {}
    for one in found:
        content = one.passage.source_hash
        best[content] = max(best.get(content, 0.0), value[one.passage.id])
    scored = [
        replace(one, score=(value[one.passage.id] + SAME_SOURCE * best[one.passage.source_hash]) / _WHOLE)
        for one in found
    ]
    return sorted(scored, key=lambda one: (-one.score, one.passage.id))


def _diverse(ranked: Sequence[FoundPassage], limit: int, most: int) -> list[FoundPassage]:
    """The first that are no copies of an earlier one, at most `most` of one domain. Files have no domain.

    What has other figures is no copy. Of such ones there are three at the most, and of these the newest: what finds no
    room takes the place of an older one that it resembles."""
    shelf = _Chosen()
    for one in _distinct(ranked):
        alike = shelf.like(one)
        if alike and not shelf.tells_more(one, alike):
            continue
        domain = _registered(one.source.domain)
        full = bool(domain) and shelf.given[domain] >= most
        if not full and len(alike) < MOST_ALIKE and len(shelf.passages) < limit:
            shelf.add(one)
        else:
            shelf.replace_older(one, [place for place in alike if not full or shelf.domain(place) == domain])
    return shelf.passages


class _Chosen:
    """Passages that were chosen, with what is compared of each, and how many each domain gives."""

    def __init__(self) -> None:
        self.passages: list[FoundPassage] = []
        self.given: Counter[str] = Counter()
        self._stems: list[frozenset[str]] = []
        self._figures: dict[str, frozenset[str]] = {}  # by passage id; read of what resembles another, else of none

    def like(self, one: FoundPassage) -> list[int]:
        """The places of those that it resembles."""
        stems = frozenset(one.stems)
        return [place for place, other in enumerate(self._stems) if _copies(stems, other)]

    def tells_more(self, one: FoundPassage, places: Sequence[int]) -> bool:
        """Whether it has a figure that none of those at these places has."""
        return tells_more(self._figures_of(one), (self._figures_of(self.passages[place]) for place in places))

    def domain(self, place: int) -> str:
        return _registered(self.passages[place].source.domain)

    def add(self, one: FoundPassage) -> None:
        self.passages.append(one)
        self._stems.append(frozenset(one.stems))
        self.given[self.domain(-1)] += 1

    def replace_older(self, one: FoundPassage, places: Sequence[int]) -> None:
        oldest = min(places, key=lambda place: _day(self.passages[place]), default=None)
        if oldest is None or _day(one) <= _day(self.passages[oldest]):
            return
        self.given[self.domain(oldest)] -= 1
        self.passages[oldest], self._stems[oldest] = one, frozenset(one.stems)
        self.given[self.domain(oldest)] += 1

    def _figures_of(self, one: FoundPassage) -> frozenset[str]:
        if one.passage.id not in self._figures:
            self._figures[one.passage.id] = figures(one.passage.text)
        return self._figures[one.passage.id]


def _day(one: FoundPassage) -> datetime:
    return one.source.published_at or datetime.min.replace(tzinfo=UTC)


def _distinct(ranked: Sequence[FoundPassage]) -> Iterator[FoundPassage]:
    texts: set[str] = set()
    for one in ranked:
        folded = " ".join(one.passage.text.casefold().split())
        if folded not in texts:
            texts.add(folded)
            yield one


def _copies(stems: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of stems are all but equal (Jaccard)."""
    common = len(stems & other)  # the union is not built: of a search's time this is what most was spent on
    return common > 0 and common >= COPY * (len(stems) + len(other) - common)


def _registered(host: str) -> str:
    """About what somebody registered of a host name: its last two labels, three under names like co.uk."""
    labels = host.split(".")
    many = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SHARED
    return host if host.replace(".", "").isdigit() else ".".join(labels[-3 if many else -2 :])
