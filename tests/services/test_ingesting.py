"""A place is looked at: what is new becomes known, what is unchanged costs nothing, what is gone is forgotten."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from aiwriter.documents import Source
from aiwriter.errors import BadInput, Forbidden, NotFound, SourceGone, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.knowledge.chunking import chunk
from aiwriter.knowledge.known_engine import KnownEngine, WithKnown
from aiwriter.knowledge.retrieval import HybridRetriever
from aiwriter.ports import Changed, Feed, Principal, SearchQuery, Unchanged, Validators
from aiwriter.publishing import study_html
from aiwriter.services import feeds, ingesting, knowledge
from aiwriter.services.ingesting import Ingested
from aiwriter.services.reading import FRESH, KnownFinder
from aiwriter.sources import create_finder
from aiwriter.sources.crawl import Bounds
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import ManualClock, sample_study
from aiwriter.testing.corpus import TinyCorpus
from aiwriter.testing.search import TinyEngine, TinyEngines
from aiwriter.testing.vectors import MemoryPassageIndex
from aiwriter.testing.webserver import Page, WebServer
from tests.services.test_knowledge import Counting

OWNER = Principal("local", LOCAL_WORKSPACE)
READER = Principal("reader", LOCAL_WORKSPACE, frozenset({"read"}))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBJECTS = ("ferry", "tower", "battery", "orchard")


def article(subject: str, said: str = "was built in 1783") -> str:
    return (
        f"<html><head><title>The {subject}</title></head><body><main><p>The {subject} {said}.</p></main></body></html>"
    )


def feed_of(web: WebServer, subjects: tuple[str, ...]) -> Page:
    items = "".join(f"<item><title>{s}</title><link>{web.url('/' + s)}</link></item>" for s in subjects)
    return Page(f"<rss version='2.0'><channel>{items}</channel></rss>", content_type="application/rss+xml")


@dataclass
class Reading:
    """A knowledge that starts empty, and what it is read from."""

    database: SqlDatabase
    web: WebServer
    index: MemoryPassageIndex = field(default_factory=MemoryPassageIndex)
    embedder: Counting = field(default_factory=Counting)
    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.finder = create_finder([self.web.host], bounds=Bounds(pause=0.0))
        self.shelf = knowledge.Shelf(chunk, self.index, self.embedder, self.clock)

    async def add(self, location: str, **wanted: int) -> Feed:
        return (await feeds.add(self.database, OWNER, self.finder, location, **wanted)).feed

    async def look(self, feed: Feed) -> Ingested:
        return await ingesting.look_at_feed(self.database, OWNER, feed, self.finder, self.shelf)

    async def find(self, query: str) -> list[str]:
        retriever = HybridRetriever(self.database.text_search(LOCAL_WORKSPACE), self.index, self.embedder)
        found = await knowledge.retrieve(OWNER, retriever, query)
        return [one.passage.text for one in found.passages]


@pytest.fixture
def web() -> Iterator[WebServer]:
    pages = {f"/{subject}": Page(article(subject), etag=f'"{subject} 1"') for subject in SUBJECTS}
    with WebServer(pages) as server:
        server.put("/feed.xml", feed_of(server, SUBJECTS[:3]))
        yield server


@pytest.fixture
async def reading(sqlite_url: str, web: WebServer) -> AsyncIterator[Reading]:
    database = SqlDatabase(sqlite_url)
    yield Reading(database, web)
    await database.close()


async def test_entries_of_a_feed_become_known_and_unchanged_ones_cost_a_conditional_request(reading: Reading) -> None:
    feed = await reading.add(f"feed:{reading.web.url('/feed.xml')}")
    assert (await reading.look(feed)).counts == {"new": 3}
    assert (await reading.find("the tower"))[0] == "The tower was built in 1783."
    texts = reading.embedder.texts
    again = await reading.look(feed)
    assert again.counts == {"unchanged": 3}
    assert reading.embedder.texts == texts
    asked = [headers for path, headers in reading.web.requests if path == "/tower"]
    assert asked[-1]["if-none-match"] == '"tower 1"'


async def test_what_changed_replaces_what_was_known_and_what_is_new_joins_it(reading: Reading) -> None:
    feed = await reading.add(f"feed:{reading.web.url('/feed.xml')}")
    await reading.look(feed)
    reading.web.put("/tower", Page(article("tower", "was pulled down in 1901"), etag='"tower 2"'))
    reading.web.put("/feed.xml", feed_of(reading.web, SUBJECTS))
    assert (await reading.look(feed)).in_words == "1 new, 1 changed, 2 unchanged"
    found = await reading.find("the tower")
    assert found[0] == "The tower was pulled down in 1901."
    assert "The tower was built in 1783." not in found


async def test_a_day_that_the_feed_says_is_kept_when_its_page_changes_and_is_looked_at_alone(reading: Reading) -> None:
    item = f"<item><link>{reading.web.url('/tower')}</link><pubDate>Fri, 05 Jun 2026 10:00:00 GMT</pubDate></item>"
    dated = Page(f"<rss version='2.0'><channel>{item}</channel></rss>", content_type="application/rss+xml")
    reading.web.put("/feed.xml", dated)
    location = reading.web.url("/tower")
    await ingesting.look_at(
        reading.database, OWNER, f"feed:{reading.web.url('/feed.xml')}", reading.finder, reading.shelf
    )
    reading.web.put("/tower", Page(article("tower", "was rebuilt in 1900")))
    again = await ingesting.look_once(reading.database, OWNER, location, reading.finder, reading.shelf)
    assert again.counts == {"changed": 1}
    async with reading.database.unit_of_work(LOCAL_WORKSPACE) as work:
        known = (await work.knowledge.at([location]))[location]
        (stored,) = await work.sources.get_many([known.source_id])
    assert f"{known.published_at:%Y-%m-%d} {stored.published_at:%Y-%m-%d}" == "2026-06-05 2026-06-05"
    reading.web.put("/tower", Page(article("tower", "was burnt in 1950")))
    reading.clock.advance(FRESH.total_seconds() + 1)
    read = await KnownFinder(reading.finder, reading.database, OWNER, reading.clock).read(location)
    assert ("1950" in read.text, read.published_at) == (True, known.published_at)


async def test_a_file_whose_day_is_corrected_is_updated(reading: Reading, tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    for day, counts in (("2026-01-01", {"new": 1}), ("2026-02-01", {"updated": 1}), ("2026-02-01", {"unchanged": 1})):
        file.write_text(f"---\ndate: {day}\n---\n# Notes\n\nThe ferry sails at noon.\n", encoding="utf-8")
        os.utime(file, (time.time() + len(day), time.time() + hash(day) % 1000))
        looked = await ingesting.look_once(reading.database, OWNER, str(file), reading.finder, reading.shelf)
        assert looked.counts == counts
    async with reading.database.unit_of_work(LOCAL_WORKSPACE) as work:
        (known,) = (await work.knowledge.at([str(file)])).values()
    assert f"{known.published_at:%Y-%m-%d}" == "2026-02-01"
    assert known.validators.is_telling


async def test_a_page_that_is_gone_is_forgotten_and_one_that_fails_is_named(reading: Reading) -> None:
    feed = await reading.add(f"feed:{reading.web.url('/feed.xml')}")
    await reading.look(feed)
    reading.web.put("/feed.xml", feed_of(reading.web, SUBJECTS[1:]))  # the ferry's entry is listed no more
    reading.web.put("/ferry", Page(status=404))
    reading.web.put("/tower", Page(status=403))
    looked = await reading.look(feed)
    assert looked.counts == {"new": 1, "unchanged": 1, "gone": 1, "failed": 1}
    assert "/tower" in looked.failed[0].location
    assert not any("ferry" in text for text in await reading.find("the ferry"))
    assert any("tower" in text for text in await reading.find("the tower"))  # it may be back tomorrow
    held = await reading.index.text_hashes()
    async with reading.database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert held == await work.knowledge.text_hashes()


async def test_a_folder_is_followed_as_its_files_come_change_and_go(reading: Reading, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"# Note {name}\n\nNote {name} tells of the harbour.\n")
    feed = await reading.add(str(folder))
    assert feed.kind == "folder"
    assert (await reading.look(feed)).counts == {"new": 2}
    (folder / "one.md").unlink()
    (folder / "two.md").write_text("# Note two\n\nNote two tells of the lighthouse now.\n")
    (folder / "three.md").write_text("# Note three\n\nNote three tells of the harbour.\n")
    assert (await reading.look(feed)).counts == {"new": 1, "changed": 1, "gone": 1}


@pytest.mark.parametrize("known_by", ["a look of its own", "a feed that was removed"])
async def test_what_was_known_before_its_feed_is_forgotten_as_well_when_it_is_gone(
    reading: Reading, tmp_path: Path, known_by: str
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("one", "two"):
        (folder / f"{name}.md").write_text(f"# Note {name}\n\nNote {name} tells of the harbour.\n")
    if known_by == "a look of its own":
        await ingesting.look_once(reading.database, OWNER, str(folder), reading.finder, reading.shelf)
    else:
        earlier = await reading.add(str(folder))
        await reading.look(earlier)
        await feeds.remove(reading.database, OWNER, earlier.id)
    feed = await reading.add(str(folder))
    assert (await reading.look(feed)).counts == {"unchanged": 2}
    (folder / "one.md").unlink()
    assert (await reading.look(feed)).counts == {"unchanged": 1, "gone": 1}


async def test_a_report_of_ours_among_the_files_is_left_out_and_alone_is_told_as_such(
    reading: Reading, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "one.md").write_text("# Note one\n\nNote one tells of the harbour.\n")
    (folder / "two.md").write_text("# Note two\n\nNote two tells of the quay.\n")
    (folder / "report.html").write_text(study_html.render(sample_study()))
    feed = await reading.add(str(folder))
    looked = await reading.look(feed)
    assert (looked.in_words, looked.problems) == ("2 new; 1 left out (written by AI-Writer)", [])
    (folder / "one.md").unlink()
    assert (await reading.look(feed)).counts == {"unchanged": 1, "gone": 1}
    (folder / "two.md").unlink()
    assert (await reading.look(feed)).counts == {"gone": 1}
    alone = await reading.look(feed)
    assert (alone.found_nothing, "confirms nothing" in alone.problems[0].reason) == (True, True)


async def test_a_place_that_vanished_is_an_error_of_its_feed_and_loses_nothing(
    reading: Reading, tmp_path: Path
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "one.md").write_text("Note one tells of the harbour.\n")
    feed = await reading.add(str(folder))
    await reading.look(feed)
    folder.rename(tmp_path / "elsewhere")
    assert (await reading.look(feed)).counts == {"failed": 1}
    kept = await feeds.get(reading.database, OWNER, feed.id)
    assert kept.error is not None
    assert "no file or folder" in kept.error
    assert await reading.find("the harbour")


async def test_what_was_left_out_of_a_document_and_that_nothing_of_it_can_be_found_is_told(
    reading: Reading, tmp_path: Path
) -> None:
    hidden = article("quay").replace("</main>", "<p hidden>not for you</p></main>")
    for name, text in (("a.html", hidden), ("b.csv", "Ostrel,132,1887\nSarn,94,1901\n"), ("c.html", article("quay"))):
        (tmp_path / name).write_text(text)
    place = str(tmp_path)
    looked = await ingesting.look_at(reading.database, OWNER, place, reading.finder, reading.shelf)
    assert sorted(looked.notes) == [
        f"{tmp_path / 'a.html'}: hidden text removed: 9 characters",
        f"{tmp_path / 'b.csv'}: no sentence or row of it can be quoted, so that nothing of it will be found",
    ]
    again = await ingesting.look_at(reading.database, OWNER, place, reading.finder, reading.shelf)
    assert again.notes == []


async def test_a_feed_keeps_what_its_last_look_came_to_and_what_could_not_be_read(reading: Reading) -> None:
    web = reading.web
    web.put("/feed.xml", feed_of(web, ("ferry", "nothing")))
    feed = await reading.add(f"feed:{web.url('/feed.xml')}")
    await reading.look(feed)
    kept = await feeds.get(reading.database, OWNER, feed.id)
    missing = f"{web.url('/nothing')}: there is no such page (HTTP 404) (check the address)"
    assert (kept.error, kept.told) == (None, f"1 new, 1 failed; {missing}")
    web.put("/feed.xml", feed_of(web, ("ferry",)))
    await reading.look(feed)
    assert (await feeds.get(reading.database, OWNER, feed.id)).told == "1 unchanged"


async def test_at_most_as_many_documents_as_a_feed_allows_are_taken(reading: Reading) -> None:
    feed = await reading.add(f"feed:{reading.web.url('/feed.xml')}", limit=2)
    first = await reading.look(feed)
    assert (first.counts, first.not_taken) == ({"new": 2}, 1)
    assert first.in_words == "2 new; 1 more, not taken (limit)"
    reading.web.put("/feed.xml", feed_of(reading.web, ("orchard", "ferry", "tower")))
    second = await reading.look(feed)  # the tower is beyond the limit, but known from before
    assert (second.counts, second.not_taken) == ({"new": 1, "unchanged": 2}, 0)


async def test_what_the_settings_leave_of_a_feed_a_sitemap_or_a_site_is_told_as_well(reading: Reading) -> None:
    web = reading.web
    urls = "".join(f"<url><loc>{web.url('/' + one)}</loc></url>" for one in SUBJECTS)
    web.put("/map.xml", Page(f"<urlset>{urls}</urlset>", content_type="application/xml"))
    web.put("/", Page("".join(f'<p><a href="/{one}">The {one}</a> of the island.</p>' for one in SUBJECTS)))
    web.put("/feed.xml", feed_of(web, SUBJECTS))
    reading.finder = create_finder([web.host], bounds=Bounds(pause=0.0, pages=1, feed_entries=1))
    for place, said in (
        (f"feed:{web.url('/feed.xml')}", "1 new; 3 more, not taken (limit)"),
        (f"sitemap:{web.url('/map.xml')}", "1 unchanged; 3 more, not taken (limit)"),
        (f"site:{web.url('/')}", "1 new; 4 more, not taken (limit)"),
    ):
        looked = await ingesting.look_at(reading.database, OWNER, place, reading.finder, reading.shelf)
        assert looked.in_words == said


async def test_known_sources_are_looked_at_again_wherever_they_came_from(reading: Reading) -> None:
    looked = await ingesting.look_at(
        reading.database, OWNER, reading.web.url("/orchard"), reading.finder, reading.shelf
    )
    assert looked.counts == {"new": 1}
    known = await knowledge.everything(reading.database, OWNER)
    again = await ingesting.look_again(reading.database, OWNER, known, reading.finder, reading.shelf)
    assert again.counts == {"unchanged": 1}


async def test_feeds_are_due_by_their_own_hours_those_never_looked_at_first(reading: Reading) -> None:
    daily, weekly, by_hand = [
        await reading.add(reading.web.url(f"/{subject}"), every_hours=hours)
        for subject, hours in zip(SUBJECTS, (24, 168, 0), strict=False)
    ]

    async def due() -> list[str]:
        return [one.location for one in await feeds.due(reading.database, OWNER, reading.clock)]

    assert await due() == [daily.location, weekly.location]
    await reading.look(daily)
    assert await due() == [weekly.location]
    await reading.look(weekly)
    reading.clock.advance(timedelta(hours=25).total_seconds())
    assert await due() == [daily.location]
    await reading.look(by_hand)


async def test_a_feed_is_added_once_found_by_name_place_or_id_and_removed_without_its_sources(
    reading: Reading,
) -> None:
    location = f"feed:{reading.web.url('/feed.xml')}"
    feed = (await feeds.add(reading.database, OWNER, reading.finder, location, name="harbour news")).feed
    assert await reading.add(location) == feed
    for name in ("harbour news", location, str(feed.id)[:13]):
        assert await feeds.find(reading.database, OWNER, name) == feed
    await reading.look(feed)
    await feeds.remove(reading.database, OWNER, feed.id)
    with pytest.raises(NotFound):
        await feeds.find(reading.database, OWNER, "harbour news")
    assert await reading.find("the tower")


async def test_a_place_that_is_a_feed_already_gets_the_settings_that_are_given(reading: Reading) -> None:
    location = reading.web.url("/tower")
    feed = await reading.add(location, limit=5)
    changed = await feeds.add(reading.database, OWNER, reading.finder, location, limit=7, name="tower")
    assert changed.state == "changed"
    assert (changed.feed.id, changed.feed.limit, changed.feed.every_hours) == (feed.id, 7, 24)
    assert await feeds.all_of(reading.database, OWNER) == [changed.feed]
    again = await feeds.add(reading.database, OWNER, reading.finder, location, limit=7)
    assert (again.feed, again.state) == (changed.feed, "unchanged")


async def test_what_was_left_pending_is_indexed_when_it_is_looked_at_again(reading: Reading) -> None:
    feed = await reading.add(f"feed:{reading.web.url('/feed.xml')}")
    await reading.look(feed)
    tower = next(one for one in await knowledge.everything(reading.database, OWNER) if one.title == "The tower")
    reading.web.put("/ferry", Page(article("ferry")))  # its server tells no versions
    for one in await knowledge.everything(reading.database, OWNER):
        async with reading.database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.knowledge.set_index_state(one.source_id, "pending")
            await work.commit()
    await reading.index.clear()
    assert (await reading.look(feed)).counts == {"unchanged": 3}
    assert len(await reading.index.text_hashes()) == 3
    assert (await knowledge.get(reading.database, OWNER, tower.source_id)).index == "indexed"


@pytest.mark.parametrize("wanted", [{"limit": 0}, {"limit": 5000}, {"every_hours": -1}])
async def test_a_feed_out_of_bounds_is_refused(reading: Reading, wanted: dict[str, int]) -> None:
    with pytest.raises(BadInput):
        await reading.add(reading.web.url("/tower"), **wanted)


async def test_a_place_that_cannot_be_read_is_refused_before_it_is_kept(reading: Reading) -> None:
    with pytest.raises(BadInput):
        await reading.add("/no/such/folder")
    with pytest.raises(Forbidden):
        await feeds.add(reading.database, READER, reading.finder, reading.web.url("/tower"))
    assert await feeds.all_of(reading.database, READER) == []


async def test_a_page_with_the_same_text_is_fresh_again_though_its_server_tells_no_versions(reading: Reading) -> None:
    reading.web.put("/tower", Page(article("tower")))
    feed = await reading.add(reading.web.url("/tower"))
    await reading.look(feed)
    reading.clock.advance(FRESH.total_seconds() + 1)
    assert (await reading.look(feed)).counts == {"unchanged": 1}
    (known,) = await knowledge.everything(reading.database, OWNER)
    assert known.checked_at == reading.clock.now()


async def test_what_stops_the_whole_look_is_raised_as_it_is(reading: Reading) -> None:
    class Nothing(TinyCorpus):
        async def read_if_changed(self, location: str, known: Validators | None) -> Changed | Unchanged:
            raise Unavailable("no process can be had", hint="Try again.")

    corpus = Nothing({"one.md": "The harbour.", "two.md": "The tower."})
    with pytest.raises(Unavailable, match="no process"):
        await ingesting.look_at(reading.database, OWNER, "one.md", corpus, reading.shelf)


# ── what a run makes of it ───────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_fresh_is_read_without_a_request_and_later_with_a_conditional_one(reading: Reading) -> None:
    feed = await reading.add(f"feed:{reading.web.url('/feed.xml')}")
    await reading.look(feed)
    reader = KnownFinder(reading.finder, reading.database, OWNER, reading.clock)
    tower, orchard = (reading.web.url(path) for path in ("/tower", "/orchard"))
    before = len(reading.web.requests)
    assert (await reader.read(tower)).text.startswith("The tower")
    assert len(reading.web.requests) == before
    assert (await reader.read(orchard)).text.startswith("The orchard")  # not known: fetched
    reading.clock.advance(FRESH.total_seconds() + 1)
    reading.web.put("/tower", Page(article("tower", "was pulled down in 1901"), etag='"tower 2"'))
    assert "1901" in (await reader.read(tower)).text
    assert reading.web.requests[-1][1]["if-none-match"] == '"tower 1"'


async def test_a_known_page_that_cannot_be_had_now_is_read_as_it_was_and_one_that_is_gone_is_not(
    reading: Reading,
) -> None:
    feed = await reading.add(f"feed:{reading.web.url('/feed.xml')}")
    await reading.look(feed)
    reading.clock.advance(FRESH.total_seconds() + 1)
    reading.web.put("/tower", Page(status=403))
    reading.web.put("/ferry", Page(status=410))
    reader = KnownFinder(reading.finder, reading.database, OWNER, reading.clock)
    assert (await reader.read(reading.web.url("/tower"))).text.startswith("The tower")
    with pytest.raises(SourceGone):
        await reader.read(reading.web.url("/ferry"))


async def test_a_file_that_was_read_before_is_parsed_again_only_when_it_has_changed(
    reading: Reading, tmp_path: Path
) -> None:
    file = tmp_path / "tower.html"

    async def read(text: str, changed_at: float) -> Source:
        file.write_text(f"<html><body><p>{text}</p></body></html>")
        os.utime(file, (changed_at, changed_at))
        reader = KnownFinder(reading.finder, reading.database, OWNER, reading.clock)
        source = await reader.read(str(file))
        async with reading.database.unit_of_work(LOCAL_WORKSPACE) as work:
            (kept,) = await work.sources.keep([source])
            await work.commit()
        assert kept.id == source.id
        return source

    first = await read("The tower was built in 1896.", 1_000_000_000)
    assert await read("The tower was built in 1869.", 1_000_000_000) == first  # as long and as old: nothing tells it
    second = await read("The tower was built in 1869.", 1_000_000_001)
    assert (second.text, second.etag) != (first.text, first.etag)
    assert (await read("The tower was pulled down.", time.time())).etag is None  # it may be changed again this moment


async def test_the_knowledge_is_searched_like_an_engine_within_its_filters(reading: Reading) -> None:
    for subject in SUBJECTS:
        place = reading.web.url(f"/{subject}")
        await ingesting.look_at(reading.database, OWNER, place, reading.finder, reading.shelf)
    words = reading.database.text_search(LOCAL_WORKSPACE)
    engine = KnownEngine(lambda: HybridRetriever(words, reading.index, reading.embedder))
    found = await engine.search(SearchQuery("the tower", limit=2))
    assert (found[0].url, len(found)) == (reading.web.url("/tower"), 2)
    assert await engine.search(SearchQuery("the tower", domains=("example.org",))) == []
    assert await engine.search(SearchQuery("the tower", without_domains=("127.0.0.1",))) == []


async def test_the_web_is_asked_after_the_knowledge(reading: Reading) -> None:
    engines = WithKnown(TinyEngines({"tiny": TinyEngine("tiny")}), KnownEngine(lambda: pytest.fail("asked")))
    assert [one.name for one in engines.named("web")] == ["known", "tiny"]
    assert [one.name for one in engines.named("known")] == ["known"]
    assert [one.name for one in engines.named("tiny")] == ["tiny"]
