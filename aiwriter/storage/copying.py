"""From one database to another, such as from SQLite to PostgreSQL: the same tables, the same rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import URL, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from aiwriter.errors import BadInput
from aiwriter.storage import database, engines, schema  # noqa: F401 - the database knows all tables
from aiwriter.storage.columns import tables
from aiwriter.storage.errors import translated

AT_ONCE = 200
# What every installation has from its start, and what may be made anew.
_OWN = {"workspaces", "api_keys", "embeddings"}
_INSERT: Mapping[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


async def copy(source: str, target: str) -> int:
    """Every row of the one database into the other, in one transaction; how many.

    Raises BadInput when the tables of either are not of this version, or the target has something of its own.
    """
    read_from, write_to = engines.address(source), engines.address(target)
    readers, other_writers = engines.engines(read_from)
    other_readers, writers = engines.engines(write_to)
    try:
        with translated():
            schema.refuse_unless_current(read_from, await schema.state_with(read_from, readers))
            schema.refuse_unless_current(write_to, await schema.state_with(write_to, other_readers))
            async with readers.connect() as old, writers.begin() as new:
                await _refuse_unless_empty(write_to, new)
                return sum([await _rows(table, old, new) for table in tables.sorted_tables])
    finally:
        for engine in (readers, writers, other_readers, other_writers):
            await engine.dispose()


async def _refuse_unless_empty(url: URL, new: AsyncConnection) -> None:
    for table in tables.sorted_tables:
        if table.name not in _OWN and await new.scalar(select(func.count()).select_from(table)):
            raise BadInput(
                f"{url.render_as_string(hide_password=True)} has rows of its own in {table.name}",
                hint="Name a database that is empty but for its tables.",
            )


async def _rows(table: Table, old: AsyncConnection, new: AsyncConnection) -> int:
    """The rows of one table; a number that the database gives by itself is given anew."""
    columns = [column for column in table.columns if column is not table.autoincrement_column]
    into, count = _INSERT[new.dialect.name](table).on_conflict_do_nothing(), 0
    async with old.stream(select(*columns)) as rows:
        async for part in rows.mappings().partitions(AT_ONCE):
            await new.execute(into, [dict(row) for row in part])
            count += len(part)
    return count
