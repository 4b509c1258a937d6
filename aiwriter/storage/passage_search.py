"""Passages by their words: Okapi BM25, equal on every database.

A query's rarest stems are looked up in an index of stems (FTS5 on SQLite, a GIN index on PostgreSQL) until they have
brought MOST_HITS passages: a stem that thousands of passages hold decides nothing and costs most. Of these the ones
with the most telling stems in common are read, and ranked by the exact formula with the counts of the whole workspace.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Float,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    column,
    desc,
    func,
    literal,
    literal_column,
    select,
    table,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from aiwriter.ports import FoundPassage, PassageFilter
from aiwriter.storage.engines import IN_BINARY
from aiwriter.storage.knowledge import ALL_PASSAGES, ALL_STEMS
from aiwriter.storage.known_rows import PASSAGE_COLUMNS, SOURCE_COLUMNS, found_passage, passing, token
from aiwriter.storage.paging import in_parts
from aiwriter.storage.tables import embeddings, known_passages, known_sources, stem_counts
from aiwriter.storage.transaction import Transaction
from aiwriter.text.bm25 import idf, score

STEMS = "passage_stems"  # SQLite's index, kept by triggers of known_passages
MOST_HITS = 3000
RANKED = 3  # times as many are read and ranked exactly as are asked for
_AT_ONCE = 2000

_index = table(STEMS, column("rowid"))
_schema = table("sqlite_master", column("name"))
_of_source = and_(
    known_sources.c.workspace_id == known_passages.c.workspace_id,
    known_sources.c.source_id == known_passages.c.source_id,
)
_with_source = select(*PASSAGE_COLUMNS, *SOURCE_COLUMNS).join_from(known_passages, known_sources, _of_source)


class SqlTextSearch:
    """`TextSearch`; each method is a transaction of its own."""

    def __init__(self, transaction: Callable[[], Transaction], workspace_id: UUID) -> None:
        self._transaction = transaction
        self._workspace = workspace_id
        self._holds: Callable[[str], ColumnElement[bool]] | None = None  # asked once: it does not change

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
        async with self._transaction() as tx:
            for some in in_parts(sorted(passage_ids), _AT_ONCE):
                mine = known_passages.c.workspace_id == self._workspace
                query = _with_source.where(mine, tx.one_of(known_passages.c.id, some), *passing(wanted))
                found += map(found_passage, await tx.read(query))
        return found

    async def size(self, wanted: PassageFilter) -> tuple[int, int]:
        passages = func.sum(known_sources.c.passages)
        met = passages.filter(and_(true(), *passing(wanted)))
        query = select(func.coalesce(met, 0), func.coalesce(passages, 0))
        async with self._transaction() as tx:
            found = (await tx.read(query.where(known_sources.c.workspace_id == self._workspace))).one()
        return int(found[0]), int(found[1])

    async def ids(self, wanted: PassageFilter) -> Set[str]:
        # One text of all: as rows, SQLAlchemy takes longer for them than the database.
        query = select(func.aggregate_strings(known_passages.c.id, " ")).where(*self._of_passing(wanted))
        async with self._transaction() as tx:
            return set(((await tx.read(query)).scalar_one() or "").split())

    async def vectors(self, embedder: str, wanted: PassageFilter) -> Mapping[str, bytes]:
        cached = and_(
            embeddings.c.workspace_id == known_passages.c.workspace_id,
            embeddings.c.embedder == embedder,
            embeddings.c.text_hash == known_passages.c.text_hash,
        )
        those = known_passages.join(embeddings, cached)
        key, vector = known_passages.c.id, embeddings.c.vector
        async with self._transaction() as tx:
            if tx.is_sqlite:
                rows = await tx.read(select(key, vector).select_from(those).where(*self._of_passing(wanted)))
                return {row[0]: row[1] for row in rows}  # by place: names are looked up for each of a thousand rows
            # One value of all: psycopg wakes up for every few rows of a thousand.
            joined = select(func.string_agg(key, " "), func.string_agg(vector, b"")).select_from(those)
            asked = joined.where(*self._of_passing(wanted)).execution_options(**IN_BINARY)
            return _taken_apart(*(await tx.read(asked)).one())

    def _of_passing(self, wanted: PassageFilter) -> tuple[ColumnElement[bool], ...]:
        """That a passage is of a source that passes. A subquery, since for a join SQLite goes through all passages."""
        sources = self._passing(passing(wanted))
        return known_passages.c.workspace_id == self._workspace, known_passages.c.source_id.in_(sources)

    async def _counts(self, tx: Transaction, tokens: Sequence[str]) -> dict[str, int]:
        asked = tx.one_of(stem_counts.c.stem, [*tokens, ALL_PASSAGES, ALL_STEMS])
        query = select(stem_counts.c.stem, stem_counts.c.passages).where(
            stem_counts.c.workspace_id == self._workspace, asked
        )
        return {row.stem: int(row.passages) for row in await tx.read(query)}

    async def _hits(
        self, tx: Transaction, weights: Mapping[str, float], wanted: PassageFilter, limit: int
    ) -> dict[str, str]:
        """Ids and stems of the passages whose stems in common with the query tell most."""
        conditions = tuple(passing(wanted))
        if tx.is_sqlite:
            holds = self._holds = self._holds or await _holding(tx)
            parts = [self._part(holds(stem), weight, conditions) for stem, weight in weights.items()]
            hits: Subquery = union_all(*parts).subquery()
        else:
            hits = self._in_arrays(weights, conditions)
        most = desc(func.sum(hits.c.weight))
        best = select(hits.c.number).group_by(hits.c.number).order_by(most, hits.c.number).limit(limit).subquery()
        query = select(known_passages.c.id, known_passages.c.stems).join(best, best.c.number == known_passages.c.number)
        return {row[0]: row[1] for row in await tx.read(query)}

    def _part(
        self, holds: ColumnElement[bool], weight: float, conditions: Sequence[ColumnElement[bool]]
    ) -> Select[Any]:
        query = select(known_passages.c.number, literal(weight, Float).label("weight"))
        if conditions:
            query = query.join_from(known_passages, known_sources, _of_source).where(*conditions)
        # Not by the index of this column: that of stems tells more.
        workspace: ColumnElement[Any] = literal_column("+known_passages.workspace_id", Uuid)
        return query.where(holds, workspace == self._workspace)

    def _in_arrays(self, weights: Mapping[str, float], conditions: Sequence[ColumnElement[bool]]) -> Subquery:
        """The same on PostgreSQL: one statement however many the stems, so that it is planned once for all."""
        stems, told = literal(list(weights), ARRAY(Text)), literal(list(weights.values()), ARRAY(Float))
        given = func.unnest(stems, told).table_valued(column("stem", Text), column("weight", Float))
        given = given.render_derived("given")
        held = literal_column("known_passages.stem_array", ARRAY(Text)).contains(array([given.c.stem]))
        mine = (known_passages.c.workspace_id == self._workspace).is_(true())  # for this no index of it is used
        holding = select(known_passages.c.number, known_passages.c.source_id).where(held, mine).lateral("holding")
        query = select(holding.c.number, given.c.weight).select_from(given.join(holding, true()))
        if conditions:
            query = query.where(holding.c.source_id.in_(self._passing(conditions)))
        return query.subquery()

    def _passing(self, conditions: Iterable[ColumnElement[bool]]) -> Select[Any]:
        return select(known_sources.c.source_id).where(known_sources.c.workspace_id == self._workspace, *conditions)


def _taken_apart(ids: str | None, vectors: bytes | None) -> dict[str, bytes]:
    """What two texts of all rows, in the same order, held for each; vectors are of one length."""
    keys, whole = (ids or "").split(), bytes(vectors or b"")
    size = len(whole) // (len(keys) or 1)
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


async def _holding(tx: Transaction) -> Callable[[str], ColumnElement[bool]]:
    """How this SQLite is asked for the passages that hold a token."""
    named = await tx.read(select(_schema.c.name).where(_schema.c.name == STEMS))
    return _in_text if named.one_or_none() is None else _in_index


def _in_index(stem: str) -> ColumnElement[bool]:
    return known_passages.c.number.in_(select(_index.c.rowid).where(literal_column(STEMS).op("MATCH")(f'"{stem}"')))


def _in_text(stem: str) -> ColumnElement[bool]:
    return (literal(" ") + known_passages.c.stems + literal(" ")).contains(f" {stem} ")
