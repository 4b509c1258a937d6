"""Before writing it is said which articles answer the topic already; nothing is said of others, and nothing blocked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from aiwriter import embeddings
from aiwriter.documents import Article, ArticleStatus, Brief
from aiwriter.errors import Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.pipeline.quality.meaning import EMBEDDER as MINILM
from aiwriter.ports import Embedder, Principal, VectorIndex
from aiwriter.services import answered, articles, looking, runs
from aiwriter.services.answered import already
from aiwriter.services.archive import location_of
from aiwriter.testing import MemoryDatabase, sample_article
from aiwriter.testing.vectors import MemoryVectorIndex

WHO = Principal("tester", LOCAL_WORKSPACE)
HASHING = embeddings.create("hashing:128")
TOPIC = sample_article().brief.topic


class Away(MemoryVectorIndex):
    async def nearest(self, vector: Sequence[float], limit: int) -> list:
        raise Unavailable("the index is away", hint="Wait.")


class AllAlike:
    """An embedder that takes every text for the same, under the name of the one that the threshold is set for."""

    name, dimensions = MINILM, 2

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        return np.tile(np.array([1.0, 0.0], dtype=np.float32), (len(texts), 1))


@pytest.fixture
async def archive() -> MemoryDatabase:
    """With one article, on TOPIC."""
    database = MemoryDatabase()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.add_version(sample_article())
        await work.commit()
    return database


async def named(
    topic: str,
    *there: Article,
    language: str = "en",
    index: VectorIndex | None = None,
    embedder: Embedder = HASHING,
) -> list[tuple[str, str]]:
    database, held = MemoryDatabase(), index or MemoryVectorIndex()
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for article in there:
            await work.articles.add_version(article)
        await work.commit()
    for article in there:
        await articles.index(database, WHO, article, held, embedder)
    found = await already(database, WHO, Brief(topic=topic, language=language), held, embedder)
    return [(one.title, one.location) for one in found]


@pytest.mark.parametrize("topic", [TOPIC, f"{TOPIC.lower()}?", sample_article().title])
async def test_an_article_on_the_same_topic_is_named_with_its_place(topic: str) -> None:
    article = sample_article()
    assert await named(topic, article) == [(article.title, location_of(article))]


async def test_other_topics_refused_articles_and_other_languages_are_not_named() -> None:
    refused = sample_article(id=new_id(), status=ArticleStatus.REFUSED)
    assert await named("Growing apples in Normandy", sample_article()) == []
    assert await named(TOPIC, refused) == []
    assert await named(TOPIC, sample_article(), language="de") == []
    assert await named(TOPIC, embedder=AllAlike()) == []  # where nothing is stored nothing is asked


class Counting(MemoryVectorIndex):
    """An index that counts how often it is asked."""

    asked = 0

    async def nearest(self, vector: Sequence[float], limit: int) -> list:
        self.asked += 1
        return await super().nearest(vector, limit)


async def test_a_batch_looks_once_for_each_topic(archive: MemoryDatabase) -> None:
    index = Counting()
    briefs = [Brief(topic=topic) for topic in (TOPIC, "Growing apples in Normandy", TOPIC, TOPIC)]
    found = await answered.of_each(archive, WHO, briefs, index, HASHING)
    assert ([len(one) for one in found], index.asked) == ([1, 0, 1, 1], 2)


async def test_of_a_batch_two_briefs_on_one_topic_are_named_and_others_are_not() -> None:
    topics = (TOPIC, "Growing apples in Normandy", f"{TOPIC} today", "Apples: how to grow them in Normandy")
    briefs = [Brief(topic=topic) for topic in topics] + [Brief(topic=TOPIC, language="de")]
    assert await answered.by_one_another(briefs, HASHING) == [None, None, 0, 1, None]
    years = [Brief(topic=f"{year} AFL Grand Final") for year in (2022, 2023)]
    assert await answered.by_one_another(years, AllAlike()) == [None, None]


async def test_what_answers_a_run_stays_with_it_and_is_looked_for_once(archive: MemoryDatabase) -> None:
    index, asked = Counting(), {"model": "m", "embedder": "hashing:128", "budget_usd": None}
    looked = await runs.ask(archive, WHO, Brief(topic=TOPIC), **asked)
    await answered.note(archive, WHO, {looked.id: ()})
    unseen = await runs.ask(archive, WHO, Brief(topic=TOPIC), **asked)
    for run in (looked, unseen, unseen):
        await answered.tell(archive, WHO, run, index, HASHING)
    assert index.asked == 1
    seen = await looking.at(archive, WHO, unseen.id)
    assert [one.title for one in seen.answered] == [sample_article().title]
    assert (await looking.at(archive, WHO, looked.id)).answered == ()
    told = [event.data for event in await runs.events_after(archive, WHO, unseen.id, 0) if event.kind == "run.answered"]
    assert [one["title"] for one in told[0]["by"]] == [sample_article().title]  # type: ignore[attr-defined]
    assert len(told) == 1


async def test_another_year_is_another_topic_whatever_the_words() -> None:
    brief = sample_article().brief.model_copy(update={"topic": "2022 AFL Grand Final"})
    final = sample_article(brief=brief, title="2022 AFL Grand Final")
    assert len(await named("The AFL Grand Final of 2022", final, embedder=AllAlike())) == 1
    assert await named("2023 AFL Grand Final", final, embedder=AllAlike()) == []


async def test_without_an_index_what_has_the_words_is_named_all_the_same() -> None:
    article = sample_article()
    assert len(await named(article.title, article, index=Away())) == 1
