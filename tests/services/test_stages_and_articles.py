"""Stages are done once; articles are kept, found, edited and indexed again."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from aiwriter import embeddings
from aiwriter.documents import ArticleStatus, Evidence, Run, Stage, Verdict
from aiwriter.errors import AIWriterError, BadInput, BudgetSpent, NotFound, ProviderRejected, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.pipeline.editable import to_editable
from aiwriter.ports import Principal, VectorEntry
from aiwriter.publishing import FilesPublisher
from aiwriter.services import articles, editing, runs, stages
from aiwriter.storage.blobs import FsspecBlobStore
from aiwriter.testing import ManualClock, MemoryDatabase, sample_article, sample_brief, sample_evidence, sound_article
from aiwriter.testing.vectors import MemoryVectorIndex

WHO = Principal("tester", LOCAL_WORKSPACE)
EMBEDDER = embeddings.create("hashing:128")


class BusyIndex(MemoryVectorIndex):
    """An index that another process is writing to."""

    async def replace(self, article_id: object, entries: Sequence[VectorEntry]) -> None:
        raise Unavailable("the index is in use")


class RefusedEmbedder:
    """A paid embedder whose provider, or whose budget, says no."""

    name, dimensions = "openai:heron", 8

    def __init__(self, error: AIWriterError) -> None:
        self._error = error

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        raise self._error


@pytest.fixture
def database() -> MemoryDatabase:
    return MemoryDatabase()


@pytest.fixture
def publisher(tmp_path: Path) -> FilesPublisher:
    return FilesPublisher(FsspecBlobStore(str(tmp_path)))


async def asked(database: MemoryDatabase) -> Run:
    return await runs.ask(database, WHO, sample_brief(), model="m:x", embedder="hashing:128", budget_usd=Decimal(1))


async def test_a_stage_is_done_once_and_found_again(database: MemoryDatabase) -> None:
    run, clock, done = await asked(database), ManualClock(), []

    async def work() -> Evidence:
        done.append(1)
        return sample_evidence()

    for _ in range(3):
        kept = await stages.once(database, WHO, clock, run.id, Stage.EVIDENCE, Evidence, work)
        assert kept == sample_evidence()
    assert len(done) == 1
    kinds = [event.kind for event in await runs.events_after(database, WHO, run.id, 0)]
    assert kinds == ["run.queued", "stage.started", "stage.finished", "stage.reused", "stage.reused"]


async def test_a_stage_that_failed_leaves_nothing_to_be_found(database: MemoryDatabase) -> None:
    run = await asked(database)

    async def work() -> Evidence:
        raise Unavailable("gone")

    with pytest.raises(Unavailable):
        await stages.once(database, WHO, ManualClock(), run.id, Stage.EVIDENCE, Evidence, work)
    with pytest.raises(NotFound, match="has not finished"):
        await stages.kept(database, WHO, run.id, Stage.EVIDENCE, Evidence)


async def test_a_stored_article_is_found_by_words_and_by_meaning(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article, index = sample_article(), MemoryVectorIndex()
    record = await articles.store(database, WHO, article, publisher, index, EMBEDDER)
    assert record.index == "indexed"
    assert all(Path(path).exists() for path in record.paths.values())
    heading = article.sections[0].sentences[0].text
    for query in (heading, " ".join(heading.split()[:4])):
        found, note = await articles.search(database, WHO, query, index, EMBEDDER)
        assert [answer.article.id for answer in found] == [article.id]
        assert note is None


async def test_an_index_in_use_leaves_the_article_pending_and_reindexing_mends_it(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article = sample_article()
    assert (await articles.store(database, WHO, article, publisher, BusyIndex(), EMBEDDER)).index == "pending"
    index = MemoryVectorIndex()
    assert await articles.reindex(database, WHO, index, EMBEDDER, everything=False) == 1
    assert await index.article_ids() == {article.id}


async def test_a_deleted_article_leaves_no_vector_and_is_found_no_more(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article, index = sample_article(), MemoryVectorIndex()
    await articles.store(database, WHO, article, publisher, index, EMBEDDER)
    assert await articles.delete(database, WHO, article.id, index)
    assert await index.article_ids() == set()
    assert await articles.search(database, WHO, article.sentences[0].text, index, EMBEDDER) == ([], None)


async def test_vectors_that_outlive_their_article_are_passed_over(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article, index = sample_article(), MemoryVectorIndex()
    await articles.store(database, WHO, article, publisher, index, EMBEDDER)
    assert not await articles.delete(database, WHO, article.id, BusyIndex())
    assert await articles.search(database, WHO, article.sentences[0].text, index, EMBEDDER) == ([], None)


async def test_rebuilding_drops_vectors_of_articles_that_are_gone(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article, index = sample_article(), MemoryVectorIndex()
    await articles.store(database, WHO, article, publisher, index, EMBEDDER)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.delete(article.id)
        await work.commit()
    assert await articles.reindex(database, WHO, index, EMBEDDER, everything=True) == 0
    assert await index.article_ids() == set()


async def test_an_edit_makes_a_new_version_by_a_human_and_is_checked(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article, index = sample_article(), MemoryVectorIndex()
    await articles.store(database, WHO, article, publisher, index, EMBEDDER)
    number = next(sentence.text for sentence in article.sentences if "62 per cent" in sentence.text)
    text = to_editable(article).replace(number, number.replace("62 per cent", "92 per cent"))
    edited = await editing.save(database, WHO, article, text, publisher, index, EMBEDDER)
    assert (edited.version, edited.provenance.author) == (2, "human")
    assert "support.number" in {finding.rule for finding in edited.quality.findings}
    assert (await articles.find(database, WHO, str(article.id))).version == 2
    unchanged = {s.id for s in article.sentences} & {s.id for s in edited.sentences}
    assert len(unchanged) == len(article.sentences) - 1


async def test_an_edit_with_a_false_figure_is_not_accepted_and_says_so_first(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article, index = sound_article(), MemoryVectorIndex()
    await articles.store(database, WHO, article, publisher, index, EMBEDDER)
    text = to_editable(article).replace("38 minutes", "58 minutes")
    edited = await editing.save(database, WHO, article, text, publisher, index, EMBEDDER)
    assert (edited.status, edited.quality.verdict) == (ArticleStatus.NEEDS_APPROVAL, Verdict.REVISE)
    assert edited.quality.reasons[0].startswith("1 error is open. support.number: ")
    mended = await editing.save(database, WHO, edited, to_editable(article), publisher, index, EMBEDDER)
    assert mended.status is ArticleStatus.ACCEPTED


async def test_a_sentence_that_an_edit_took_out_comes_back_with_its_citation(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    index, given, run_id = MemoryVectorIndex(), sound_article(), (await asked(database)).id
    article = given.model_copy(update={"provenance": given.provenance.model_copy(update={"run_id": run_id})})
    await articles.store(database, WHO, article, publisher, index, EMBEDDER)
    async with database.unit_of_work(WHO.workspace_id) as work:
        await work.stages.put(run_id, Stage.EVIDENCE, "", sample_evidence(), 0.1)
        await work.commit()
    last = article.sections[-1].sentences[-1].citations[0]
    rows = [row for row in to_editable(article).split("\n") if last not in row]
    shorter = await editing.save(database, WHO, article, "\n".join(rows), publisher, index, EMBEDDER)
    assert last not in {passage.id for passage in shorter.passages}
    back = await editing.save(database, WHO, shorter, to_editable(article), publisher, index, EMBEDDER)
    assert [one.text for one in back.sentences] == [one.text for one in article.sentences]
    assert back.passages == article.passages


async def test_text_that_was_not_edited_makes_no_version(database: MemoryDatabase, publisher: FilesPublisher) -> None:
    article = sample_article()
    await articles.store(database, WHO, article, publisher, MemoryVectorIndex(), EMBEDDER)
    same = await editing.save(database, WHO, article, to_editable(article), publisher, MemoryVectorIndex(), EMBEDDER)
    assert same.version == 1


async def test_a_token_that_is_no_passage_is_refused_and_nothing_is_stored(
    database: MemoryDatabase, publisher: FilesPublisher
) -> None:
    article = sample_article()
    await articles.store(database, WHO, article, publisher, MemoryVectorIndex(), EMBEDDER)
    text = to_editable(article) + "\nAn invented sentence. [@0000000000000000]\n"
    with pytest.raises(BadInput, match="0000000000000000"):
        await editing.save(database, WHO, article, text, publisher, MemoryVectorIndex(), EMBEDDER)
    assert (await articles.find(database, WHO, str(article.id))).version == 1


@pytest.mark.parametrize("error", [ProviderRejected("wrong key"), BudgetSpent("the day's cap")])
async def test_an_embedder_that_refuses_loses_no_article_and_leaves_a_search_by_words(
    database: MemoryDatabase, publisher: FilesPublisher, error: AIWriterError
) -> None:
    article, index, embedder = sample_article(), MemoryVectorIndex(), RefusedEmbedder(error)
    record = await articles.store(database, WHO, article, publisher, index, embedder)
    assert record.index == "pending"
    found, note = await articles.search(database, WHO, article.title, index, embedder)
    assert [answer.by for answer in found] == ["words"]
    assert str(error) in (note or "")
