"""Passages by their words: Okapi BM25, equal on every database.

A query's rarest stems are looked up in an index of stems (FTS5 on SQLite, a GIN index on PostgreSQL) until they have
brought MOST_HITS passages: a stem that thousands of passages hold decides nothing and costs most. Of these the ones
with the most telling stems in common are read, and ranked by the exact formula with the counts of the whole workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from sqlalchemy import column, select, table

from aiwriter.ports import FoundPassage, PassageFilter
from aiwriter.storage import passage_queries
from aiwriter.storage.knowledge import ALL_PASSAGES, ALL_STEMS
from aiwriter.storage.known_rows import asked, found_passage, token
from aiwriter.storage.paging import in_parts
from aiwriter.storage.passage_queries import STEMS
from aiwriter.storage.transaction import Transaction
from aiwriter.text.bm25 import idf, score

MOST_HITS = 3000
RANKED = 3  # times as many are read and ranked exactly as are asked for
_AT_ONCE = 2000

_schema = table("sqlite_master", column("name"))


class SqlTextSearch:
    """`TextSearch`; each method is a transaction of its own."""

    def __init__(self, transaction: Callable[[], Transaction], workspace_id: UUID) -> None:
        self._transaction = transaction
        self._mine = {"workspace": workspace_id}
        self._is_indexed: bool | None = None  # on SQLite; asked once: it does not change

    async def matching(self, stems: Sequence[str], wanted: PassageFilter, limit: int) -> Mapping[str, float]:
        tokens = list(dict.fromkeys(map(token, stems)))
        async with self._transaction() as tx:
            counts = await self._counts(tx, tokens)
            total = counts.pop(ALL_PASSAGES, 0)
            mean = counts.pop(ALL_STEMS, 0) / max(1, total)
            weights = {stem: idf(total, counts[stem]) for stem in tokens if stem in counts}
            if not weights:
                return {}
            hits = await self._hits(tx, _telling(weights, counts), wanted, limit * RANKED)
        scores = {key: score(held.split(), weights, mean) for key, held in hits.items()}
        return {key: scores[key] for key in sorted(scores, key=lambda key: (-scores[key], key))[:limit]}

    async def those(self, passage_ids: Collection[str], wanted: PassageFilter) -> list[FoundPassage]:
        found: list[FoundPassage] = []
        values = asked(wanted)
        async with self._transaction() as tx:
            query = passage_queries.those(frozenset(values), tx.is_sqlite)
            for some in in_parts(sorted(passage_ids), _AT_ONCE):
                found += map(found_passage, (await tx.read(query, self._mine | values | {"ids": some})).all())
        return found

    async def size(self, wanted: PassageFilter) -> tuple[int, int]:
        values = asked(wanted)
        async with self._transaction() as tx:
            found = (await tx.read(passage_queries.size(frozenset(values)), self._mine | values)).one()
        return int(found[0]), int(found[1])

    async def ids(self, wanted: PassageFilter) -> Set[str]:
        values = asked(wanted)
        async with self._transaction() as tx:
            found = await tx.read(passage_queries.ids(frozenset(values)), self._mine | values)
            return set((found.scalar_one() or "").split())

    async def vectors(self, embedder: str, wanted: PassageFilter) -> Mapping[str, bytes]:
        values = asked(wanted)
        async with self._transaction() as tx:
            query = passage_queries.vectors(frozenset(values), tx.is_sqlite)
            rows = await tx.read(query, self._mine | values | {"embedder": embedder})
            if tx.is_sqlite:
                return {row[0]: row[1] for row in rows.all()}  # by place: names are looked up for each row
            found: dict[str, bytes] = {}
            for row in rows:
                found |= _taken_apart(*row)
            return found

    async def _counts(self, tx: Transaction, tokens: Sequence[str]) -> dict[str, int]:
        stems = [*tokens, ALL_PASSAGES, ALL_STEMS]
        rows = await tx.read(passage_queries.counts(tx.is_sqlite), self._mine | {"stems": stems})
        return {row[0]: int(row[1]) for row in rows}

    async def _hits(
        self, tx: Transaction, weights: Mapping[str, float], wanted: PassageFilter, limit: int
    ) -> dict[str, str]:
        """Ids and stems of the passages whose stems in common with the query tell most."""
        values: dict[str, Any] = self._mine | asked(wanted) | {"limit": limit}
        names = frozenset(asked(wanted))
        if tx.is_sqlite:
            indexed = self._is_indexed = await _has_index(tx) if self._is_indexed is None else self._is_indexed
            query = passage_queries.hits_of_each(names, len(weights), indexed)
            for place, (stem, weight) in enumerate(weights.items()):
                values |= {f"stem{place}": passage_queries.as_asked(stem, indexed), f"weight{place}": weight}
        else:
            query = passage_queries.hits_in_arrays(names)
            values |= {"stems": list(weights), "weights": list(weights.values())}
        return {row[0]: row[1] for row in (await tx.read(query, values)).all()}


def _taken_apart(ids: str, vectors: bytes) -> dict[str, bytes]:
    """What two texts of some rows, in the same order, held for each; vectors are of one length."""
    keys, whole = ids.split(), bytes(vectors)
    size = len(whole) // len(keys)
    return {key: whole[place * size : (place + 1) * size] for place, key in enumerate(keys)}


def _telling(weights: Mapping[str, float], counts: Mapping[str, int]) -> dict[str, float]:
    """The rarest stems, as many as bring no more than MOST_HITS; one in any case."""
    chosen: dict[str, float] = {}
    hits = 0
    for stem in sorted(weights, key=lambda stem: (counts[stem], stem)):
        hits += counts[stem]
        if chosen and hits > MOST_HITS:
            break
        chosen[stem] = weights[stem]
    return chosen


async def _has_index(tx: Transaction) -> bool:
    """Whether this SQLite has FTS5; without it every passage is looked through."""
    return (await tx.read(select(_schema.c.name).where(_schema.c.name == STEMS))).one_or_none() is not None
