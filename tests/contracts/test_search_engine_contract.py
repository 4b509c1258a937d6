"""What every SearchEngine promises, on the double and on every adapter against a server that speaks its format."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from aiwriter import settings
from aiwriter.errors import AIWriterError, BadInput, RateLimited, Unavailable
from aiwriter.ports import SearchEngine, SearchHit, SearchQuery
from aiwriter.sources.search import ENGINES, create
from aiwriter.sources.search.asking import Patience
from aiwriter.testing.fake_search import ARXIV, CUSTOM, KEY, SEARXNG, TAVILY, WIKI, FakePage, FakeSearch
from aiwriter.testing.search import TinyEngine
from aiwriter.testing.webserver import Page

PATHS = {"wikipedia": WIKI, "arxiv": ARXIV, "tavily": TAVILY, "searxng": SEARXNG, "custom": CUSTOM}
OLD, NEW = datetime(2023, 5, 4, 12, tzinfo=UTC), datetime(2026, 2, 3, 12, tzinfo=UTC)
PAGES = [
    FakePage("https://news.example.org/ferry", "Night ferries of Ostrel", "Night ferries run again.", NEW),
    FakePage("https://example.org/old", "The night trains", "The night trains of 2023.", OLD),
    FakePage("https://notexample.org/x", "A night watch", "A watch, without a day."),
    FakePage("ftp://files.example.org/night.txt", "Night files", "All about the night."),
    FakePage("https://example.org/tea", "Tea & cake", "Tea is served."),
]
QUICK = Patience(seconds=1.0, answer_bytes=200_000, longest_wait=2.0)


@dataclass
class World:
    """An engine over the same pages; `waits` are the seconds it slept."""

    engine: SearchEngine
    server: FakeSearch | None = None
    waits: list[float] = field(default_factory=list)

    async def search(self, text: str = "night ferries", **filters: Any) -> list[SearchHit]:
        return await self.engine.search(SearchQuery(text, **filters))


@pytest.fixture(params=["double", *ENGINES])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    if request.param == "double":
        hits = [SearchHit(page.url, page.title, page.text, page.published_at) for page in PAGES]
        yield World(TinyEngine("double", hits))
        return
    with FakeSearch(PAGES) as server:
        yield world_of(request.param, server)


def world_of(name: str, server: FakeSearch, patience: Patience = QUICK) -> World:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return World(create(name, server.loaded(), patience, sleep=sleep), server, waits)


async def test_it_names_pages_best_first_as_plain_text(world: World) -> None:
    hits = await world.search()
    assert hits[0].title == "Night ferries of Ostrel"
    assert {hit.title for hit in hits} >= {"Night ferries of Ostrel", "The night trains", "A night watch"}
    assert [hit for hit in hits if hit.title == "Tea & cake"] == []
    assert all("<" not in hit.snippet and hit.snippet for hit in hits)


async def test_every_address_is_one_of_the_web_and_named_once(world: World) -> None:
    urls = [hit.url for hit in await world.search()]
    assert urls
    assert {urlsplit(url).scheme for url in urls} <= {"http", "https"}
    assert len(set(urls)) == len(urls)


async def test_no_more_than_were_asked_for(world: World) -> None:
    assert len(await world.search(limit=1)) == 1


async def test_nothing_found_is_no_error(world: World) -> None:
    assert await world.search("zeppelin") == []


async def test_domains_mean_their_subdomains_and_nothing_else(world: World) -> None:
    everything = await world.search()
    for domain in ("example.org", "notexample.org", "127.0.0.1"):
        inside = [hit for hit in everything if f".{urlsplit(hit.url).hostname}".endswith(f".{domain}")]
        assert await world.search(domains=(domain,)) == inside
        assert await world.search(without_domains=(domain,)) == [hit for hit in everything if hit not in inside]


async def test_days_are_kept_to_and_what_has_no_day_passes(world: World) -> None:
    everything = await world.search()
    undated = [hit for hit in everything if hit.published_at is None]
    assert undated, "each engine names at least one page without a day"
    dated = [hit for hit in everything if hit.published_at]
    late = [hit for hit in dated if hit.published_at == NEW]
    assert [hit for hit in await world.search(since=date(2026, 2, 3)) if hit.published_at] == late
    assert [hit for hit in await world.search(until=date(2026, 2, 2)) if hit.published_at] == [
        hit for hit in dated if hit not in late
    ]
    assert await world.search(since=date(2100, 1, 1)) == undated


# ── what goes over the wire ──────────────────────────────────────────────────────────────────────────────────────────


async def asked(name: str, **filters: Any) -> tuple[dict[str, Any], dict[str, str]]:
    with FakeSearch(PAGES) as server:
        await world_of(name, server).search(**filters)
        (one,) = server.asked
    assert one.path == PATHS[name]
    return one.params, one.headers


FILTERS: dict[str, Any] = {
    "limit": 5,
    "language": "de",
    "since": date(2026, 1, 2),
    "until": date(2026, 3, 4),
    "domains": ("example.org", "example.com"),
    "without_domains": ("x.org",),
}


async def test_tavily_is_sent_its_filters_in_a_body_and_its_key_in_a_header() -> None:
    body, headers = await asked("tavily", **FILTERS)
    assert headers["authorization"] == f"Bearer {KEY}"
    assert body == {
        "query": "night ferries",
        "max_results": 5,
        "search_depth": "basic",
        "topic": "general",
        "include_domains": ["example.org", "example.com"],
        "exclude_domains": ["x.org"],
        "start_date": "2026-01-02",
        "end_date": "2026-03-04",
    }


async def test_searxng_is_asked_for_json_in_the_language_and_the_range_that_reaches_back() -> None:
    params, _ = await asked("searxng", **FILTERS | {"since": datetime.now(UTC).date()})
    assert params == {
        "q": "night ferries site:example.org OR site:example.com",
        "format": "json",
        "pageno": "1",
        "language": "de",
        "time_range": "day",
    }
    params, _ = await asked("searxng", since=date(1999, 1, 1))
    assert "time_range" not in params


async def test_a_wiki_is_asked_politely_and_told_who_asks() -> None:
    params, headers = await asked("wikipedia", **FILTERS)
    assert (params["srsearch"], params["srlimit"], params["srnamespace"]) == ("night ferries", "5", "0")
    assert (params["maxlag"], params["format"], params["formatversion"]) == ("5", "json", "2")
    assert headers["user-agent"].startswith("AI-Writer/")


async def test_a_wiki_is_that_of_the_language() -> None:
    with FakeSearch(PAGES) as server:
        at = settings.load(search={"wikipedia_url": f"http://{server.host}/{{language}}"})
        with pytest.raises(BadInput, match="no search at its address"):
            await create("wikipedia", at, QUICK).search(SearchQuery("night", language="de"))
        assert server.read == ["/de/w/api.php"]


async def test_arxiv_is_asked_for_all_telling_words_within_the_days() -> None:
    params, _ = await asked("arxiv", **FILTERS)
    query = "all:night AND all:ferries AND submittedDate:[202601020000 TO 202603042359]"
    assert (params["search_query"], params["max_results"], params["sortBy"]) == (query, "5", "relevance")


async def test_arxiv_is_asked_three_seconds_apart() -> None:
    with FakeSearch(PAGES) as server:
        world = world_of("arxiv", server)
        await world.search()
        await world.search()
    assert world.waits[0] == 0
    assert 2 < world.waits[1] <= 3


async def test_an_endpoint_of_your_own_is_sent_everything() -> None:
    params, headers = await asked("custom", **FILTERS)
    assert headers["authorization"] == f"Bearer {KEY}"
    assert params == {
        "q": "night ferries",
        "limit": "5",
        "language": "de",
        "since": "2026-01-02",
        "until": "2026-03-04",
        "domains": "example.org,example.com",
        "without_domains": "x.org",
    }


# ── how it fails ─────────────────────────────────────────────────────────────────────────────────────────────────────


async def failing(name: str, *faults: Page, patience: Patience = QUICK) -> tuple[AIWriterError, World]:
    with FakeSearch(PAGES, {PATHS[name]: faults}) as server:
        world = world_of(name, server, patience)
        with pytest.raises(AIWriterError) as failure:
            await world.search()
    assert name in str(failure.value)
    assert failure.value.hint
    assert KEY not in f"{failure.value} {failure.value.hint} {failure.value.__cause__}"
    return failure.value, world


every_engine = pytest.mark.parametrize("name", list(ENGINES))
REPEATS_KEY = json.dumps({"detail": {"error": f"Unauthorized: {KEY}"}})


@every_engine
async def test_a_key_that_is_refused_is_bad_input_and_never_shown(name: str) -> None:
    error, world = await failing(name, Page(REPEATS_KEY, status=401))
    assert isinstance(error, BadInput)
    assert len(world.server.asked) == 1


@pytest.mark.parametrize("name", ["tavily", "custom"])
async def test_a_key_that_an_error_repeats_is_hidden(name: str) -> None:
    error, _ = await failing(name, Page(REPEATS_KEY, status=400))
    assert "Unauthorized: ***" in str(error)


@every_engine
async def test_who_asks_to_wait_a_little_is_waited_for(name: str) -> None:
    with FakeSearch(PAGES, {PATHS[name]: [Page(status=429, headers={"Retry-After": "1.5"})]}) as server:
        world = world_of(name, server)
        assert (await world.search())[0].title == "Night ferries of Ostrel"
    assert 1.5 in world.waits
    assert len(server.asked) == 2


@every_engine
async def test_who_asks_to_wait_long_is_left_alone(name: str) -> None:
    error, world = await failing(name, Page(status=429, headers={"Retry-After": "3600"}))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3600
    assert len(world.server.asked) == 1


@every_engine
async def test_one_that_fails_is_asked_three_times(name: str) -> None:
    error, world = await failing(name, *[Page("<html>oops</html>", status=500)] * 3)
    assert isinstance(error, Unavailable)
    assert len(world.server.asked) == 3
    assert "oops" not in str(error)


@every_engine
@pytest.mark.parametrize(
    "answer",
    [
        Page("<html>welcome</html>"),
        Page('{"results": 3, "query": {"search": 3}}'),
        Page("[]"),
        Page("<?xml version='1.0'?><rss/>"),
        Page(b"\xff\xfe\x00garbage"),
    ],
    ids=["a page", "other json", "a list", "other xml", "bytes"],
)
async def test_an_answer_in_another_form_is_told_as_such(name: str, answer: Page) -> None:
    error, _ = await failing(name, answer)
    assert isinstance(error, Unavailable)


ODD_URLS = ["http://[", "https://a.org/\x00", "https://a.org/ b", "https://u:p@a.org/", "javascript:alert(1)"]
ODD_DAYS = ["Mon, 1 Jan 99999999999 00:00:00 GMT", "0001-01-01T00:00:00+14:00"]
ODD: list[object] = [None, 3, [], {}, "", "\x00", "\ud800 night", "https://a.org/" + "x" * 5000, *ODD_URLS, *ODD_DAYS]
FIELDS = "url title content snippet published_date publishedDate published_at"


@pytest.mark.parametrize("name", ["tavily", "searxng", "wikipedia", "custom"])
async def test_odd_fields_of_a_hit_harm_neither_us_nor_the_other_hits(name: str) -> None:
    good = {"url": "https://a.org/1", "title": "A night", "content": "x", "snippet": "x"}
    odd = [good | {field: value} for field in FIELDS.split() for value in ODD]
    hits = [*odd, 7, None, good | {"url": "https://a.org/last", "title": "The last night"}]
    answer = Page(json.dumps({"results": hits, "query": {"search": hits}}))
    with FakeSearch(PAGES, {PATHS[name]: [answer]}) as server:
        found = await world_of(name, server).search(limit=10_000, since=date(2020, 1, 1))
    assert found[-1].title == "The last night"
    for hit in found:
        assert f"{hit.url}{hit.title}{hit.snippet}".isprintable()
        assert len(hit.url) < 2500
    assert len({hit.url for hit in found}) == len(found)


@every_engine
@pytest.mark.parametrize(
    "answer",
    ["[" * 200_000, '{"error": {"code": ["x"], "info": {}}}', '{"results": [], "unresponsive_engines": {"a": 1}}'],
    ids=["deep", "an odd error", "odd engines"],
)
async def test_an_odd_answer_is_hits_or_an_error_of_ours(name: str, answer: str) -> None:
    with FakeSearch(PAGES, {PATHS[name]: [Page(answer)]}) as server:
        search = world_of(name, server, Patience(seconds=5)).search()
        (outcome,) = await asyncio.gather(search, return_exceptions=True)
    assert outcome == [] or (isinstance(outcome, AIWriterError) and outcome.hint)


@every_engine
async def test_one_that_does_not_come_to_an_end_is_not_waited_for(name: str) -> None:
    error, _ = await failing(name, Page("{", stalls=True), patience=Patience(seconds=0.3))
    assert isinstance(error, Unavailable)


@every_engine
async def test_an_answer_without_end_is_cut_off(name: str) -> None:
    error, _ = await failing(name, Page(" " * 50_000, endless=True), patience=Patience(answer_bytes=200_000))
    assert isinstance(error, Unavailable)
    assert "0.2 MB" in str(error)


@every_engine
async def test_where_nobody_listens_is_said(name: str) -> None:
    with FakeSearch(PAGES) as server:
        at = server.loaded()
    with pytest.raises(Unavailable, match=f"{name} at 127.0.0.1:.*no connection") as failure:
        await create(name, at, QUICK).search(SearchQuery("night"))
    assert failure.value.hint


@every_engine
async def test_a_redirect_is_not_followed(name: str) -> None:
    error, world = await failing(name, Page(status=301, headers={"Location": "http://elsewhere.example/"}))
    assert "moved" in str(error)
    assert len(world.server.asked) == 1


async def test_a_plan_of_tavily_that_is_used_up_is_said() -> None:
    error, _ = await failing("tavily", Page('{"detail": {"error": "This request exceeds your plan"}}', status=432))
    assert isinstance(error, Unavailable)
    assert "exceeds your plan" in str(error)


async def test_a_searxng_that_gives_no_json_says_how_it_would() -> None:
    error, _ = await failing("searxng", Page("<html>403</html>", status=403))
    assert "search.formats" in (error.hint or "")


async def test_a_searxng_whose_engines_are_shut_out_has_not_found_nothing() -> None:
    answer = {"results": [], "unresponsive_engines": [["brave", "too many requests"], ["startpage", "CAPTCHA"]]}
    error, _ = await failing("searxng", Page(json.dumps(answer)))
    assert isinstance(error, Unavailable)
    assert "brave: too many requests" in str(error)


def wiki_error(code: str, info: str = "of the wiki", **headers: str) -> Page:
    return Page(json.dumps({"error": {"code": code, "info": info, "docref": "See the API"}}), headers=headers)


@pytest.mark.parametrize("code", ["maxlag", "ratelimited"])
async def test_a_wiki_that_lags_is_asked_again_when_it_says(code: str) -> None:
    with FakeSearch(PAGES, {WIKI: [wiki_error(code, **{"Retry-After": "1"})]}) as server:
        world = world_of("wikipedia", server)
        assert await world.search()
    assert world.waits == [1.0]
    error, _ = await failing("wikipedia", *[wiki_error(code)] * 3)
    assert isinstance(error, RateLimited)


async def test_a_query_that_a_wiki_or_arxiv_does_not_take_is_bad_input() -> None:
    error, _ = await failing("wikipedia", wiki_error("cirrussearch-query-too-long", "The query is too long"))
    assert isinstance(error, BadInput)
    feed = "<title>Error</title><summary>incorrect id format</summary>"
    atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry>{feed}</entry></feed>'
    error, _ = await failing("arxiv", Page(atom))
    assert isinstance(error, BadInput)
    assert "incorrect id format" in str(error)


# ── which there are ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "said"),
    [("tavily", "TAVILY_API_KEY"), ("searxng", "SEARXNG_URL"), ("custom", "CUSTOM_URL"), ("wikipedai", "wikipedia")],
)
def test_one_that_is_not_set_up_or_unknown_is_refused_with_the_next_step(name: str, said: str) -> None:
    with pytest.raises(BadInput, match=name) as failure:
        create(name, settings.load())
    assert said in (failure.value.hint or "")
