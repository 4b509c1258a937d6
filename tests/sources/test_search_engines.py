"""Engines of the public web cannot lead to private hosts; those that `web:` asks are those of the settings."""

from __future__ import annotations

import pytest

from aiwriter import settings
from aiwriter.errors import BadInput
from aiwriter.ports import SearchHit, SearchQuery
from aiwriter.sources.search import Engines, create
from aiwriter.sources.search.outside import PublicEngine, is_public
from aiwriter.testing.search import TinyEngine

PUBLIC = "https://example.org/a"
PRIVATE = [
    "http://127.0.0.1:8123/a",
    "http://intranet.local/a",
    "https://INTRANET.local:444/a",
    "http://intranet.local./a",
    "http://wiki.lan/a",
    "http://wiki.lan:99999/a",
]


@pytest.mark.parametrize("url", PRIVATE)
async def test_a_public_engine_cannot_name_a_host_that_is_open_to_the_user_alone(url: str) -> None:
    inner = TinyEngine("one", [SearchHit(url, "a night"), SearchHit(PUBLIC, "a night")])
    engine = PublicEngine(inner, ["127.0.0.1:8123", "Intranet.local", "wiki.lan:80"])
    assert [hit.url for hit in await engine.search(SearchQuery("night"))] == [PUBLIC]


async def test_another_port_of_an_open_host_is_left_to_the_guard() -> None:
    other = SearchHit("http://127.0.0.1:9000/a", "a night")
    engine = PublicEngine(TinyEngine("one", [other]), ["127.0.0.1:8123"])
    assert await engine.search(SearchQuery("night")) == [other]


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://api.tavily.com", True),
        ("https://en.wikipedia.org", True),
        ("https://8.8.8.8/search", True),
        ("http://127.0.0.1:8888", False),
        ("http://[::1]:8888", False),
        ("http://10.1.2.3", False),
        ("http://searxng:8080", False),
        ("http://search.internal", False),
    ],
)
def test_what_is_public_is_told_by_the_address(url: str, public: bool) -> None:
    assert is_public(url) is public


def test_only_engines_of_the_public_web_are_held_back() -> None:
    chosen = settings.load(
        search={"searxng_url": "http://127.0.0.1:8888"}, sources={"allow_private_hosts": ["intranet.local"]}
    )
    assert isinstance(create("wikipedia", chosen), PublicEngine)
    assert not isinstance(create("searxng", chosen), PublicEngine)


def test_web_asks_the_engines_of_the_settings_each_once() -> None:
    engines = Engines(settings.load(search={"engines": ["arxiv", "wikipedia", "arxiv"]}))
    assert [engine.name for engine in engines.named("web")] == ["arxiv", "wikipedia"]
    assert engines.named("web")[0] is engines.named("arxiv")[0]
    assert [engine.name for engine in Engines(settings.load()).named("web")] == ["wikipedia"]


@pytest.mark.parametrize(("names", "cause"), [([], "asks no engine"), (["wikipedai"], "no search engine 'wikipedai'")])
def test_a_setting_that_names_no_engine_is_refused(names: list[str], cause: str) -> None:
    with pytest.raises(BadInput, match=cause) as failure:
        Engines(settings.load(search={"engines": names})).named("web")
    assert failure.value.hint


def test_the_key_of_tavily_is_known_by_both_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAVILY_API_KEY", "tvly-one")
    assert create("tavily", settings.load()).name == "tavily"
    monkeypatch.setenv("AIWRITER_TAVILY_API_KEY", "tvly-two")
    key = settings.load().tavily_api_key
    assert key is not None
    assert key.get_secret_value() == "tvly-two"
    assert "tvly" not in repr(settings.load())
