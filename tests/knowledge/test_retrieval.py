"""Hybrid retrieval: words and meaning together, several domains, no copies, filters, and no vectors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import pytest

from aiwriter.documents import Source
from aiwriter.embeddings import create
from aiwriter.errors import BadReply, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.knowledge.chunking import chunk
from aiwriter.knowledge.retrieval import HybridRetriever
from aiwriter.ports import PassageFilter, Principal
from aiwriter.services import knowledge
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.vectors import MemoryPassageIndex
from tests.contracts.records import NOON
from tests.contracts.test_storage_knowledge_contract import source

OWNER = Principal("local", LOCAL_WORKSPACE)
FILLER = "The town council met on a Tuesday and spoke about paving stones."


class House:
    """A database with an index beside it, and what was asked of both."""

    def __init__(self, database: MemoryDatabase | SqlDatabase | None = None, exact: int = 5000) -> None:
        self.exact = exact
        self.database = database or MemoryDatabase()
        self.index = MemoryPassageIndex()
        self.embedder = create("hashing:256")

    async def keep(self, *sources: Source) -> None:
        shelf = knowledge.Shelf(chunk, self.index, self.embedder, ManualClock())
        await knowledge.keep(self.database, OWNER, sources, shelf)

    def retriever(self, **parts: object) -> HybridRetriever:
        given = {"words": self.database.text_search(LOCAL_WORKSPACE), "index": self.index, "embedder": self.embedder}
        given["exact"] = self.exact
        return HybridRetriever(**{**given, **parts})  # type: ignore[arg-type]

    async def domains(self, query: str, limit: int = 10, wanted: PassageFilter | None = None) -> list[str]:
        found = await self.retriever().retrieve(query, wanted or PassageFilter(), limit)
        return [one.source.domain for one in found.passages]


async def test_a_flood_of_near_copies_of_one_domain_gets_at_most_three_of_ten() -> None:
    house = House()
    flood = [
        source(
            f"https://s{n}.flood.example/{n}",
            f"The electric ferry needs {n} batteries, says spokesman number {n} of {n}.",
        )
        for n in range(100)
    ]
    harbours = "alpha beta gamma delta epsilon zeta eta theta iota kappa"
    others = [
        source(
            f"https://site{n}.org/", f"Harbour {word} had an electric ferry in {word}town, {word}land and near {word}."
        )
        for n, word in enumerate(harbours.split())
    ]
    await house.keep(*flood, *others)
    domains = await house.domains("electric ferry batteries")
    assert len(domains) == 10
    assert sum(domain.endswith("flood.example") for domain in domains) <= 3


async def test_copies_are_told_once_wherever_they_stand() -> None:
    house = House()
    said = (
        "In spring the electric ferry of Vell carried twelve thousand people over the sound without one delay at all."
    )
    await house.keep(*(source(f"https://copy{n}.org/", said.replace("spring", f"spring {n}")) for n in "abcdefgh"))
    await house.keep(
        source("https://own.org/", "The electric ferry was late in autumn, said the harbour master of Vell.")
    )
    assert Counter(domain.startswith("copy") for domain in await house.domains("electric ferry Vell")) == {
        True: 1,
        False: 1,
    }


async def test_copies_with_other_figures_are_told_the_three_newest_of_them() -> None:
    house = House()
    said = "The fee for a pier berth in Tarn is {} crowns a night, and guests may stay for five nights at the most."
    years = [2023, 2026, 2020, 2024, 2021, 2025, 2022, 2019]
    await house.keep(
        *(
            source(f"https://tarn{n}.org/", said.format(n - 1980), published_at=NOON.replace(year=n, month=1))
            for n in years
        ),
        source("https://copy.org/", f"It is said: {said.format(2026 - 1980)}", published_at=NOON.replace(year=2027)),
    )
    found = await house.domains("pier berth fee in Tarn")
    newest = {"tarn2026.org": "tarn2026.org", "copy.org": "tarn2026.org"}  # whichever of the two is found first
    assert sorted(newest.get(one, one) for one in found) == ["tarn2024.org", "tarn2025.org", "tarn2026.org"]
    assert {"tarn2026.org", "copy.org"} & set(await house.domains("pier berth fee in Tarn", limit=2))


async def test_of_the_versions_on_one_site_the_newest_is_among_those_that_it_may_give() -> None:
    house = House()
    said = "The fee for a pier berth in Tarn is {} crowns a night, and guests may stay for five nights at the most."
    await house.keep(
        *(
            source(f"https://tarn.org/{n}", said.format(n - 1980), published_at=NOON.replace(year=n, month=1))
            for n in (2023, 2020, 2024, 2021, 2026, 2025)
        )
    )
    found = await house.retriever().retrieve("pier berth fee in Tarn", PassageFilter(), 10)
    assert {one.source.location for one in found.passages} == {f"https://tarn.org/{n}" for n in (2024, 2025, 2026)}


async def test_a_hub_vector_near_to_everything_takes_no_more_than_its_domain_may(sqlite_url: str) -> None:
    class Hub:
        name, dimensions = "hub:2", 2

        async def embed(self, texts: Sequence[str]) -> np.ndarray:
            return np.array([(1, 0) if "hub" in text or "?" in text else (0.8, 0.6) for text in texts], np.float32)

    house = House(SqlDatabase(sqlite_url))
    house.embedder = Hub()  # type: ignore[assignment]
    hubs = [
        source(f"https://bad.net/{n}", f"This hub, number {n}{n}, talks about subject{n} and topic{n}.")
        for n in range(60)
    ]
    good = [source(f"https://good{n}.net/", f"Quays of {n} were repaired by team{n} quickly.") for n in range(9)]
    await house.keep(*hubs, *good)
    domains = await house.domains("quays?")
    await house.database.close()
    assert domains.count("bad.net") <= 3
    assert len(domains) == 10


async def test_named_domains_may_give_everything() -> None:
    house = House()
    await house.keep(
        *(source(f"https://one.org/{n}", f"Ferry {n} sails to {word} at dawn.") for n, word in enumerate("abcdef"))
    )
    assert len(await house.domains("ferry sails")) == 3
    assert len(await house.domains("ferry sails", wanted=PassageFilter(domains=["one.org"]))) == 6


async def test_what_both_searches_find_comes_before_what_one_finds() -> None:
    house = House()
    await house.keep(
        source("https://both.org/", "The electric ferry crosses the sound."),
        source("https://words.org/", f"An electric fence. {FILLER} {FILLER} A ferry, too."),
    )
    found = await house.retriever().retrieve("electric ferry crosses the sound", PassageFilter(), 5)
    assert [one.source.domain for one in found.passages] == ["both.org", "words.org"]
    assert 1 >= found.passages[0].score > found.passages[1].score > 0
    assert found.notes == []


@pytest.mark.parametrize("exact", [0, 5000])
async def test_a_filter_holds_for_words_and_for_meaning(exact: int) -> None:
    house = House(exact=exact)
    house.embedder = _cached(house)
    await house.keep(
        *(source(f"https://en{n}.org/", f"The electric ferry, number {n}, sails.") for n in range(40)),
        source("https://de.org/", "Electric ferry in German, so to speak.", language="de"),
        source("https://new.org/", "A new electric ferry sails.", published_at=NOON + timedelta(days=5)),
    )
    assert await house.domains("electric ferry", wanted=PassageFilter(languages=["de"])) == ["de.org"]
    assert await house.domains("electric ferry", wanted=PassageFilter(since=NOON + timedelta(days=1))) == ["new.org"]
    assert await house.domains("electric ferry", wanted=PassageFilter(domains=["nowhere.org"])) == []


def _cached(house: House) -> object:
    from aiwriter.resilience.embedding_cache import CachedEmbedder

    return CachedEmbedder(house.embedder, house.database.vector_cache(LOCAL_WORKSPACE))


async def test_a_selective_filter_finds_by_meaning_what_is_far_from_the_nearest() -> None:
    """Nothing of the wanted language is among the nearest vectors, nor shares a word with the query."""

    class Meaning:
        name, dimensions = "meaning:2", 2

        async def embed(self, texts: Sequence[str]) -> np.ndarray:
            near = [(0.6, 0.8) if "Fähre" in text else (1.0, 0.0) for text in texts]
            return np.array(near, np.float32)

    house = House()
    house.embedder = Meaning()  # type: ignore[assignment]
    house.embedder = _cached(house)
    crowd = [source(f"https://crowd{n}.org/", f"Boats of kind {n} are here.") for n in range(300)]
    await house.keep(*crowd, source("https://de.org/", "Eine Fähre fährt heute.", language="de", title="Schiff"))
    assert await house.domains("vessel", wanted=PassageFilter(languages=["de"])) == ["de.org"]


async def test_behind_a_flood_of_copies_that_a_filter_leaves_few_of_there_is_more() -> None:
    """The nearest hold copies alone in the wanted language; what is no copy is farther than these."""

    class Meaning:
        name, dimensions = "meaning:2", 2

        async def embed(self, texts: Sequence[str]) -> np.ndarray:
            return np.array([(0.5 if "Schiff" in text else 1.0, 0.0) for text in texts], np.float32)

    house = House(exact=0)
    house.embedder = Meaning()  # type: ignore[assignment]
    house.embedder = _cached(house)
    words = [f"{one}{other}" for one in "abcdefghijklmnopqrst" for other in ("tal", "berg", "heim")]
    same = "Die Kopie der Fähre fährt heute langsam durch den breiten Hafen an der Küste nach"
    copies = [source(f"https://copy{one}.org/", f"{same} {one}au.", language="de") for one in words]
    others = [source(f"https://{one}.org/", f"Schiff {one}, {one}stadt, {one}dorf.", language="de") for one in words]
    crowd = [source(f"https://crowd{n}.org/", f"Boats of kind {n} are here.") for n in range(120)]
    await house.keep(*copies, *others, *crowd)
    assert len(await house.domains("vessel", wanted=PassageFilter(languages=["de"]))) == 10


async def test_without_vectors_words_answer_and_a_note_says_so() -> None:
    class Gone(MemoryPassageIndex):
        async def nearest(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
            raise Unavailable("the folder is in use", hint="wait")

    class Dumb:
        name, dimensions = "dumb", 2

        async def embed(self, texts: Sequence[str]) -> np.ndarray:
            raise BadReply("another model answers", hint="name it anew")

    house = House()
    await house.keep(source("https://a.org/", "The electric ferry sails at noon."))
    for parts in ({"index": Gone()}, {"embedder": Dumb()}):
        found = await house.retriever(**parts).retrieve("electric ferry", PassageFilter(), 5)
        assert [one.source.domain for one in found.passages] == ["a.org"]
        assert [note.startswith("searched by words only: ") for note in found.notes] == [True]


async def test_a_reranker_has_the_last_word_on_the_order() -> None:
    class Backwards:
        async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
            return [float("dusk" in text) for text in texts]

    house = House()
    await house.keep(
        source("https://a.org/", "The electric ferry sails at noon."),
        source("https://b.org/", "A ferry rests at dusk."),
    )
    asked = ("electric ferry at noon", PassageFilter(), 5)
    plain = await house.retriever().retrieve(*asked)
    ranked = await house.retriever(reranker=Backwards()).retrieve(*asked)
    assert [one.source.domain for one in plain.passages] == ["a.org", "b.org"]
    assert [one.source.domain for one in ranked.passages] == ["b.org", "a.org"]


async def test_vectors_whose_passage_is_gone_are_found_by_nobody() -> None:
    house = House()
    await house.keep(source("https://a.org/", "The electric ferry sails at noon."))
    orphan = (await house.index.nearest((await house.embedder.embed(["x"]))[0], 1))[0][0]
    async with house.database.unit_of_work(LOCAL_WORKSPACE) as work:
        for owner in await work.knowledge.owners([orphan]):
            await work.knowledge.remove(owner)
        await work.commit()
    assert await house.domains("electric ferry") == []
