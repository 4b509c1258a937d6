"""The search for passages uses its index, finds the same without it, and the index follows every change."""

from __future__ import annotations

import random

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import psycopg

from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import PassageFilter
from aiwriter.storage import engines, migrate, schema
from aiwriter.storage.database import SqlDatabase
from aiwriter.storage.passage_queries import STEMS, hits_in_arrays
from aiwriter.testing import MemoryDatabase
from tests.contracts.test_storage_knowledge_contract import put, source

WITHOUT_INDEX = {
    "sqlite": [f"DROP TRIGGER passage_{name}" for name in ("added", "removed", "changed")] + [f"DROP TABLE {STEMS}"],
    "postgresql": ["DROP INDEX ix_known_passages_stem_array"],
}
WORDS = ["ferry", "quay", "41,200", "größe", "日本", "o'clock", "x.y", "0x41", "and", "not", "near", "a1"]


async def execute(database: SqlDatabase, *statements: str) -> list[str]:
    said: list[str] = []
    async with database.transaction() as transaction:
        for statement in statements:
            result = await transaction.write(text(statement))
            said += [str(row) for row in result] if result.returns_rows else []
        await transaction.commit()
    return said


async def found(database: SqlDatabase | MemoryDatabase, query: list[str]) -> list[tuple[str, float]]:
    hits = await database.text_search(LOCAL_WORKSPACE).matching(query, PassageFilter(), 12)
    return [(key, round(score, 9)) for key, score in hits.items()]


async def test_what_is_found_is_the_same_everywhere_with_an_index_and_without(sql_url: str) -> None:
    chance = random.Random(7)
    database, reference = SqlDatabase(sql_url), MemoryDatabase()
    for number in range(30):
        said = [" ".join(chance.choices(WORDS, k=chance.randint(1, 9))) + f" {number}{part}." for part in range(2)]
        document = source(f"https://a.example/{number}", *said)
        for each in (database, reference):
            await put(each, document)
    queries = [chance.sample(WORDS, 3) for _ in range(8)] + [['"', "*"], ["a" * 3000]]
    expected = [await found(reference, query) for query in queries]
    assert sum(map(bool, expected)) == 8
    assert [await found(database, query) for query in queries] == expected
    await execute(database, *WITHOUT_INDEX["sqlite" if "sqlite" in sql_url else "postgresql"])
    assert [await found(database, query) for query in queries] == expected
    await database.close()


async def test_the_index_of_sqlite_follows_what_is_replaced_and_what_is_removed(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    gone = source("https://a.example/gone", "The airport is far away.")
    await put(database, gone)
    await put(database, source("https://a.example/", "The harbour is near."))
    await put(database, source("https://a.example/", "The quay is near."))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.knowledge.remove(gone.id)
        await work.commit()
    assert [len(await found(database, [word])) for word in ("airport", "harbour", "quay")] == [0, 0, 1]
    await execute(database, f"INSERT INTO {STEMS} ({STEMS}, rank) VALUES ('integrity-check', 1)")
    counts = await execute(database, "SELECT stem, passages FROM stem_counts ORDER BY stem")
    assert counts == ["('', 1)", "(' ', 3)", "('ferry', 1)", "('near', 1)", "('quay', 1)"]
    await database.close()


async def test_postgresql_finds_passages_by_the_index_of_stems_that_the_migration_made(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    await put(database, source("https://a.example/", "The quay is near."))
    await database.close()
    asked = str(hits_in_arrays(frozenset()).compile(dialect=psycopg.dialect()))
    values = {"stems": ["quay"], "weights": [1.0], "workspace": LOCAL_WORKSPACE, "limit": 1}
    _, writers = engines.engines(engines.address(postgres_url))
    async with writers.connect() as connection:
        await connection.execute(text("SET enable_seqscan = off"))  # which it prefers for a table of one row
        plan = (await connection.exec_driver_sql(f"EXPLAIN {asked}", values)).scalars().all()
    await writers.dispose()
    assert any("ix_known_passages_stem_array" in line for line in plan)


async def test_what_was_known_before_the_stems_were_kept_once_is_found_after_and_before(sql_url: str) -> None:
    database = SqlDatabase(sql_url)
    await put(database, source("https://a.example/", "The harbour is near.", "The quay is far."))
    before = await found(database, ["quay", "harbour"])
    await database.close()
    await schema.downgrade(sql_url, "0015")
    if "postgresql" in sql_url:
        assert await array_of(sql_url, "quay") == 1
    await migrate(sql_url)
    database = SqlDatabase(sql_url)
    assert len(before) == 2
    assert await found(database, ["quay", "harbour"]) == before
    await put(database, source("https://b.example/", "Another quay."))
    assert len(await found(database, ["quay"])) == 2
    await database.close()


async def array_of(url: str, stem: str) -> int:
    """How many passages hold a stem in the array that PostgreSQL had up to revision 0015."""
    _, writers = engines.engines(engines.address(url))
    counted = text("SELECT count(*) FROM known_passages WHERE stem_array @> ARRAY[:stem]")
    async with writers.connect() as connection:
        count: int = (await connection.execute(counted, {"stem": stem})).scalar_one()
    await writers.dispose()
    return count
