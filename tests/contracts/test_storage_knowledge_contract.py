"""What every store promises of known sources, their passages, feeds, and the search by words."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from aiwriter.documents import Block, BlockKind, Passage, Source, SourceKind
from aiwriter.errors import BadInput, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, content_hash, new_id
from aiwriter.ports import (
    Feed,
    FoundPassage,
    KnownFilter,
    KnownPassage,
    KnownSource,
    Look,
    Paging,
    PassageFilter,
    Validators,
    stems_of,
)
from tests.contracts.records import ELSEWHERE, NOON, Db

pytestmark = pytest.mark.asyncio(loop_scope="module")


def source(location: str, *paragraphs: str, **values: object) -> Source:
    text = "\n\n".join(paragraphs)
    starts = [text.index(one) for one in paragraphs]
    blocks = [
        Block(kind=BlockKind.PARAGRAPH, start=start, end=start + len(one))
        for start, one in zip(starts, paragraphs, strict=True)
    ]
    given = {"title": "Ferries", "language": "en", "published_at": NOON, **values}
    return Source(
        location=location,
        kind=SourceKind.HTML,
        text=text,
        blocks=tuple(blocks),
        content_hash=content_hash(text),
        retrieved_at=NOON,
        **given,  # type: ignore[arg-type]
    )


def passages_of(document: Source) -> list[KnownPassage]:
    cut = [Passage.of(document, block.start, block.end) for block in document.blocks]
    return [KnownPassage.of(document, passage, ordinal) for ordinal, passage in enumerate(cut)]


def known(document: Source, **values: object) -> KnownSource:
    given = {
        "domain": urlsplit(document.location).hostname or "",
        "language": document.language,
        "published_at": document.published_at,
        "checked_at": NOON,
        "kept_at": NOON,
        **values,
    }
    return KnownSource(document.id, document.location, document.content_hash, document.title, **given)  # type: ignore[arg-type]


async def put(database: Db, document: Source, workspace: UUID = LOCAL_WORKSPACE, **values: object) -> list[str]:
    async with database.unit_of_work(workspace) as work:
        await work.sources.keep([document])
        gone = await work.knowledge.put(known(document, **values), passages_of(document))
        await work.commit()
    return gone


async def find(database: Db, query: str, wanted: PassageFilter | None = None, limit: int = 10) -> list[FoundPassage]:
    search = database.text_search(LOCAL_WORKSPACE)
    scores = await search.matching(stems_of(query), wanted or PassageFilter(), limit)
    found = {one.passage.id: one for one in await search.those(scores, PassageFilter())}
    return [replace(found[key], score=score) for key, score in scores.items()]


def texts(found: Sequence[FoundPassage]) -> list[str]:
    return [one.passage.text for one in found]


async def test_a_known_source_comes_back_equal_with_its_passages(database: Db) -> None:
    document = source("https://sound.example/a", "Ferries sail at noon.", "Größe – 41,200 tonnes; 日本 wasn't.")
    asked = known(document, licence="CC BY 4.0", etag='W/"1"', last_modified="yesterday", feed_id=new_id())
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.sources.keep([document])
        assert await work.knowledge.put(asked, passages_of(document)) == []
        await work.commit()
        (found,) = (await work.knowledge.at([document.location, "https://other.example"])).values()
        cut = await work.knowledge.passages_of(document.id)
    assert (found.passages, found.index) == (2, "pending")
    assert (found.licence, found.etag, found.feed_id) == ("CC BY 4.0", 'W/"1"', asked.feed_id)
    assert found.published_at == NOON
    assert [(one.passage, one.text_hash) for one in cut] == [
        (one.passage, one.text_hash) for one in passages_of(document)
    ]


async def test_a_changed_page_replaces_its_passages_and_the_older_version_names_its_successor(database: Db) -> None:
    old = source("https://sound.example/a", "Ferries sail at noon.", "The quay is old.")
    new = source("https://sound.example/a", "Ferries sail at dusk.")
    await put(database, old)
    assert sorted(await put(database, new)) == sorted(one.passage.id for one in passages_of(old))
    assert texts(await find(database, "ferries sail quay")) == ["Ferries sail at dusk."]
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.knowledge.replacements([old.id, new.id]) == {old.id: new.id}
        assert [one.id for one in await work.sources.get_many([old.id])] == [old.id]  # articles may cite it
        assert not await work.knowledge.set_index_state(old.id, "indexed")
        assert await work.knowledge.set_index_state(new.id, "indexed")
        assert await work.knowledge.pending() == []


async def test_equal_content_at_two_locations_is_known_once(database: Db) -> None:
    first, second = source("https://a.example/", "Ferries sail."), source("https://b.example/", "Ferries sail.")
    await put(database, first)
    await put(database, second, kept_at=NOON + timedelta(seconds=1))
    (found,) = await find(database, "ferries")
    assert found.source.source_id == first.id
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        those = await work.knowledge.with_content(first.content_hash)
        assert [(one.source_id, one.passages) for one in those] == [(first.id, 1), (second.id, 0)]
        assert await work.knowledge.owners([found.passage.id, "0" * 16]) == {first.id}


async def test_what_is_removed_is_not_found_and_the_counts_are_as_if_it_had_never_been(database: Db) -> None:
    stays, goes = source("https://a.example/", "A ferry sails."), source("https://b.example/", "A ferry waits. Quay.")
    await put(database, stays)
    alone = await find(database, "ferry")
    await put(database, goes)
    assert len(await find(database, "ferry")) == 2
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        gone = await work.knowledge.remove(goes.id)
        await work.commit()
        assert set(await work.knowledge.text_hashes()) == {alone[0].passage.id}
        with pytest.raises(NotFound):
            await work.knowledge.remove(goes.id)
    assert gone == [passages_of(goes)[0].passage.id]
    assert [one.score for one in await find(database, "ferry quay")] == [pytest.approx(alone[0].score)]


async def test_passages_are_ranked_by_okapi_bm25(database: Db) -> None:
    await put(
        database, source("https://a.example/", "Ferry ferry quay.", "Ferry and a long way to the harbour town.", "Sea.")
    )
    found = await find(database, "ferry quay")
    assert texts(found) == [
        "Ferry ferry quay.",
        "Sea.",
        "Ferry and a long way to the harbour town.",
    ]  # the title counts
    mean = (4 + 6 + 2) / 3  # each begins with its title
    rare, common = math.log(1 + 2.5 / 1.5), math.log(1 + 0.5 / 3.5)
    length = 1.2 * (0.25 + 0.75 * 4 / mean)
    assert found[0].score == pytest.approx(rare * 2.2 / (1 + length) + common * 3 * 2.2 / (3 + length))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("41,200 tonnes", True),
        ("日本", True),
        ("港口", True),
        ("主港", False),
        ("ท่าเรือ", True),
        ("wasn't GRÖẞE größe", True),
        ("x' OR 1=1 \" NEAR ( * :", False),
        ("", False),
        ("the of and", False),
    ],
)
async def test_any_text_can_be_asked_for(database: Db, query: str, expected: bool) -> None:
    await put(
        database, source("https://a.example/", "Größe – 41,200 tonnes; 日本.", "斯卡维克港口主任表示。", "ที่ท่าเรือสการ์วิก")
    )
    assert bool(await find(database, query)) is expected


async def test_a_filter_lets_through_what_it_names(database: Db) -> None:
    later = NOON + timedelta(days=9)
    first = source("https://a.example/", "A ferry sails.")
    second = source("https://b.example/", "A ferry waits.", published_at=later, language="de")
    third = source("https://b.example/undated", "A ferry rests.", published_at=None, language=None)
    for document in (first, second, third):
        await put(database, document)
    search = database.text_search(LOCAL_WORKSPACE)
    for wanted, expected in (
        (PassageFilter(), {first, second, third}),
        (PassageFilter(domains=["b.example"]), {second, third}),
        (PassageFilter(languages=["de"]), {second, third}),  # what declares none may be in any
        (PassageFilter(languages=["fr"]), {third}),
        (PassageFilter(since=later), {second}),
        (PassageFilter(until=later), {first}),
        (PassageFilter(sources=[first.id, third.id]), {first, third}),
        (PassageFilter(sources=[first.id], domains=["b.example"]), set()),
    ):
        ids = {one.id for one in expected}
        assert {one.source.source_id for one in await find(database, "ferry", wanted)} == ids
        assert await search.size(wanted) == (len(ids), 3)
        assert await search.ids(wanted) == {passages_of(one)[0].passage.id for one in expected}
        every = [passages_of(one)[0].passage.id for one in (first, second, third)]
        assert {one.source.source_id for one in await search.those(every, wanted)} == ids


async def test_cached_vectors_of_passages_come_by_filter(database: Db) -> None:
    first, second = source("https://a.example/", "A ferry sails."), source("https://b.example/", "A ferry waits.")
    for document in (first, second):
        await put(database, document)
    (one,), (other,) = passages_of(first), passages_of(second)
    await database.vector_cache(LOCAL_WORKSPACE).put("e", {one.text_hash: b"1234", other.text_hash: b"5678"})
    search = database.text_search(LOCAL_WORKSPACE)
    assert await search.vectors("e", PassageFilter()) == {one.passage.id: b"1234", other.passage.id: b"5678"}
    assert await search.vectors("e", PassageFilter(domains=["b.example"])) == {other.passage.id: b"5678"}
    assert await search.vectors("another", PassageFilter()) == {}


async def test_workspaces_know_nothing_of_each_other(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    document = source("https://a.example/", "A ferry sails.")
    await put(database, document)
    await put(database, document.model_copy(update={"id": new_id()}), ELSEWHERE)
    (found,) = await find(database, "ferry")
    assert found.source.source_id == document.id
    async with database.unit_of_work(ELSEWHERE) as work:
        with pytest.raises(NotFound):
            await work.knowledge.get(document.id)
        assert len(await work.knowledge.text_hashes()) == 1


async def test_twenty_who_keep_at_once_lose_no_count(database: Db) -> None:
    documents = [source(f"https://a.example/{number}", f"Ferry number {number} sails.") for number in range(20)]
    await asyncio.gather(*(put(database, document) for document in documents))
    found = await find(database, "ferry sails", limit=30)
    assert len(found) == 20
    common = math.log(1 + 0.5 / 20.5)
    assert found[0].score < 2 * 2.2 * common


async def test_known_sources_are_listed_filtered_and_sorted(database: Db) -> None:
    feed = new_id()
    for number, name in enumerate(("Béta", "alpha", "gamma")):
        document = source(f"https://{number % 2}.example/{number}", f"Text {number}.", title=name)
        kept_at = NOON + timedelta(minutes=number)
        await put(database, document, kept_at=kept_at, feed_id=feed if number else None)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        newest = await work.knowledge.page(KnownFilter(), Paging(limit=2))
        rest = await work.knowledge.page(KnownFilter(), Paging(limit=2, cursor=newest.next_cursor))
        titled = await work.knowledge.page(KnownFilter(domains=["0.example"]), Paging(sort=("title",)))
        found = await work.knowledge.page(KnownFilter(words="GAM example", feed_id=feed, index="pending"), Paging())
        indexed = await work.knowledge.page(KnownFilter(index="indexed"), Paging())
    assert [one.title for one in (*newest.items, *rest.items)] == ["gamma", "alpha", "Béta"]
    assert [one.title for one in titled.items] == ["Béta", "gamma"]
    assert ([one.title for one in found.items], indexed.total) == (["gamma"], 0)


async def test_looking_again_is_noted(database: Db) -> None:
    document = source("https://a.example/", "A ferry sails.")
    await put(database, document)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.knowledge.checked(document.id, NOON + timedelta(days=1), Validators("e", None, "https://b.example/"))
        found = await work.knowledge.get(document.id)
        await work.knowledge.checked(document.id, NOON, Validators(), feed := new_id())
        await work.knowledge.checked(document.id, NOON, Validators())
        assert (await work.knowledge.get(document.id)).feed_id == feed
        with pytest.raises(NotFound):
            await work.knowledge.checked(new_id(), NOON, Validators())
    assert (found.checked_at, found.validators) == (
        NOON + timedelta(days=1),
        Validators("e", None, "https://b.example/"),
    )


async def test_what_is_known_of_a_source_is_corrected_without_its_passages(database: Db) -> None:
    page = source("https://a.org/", "A ferry sails.", "It sails at noon.")
    kept = known(page)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.sources.keep([page])
        await work.knowledge.put(kept, passages_of(page))
        await work.knowledge.set_index_state(page.id, "indexed")
        before = await work.knowledge.get(page.id)
        said = {"title": "Boats", "published_at": None, "licence": "CC0", "language": "sv"}
        await work.knowledge.describe(replace(before, **said))
        assert await work.knowledge.get(page.id) == replace(before, **said)
        assert await work.knowledge.passages_of(page.id) == passages_of(page)
        found = await work.knowledge.page(KnownFilter(words="boats"), Paging())
        assert [one.source_id for one in found.items] == [page.id]
        with pytest.raises(NotFound):
            await work.knowledge.describe(replace(before, source_id=new_id()))


async def test_a_source_that_is_not_stored_cannot_be_known(database: Db) -> None:
    document = source("https://a.example/", "A ferry sails.")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        with pytest.raises(NotFound):
            await work.knowledge.put(known(document), passages_of(document))


async def test_a_look_says_what_came_of_it_until_it_is_forgotten(database: Db) -> None:
    first = Look(new_id(), "https://a.example/" + "x" * 4000, asked_at=NOON, told_at=NOON)
    second = Look(new_id(), "/notes", asked_at=NOON + timedelta(hours=1), told_at=NOON)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.looks.put(first)
        await work.looks.put(second)
        assert await work.looks.tell(first.id, "failed", "it is gone", NOON)
        assert not await work.looks.tell(new_id(), "done", None, NOON)
        await work.commit()
        failed = replace(first, state="failed", told="it is gone")
        assert await work.looks.all() == [second, failed]
        assert await work.looks.all(("failed", "done")) == [failed]
        assert await work.looks.get(first.id) == failed
        await work.looks.prune(NOON)
        await work.looks.put(first)
        assert await work.looks.get(first.id) == first
        await work.looks.tell(first.id, "done", "1 new", NOON)
        await work.looks.prune(NOON + timedelta(seconds=1))
        assert await work.looks.all() == [second]
        await work.looks.remove(second.id)
        for refused in (work.looks.get(second.id), work.looks.remove(second.id)):
            with pytest.raises(NotFound):
                await refused


async def test_a_feed_is_kept_once_for_its_location_and_remembers_its_last_look(database: Db) -> None:
    feed = Feed("https://a.example/" + "x" * 4000, "feed", "News", created_at=NOON)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.feeds.add(feed) == feed
        assert await work.feeds.add(Feed(feed.location, "page", "Other")) == feed
        changed = await work.feeds.change(feed.id, name="Other", limit=7, every_hours=1)
        assert changed == replace(feed, name="Other", limit=7, every_hours=1)
        await work.feeds.checked(feed.id, NOON, "it is gone", "it is gone (check the path)")
        await work.commit()
        (found,) = await work.feeds.all()
        assert (found.checked_at, found.error, found.told) == (NOON, "it is gone", "it is gone (check the path)")
        assert await work.feeds.get(feed.id) == found
        await work.feeds.remove(feed.id)
        assert await work.feeds.all() == []
        gone = work.feeds.change(feed.id, name="", limit=1, every_hours=1)
        for refused in (
            gone,
            work.feeds.get(feed.id),
            work.feeds.remove(feed.id),
            work.feeds.checked(feed.id, NOON, None, "3 new"),
        ):
            with pytest.raises(NotFound):
                await refused


async def test_a_time_without_a_zone_is_no_filter(database: Db) -> None:
    naive = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    await put(database, source("https://a.example/", "A ferry sails."))
    with pytest.raises(BadInput):
        await find(database, "ferry", PassageFilter(since=naive))
