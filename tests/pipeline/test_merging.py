"""One page under many addresses is read once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwriter.pipeline.merging import canonical, fused
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
