"""Keeping sources known, forgetting them, and making vectors and files agree with SQL again (trust.md R9, R27, S22)."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from aiwriter.documents import Article, Source
from aiwriter.embeddings import create
from aiwriter.errors import Forbidden, NotFound, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.knowledge import passage_vectors, vectors
from aiwriter.knowledge.chunking import chunk
from aiwriter.ports import (
    Chunker,
    Embedder,
    PassageFilter,
    PassageIndex,
    PassageVector,
    Principal,
    Publisher,
    VectorEntry,
    VectorIndex,
    stems_of,
)
from aiwriter.publishing.files import FilesPublisher, key
from aiwriter.services import articles as library
from aiwriter.services import knowledge, publishing, reconciling
from aiwriter.storage.blobs import FsspecBlobStore
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import ManualClock, MemoryDatabase, TinyTarget, sample_article, sound_article
from aiwriter.testing.vectors import MemoryPassageIndex, MemoryVectorIndex
from tests.contracts.test_storage_knowledge_contract import passages_of, source

OWNER = Principal("local", LOCAL_WORKSPACE)
READER = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))


class Killed(BaseException):
    """What a process that is killed at this point would not survive."""


@dataclass
class Counting:
    """An embedder that counts what it is given; `dies_at` is the call at which its process is killed."""

    inner: Embedder = field(default_factory=lambda: create("hashing:64"))
    texts: int = 0

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def dimensions(self) -> int:
        return self.inner.dimensions

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += len(texts)
        return await self.inner.embed(texts)


class Fragile(MemoryPassageIndex):
    """An index that is away, or whose user is killed before or after the call of a given number."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False
        self.calls = 0
        self.dies_at: tuple[int, str] | None = None

    async def put(self, entries: Sequence[PassageVector]) -> None:
        self._pass("before")
        await super().put(entries)
        self._pass("after")
        self.calls += 1

    async def remove(self, passage_ids: Collection[str]) -> None:
        self._pass("before")
        await super().remove(passage_ids)
        self._pass("after")
        self.calls += 1

    def _pass(self, moment: str) -> None:
        if self.away:
            raise Unavailable("the folder is in use", hint="wait")
        if self.dies_at == (self.calls, moment):
            raise Killed


@dataclass
class House:
    database: MemoryDatabase | SqlDatabase
    folder: Path
    index: PassageIndex = field(default_factory=Fragile)
    articles: VectorIndex = field(default_factory=MemoryVectorIndex)
    embedder: Counting = field(default_factory=Counting)
    cut: Chunker = chunk
    target: TinyTarget = field(default_factory=TinyTarget)

    @property
    def publisher(self) -> Publisher:
        return FilesPublisher(FsspecBlobStore(str(self.folder)))

    @property
    def shelf(self) -> knowledge.Shelf:
        return knowledge.Shelf(self.cut, self.index, self.embedder, ManualClock())

    async def keep(self, *sources: Source) -> list[str]:
        return [one.state for one in await knowledge.keep(self.database, OWNER, sources, self.shelf)]

    async def remove(self, one: Source) -> bool:
        return await self.remove_known(one.id)

    async def remove_known(self, source_id: UUID) -> bool:
        return await knowledge.remove(self.database, OWNER, source_id, self.shelf)

    @property
    def shelves(self) -> reconciling.Shelves:
        publisher, target = (lambda _out: self.publisher), (lambda _spec: self.target)
        return reconciling.Shelves(self.index, self.articles, self.embedder, publisher, target, ManualClock())

    async def reconcile(self, *, check: bool) -> dict[str, int]:
        shelves = self.shelves
        found = await reconciling.reconcile(self.database, READER if check else OWNER, shelves, check=check)
        return reconciling.counted(found)

    async def agree(self) -> bool:
        async with self.database.unit_of_work(LOCAL_WORKSPACE) as work:
            stored, pending = await work.knowledge.text_hashes(), await work.knowledge.pending()
        return await self.index.text_hashes() == stored and not pending

    async def found(self, query: str) -> list[str]:
        search = self.database.text_search(LOCAL_WORKSPACE)
        scores = await search.matching(stems_of(query), PassageFilter(), 10)
        locations = {one.passage.id: one.source.location for one in await search.those(scores, PassageFilter())}
        return [locations[key] for key in scores]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(MemoryDatabase(), tmp_path / "files")


def page(number: int, text: str = "A ferry sails at noon") -> Source:
    return source(
        f"https://site{number}.example/", f"{text}, said captain number {number} of the harbour.", title="News"
    )


async def test_an_unchanged_page_is_neither_cut_nor_embedded_nor_written(house: House) -> None:
    assert await house.keep(page(1)) == ["new"]
    embedded, calls = house.embedder.texts, house.index.calls  # type: ignore[attr-defined]

    def refuse(_source: Source) -> list[object]:
        raise AssertionError("it was cut again")

    house.cut = refuse  # type: ignore[assignment]
    writes = house.database._committed.rows  # type: ignore[union-attr]
    assert await house.keep(page(1)) == ["unchanged"]
    assert (house.embedder.texts, house.index.calls) == (embedded, calls)  # type: ignore[attr-defined]
    assert house.database._committed.rows is writes  # type: ignore[union-attr]


async def test_a_corrected_day_or_licence_is_taken_up_without_embedding_anew(house: House) -> None:
    await house.keep(page(1))
    embedded = house.embedder.texts  # type: ignore[attr-defined]
    day = datetime(2026, 5, 1, tzinfo=UTC)
    assert await house.keep(page(1).model_copy(update={"published_at": day, "licence": "CC0"})) == ["updated"]
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        known = (await work.knowledge.at([page(1).location]))[page(1).location]
        (stored,) = await work.sources.get_many([known.source_id])
    assert (known.published_at, known.licence, known.index) == (day, "CC0", "indexed")
    assert (stored.published_at, stored.licence) == (day, "CC0")
    assert house.embedder.texts == embedded  # type: ignore[attr-defined]
    assert await house.keep(page(1).model_copy(update={"published_at": None, "licence": "CC0"})) == ["unchanged"]


async def test_a_corrected_title_is_found_by_its_words(house: House) -> None:
    await house.keep(page(1))
    assert await house.keep(page(1).model_copy(update={"title": "Timetable"})) == ["updated"]
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        known = (await work.knowledge.at([page(1).location]))[page(1).location]
        (passage,) = await work.knowledge.passages_of(known.source_id)
    assert (known.title, known.index) == ("Timetable", "indexed")
    assert "timetabl" in passage.stems


async def test_a_changed_page_replaces_its_passages_and_vectors(house: House) -> None:
    await house.keep(page(1), page(2))
    assert await house.keep(page(1, "A train leaves at dusk")) == ["changed"]
    assert (await house.found("ferry"), await house.found("train")) == (
        ["https://site2.example/"],
        ["https://site1.example/"],
    )
    assert await house.agree()


async def test_a_forgotten_source_leaves_no_vector_and_stays_to_be_cited(house: House) -> None:
    one, two = page(1), page(2)
    await house.keep(one, two)
    assert await house.remove(one)
    assert await house.found("ferry") == [two.location]
    assert await house.agree()
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert len(await work.sources.get_many([one.id])) == 1
    with pytest.raises(NotFound):
        await house.remove(one)


async def test_of_two_with_one_content_the_other_is_found_when_one_goes_or_changes(house: House) -> None:
    first, second, third = (
        source(f"https://{name}.example/", "A ferry sails at noon, it says.", title="News") for name in "abc"
    )
    await house.keep(first, second, third)
    await house.remove(first)
    assert await house.found("ferry") == [second.location]
    await house.keep(source(second.location, "A train leaves at dusk, it says.", title="News"))
    assert await house.found("ferry") == [third.location]
    assert await house.agree()


async def test_an_index_that_is_away_leaves_a_source_pending_and_is_healed_later(house: House) -> None:
    await house.keep(page(1))
    house.index.away = True  # type: ignore[attr-defined]
    assert await house.keep(page(1, "A train leaves at dusk"), page(2)) == ["changed", "new"]
    assert len(await house.found("train ferry")) == 2  # by words all the same
    assert not await house.remove(page(2).model_copy(update={"id": await _id_of(house, page(2).location)}))
    house.index.away = False  # type: ignore[attr-defined]
    assert await house.reconcile(check=True) == {reconciling.NO_VECTOR: 1, reconciling.NO_PASSAGE: 1}
    assert not await house.agree()  # to check changes nothing
    await house.reconcile(check=False)
    assert await house.reconcile(check=True) == {}
    assert await house.agree()


async def test_of_a_long_source_is_told_how_many_passages_are_indexed(house: House) -> None:
    told = []

    async def tell(done: int, total: int, location: str) -> None:
        told.append((done, total, location))

    long = source("https://long.example/", *(f"The ferry number {number} sails." for number in range(300)))
    shelf = replace(house.shelf, on_indexed=tell, chunk=lambda one: [known.passage for known in passages_of(one)])
    await knowledge.keep(house.database, OWNER, [page(1), long], shelf)
    assert told == [(256, 300, long.location), (300, 300, long.location)]


async def _id_of(house: House, location: str) -> object:
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        return (await work.knowledge.at([location]))[location].source_id


async def test_who_may_only_read_keeps_and_mends_nothing(house: House) -> None:
    shelf = knowledge.Shelf(chunk, house.index, house.embedder, ManualClock())
    with pytest.raises(Forbidden):
        await knowledge.keep(house.database, READER, [page(1)], shelf)
    with pytest.raises(Forbidden):
        await reconciling.reconcile(house.database, READER, house.shelves, check=False)


async def _killed_at_random(house: House, chance: random.Random, number: int) -> None:
    """One to three changes to a few pages, the last of which is killed at some point between its writes."""
    index: Fragile = house.index  # type: ignore[assignment]
    for _ in range(chance.randint(0, 2)):
        await house.keep(page(chance.randint(1, 6), f"Text {chance.randint(0, 3)}"))
    index.dies_at = (index.calls + chance.randint(0, 2), chance.choice(["before", "after"]))
    try:
        if chance.random() < 0.3:
            known = await knowledge.everything(house.database, OWNER)
            if known:
                one = chance.choice(known)
                await house.remove_known(one.source_id)
        else:
            await house.keep(page(chance.randint(1, 6), f"New {number}"), page(7, f"Newer {number}"))
    except Killed:
        pass
    index.dies_at = None


@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.faults)])
async def test_killed_between_its_writes_it_agrees_again_after_reconciling(
    sql_url: str, tmp_path: Path, kills: int
) -> None:
    house = House(SqlDatabase(sql_url), tmp_path / "files")
    chance = random.Random(kills)
    behind = 0
    for number in range(kills):
        await _killed_at_random(house, chance, number)
        behind += not await house.agree()
        await house.reconcile(check=False)
        assert await house.reconcile(check=True) == {}
        assert await house.agree()
    await house.database.close()
    assert behind >= kills / 3  # the kills did come between the writes


class Interrupted(MemoryPassageIndex):
    """An index on whose first use after `other` is set somebody else removes that source."""

    house: House
    other: UUID | None = None

    async def put(self, entries: Sequence[PassageVector]) -> None:
        await super().put(entries)
        other, self.other = self.other, None
        if other is not None:
            await self.house.remove_known(other)


async def test_a_source_that_is_removed_while_it_is_mended_is_passed_over(tmp_path: Path) -> None:
    index = Interrupted()
    house = index.house = House(MemoryDatabase(), tmp_path / "files", index)
    pages = [page(number) for number in range(3)]
    await house.keep(*pages)
    await index.clear()
    index.other = max(one.id for one in pages)  # the last that is mended
    assert await house.reconcile(check=False) == {reconciling.NO_VECTOR: 3}
    assert index.other is None
    assert await house.reconcile(check=True) == {}
    assert await house.agree()


async def test_every_planted_disagreement_is_found_and_mended(tmp_path: Path) -> None:
    house = House(MemoryDatabase(), tmp_path / "files")
    house.index = passage_vectors.create("chroma-folder:", tmp_path, LOCAL_WORKSPACE, "e")
    house.articles = vectors.create("chroma-folder:", tmp_path, LOCAL_WORKSPACE, "e")
    await house.keep(*(page(number) for number in range(30)))
    stored = [await _stored(house) for _ in range(12)]
    assert await house.reconcile(check=True) == {}
    held = await house.index.text_hashes()
    keys = sorted(held)
    row = (await house.embedder.embed(["x"]))[0]
    await house.index.remove(keys[:10])
    await house.index.put([PassageVector(f"{number:016x}", new_id(), "t", row) for number in range(10)])
    await house.index.put([PassageVector(one, new_id(), "another text", row) for one in keys[10:20]])
    for article in stored[:10]:
        (tmp_path / "files" / key(article, "html")).unlink()
    for article in stored[10:]:
        await house.articles.replace(article.id, [])
    await house.articles.replace(stranger := new_id(), [VectorEntry("x", stranger, "text", row)])
    published = await _published(house)
    house.target.pages.clear()
    planted = {
        reconciling.NO_VECTOR: 10,
        reconciling.NO_PASSAGE: 10,
        reconciling.OTHER_TEXT: 10,
        reconciling.NO_FILE: 10,
        reconciling.ARTICLE_NOT_INDEXED: 2,
        reconciling.NO_ARTICLE: 1,
        reconciling.NO_PAGE: 1,
    }
    assert await house.reconcile(check=True) == planted
    assert house.target.pages == {}
    assert await house.reconcile(check=False) == planted
    assert await house.reconcile(check=True) == {}
    assert await house.index.text_hashes() == held
    assert list(house.target.pages) == [published.id]


async def _published(house: House) -> Article:
    """An article that readers find, and of which nothing else is amiss."""
    article = await _stored(house, sound_article(id=new_id()))
    await publishing.publish(house.database, OWNER, article, "folder:site", lambda _spec: house.target, ManualClock())
    return article


async def _stored(house: House, article: Article | None = None) -> Article:
    article = article or sample_article(id=new_id())
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.articles.add_version(article)
        await work.commit()
    await house.publisher.publish(article)
    await library.index(house.database, OWNER, article, house.articles, house.embedder)
    return article


async def test_the_index_comes_back_equal_from_sql_alone(house: House, tmp_path: Path) -> None:
    house.index = passage_vectors.create("chroma-folder:", tmp_path, LOCAL_WORKSPACE, "e")
    await house.keep(*(page(number) for number in range(5)))
    before = await house.index.text_hashes()
    house.index = passage_vectors.create("chroma-folder:", tmp_path / "lost", LOCAL_WORKSPACE, "e")
    assert await knowledge.rebuild(house.database, OWNER, house.index, house.embedder) == 5
    assert await house.index.text_hashes() == before
    assert await house.agree()


@pytest.mark.parametrize(
    ("location", "domain"),
    [("https://www.Example.org/a", "example.org"), ("notes/a.md", ""), ("/home/a.md", ""), ("http://[broken/", "")],
)
def test_the_domain_of_a_page_is_its_host_and_a_file_has_none(location: str, domain: str) -> None:
    assert knowledge.domain_of(location) == domain
