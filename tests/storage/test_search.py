"""Text search answers the same with and without an index of trigrams, and the index follows every change."""

from __future__ import annotations

import random
from urllib.parse import quote

import pytest
from sqlalchemy import text

from aiwriter.documents import Article, ArticleHead, Sentence
from aiwriter.errors import AIWriterError
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.storage import migrate
from aiwriter.storage.database import SqlDatabase
from aiwriter.storage.search import TRIGRAMS, newest_matches
from aiwriter.testing import MemoryDatabase, sample_article
from aiwriter.testing.postgres import PostgresServer

WITHOUT_INDEX = {
    "sqlite": [f"DROP TRIGGER sentence_{name}" for name in ("added", "removed", "changed")]
    + [f"DROP TABLE {TRIGRAMS}"],
    "postgresql": ["DROP INDEX ix_article_sentences_folded"],
}
ALPHABET = 'aabbccäöß "%_\\日本🚢*()-:^+'
QUERIES = [
    "abc",
    "ab",
    '"a"',
    'a"b"c',
    "cab bca",
    "%",
    "_ab",
    "\\",
    "日本",
    "日本🚢",
    "AND",
    "a* b",
    "aab" * 400,
    "ß",
    "ss",
]


def saying(*sentences: str) -> Article:
    sample = sample_article()
    section = sample.sections[0]
    paragraph = section.paragraphs[0].model_copy(update={"sentences": tuple(Sentence(text=one) for one in sentences)})
    only = section.model_copy(update={"paragraphs": (paragraph,)})
    return sample.model_copy(update={"id": new_id(), "sections": (only,), "title": "Plain"})


async def keep(database: SqlDatabase | MemoryDatabase, *articles: Article) -> None:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for article in articles:
            await work.articles.add_version(article)
        await work.commit()


async def search(database: SqlDatabase | MemoryDatabase, query: str) -> list[tuple[ArticleHead, str]]:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        return await work.articles.containing(query)


async def execute(database: SqlDatabase, *statements: str) -> None:
    async with database.transaction() as transaction:
        for statement in statements:
            await transaction.write(text(statement))
        await transaction.commit()


async def test_what_is_found_is_the_same_with_an_index_and_without(sql_url: str) -> None:
    chance = random.Random(7)
    articles = [
        saying(*("x" + "".join(chance.choices(ALPHABET, k=chance.randint(1, 40))) for _ in range(6))) for _ in range(40)
    ]
    database, reference = SqlDatabase(sql_url), MemoryDatabase()
    for each in (database, reference):
        await keep(each, *articles)
    parts = [chance.choice(articles).sentences[0].text[start : start + 9] for start in range(12)]
    expected = {query: await search(reference, query) for query in QUERIES + parts}
    assert sum(map(bool, expected.values())) > len(parts)
    assert {query: await search(database, query) for query in expected} == expected
    await execute(database, *WITHOUT_INDEX["sqlite" if "sqlite" in sql_url else "postgresql"])
    assert {query: await search(database, query) for query in expected} == expected
    await database.close()


async def test_the_index_of_sqlite_follows_what_is_saved_and_what_is_deleted(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    gone, stays = saying("The airport is far away."), saying("The harbour is near.", "A ferry leaves.")
    await keep(database, gone, stays)
    better = saying("The quay is near.").model_copy(update={"id": stays.id, "version": 2})
    await keep(database, better)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.delete(gone.id)
        await work.commit()
    assert [await search(database, query) for query in ("airport", "harbour")] == [[], []]
    assert [(head.version, said) for head, said in await search(database, "quay")] == [(2, "The quay is near.")]
    await execute(database, f"INSERT INTO {TRIGRAMS} ({TRIGRAMS}, rank) VALUES ('integrity-check', 1)")
    await database.close()


async def test_a_search_by_words_of_three_letters_does_not_read_every_sentence(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    async with database.transaction() as transaction:
        query = await newest_matches(transaction, LOCAL_WORKSPACE, ["ferry", "of"])
        compiled = query.compile(dialect=database._readers.dialect, compile_kwargs={"literal_binds": True})
        plan = [row.detail for row in await transaction.read(text(f"EXPLAIN QUERY PLAN {compiled}"))]
    await database.close()
    assert any("article_sentences USING INTEGER PRIMARY KEY" in step for step in plan), plan
    assert not any(step.startswith("SCAN article_sentences") for step in plan), plan


async def test_who_may_not_add_an_extension_to_postgresql_goes_without_the_index(postgres: PostgresServer) -> None:
    with postgres.database() as url:
        owner = SqlDatabase(url)
        role = f"guest_{new_id().hex}"
        async with owner._writers.begin() as connection:
            await connection.execute(text(f"CREATE ROLE {role}"))
            await connection.execute(text(f"GRANT ALL ON SCHEMA public TO {role}"))
        as_guest = f"{url}{'&' if '?' in url else '?'}options={quote(f'-c role={role}')}"
        try:
            await migrate(as_guest)
            guest = SqlDatabase(as_guest)
            article = saying("A ferry leaves.")
            await keep(guest, article)
            assert [(head.id, said) for head, said in await search(guest, "ferry")] == [(article.id, "A ferry leaves.")]
            with pytest.raises(AIWriterError):
                await execute(guest, *WITHOUT_INDEX["postgresql"])
            await guest.close()
        finally:
            async with owner._writers.begin() as connection:
                await connection.execute(text(f"DROP OWNED BY {role} CASCADE"))
                await connection.execute(text(f"DROP ROLE {role}"))
            await owner.close()
