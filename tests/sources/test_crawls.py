"""Crawls: one site below one address, breadth first, as the site asks, within bounds, and no page fetched twice."""

import hashlib
import itertools

import pytest

from aiwriter.documents import Brief
from aiwriter.errors import UnreadableSource
from aiwriter.pipeline import research
from aiwriter.ports import Unchanged
from aiwriter.sources.crawl import Bounds
from aiwriter.sources.discovery import Discovered
from aiwriter.sources.fetch import Fetched, Fetcher
from aiwriter.sources.finder import Finder
from aiwriter.sources.scope import Scope, tidy
from aiwriter.testing.pdf import Text, pdf_of
from aiwriter.testing.webserver import Page, redirect, robots


def page(*links, head="", text=None, **options):
    """A page with text of its own that leads to others; a link is an address, or (address, rel)."""
    text = text or f"This page tells of {hashlib.sha256(repr((links, head)).encode()).hexdigest()}."
    told = (link if isinstance(link, tuple) else (link, "") for link in links)
    anchors = "".join(f'<a href="{address}" rel="{rel}">more</a> ' for address, rel in told)
    return Page(f"<html><head>{head}</head><body><main><p>{text}</p>{anchors}</main></body></html>", **options)


def finder_at(web, **bounds):
    return Finder(Fetcher([web.host]), Bounds(**{"pause": 0, **bounds}))


async def crawl(web, start="/", **bounds):
    """The paths that were found."""
    found = await finder_at(web, **bounds).discover(f"site:{web.url(start)}")
    return [location.removeprefix(web.url("")) for location in found]


# ── where it goes ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_pages_come_breadth_first_and_only_so_deep(serve):
    web = serve(
        {"/": page("/a", "/b"), "/a": page("/a1", "/"), "/b": page("/b1", "/a"), "/a1": page("/a2"), "/b1": page()}
    )
    web.put("/a2", page("/a3"))
    web.put("/a3", page("/a4"))
    assert await crawl(web, depth=0) == ["/"]
    assert await crawl(web, depth=1) == ["/", "/a", "/b"]
    assert await crawl(web, depth=2) == ["/", "/a", "/b", "/a1", "/b1"]
    assert await crawl(web, depth=9) == ["/", "/a", "/b", "/a1", "/b1", "/a2"]  # three links are the most


async def test_no_more_pages_are_fetched_than_are_wanted(serve):
    web = serve(
        {"/": page(*(f"/{n}" for n in range(30))), **{f"/{n}": page(text=f"Page {n} is here.") for n in range(30)}}
    )
    assert await crawl(web, pages=4) == ["/", "/0", "/1", "/2"]
    assert len(web.requests) <= 1 + 4 + 1  # the rules, the pages, and one that was under way


async def test_it_stays_on_its_host_and_below_its_start(serve):
    other = serve({"/": page(text="Elsewhere.")})
    links = [
        "/docs/a",
        "/docs/b/c",
        "/",
        "/docs-old",
        "/other",
        other.url("/docs/x"),
        "mailto:a@b",
        "javascript:x()",
        "ftp://x/",
    ]
    web = serve(
        {
            "/docs/": page(*links),
            "/docs/intro.html": page(*links, text="Intro."),
            "/docs/a": page(),
            "/docs/b/c": page("/x"),
        }
    )
    web.put("/docs", page(*links, text="Without a slash."))
    assert await crawl(web, "/docs/") == ["/docs/", "/docs/a", "/docs/b/c"]
    assert await crawl(web, "/docs/intro.html") == ["/docs/intro.html", "/docs/a", "/docs/b/c"]
    assert await crawl(web, "/docs") == ["/docs", "/docs/a", "/docs/b/c"]
    assert not {"/", "/docs-old", "/other"} & set(web.paths)
    assert other.requests == []


async def test_a_start_that_redirects_moves_the_crawl_there(serve):
    web = serve(
        {"/": redirect("/en/"), "/en/": page("/en/a", "/de/a"), "/en/a": page(text="In English."), "/de/a": page()}
    )
    assert await crawl(web) == ["/en/", "/en/a"]


async def test_a_link_that_redirects_elsewhere_is_left(serve):
    other = serve({"/": page(text="Elsewhere.")})
    web = serve({"/docs/": page("/docs/away", "/docs/out", "/docs/moved", "/docs/a")})
    for path, to in (("/docs/away", other.url()), ("/docs/out", "/secret"), ("/docs/moved", "/docs/a")):
        web.put(path, redirect(to))
    web.put("/secret", page(text="Not below the start."))
    web.put("/docs/a", page(text="The page itself."))
    assert sorted(await crawl(web, "/docs/")) == ["/docs/", "/docs/a"]


async def test_a_base_address_and_odd_links_are_understood(serve):
    web = serve(
        {
            "/": page("a", "b#part", "b", " c ", "http://[", "", "?", "//", head='<base href="/sub/">'),
            "/sub/a": page(text="A."),
        }
    )
    web.put("/sub/b", page(text="B."))
    web.put("/sub/c", page(text="C."))
    assert await crawl(web, depth=1) == ["/", "/sub/a", "/sub/b", "/sub/c"]


# ── what it is asked ─────────────────────────────────────────────────────────────────────────────────────────────────


async def test_pages_that_robots_may_not_read_are_not_fetched(serve):
    web = serve(
        {"/robots.txt": robots("User-agent: *\nDisallow: /no"), "/": page("/no/1", "/yes", "/to-no"), "/yes": page()}
    )
    web.put("/to-no", redirect("/no/2"))
    web.put("/no/2", page(text="Not for robots."))
    assert await crawl(web) == ["/", "/yes"]
    assert "/no/1" not in web.paths


async def test_the_delay_of_the_rules_is_kept_to_when_crawling_and_when_reading(serve, waits):
    web = serve({"/robots.txt": robots("User-agent: *\nCrawl-delay: 7"), "/": page("/a"), "/a": page("/b", text="A.")})
    finder = Finder(Fetcher([web.host], sleep=waits, now=waits.now), Bounds(pause=0.5))
    found = await finder.discover(f"site:{web.url()}")
    assert waits.seconds == [7.0, 7.0, 7.0]  # before "/", "/a" and "/b", the rules having been asked for first
    await finder.read(found[0])
    await finder.read(found[0])  # asked for anew
    assert waits.seconds == [7.0] * 4


@pytest.mark.parametrize(
    ("asked", "paths"),
    [
        ({"head": '<meta name="robots" content="noindex">'}, ["/", "/b"]),
        ({"head": '<meta name="ROBOTS" content="NoFollow">'}, ["/", "/a"]),
        ({"head": '<meta name="ai-writer" content="none">'}, ["/"]),
        ({"head": '<meta name="otherbot" content="none">'}, ["/", "/a", "/b"]),
        ({"headers": {"X-Robots-Tag": "noindex"}}, ["/", "/b"]),
        ({"headers": {"X-Robots-Tag": "nofollow"}}, ["/", "/a"]),
        ({"headers": {"X-Robots-Tag": "otherbot: none"}}, ["/", "/a", "/b"]),
    ],
)
async def test_a_page_may_ask_not_to_be_read_or_not_to_be_followed(serve, asked, paths):
    web = serve({"/": page("/a"), "/a": page("/b", **asked), "/b": page(text="The end.")})
    assert await crawl(web) == paths


async def test_links_that_are_not_to_be_followed_are_not(serve):
    web = serve({"/": page(("/a", "nofollow"), ("/b", "ugc NOFOLLOW"), ("/c", "noopener")), "/c": page(text="C.")})
    assert await crawl(web) == ["/", "/c"]
    assert set(web.paths) == {"/robots.txt", "/", "/c"}


# ── the same page under many addresses ───────────────────────────────────────────────────────────────────────────────


async def test_a_page_is_known_by_its_canonical_address_and_not_fetched_again_there(serve):
    said = {"head": '<link rel="canonical" href="/a">', "text": "The page A."}
    web = serve({"/": page("/a?print=1", "/a"), "/a?print=1": page(**said), "/a": page(**said)})
    assert await crawl(web) == ["/", "/a"]


@pytest.mark.parametrize("canonical", ["http://other.example/a", "/", "http://[", "", "/no/a"])
async def test_a_canonical_address_that_is_elsewhere_or_on_every_page_is_not_believed(serve, canonical):
    head = f'<link rel="canonical" href="{canonical}">'
    web = serve({"/robots.txt": robots("User-agent: *\nDisallow: /no"), "/": page("/a", "/b", head=head)})
    web.put("/a", page(head=head, text="A."))
    web.put("/b", page(head=head, text="B."))
    assert await crawl(web) == ["/", "/a", "/b"]


async def test_pages_with_the_same_words_count_once(serve):
    web = serve(
        {"/": page("/a", "/copy", "/b"), "/a": page(text="Same."), "/copy": page(text="Same.", head="<title>x</title>")}
    )
    web.put("/b", page(text="Another."))
    assert await crawl(web) == ["/", "/a", "/b"]


async def test_only_pages_pdf_and_text_count(serve):
    files = ["/a.pdf", "/b.txt", "/c.png", "/d", "/e.zip", "/gone"]
    web = serve({"/": page(*files), "/a.pdf": Page(pdf_of([[Text(72, 700, "Plan.")]]), content_type="application/pdf")})
    web.put("/b.txt", Page("Text.", content_type="text/plain"))
    web.put("/d", Page(b"\x89PNG", content_type="image/png"))
    assert await crawl(web) == ["/", "/a.pdf", "/b.txt"]
    assert not {"/c.png", "/e.zip"} & set(web.paths)


# ── traps ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def trap(serve):
    """A site whose pages are made as they are asked for, each leading to new ones."""

    def start(*links):
        numbers = itertools.count(1)

        def made(path):
            number, here = next(numbers), path.partition("?")[0].rstrip("/")
            return page(*(link.format(here=here, n=number) for link in links), text=f"Page {number}.")

        return serve({"/robots.txt": robots("")}, otherwise=made)

    return start


TRAPS = {
    "endless queries": ("/list?page={n}", "/list?from={n}&to=9"),
    "a calendar": ("/events/2026/{n}", "/events/2026-{n}-01"),
    "paths that repeat": ("{here}/a", "{here}/b"),
    "sessions": ("/x;jsessionid={n}", "/y?sid={n}", "/z?PHPSESSID={n}", "/z?utm_source={n}"),
    "addresses that grow": ("/q" + "q" * 2_000 + "{n}",),
}


@pytest.mark.parametrize("name", TRAPS)
async def test_a_trap_is_left_after_a_few_pages(trap, name):
    web = trap(*TRAPS[name])
    paths = await crawl(web, depth=3, pages=200)
    assert len(web.requests) <= 40
    assert len(paths) == len(set(paths))


def test_what_a_crawl_takes_is_decided_by_address_alone():
    scope = Scope("https://example.org/docs/")
    takes = {
        "https://example.org/docs/a": True,
        "http://example.org/docs/b": True,
        "https://example.org:8443/docs/a": False,
        "https://example.org.evil.example/docs/a": False,
        "https://example.org/docs/" + "/".join("abcdefghijklmno"): False,
        "https://example.org/docs/x/y/x/y/x/y": False,
        "https://example.org/docs/picture.PNG": False,
        "https://example.org/docs/a?b=1&c=2&d=3&e=4&f=5": False,
    }
    assert {url: scope.takes(tidy(url)) for url in takes} == takes
    taken = [scope.takes(f"https://example.org/docs/list?page={n}") for n in range(9)]
    assert taken == [True] * 5 + [False] * 4


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("HTTP://Example.ORG:80", "http://example.org/"),
        ("https://example.org:443/A/?#x", "https://example.org/A/"),
        ("https://example.org/a?utm_source=x&b=1&fbclid=y", "https://example.org/a?b=1"),
        ("https://example.org/a;jsessionid=1?b=%20", "https://example.org/a?b=%20"),
        ("http://[2606:4700::1]:8080/", "http://[2606:4700::1]:8080/"),
    ],
)
def test_addresses_have_one_spelling(url, clean):
    assert tidy(url) == clean == tidy(clean)


# ── told, and read ───────────────────────────────────────────────────────────────────────────────────────────────────


async def test_progress_is_told_after_each_page(serve):
    web = serve({"/": page("/a"), "/a": page(text="A.")})
    told = []

    async def on_page(found, most, address):
        told.append((found, most, address))

    await finder_at(web, pages=7).discover(f"site:{web.url()}", on_page)
    assert told == [(1, 7, web.url("/")), (2, 7, web.url("/a"))]


@pytest.mark.parametrize(
    ("start", "reason"),
    [
        (Page(status=404), "no such page"),
        (Page(b"\x89PNG", content_type="image/png"), "image/png"),
        (redirect("http://10.0.0.1/"), "not public"),
        (page(head='<meta name="robots" content="noindex,nofollow">'), "asks not to be read"),
        (Page(" "), "empty"),
    ],
)
async def test_a_site_without_a_page_to_read_is_named_with_a_reason_and_a_next_step(serve, start, reason):
    web = serve({"/": start})
    with pytest.raises(UnreadableSource, match=reason) as failure:
        await finder_at(web).discover(f"site:{web.url()}")
    assert str(failure.value).startswith(f"site:{web.url()}: ")
    assert failure.value.hint


async def test_what_was_fetched_to_crawl_is_not_fetched_again_to_read(serve):
    web = serve({"/": page("/a"), "/a": page(text="The page A.")})
    finder = finder_at(web)
    found = await finder.discover(f"site:{web.url()}")
    asked = len(web.requests)
    assert [(await finder.read(location)).text for location in found][1] == "The page A."
    assert len(web.requests) == asked
    await finder.read(found[1])  # who reads again wants it fresh
    assert len(web.requests) == asked + 1


async def test_a_crawled_page_that_is_known_already_is_told_to_be_unchanged(serve):
    web = serve({"/": page("/a", "/b"), "/a": page(text="The page A.", etag='"v1"'), "/b": page(text="No validators.")})
    finder = finder_at(web)
    known = {}
    for location in await finder.discover(f"site:{web.url()}"):
        known[location] = (await finder.read_if_changed(location, None)).validators
    web.requests.clear()
    found = await finder.discover(f"site:{web.url()}")
    kinds = [type(await finder.read_if_changed(location, known[location])) for location in found]
    assert kinds == [Unchanged, Unchanged, Unchanged]  # what has no validators is fetched, and its hash tells
    assert sorted(web.paths) == ["/", "/a", "/b"]  # once each, the rules being known


async def test_research_reads_what_is_behind_a_place(serve):
    web = serve({"/": page("/a"), "/a": page(text="The page A."), "/feed": Page(content_type="text/xml")})
    items = "".join(f"<item><link>{web.url(path)}</link></item>" for path in ("/a", "/gone"))
    web.put("/feed", Page(f'<rss version="2.0"><channel>{items}</channel></rss>', content_type="text/xml"))
    brief = Brief(topic="The mill", sources=(f"site:{web.url()}", f"feed:{web.url('/feed')}"))
    sources = await research.gather(brief, finder_at(web))
    assert [source.location for source in sources.items] == [web.url("/"), web.url("/a")]
    assert [problem.location for problem in sources.problems] == [web.url("/gone")]


def fetched(size):
    return Fetched("http://example.org/", "text/html", None, bytes(size))


def test_bodies_that_wait_are_bounded_in_bytes_number_and_time(waits):
    waiting = Discovered(waits.now)
    for number in range(100):
        waiting.add(f"/{number}", 0.5, fetched(1_000_000))
    kept = [number for number in range(100) if waiting.take(f"/{number}")[1]]
    assert kept == [*range(36, 100)]
    assert waiting.take("/99") == (0.5, None)  # the pause is kept to, the body is given once
    waiting.add("/late", 0.5, fetched(1))
    waits.time += 901
    assert waiting.take("/late") == (0.0, None)
    for number in range(20_000):
        waiting.add(f"/{number}", 0.5)
    assert waiting.take("/9999") == (0.0, None)
    assert waiting.take("/10000") == (0.5, None)
