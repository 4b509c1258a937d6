from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from aiwriter.documents import Brief, SearchRecord, Source
from aiwriter.errors import BadInput, ProviderRejected, Refused, Unavailable, UnreadableSource
from aiwriter.ids import new_id
from aiwriter.pipeline.research import AT_ONCE, gather
from aiwriter.ports import Documents, SearchHit, SearchQuery
from aiwriter.testing import TinyEngine, TinyEngines, sample_sources


class Shelf:
    """A finder over a dictionary: a list is a folder, a string is the reason why it cannot be read."""

    def __init__(self, things: Mapping[str, list[str] | Source | str]) -> None:
        self.things = things
        self.reading = self.most_reading = 0

    def expand(self, location: str) -> list[str]:
        if location not in self.things:
            raise BadInput(f"there is no {location!r}")
        found = self.things[location]
        return found if isinstance(found, list) else [location]

    async def discover(self, location: str) -> Documents:
        return Documents([location])

    async def read(self, location: str) -> Source:
        self.reading += 1
        self.most_reading = max(self.most_reading, self.reading)
        await asyncio.sleep(0)
        self.reading -= 1
        found = self.things[location]
        if isinstance(found, Source):
            return found
        raise UnreadableSource(str(found), hint="mend it")


ONE, TWO, THREE, _ = sample_sources().items


def brief(*sources: str) -> Brief:
    return Brief(topic="electric ferries", sources=sources)


async def test_a_folder_becomes_its_documents_in_order_each_content_once() -> None:
    copy = ONE.model_copy(update={"location": "copy"})
    shelf = Shelf({"folder": ["a", "b", "copy"], "a": ONE, "b": TWO, "copy": copy, "c": THREE})
    found = await gather(brief("folder", "c", "a"), shelf)
    assert [source.content_hash for source in found.items] == [one.content_hash for one in (ONE, TWO, THREE)]
    told = [(problem.location, problem.reason) for problem in found.problems]
    assert told == [("copy", f"it has the same text as {ONE.location}")]


async def test_of_copies_the_one_with_a_title_is_kept() -> None:
    named = ONE.model_copy(update={"location": "/notes/ferry-notes_2.txt", "title": "ferry notes 2", "id": new_id()})
    found = await gather(brief("a", "b"), Shelf({"a": named, "b": ONE}))
    assert found.items == (ONE,)
    assert [problem.location for problem in found.problems] == ["/notes/ferry-notes_2.txt"]


async def test_an_unreadable_source_is_named_and_the_others_go_on() -> None:
    found = await gather(brief("a", "bad"), Shelf({"a": ONE, "bad": "'bad' is encrypted"}))
    assert found.items == (ONE,)
    assert [(p.location, p.reason, p.hint) for p in found.problems] == [("bad", "'bad' is encrypted", "mend it")]


async def test_a_source_without_text_is_a_problem() -> None:
    found = await gather(brief("a", "empty"), Shelf({"a": ONE, "empty": ONE.model_copy(update={"text": " \n"})}))
    assert [problem.location for problem in found.problems] == ["empty"]


async def test_nothing_usable_is_refused_with_the_reasons() -> None:
    with pytest.raises(Refused, match=r"no source could be used.*'x' is empty.*'y' is binary"):
        await gather(brief("x", "y"), Shelf({"x": "'x' is empty", "y": "'y' is binary"}))


async def test_an_empty_folder_is_refused() -> None:
    with pytest.raises(Refused, match="'folder' holds no document"):
        await gather(brief("folder"), Shelf({"folder": []}))


async def test_no_sources_or_one_that_does_not_exist_is_bad_input() -> None:
    with pytest.raises(BadInput, match="names no sources"):
        await gather(brief(), Shelf({}))
    with pytest.raises(BadInput, match="there is no 'gone'"):
        await gather(brief("a", "gone"), Shelf({"a": ONE}))


async def test_progress_counts_every_document_and_reading_is_bounded() -> None:
    names = [f"p{number}" for number in range(20)]
    shelf = Shelf({"all": names, **{name: f"{name!r} is broken" for name in names[1:]}, names[0]: ONE})
    told: list[tuple[int, int]] = []

    async def progress(done: int, total: int, _location: str) -> None:
        await asyncio.sleep(0.01 / done)  # the first takes longest, and is told first
        told.append((done, total))

    await gather(brief("all"), shelf, progress)
    assert told == [(number, 20) for number in range(1, 21)]
    assert shelf.most_reading == AT_ONCE


# ── searches ─────────────────────────────────────────────────────────────────────────────────────────────────────────

DAY = datetime(2026, 2, 3, tzinfo=UTC)


def hit(url: str, title: str = "electric ferries", day: datetime | None = None) -> SearchHit:
    return SearchHit(url, title, published_at=day)


def page(url: str, source: Source, **changes: object) -> Source:
    return source.model_copy(update={"location": url, "id": new_id(), **changes})


A, B, C = "https://a.org/1", "https://b.org/2", "https://c.org/3"


async def test_what_searches_find_is_read_after_what_is_given_best_first() -> None:
    shelf = Shelf({"mine": ONE, A: page(A, TWO), B: page(B, THREE)})
    engines = TinyEngines({"one": TinyEngine("one", [hit(A), hit(B)]), "two": TinyEngine("two", [hit(f"{B}#top")])})
    found = await gather(brief("web:electric ferries", "mine"), shelf, engines=engines)
    assert [source.location for source in found.items] == [ONE.location, B, A]
    assert found.searches == (
        SearchRecord(engine="one", query="electric ferries", hits=2, used=2),
        SearchRecord(engine="two", query="electric ferries", hits=1, used=1),
    )


async def test_a_search_without_a_query_asks_the_planned_ones_and_the_planner_only_then() -> None:
    engine, asked = TinyEngine("one", [hit(A)]), []

    async def planner(most: int) -> list[str]:
        asked.append(most)
        return ["ferries", "electric"]

    shelf = Shelf({A: page(A, ONE)})
    await gather(brief("one:electric"), shelf, engines=TinyEngines({"one": engine}), planner=planner)
    assert asked == []
    await gather(brief("one:", "one:ferries"), shelf, engines=TinyEngines({"one": engine}, queries=3), planner=planner)
    assert asked == [3]
    assert [query.text for query in engine.asked] == ["electric", "ferries", "electric"]


async def test_the_filters_of_a_brief_go_to_the_engine() -> None:
    engine = TinyEngine("one", [hit(A)])
    asked = brief("one:ferries").model_copy(
        update={"since": DAY.date(), "domains": ("a.org",), "without_domains": ("b.org",), "language": "en"}
    )
    await gather(asked, Shelf({A: page(A, ONE)}), engines=TinyEngines({"one": engine}, results=3))
    (query,) = engine.asked
    assert query == SearchQuery("ferries", 3, "en", DAY.date(), None, ("a.org",), ("b.org",))


async def test_an_engine_that_fails_is_named_and_the_others_go_on() -> None:
    failing = TinyEngine("bad", failure=BadInput("bad: it refuses the key", hint="check the key"))
    engines = TinyEngines({"bad": failing, "one": TinyEngine("one", [hit(A)])})
    found = await gather(brief("web:ferries"), Shelf({A: page(A, ONE)}), engines=engines)
    assert len(found.items) == 1
    assert found.searches[0].error == "bad: it refuses the key (check the key)"


async def test_nothing_found_anywhere_is_refused_with_every_query_and_what_each_engine_said() -> None:
    engines = TinyEngines(
        {
            "down": TinyEngine("down", failure=Unavailable("down: no connection")),
            "empty": TinyEngine("empty"),
            "full": TinyEngine("full", [hit(A)]),
        }
    )
    with pytest.raises(Refused) as failure:
        await gather(brief("web:ferries", "empty:boats"), Shelf({A: "it is behind a paywall"}), engines=engines)
    said = str(failure.value)
    for one in (
        "down, asked 'ferries': down: no connection",
        "empty, asked 'ferries': found nothing",
        "empty, asked 'boats': found nothing",
        "full, asked 'ferries': 1 found, 0 kept",
        "it is behind a paywall",
    ):
        assert one in said
    assert failure.value.hint


async def test_no_engine_that_can_be_reached_is_a_failure_after_which_one_may_go_on() -> None:
    down = TinyEngine("down", failure=Unavailable("down: no connection"))
    closed = TinyEngine("closed", failure=BadInput("closed: it refuses the key"))
    engines = TinyEngines({"down": down, "closed": closed})
    with pytest.raises(Unavailable, match=r"down, asked 'ferries': down: no connection.*closed: it refuses") as failure:
        await gather(brief("web:ferries", "bad"), Shelf({"bad": "'bad' is encrypted"}), engines=engines)
    assert "connection" in (failure.value.hint or "")


async def test_a_refused_key_is_a_failure_after_which_one_may_go_on_and_told_once() -> None:
    closed = TinyEngine("closed", failure=BadInput("closed: it refuses the key", hint="check the key"))
    engines = TinyEngines({"closed": closed})
    with pytest.raises(ProviderRejected) as failure:
        await gather(brief("closed:ferries", "closed:boats", "closed:ships"), Shelf({}), engines=engines)
    assert str(failure.value) == (
        "no search could be made: closed, asked 'ferries' and 2 more: closed: it refuses the key (check the key)"
    )
    assert failure.value.hint == "check the key, and go on; or name other engines"


async def test_what_is_given_is_enough_where_searches_find_nothing() -> None:
    engines = TinyEngines({"empty": TinyEngine("empty")})
    found = await gather(brief("mine", "web:ferries"), Shelf({"mine": ONE}), engines=engines)
    assert found.items == (ONE,)
    assert found.searches == (SearchRecord(engine="empty", query="ferries"),)


async def test_a_page_that_was_given_is_not_read_again() -> None:
    shelf = Shelf({A: page(A, ONE)})
    engines = TinyEngines({"one": TinyEngine("one", [hit("http://www.a.org/1/?utm_source=x")])})
    found = await gather(brief(A, "one:ferries"), shelf, engines=engines)
    assert [source.location for source in found.items] == [A]
    assert found.problems == ()


async def test_the_same_story_elsewhere_is_named_and_left_out() -> None:
    shelf = Shelf({A: page(A, ONE, published_at=None), B: page(B, ONE, published_at=None)})
    engines = TinyEngines({"one": TinyEngine("one", [hit(A), hit(B, day=DAY)])})
    found = await gather(brief("one:ferries"), shelf, engines=engines)
    assert [(source.location, source.published_at) for source in found.items] == [(B, DAY)]
    assert [(problem.location, problem.reason) for problem in found.problems] == [(A, f"it tells the same as {B}")]
    assert found.searches[0].used == 1


async def test_a_page_that_turns_out_older_or_in_another_language_is_left_out_and_named() -> None:
    old = datetime(2020, 5, 4, tzinfo=UTC)
    shelf = Shelf({A: page(A, ONE), B: page(B, TWO, published_at=old), C: page(C, THREE, language="de")})
    engines = TinyEngines({"one": TinyEngine("one", [hit(A), hit(B), hit(C)])})
    asked = brief("one:ferries").model_copy(update={"since": DAY.date()})
    shelf.things = {**shelf.things, A: page(A, ONE, published_at=DAY)}
    found = await gather(asked, shelf, engines=engines)
    assert [source.location for source in found.items] == [A]
    assert {problem.location: problem.reason for problem in found.problems} == {
        B: "it was published on 2020-05-04, before 2026-02-03",
        C: "it is written in 'de', and 'en' is asked for",
    }


async def test_pages_in_another_language_are_named_once_with_what_takes_them() -> None:
    shelf = Shelf({A: page(A, ONE), B: page(B, TWO)})
    engines = TinyEngines({"one": TinyEngine("one", [hit(A), hit(B)])})
    asked = brief("one:ferries").model_copy(update={"language": "de"})
    with pytest.raises(Refused) as failure:
        await gather(asked, shelf, engines=engines)
    assert str(failure.value).endswith(f"{A} and 1 more: it is written in 'en', and 'de' is asked for")
    assert (failure.value.hint or "").startswith("ask for 'en' (--language en)")


async def test_limits_within_which_nothing_was_found_are_told() -> None:
    engines = TinyEngines({"one": TinyEngine("one", [hit(A)])})
    limits = {"domains": ("x.org",), "without_domains": ("y.org",), "since": DAY.date()}
    asked = brief("one:ferries").model_copy(update=limits)
    with pytest.raises(Refused) as failure:
        await gather(asked, Shelf({}), engines=engines)
    assert "that can be used on x.org, not on y.org, from 2026-02-03 on: one, asked" in str(failure.value)
    assert (failure.value.hint or "").startswith("widen these limits")


async def test_no_more_pages_are_read_than_is_allowed() -> None:
    urls = [f"https://a.org/{number}" for number in range(12)]
    shelf = Shelf({url: f"{url} is broken" for url in urls} | {urls[0]: page(urls[0], ONE)})
    engines = TinyEngines({"one": TinyEngine("one", [hit(url) for url in urls])}, pages=5, results=12)
    found = await gather(brief("one:ferries"), shelf, engines=engines)
    assert len(found.items) + len(found.problems) == 5


async def test_engines_are_asked_side_by_side_and_each_one_thing_after_another() -> None:
    asking: list[str] = []
    together: set[tuple[str, ...]] = set()

    class Slow(TinyEngine):
        async def search(self, query: SearchQuery) -> list[SearchHit]:
            asking.append(self.name)
            together.add(tuple(sorted(asking)))
            await asyncio.sleep(0)
            asking.remove(self.name)
            return await super().search(query)

    slow, other = Slow("slow", [hit(A)]), Slow("other")
    places = [f"web:ferries {number}" for number in range(6)]
    await gather(brief(*places), Shelf({A: page(A, ONE)}), engines=TinyEngines({"slow": slow, "other": other}))
    assert ("other", "slow") in together
    assert all(len(set(names)) == len(names) for names in together)
    assert (len(slow.asked), len(other.asked)) == (6, 6)


async def test_progress_tells_searches_and_pages_and_ends_at_the_total() -> None:
    told: list[tuple[int, int, str]] = []

    async def progress(done: int, total: int, what: str) -> None:
        told.append((done, total, what))

    shelf = Shelf({"mine": ONE, A: page(A, TWO)})
    engines = TinyEngines({"one": TinyEngine("one", [hit(A)])})
    await gather(brief("mine", "one:ferries"), shelf, progress, engines)
    assert {what for _, _, what in told} == {"mine", "one: ferries", A}
    assert told[-1][:2] == (3, 3)
    assert [done for done, _, _ in told] == [1, 2, 3]


async def test_a_place_whose_documents_cannot_be_found_out_is_a_problem() -> None:
    class Feeds(Shelf):
        async def discover(self, location: str) -> Documents:
            if location == "feed":
                raise UnreadableSource("feed: it is no feed", hint="check the address")
            return Documents([location])

    found = await gather(brief("feed", "mine"), Feeds({"feed": "", "mine": ONE}))
    assert found.items == (ONE,)
    assert [(problem.location, problem.reason) for problem in found.problems] == [("feed", "feed: it is no feed")]
