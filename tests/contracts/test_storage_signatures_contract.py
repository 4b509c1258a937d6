"""Near-duplicates of a text among the stored articles, with the same answer from every database."""

from __future__ import annotations

from uuid import UUID

import pytest

from aiwriter.documents import Article, ArticleStatus, Paragraph, Section, Sentence
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import Resembling, UnitOfWork
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import MemoryDatabase, sample_article
from aiwriter.text import minhash

pytestmark = pytest.mark.asyncio(loop_scope="module")

Db = MemoryDatabase | SqlDatabase
WORDS = [f"word{number}" for number in range(120)]
TEXT = " ".join(WORDS)


@pytest.fixture
def work(database: Db) -> UnitOfWork:
    return database.unit_of_work(LOCAL_WORKSPACE)


def saying(text: str, **fields: object) -> Article:
    section = Section(heading="", paragraphs=(Paragraph(sentences=(Sentence(text=text),)),))
    return sample_article(**{"id": new_id(), "sections": (section,), **fields})


async def found(work: UnitOfWork, text: str = TEXT) -> list[Resembling]:
    return await work.signatures.resembling(minhash.signature([text]))


async def test_articles_that_share_wording_are_found_most_alike_first(work: UnitOfWork) -> None:
    changed = " ".join("other" if number == 60 else word for number, word in enumerate(WORDS))
    same, near, apart = saying(TEXT), saying(changed), saying("Something else is said here, of other things.")
    async with work:
        for article in (near, apart, same):
            await work.articles.add_version(article)
        resembling = await found(work)
        assert [one.article_id for one in resembling] == [same.id, near.id]
        assert resembling[0] == Resembling(same.id, 1, 1.0)
        assert abs(resembling[1].likeness - minhash.jaccard([TEXT], [changed])) < 0.15
        assert await found(work, "too short") == []


async def test_refused_articles_and_those_of_other_workspaces_resemble_nothing(database: Db) -> None:
    other = UUID(int=7)
    await database.add_workspace(other, "other")
    async with database.unit_of_work(other) as work:
        await work.articles.add_version(saying(TEXT))
        await work.commit()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.add_version(saying(TEXT, status=ArticleStatus.REFUSED))
        assert await found(work) == []


async def test_only_the_latest_version_counts_and_nothing_is_left_of_what_is_deleted(work: UnitOfWork) -> None:
    first = saying(TEXT)
    second = saying("Quite another text it is now, and a longer one.", id=first.id, version=2)
    async with work:
        for article in (first, second, first):
            await work.articles.add_version(article)
        assert await found(work) == []
        told = [sentence.text for sentence in second.sentences]
        assert [one.version for one in await found(work, told[0])] == [2]
        await work.articles.delete(first.id)
        assert await found(work, told[0]) == []


async def test_a_signature_is_made_anew(work: UnitOfWork) -> None:
    article = saying(TEXT)
    async with work:
        await work.articles.add_version(article)
        assert await work.signatures.missing() == set()
        await work.signatures.make(article.id)
        await work.signatures.make(new_id())  # gone meanwhile
        assert [one.article_id for one in await found(work)] == [article.id]
