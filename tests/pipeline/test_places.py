"""Places in a brief: what is a search, what is none, and what is refused before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from aiwriter.documents import Brief
from aiwriter.errors import BadInput
from aiwriter.pipeline.places import check, is_named, lasting, plans_queries, search_of
from aiwriter.sources import create_finder
from aiwriter.testing.search import TinyEngine, TinyEngines

WIKI, PAPERS = TinyEngine("wikipedia"), TinyEngine("arxiv")
ENGINES = TinyEngines({"wikipedia": WIKI, "arxiv": PAPERS})
LACKS_KEY = TinyEngines({"tavily": BadInput("the search engine 'tavily' has no key", hint="set TAVILY_API_KEY")})


@pytest.mark.parametrize(
    ("place", "asked", "text"),
    [
        ("web:", (WIKI, PAPERS), ""),
        ("web:  night   ferries ", (WIKI, PAPERS), "night ferries"),
        ("arxiv:graph: the sequel", (PAPERS,), "graph: the sequel"),
    ],
)
def test_a_search_is_an_engines_name_and_what_it_is_asked(place: str, asked: tuple[TinyEngine, ...], text: str) -> None:
    found = search_of(place, ENGINES)
    assert found is not None
    assert (found.engines, found.text) == (asked, text)


def test_a_path_lasts_and_what_is_empty_is_no_folder(tmp_path: Path) -> None:
    assert lasting("notes.md", tmp_path) == str(tmp_path / "notes.md")
    assert lasting(" notes.md") == str(Path("notes.md").absolute())
    for place in ("", "https://example.org/a", "web:", "feed:example.org"):
        assert lasting(f" {place} ", tmp_path) == place


@pytest.mark.parametrize(
    "place", ["notes.md", "https://example.org/a", "web://x", "c:notes.md", "feed:https://x.org", ""]
)
def test_anything_else_is_none(place: str) -> None:
    assert search_of(place, ENGINES) is None


def test_without_engines_nothing_is_a_search() -> None:
    assert search_of("web:", None) is None


@pytest.mark.parametrize(
    ("place", "engines", "cause", "next_step"),
    [
        ("tavily:ferries", LACKS_KEY, "has no key", "TAVILY_API_KEY"),
        ("web:", LACKS_KEY, "has no key", "TAVILY_API_KEY"),
        ("wikipedai:ferries", ENGINES, "neither a file nor a search engine", "did you mean wikipedia:?"),
        ("google:ferries", ENGINES, "neither a file nor a search engine", "searches are web:, wikipedia:, arxiv:"),
        ("web:" + "x" * 500, ENGINES, "500 characters", "400"),
        ("no/such.md", ENGINES, "no/such.md", ""),
    ],
)
def test_what_can_be_neither_read_nor_searched_is_refused(
    place: str, engines: TinyEngines, cause: str, next_step: str
) -> None:
    with pytest.raises(BadInput, match=cause) as failure:
        check(place, create_finder(), engines)
    assert next_step in (failure.value.hint or "")


def test_checking_asks_nobody() -> None:
    check("web:ferries", create_finder(), ENGINES)
    assert WIKI.asked == []


def test_a_file_that_is_called_like_a_search_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert is_named("notes:today.md")
    Path("notes:today.md").write_text("The ferry left.")
    assert not is_named("notes:today.md")
    check("notes:today.md", create_finder(), ENGINES)


@pytest.mark.parametrize(("place", "plans"), [("web:", True), ("arxiv: ", True), ("web:x", False), ("feed:", False)])
def test_queries_are_planned_where_a_search_has_none(place: str, plans: bool) -> None:
    assert plans_queries(Brief(topic="ferries", sources=("a.md", place))) is plans


@pytest.mark.parametrize("name", ["example", "https://example.org", "example.org/a", "a b.org", "-x.org", "", "x..org"])
def test_a_domain_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no domain"):
        Brief(topic="ferries", domains=(name,))


def test_domains_have_one_form() -> None:
    brief = Brief(topic="ferries", domains=(" Example.ORG. ", "bücher.example"), without_domains=("x.org",))
    assert (brief.domains, brief.without_domains) == (("example.org", "xn--bcher-kva.example"), ("x.org",))
