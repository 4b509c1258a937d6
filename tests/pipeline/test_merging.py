"""One page under many addresses, one story in many outlets: each is read and used once."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwriter.documents import Source, SourceKind
from aiwriter.ids import content_hash
from aiwriter.pipeline.merging import canonical, containment, fused, shingled, told_once
from aiwriter.ports import SearchHit

PLAIN = "https://example.org/news/ferry"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/news/ferry",
        "HTTPS://EXAMPLE.org:443/news/ferry",
        "http://example.org:80/news/ferry",
        "https://www.example.org/news/ferry/",
        "https://example.org/news/ferry#part",
        "https://example.org/news/ferry?utm_source=x&utm_medium=y&fbclid=1&gclid=2&msclkid=3",
        "https://example.org/news/ferry/index.html",
        "https://m.example.org/news/ferry",
        "https://example.org/news/ferry/amp",
        "https://example.org/amp/news/ferry",
        "https://example.org/news/ferry?amp=1",
        "https://example.org/news/%66erry",
        "https://example.org//news/ferry",
    ],
)
def test_ways_to_address_one_page_are_one(url: str) -> None:
    assert canonical(url) == canonical(PLAIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a?id=1", "https://example.org/a?id=2"),
        ("https://example.org/A", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org/a"),
        ("https://shop.example.org/a", "https://example.org/a"),
        ("https://m.co.uk/a", "https://co.uk/a"),
        ("https://m.com/a", "https://com/a"),
        ("https://example.org/amp", "https://example.org/"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/a?ref=1", "https://example.org/a"),
        ("https://example.org/my-index.html", "https://example.org/my-"),
    ],
)
def test_what_may_be_another_page_stays_another(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


def test_a_mobile_wiki_is_the_wiki_and_parameters_have_no_order() -> None:
    assert canonical("https://en.m.wikipedia.org/wiki/Ferry") == canonical("https://en.wikipedia.org/wiki/Ferry")
    assert canonical("https://e.org/?b=2&a=1&utm_x=3") == canonical("https://e.org/index.php?a=1&b=2")


@given(st.text(max_size=60))
def test_any_text_has_a_form_that_lasts(text: str) -> None:
    for url in (text, f"https://example.org/{text}", f"https://{text}"):
        assert canonical(canonical(url)) == canonical(url)


def hits(*urls: str) -> list[SearchHit]:
    return [SearchHit(url, url) for url in urls]


def test_what_several_searches_name_stands_before_what_one_puts_first() -> None:
    lists = [hits("https://a.org/1", "https://b.org/2"), hits("https://c.org/3", "https://b.org/2?utm_source=x")]
    found = fused(lists)
    assert [page.hit.url for page in found] == ["https://b.org/2", "https://a.org/1", "https://c.org/3"]
    assert [page.lists for page in found] == [(0, 1), (0,), (1,)]


def test_of_a_pages_forms_the_plain_one_is_read() -> None:
    (page,) = fused([hits("https://m.example.org/a", "https://example.org/a/amp"), hits("https://example.org/a")])
    assert page.hit.url == "https://example.org/a"


def test_one_list_counts_a_page_once() -> None:
    first, second = fused([hits("https://a.org/1", "https://b.org/2", "https://b.org/2#x", "https://www.b.org/2")])
    assert (first.key, second.key) == ("https://a.org/1", "https://b.org/2")


# ── stories ──────────────────────────────────────────────────────────────────────────────────────────────────────────

STORY = " ".join(
    f"On day {number} the ferry number {number * 7} carried {number * 31} people across strait {number * 3}."
    for number in range(12)
)
OTHER = " ".join(f"Line {number} of the railway opened after {number * 13} months of digging." for number in range(20))


def source(location: str, text: str, day: int | None = None) -> Source:
    return Source(
        location=location,
        kind=SourceKind.HTML,
        title=location,
        text=text,
        blocks=(),
        content_hash=content_hash(text),
        retrieved_at=datetime(2026, 3, 1, tzinfo=UTC),
        published_at=datetime(2026, 2, day, tzinfo=UTC) if day else None,
    )


def told(given: list[Source], found: list[Source]) -> tuple[list[str], list[tuple[str, str]]]:
    kept, repeats = told_once(given, found)
    return [one.location for one in kept], [(one.source.location, one.first.location) for one in repeats]


def test_the_earliest_of_one_story_is_kept_and_the_others_are_named() -> None:
    found = [source("late", STORY, 9), source("other", OTHER), source("early", f"Our headline. {STORY[:500]}", 3)]
    assert told([], found) == (["other", "early"], [("late", "early")])


def test_without_a_day_the_best_rank_is_kept() -> None:
    assert told([], [source("first", STORY), source("second", STORY)]) == (["first"], [("second", "first")])


def test_what_was_given_is_kept_whatever_was_found() -> None:
    given = [source("mine", STORY, 9), source("mine, older", STORY.replace("ferry", "ship"), 8)]
    assert told(given, [source("found", STORY, 1)]) == ([], [("found", "mine")])


def test_a_quoted_sentence_makes_no_copy() -> None:
    quoting = f"{OTHER} {STORY.split('. ')[3]}."
    assert told([], [source("story", STORY), source("quoting", quoting)]) == (["story", "quoting"], [])


def test_little_text_is_not_compared() -> None:
    few = "The ferry left at noon today."
    assert containment(shingled(few), shingled(f"{few} {OTHER}")) == 0
    assert told([], [source("a", few), source("b", f"{few} Bye.")]) == (["a", "b"], [])
