"""From a topic alone to an article: engines are asked, pages are read, and the report says what was searched."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.fake_search import CUSTOM, TAVILY, WIKI, FakePage, FakeSearch
from aiwriter.testing.terminal import ROOT, Terminal
from aiwriter.testing.webserver import Page

pytestmark = pytest.mark.flow

SOURCES = ROOT / "examples" / "sources"
TOPIC = "The electric ferry Lanternfish of Ostrel"
WEB = ("write", TOPIC, "--source", "web:", "--words", "300")


def text_of(name: str) -> str:
    paragraphs = (SOURCES / name).read_text(encoding="utf-8").split("\n\n")
    return "\n\n".join(part for part in paragraphs if not part.startswith(("#", "|", "-")))


def found_pages() -> list[FakePage]:
    return [
        FakePage(
            "/news/faq", "Questions about the ferry Lanternfish", text_of("faq.md"), datetime(2026, 2, 1, tzinfo=UTC)
        ),
        FakePage("/news/facts", "The ferry Lanternfish in 2025", text_of("fact-sheet-2025.md")),
        FakePage(
            "/news/old", "History of the ferries of Ostrel", text_of("history.md"), datetime(2020, 5, 1, tzinfo=UTC)
        ),
        FakePage("/news/brief", "Lanternfish, the electric ferry", "Lanternfish ferry."),
    ]


@pytest.fixture
def web() -> Iterator[FakeSearch]:
    with FakeSearch(found_pages()) as server:
        yield server


def searching(terminal: Terminal, web: FakeSearch, *engines: str, **more: str) -> Terminal:
    settings = web.settings(AIWRITER_SEARCH__ENGINES=json.dumps(engines), **more)
    return replace(terminal, settings=terminal.settings | settings)


def test_a_topic_becomes_an_article_of_pages_that_were_found(web: FakeSearch, terminal: Terminal) -> None:
    ended = searching(terminal, web, "custom", "wikipedia").run(*WEB, "--since", "2026-01-01", "--json")
    result = ended.result
    assert (ended.code, result["status"], result["kind"]) == (0, "done", "digest"), ended.err
    engines = {search["engine"] for search in result["searches"]}
    assert engines == {"known", "custom", "wikipedia"}
    assert [search["query"] for search in result["searches"] if search["engine"] == "custom"] == [
        TOPIC,
        f"{TOPIC} facts and figures",
        f"{TOPIC} how it works",
        f"{TOPIC} examples",
    ]
    assert all(search["error"] is None for search in result["searches"])
    assert all(search["hits"] for search in result["searches"] if search["engine"] != "known"), "nothing is known yet"
    asked = [one.params["since"] for one in web.asked if one.path == CUSTOM]
    assert asked == ["2026-01-01"] * 4
    reasons = {
        problem["location"].removeprefix(f"http://{web.host}"): problem["reason"] for problem in result["problems"]
    }
    assert "/news/old" not in web.read, "the engine knows its day"
    assert "before 2026-01-01" in reasons["/wiki/History_of_the_ferries_of_Ostrel"], "the page says it"
    repeats = [reason for reason in reasons.values() if "tells the same" in reason]
    assert len(repeats) == 3, "the wiki has what the endpoint names as well"
    shown = searching(terminal, web).run("show", result["article_id"], "--as", "json")
    cited = json.loads(shown.out)["article"]["sources"]
    assert {source["location"].split("/")[2] for source in cited} == {web.host}
    stages = [json.loads(line) for line in ended.err.splitlines() if "stage.progress" in line]
    assert f"custom: {TOPIC}" in {event["what"] for event in stages}


async def test_a_model_plans_the_queries_and_one_engine_that_fails_is_named(terminal: Terminal) -> None:
    faults = {TAVILY: [Page(status=401)] * 4}
    async with FakeProvider() as provider:
        with FakeSearch(found_pages(), faults) as web:
            more = {
                "AIWRITER_OPENAI__BASE_URL": provider.base_url,
                "AIWRITER_OPENAI__INPUT_USD": "1.00",
                "AIWRITER_OPENAI__OUTPUT_USD": "2.00",
            }
            writer = searching(terminal, web, "custom", "tavily", **more)
            ended = await asyncio.to_thread(writer.run, *WEB, "--model", "openai:fake", "--json")
            people = await asyncio.to_thread(writer.run, "resume", ended.result["run_id"])
    result = ended.result
    assert result["status"] in ("done", "refused"), ended.err
    assert result["model_calls"] == len(provider.calls)
    asked = [search["query"] for search in result["searches"] if search["engine"] == "custom"]
    assert asked == [TOPIC, "The electric ferry Lanternfish", "of Ostrel", f"{TOPIC} facts and figures"]
    errors = {search["error"] for search in result["searches"] if search["engine"] == "tavily"}
    assert errors == {"tavily: it refuses the key (HTTP 401) (check the key in the settings)"}
    assert f"  searched   custom, '{TOPIC}': " in people.out
    assert "tvly-" not in ended.err + ended.out + people.out


def test_nothing_found_anywhere_is_refused_with_what_each_engine_said(web: FakeSearch, terminal: Terminal) -> None:
    with FakeSearch([], {WIKI: [Page(status=404)]}) as empty:
        writer = searching(terminal, empty, "wikipedia", "custom")
        ended = writer.run("write", TOPIC, "--source", "web:zeppelins", "--json")
    assert (ended.code, ended.result["status"]) == (1, "refused"), ended.err
    assert "wikipedia, asked 'zeppelins': wikipedia: there is no search" in ended.result["reason"]
    assert "custom, asked 'zeppelins': found nothing" in ended.result["reason"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--source", "tavily:"), "TAVILY_API_KEY"),
        (("--source", "searxng:x"), "AIWRITER_SEARCH__SEARXNG_URL"),
        (("--source", "wikipedai:x"), "did you mean wikipedia:"),
        (("--source", "web:", "--domain", "https://x.org"), "is no domain"),
        (("--source", "web:", "--since", "yesterday"), "since"),
    ],
)
def test_what_cannot_be_searched_is_refused_before_work_begins(
    words: tuple[str, ...], said: str, terminal: Terminal
) -> None:
    ended = terminal.run("write", TOPIC, *words)
    assert ended.code == 2, ended.err
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_what_is_known_is_written_from_without_naming_a_file(terminal: Terminal) -> None:
    assert terminal.run("sources", "add", str(SOURCES)).code == 0
    ended = terminal.run("write", TOPIC, "--source", "known:", "--words", "300", "--json")
    assert (ended.code, ended.result["status"]) == (0, "done"), ended.err
    (asked, *_more) = ended.result["searches"]
    assert asked["engine"] == "known"
    assert asked["used"] > 0
    assert any(row["question"] == asked["query"] for row in ended.result["coverage"])
