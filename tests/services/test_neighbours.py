"""A draft is held against the archive: what says the same is named, by words and by meaning, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import update

from aiwriter import embeddings
from aiwriter.documents import Article, ArticleStatus, Draft, Neighbour, Verdict
from aiwriter.errors import Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.pipeline import editable
from aiwriter.pipeline.checking import draft_of
from aiwriter.pipeline.quality.meaning import EMBEDDER as MINILM
from aiwriter.ports import Principal, VectorIndex
from aiwriter.publishing.files import FilesPublisher
from aiwriter.services import articles, dismissing, editing, gating
from aiwriter.services.archive import location_of
from aiwriter.services.neighbours import beside
from aiwriter.storage import tables
from aiwriter.storage.blobs import FsspecBlobStore
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import MemoryDatabase, sample_article, sound_article
from aiwriter.testing.vectors import MemoryVectorIndex

WHO = Principal("tester", LOCAL_WORKSPACE)
HASHING = embeddings.create("hashing:64")
EARLY, LATE = sorted(new_id() for _ in range(2))


class AllAlike:
    """An embedder that takes every text for the same, under the name of the one that thresholds are set for."""

    name, dimensions = MINILM, 2

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.tile(np.array([1.0, 0.0], dtype=np.float32), (len(texts), 1))


class NoIndex(MemoryVectorIndex):
    async def nearest(self, vector: Sequence[float], limit: int) -> list:
        raise Unavailable("the index is away", hint="Wait.")


async def kept(article: Article) -> MemoryDatabase:
    database = MemoryDatabase()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.add_version(article)
        await work.commit()
    return database


async def named(database: MemoryDatabase, draft: Draft, own: UUID | None = None) -> tuple[Neighbour, ...]:
    index = MemoryVectorIndex()
    return (await beside(database, WHO, draft, index, HASHING, run_id=new_id(), own=own)).neighbours


async def test_the_article_that_says_the_same_is_named_with_its_place() -> None:
    article = sample_article()
    (found,) = await named(await kept(article), draft_of(article))
    assert (found.title, found.location, found.wording) == (article.title, location_of(article), 1.0)
    assert found.meaning is None  # thresholds are not set for this embedder
    other = draft_of(article).model_copy(update={"sections": article.sections[:1]})
    assert [one.wording < 0.8 for one in await named(await kept(article), other)] in ([True], [])


@pytest.mark.parametrize("own", [EARLY, LATE])
async def test_refused_articles_own_versions_and_what_came_later_are_no_neighbours(own: UUID) -> None:
    refused = sample_article(status=ArticleStatus.REFUSED)
    assert await named(await kept(refused), draft_of(refused)) == ()
    late = sample_article(id=LATE)
    assert await named(await kept(late), draft_of(late), own=own) == ()
    run_id = late.provenance.run_id
    same_run = await beside(await kept(late), WHO, draft_of(late), MemoryVectorIndex(), HASHING, run_id=run_id)
    assert same_run.neighbours == ()


@pytest.mark.parametrize(("index", "meant"), [(MemoryVectorIndex(), [1.0]), (NoIndex(), [])])
async def test_other_words_for_the_same_are_found_by_meaning_where_there_is_an_index(
    index: VectorIndex, meant: list[float]
) -> None:
    article = sample_article()
    database = await kept(article)
    await articles.index(database, WHO, article, index, AllAlike())
    texts = {one.id: one.model_copy(update={"text": one.text[::-1]}) for one in article.sentences}
    paragraph = article.sections[0].paragraphs[0].model_copy(update={"sentences": tuple(texts.values())})
    section = article.sections[0].model_copy(update={"paragraphs": (paragraph,)})
    draft = draft_of(article).model_copy(update={"sections": (section,)})
    found = (await beside(database, WHO, draft, index, AllAlike(), run_id=new_id())).neighbours
    assert [(one.wording, one.meaning) for one in found] == [(0.0, one) for one in meant]


async def test_an_edit_into_an_older_article_is_refused_until_a_person_says_otherwise(tmp_path) -> None:
    older = sound_article(id=EARLY)
    database = await kept(older)
    newer = sound_article(id=LATE, title="Another", sections=older.sections[:1], provenance=_of_another_run(older))
    means = FilesPublisher(FsspecBlobStore(str(tmp_path))), MemoryVectorIndex(), HASHING
    await articles.store(database, WHO, newer, *means)
    edited = await editing.save(database, WHO, newer, editable.to_editable(older), *means)
    assert edited.quality.verdict is Verdict.REFUSE
    assert older.title in edited.quality.reasons[0]
    finding = next(one for one in edited.quality.findings if one.rule == "originality.archive")
    assert any(older.title in reason for reason in (await gating.standing(database, WHO, edited)).hindrances)
    again = await dismissing.dismiss(database, WHO, edited, finding.id, "The older one goes offline today.", *means)
    assert again.quality.verdict is not Verdict.REFUSE


def _of_another_run(article: Article) -> object:
    return article.provenance.model_copy(update={"run_id": new_id()})


async def test_signatures_of_another_scheme_are_made_anew_by_reindexing(sqlite_url: str) -> None:
    database, article = SqlDatabase(sqlite_url), sample_article()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.add_version(article)
        await work.commit()
    async with database.transaction() as transaction:
        await transaction.write(update(tables.article_signatures).values(scheme=0))
        await transaction.commit()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.signatures.missing() == {article.id}
    await articles.reindex(database, WHO, MemoryVectorIndex(), HASHING, everything=False)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.signatures.missing() == set()
    await database.close()
