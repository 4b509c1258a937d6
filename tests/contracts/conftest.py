"""The three databases that keep the same promises: the one in dictionaries, SQLite and PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import delete, exists, literal, select, union_all

from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.storage import tables
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import MemoryDatabase
from aiwriter.testing.postgres import PostgresServer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

Db = MemoryDatabase | SqlDatabase

FILLED = union_all(
    *(select(literal(table.name)).where(exists().select_from(table)) for table in tables.tables.sorted_tables)
)
"""The names of the tables that have rows."""


@pytest.fixture(scope="module")
def sqlite_file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path_factory.mktemp('contract'))}"


@pytest.fixture(scope="module")
def postgres_database(postgres: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    with postgres.database(template=migrated_postgres) as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["memory", "sqlite_file", "postgres_database"])
async def opened(request: pytest.FixtureRequest) -> AsyncIterator[SqlDatabase | None]:
    """Connections are kept from test to test: opening them takes longer than the tests."""
    if request.param == "memory":
        yield None
        return
    database = SqlDatabase(request.getfixturevalue(request.param), now=lambda: NOON)
    yield database
    await database.close()


@pytest_asyncio.fixture(loop_scope="module")
async def database(opened: SqlDatabase | None) -> Db:
    """An empty database."""
    if opened is None:
        return MemoryDatabase(now=lambda: NOON)
    async with opened.transaction() as transaction:
        filled = set((await transaction.read(FILLED)).scalars())  # a few; to ask each takes longer than most tests
        for table in reversed(tables.tables.sorted_tables):
            if table.name in filled:
                others = tables.workspaces.c.id != LOCAL_WORKSPACE
                await transaction.write(delete(table).where(others) if table is tables.workspaces else delete(table))
        await transaction.commit()
    return opened
