"""Tables come and go by migration, on both databases."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from aiwriter.errors import BadInput, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.storage import engines, migrate, open_database, schema, schema_state, tables
from aiwriter.storage.passage_search import STEMS
from aiwriter.storage.search import TRIGRAMS


async def execute(url: str, *statements: str) -> None:
    readers, writers = engines.engines(engines.address(url))
    async with writers.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await readers.dispose()
    await writers.dispose()


async def tables_of(url: str) -> set[str]:
    readers, writers = engines.engines(engines.address(url))
    async with readers.connect() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    await readers.dispose()
    await writers.dispose()
    return {name for name in names if not name.startswith((TRIGRAMS, STEMS))}  # what FTS5 keeps of itself


async def test_tables_come_go_and_come_again(empty_sql_url: str) -> None:
    assert await schema_state(empty_sql_url) == "missing"
    await migrate(empty_sql_url)
    assert await schema_state(empty_sql_url) == "current"
    assert await tables_of(empty_sql_url) == {*tables.tables.tables, "alembic_version"}
    await schema.downgrade(empty_sql_url)
    assert await schema_state(empty_sql_url) == "missing"
    assert await tables_of(empty_sql_url) == {"alembic_version"}
    await migrate(empty_sql_url)
    await migrate(empty_sql_url)
    assert await schema_state(empty_sql_url) == "current"


async def test_looking_creates_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'folder' / 'aiwriter.db'}"
    assert await schema_state(url) == "missing"
    database = open_database(url)
    with pytest.raises(BadInput):
        async with database.unit_of_work(LOCAL_WORKSPACE):
            pass
    await database.close()
    assert list(tmp_path.iterdir()) == []


def is_ours(_object: object, name: str | None, *_: object) -> bool:
    """Not the indexes for searching, which each database has of its own kind."""
    return not (name or "").startswith((TRIGRAMS, STEMS, "ix_article_sentences_folded", "ix_known_passages_stem_array"))


async def test_the_migrations_make_what_the_tables_say(sql_url: str) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"compare_type": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, tables.tables))

    readers, writers = engines.engines(engines.address(sql_url))
    async with readers.connect() as connection:
        assert await connection.run_sync(differences) == []
    await readers.dispose()
    await writers.dispose()


def test_the_known_revisions_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", "aiwriter.storage:migrations")
    config.set_main_option("path_separator", "os")
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(revisions)) == schema.REVISIONS


async def test_two_who_migrate_at_once_both_succeed(empty_sql_url: str) -> None:
    await asyncio.gather(migrate(empty_sql_url), migrate(empty_sql_url))
    assert await schema_state(empty_sql_url) == "current"


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(sql_url: str) -> None:
    await execute(sql_url, "UPDATE alembic_version SET version_num = '9999'")
    assert await schema_state(sql_url) == "newer"
    database = open_database(sql_url)
    with pytest.raises(BadInput, match="are newer than this aiwriter, which knows revision") as refused:
        async with database.unit_of_work(LOCAL_WORKSPACE):
            pass
    await database.close()
    assert refused.value.hint is not None
    assert "AIWRITER_HOME" in refused.value.hint
    with pytest.raises(BadInput, match="newer"):
        await migrate(sql_url)
    assert await schema_state(sql_url) == "newer"


async def test_a_migration_that_fails_changes_nothing(empty_sql_url: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    await execute(empty_sql_url, "CREATE TABLE citations (other INTEGER)")
    with pytest.raises(Unavailable):
        await migrate(empty_sql_url)
    assert await tables_of(empty_sql_url) == {"citations"}


async def test_a_password_is_not_shown(postgres_url: str) -> None:
    await execute(postgres_url, "UPDATE alembic_version SET version_num = '9999'")
    with_password = postgres_url.replace("postgres@", "postgres:sesame@")
    database = open_database(with_password)
    with pytest.raises(BadInput) as refused:
        async with database.unit_of_work(LOCAL_WORKSPACE):
            pass
    await database.close()
    assert "sesame" not in str(refused.value)


async def test_sqlite_is_set_up_to_keep_what_it_acknowledges(sqlite_url: str) -> None:
    readers, writers = engines.engines(engines.address(sqlite_url))
    for engine in (readers, writers):
        async with engine.connect() as connection:
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            values = [(await connection.execute(text(f"PRAGMA {pragma}"))).scalar() for pragma in pragmas]
        assert values == ["wal", 2, 1, 30_000]
        await engine.dispose()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/name", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_cannot_be_used_is_refused_with_what_can(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        open_database(url)
    assert refused.value.hint


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadInput, match="cannot be made"):
        await migrate(f"sqlite:///{tmp_path / 'file' / 'aiwriter.db'}")


async def test_a_file_that_is_no_database_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "aiwriter.db").write_text("certainly not a database, but text " * 100)
    with pytest.raises(Unavailable, match="not a database") as refused:
        await schema_state(f"sqlite:///{tmp_path / 'aiwriter.db'}")
    assert refused.value.hint


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        await schema_state(f"postgresql://nobody@/nothing?host={tmp_path}")
    assert refused.value.hint
