"""What is asked of the databases to find passages: statements with parameters, each made once a shape.

SQLAlchemy takes as long to make a statement, and the key by which it is known again, as a database to answer it.
`names` are those of the parameters that a filter gives (`known_rows.asked`): its shape. All have `workspace` as well.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Float,
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
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

from aiwriter.storage.engines import IN_BINARY
from aiwriter.storage.knowledge import ALL_PASSAGES
from aiwriter.storage.known_rows import PASSAGE_COLUMNS, SOURCE_COLUMNS, passing
from aiwriter.storage.tables import embeddings, known_passages, known_sources, stem_counts

STEMS = "passage_stems"  # SQLite's index, kept by triggers of known_passages
Names = frozenset[str]

_index = table(STEMS, column("rowid"))
_workspace: BindParameter[Any] = bindparam("workspace", type_=Uuid)
_of_source = and_(
    known_sources.c.workspace_id == known_passages.c.workspace_id,
    known_sources.c.source_id == known_passages.c.source_id,
)
_counts_key = select(stem_counts.c.stem, stem_counts.c.passages).where(stem_counts.c.workspace_id == _workspace)
_with_source = (
    select(*PASSAGE_COLUMNS, *SOURCE_COLUMNS)
    .join_from(known_passages, known_sources, _of_source)
    .where(known_passages.c.workspace_id == _workspace)
)


@cache
def counts(is_sqlite: bool) -> Select[Any]:
    """How many passages hold each of `stems`."""
    return _counts_key.where(_one_of(stem_counts.c.stem, "stems", is_sqlite))


@cache
def those(names: Names, is_sqlite: bool) -> Select[Any]:
    """The passages of `ids` that pass, with their sources."""
    return _with_source.where(_one_of(known_passages.c.id, "ids", is_sqlite), *passing(names))


@cache
def size(names: Names) -> Select[Any]:
    """How many passages pass, and how many there are: those are counted already."""
    met = select(func.sum(known_sources.c.passages)).where(known_sources.c.workspace_id == _workspace, *passing(names))
    all_of_them = select(stem_counts.c.passages).where(
        stem_counts.c.workspace_id == _workspace, stem_counts.c.stem == ALL_PASSAGES
    )
    return select(func.coalesce(met.scalar_subquery(), 0), func.coalesce(all_of_them.scalar_subquery(), 0))


@cache
def ids(names: Names) -> Select[Any]:
    """The ids of all passages that pass, as one text: as rows, SQLAlchemy takes longer for them than the database."""
    return select(func.aggregate_strings(known_passages.c.id, " ")).where(*_of_passing(names))


@cache
def vectors(names: Names, is_sqlite: bool) -> Select[Any]:
    """Ids and vectors by `embedder` of the passages that pass: each, or on PostgreSQL those of a source as one text.

    psycopg wakes up for every few of a thousand rows; one value of megabytes costs PostgreSQL more than fifty do."""
    cached = and_(
        embeddings.c.workspace_id == known_passages.c.workspace_id,
        embeddings.c.embedder == bindparam("embedder"),
        embeddings.c.text_hash == known_passages.c.text_hash,
    )
    held = known_passages.join(embeddings, cached)
    key, vector = known_passages.c.id, embeddings.c.vector
    if is_sqlite:
        return select(key, vector).select_from(held).where(*_of_passing(names))
    joined = select(func.string_agg(key, " "), func.string_agg(vector, b"")).select_from(held)
    return joined.where(*_of_passing(names)).group_by(known_passages.c.source_id).execution_options(**IN_BINARY)


@cache
def hits_in_arrays(names: Names) -> Select[Any]:
    """On PostgreSQL: ids and stems of the `limit` passages that pass and whose stems in common with `stems` weigh most
    by `weights`. One statement however many the stems, so that it is planned once for all."""
    stems, told = bindparam("stems", type_=ARRAY(Text)), bindparam("weights", type_=ARRAY(Float))
    given = func.unnest(stems, told).table_valued(column("stem", Text), column("weight", Float))
    given = given.render_derived("given")
    indexed: ColumnElement[Any] = literal_column("string_to_array(known_passages.stems, ' ')", ARRAY(Text))
    held = indexed.contains(array([given.c.stem]))
    mine = (known_passages.c.workspace_id == _workspace).is_(true())  # for this no index of it is used
    holding = select(known_passages.c.number, known_passages.c.source_id).where(held, mine).lateral("holding")
    hits = select(holding, given.c.weight).select_from(given.join(holding, true()))
    if not names:
        return _best(hits.subquery())
    fenced = hits.offset(0).subquery()  # else few sources are looked for first, in the whole of another index
    return _best(select(fenced).where(fenced.c.source_id.in_(_sources(names))).subquery())


@lru_cache(maxsize=256)
def hits_of_each(names: Names, count: int, is_indexed: bool) -> Select[Any]:
    """The same on SQLite, for `count` stems: `stem0`, `weight0` and so on."""
    parts = [_part(names, place, is_indexed) for place in range(count)]
    return _best(union_all(*parts).subquery())


def as_asked(stem: str, is_indexed: bool) -> str:
    """A stem as `hits_of_each` is given it."""
    return f'"{stem}"' if is_indexed else f" {stem} "


def _part(names: Names, place: int, is_indexed: bool) -> Select[Any]:
    weight = bindparam(f"weight{place}", type_=Float).label("weight")
    query = select(known_passages.c.number, weight)
    if names:
        query = query.join_from(known_passages, known_sources, _of_source).where(*passing(names))
    # Not by the index of this column: that of stems tells more.
    workspace: ColumnElement[Any] = literal_column("+known_passages.workspace_id", Uuid)
    holds = _in_index if is_indexed else _in_text
    return query.where(holds(bindparam(f"stem{place}", type_=Text)), workspace == _workspace)


def _in_index(stem: BindParameter[str]) -> ColumnElement[bool]:
    return known_passages.c.number.in_(select(_index.c.rowid).where(literal_column(STEMS).op("MATCH")(stem)))


def _in_text(stem: BindParameter[str]) -> ColumnElement[bool]:
    return (literal(" ") + known_passages.c.stems + literal(" ")).contains(stem)


def _best(hits: Subquery) -> Select[Any]:
    most = desc(func.sum(hits.c.weight))
    best = select(hits.c.number).group_by(hits.c.number).order_by(most, hits.c.number)
    best_of_all = best.limit(bindparam("limit", type_=Integer)).subquery()
    the_same = best_of_all.c.number == known_passages.c.number
    return select(known_passages.c.id, known_passages.c.stems).join(best_of_all, the_same)


def _of_passing(names: Names) -> Iterable[ColumnElement[bool]]:
    """That a passage is of a source that passes. A subquery, since for a join SQLite goes through all passages."""
    return known_passages.c.workspace_id == _workspace, known_passages.c.source_id.in_(_sources(names))


def _sources(names: Names) -> Select[Any]:
    return select(known_sources.c.source_id).where(known_sources.c.workspace_id == _workspace, *passing(names))


def _one_of(of: ColumnElement[str], name: str, is_sqlite: bool) -> ColumnElement[bool]:
    if is_sqlite:
        return of.in_(bindparam(name, expanding=True))
    return of == any_(bindparam(name, type_=ARRAY(Text)))
