"""Sitemaps: lists of pages, of lists, packed or plain; within bounds, and never more than lists."""

import gzip
import itertools
from contextlib import suppress

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.crawl import Bounds
from aiwriter.sources.fetch import Fetcher
from aiwriter.sources.finder import Finder
from aiwriter.sources.sitemap import MOST_ENTRIES, read_sitemap
from aiwriter.testing.webserver import Page, robots

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
HERE = "http://example.org/map.xml"


def urlset(*entries, kind="url", root="urlset"):
    """Entries are addresses, or (address, lastmod)."""
    told = (entry if isinstance(entry, tuple) else (entry, "") for entry in entries)
    inner = "".join(f"<{kind}><loc> {url} </loc><lastmod>{day}</lastmod></{kind}>" for url, day in told)
    return f'<?xml version="1.0" encoding="UTF-8"?><{root} {NAMESPACE}>{inner}</{root}>'


def index(*entries):
    return urlset(*entries, kind="sitemap", root="sitemapindex")


def xml(text):
    return Page(text, content_type="application/xml")


def finder_at(*webs, **bounds):
    return Finder(Fetcher([web.host for web in webs]), Bounds(**{"pause": 0, **bounds}))


async def test_the_pages_that_changed_last_come_first_and_only_so_many(serve):
    web = serve({})
    pages = [(web.url("/old"), "2020-01-01"), web.url("/undated"), (web.url("/new"), "2026-01-01T10:00:00+02:00")]
    web.put("/map.xml", xml(urlset(*pages, (web.url("/odd"), "yesterday"))))
    everything = await finder_at(web).discover(f"sitemap:{web.url('/map.xml')}")
    assert everything == [web.url(path) for path in ("/new", "/old", "/undated", "/odd")]
    assert await finder_at(web, pages=2).discover(f"sitemap:{web.url('/map.xml')}") == everything[:2]


async def test_a_bare_host_is_asked_for_its_sitemaps_by_its_robots_file(serve):
    web = serve({"/robots.txt": robots("Sitemap: /a.xml\nsitemap: /b.txt\nUser-agent: *\nDisallow: /no")})
    web.put("/a.xml", xml(urlset(web.url("/1"), web.url("/no/2"))))
    web.put("/b.txt", Page(f"{web.url('/3')}\n\nnot an address\n{web.url('/4')}\n", content_type="text/plain"))
    assert await finder_at(web).discover(f"sitemap:{web.url()}") == [web.url(path) for path in ("/1", "/3", "/4")]


async def test_a_bare_host_whose_robots_file_names_none_has_it_at_the_usual_place(serve):
    web = serve({})
    web.put("/sitemap.xml", xml(urlset(web.url("/1"))))
    assert await finder_at(web).discover(f"sitemap:{web.url()}") == [web.url("/1")]


async def test_lists_of_lists_are_followed_packed_ones_too(serve):
    web = serve({})
    web.put(
        "/map.xml",
        xml(index((web.url("/a.xml.gz"), "2020-01-01"), (web.url("/b.xml"), "2026-01-01"), web.url("/gone"))),
    )
    web.put("/a.xml.gz", Page(gzip.compress(urlset(web.url("/1")).encode()), content_type="application/x-gzip"))
    web.put("/b.xml", xml(urlset(web.url("/2"))))
    assert await finder_at(web).discover(f"sitemap:{web.url('/map.xml')}") == [web.url("/2"), web.url("/1")]
    assert web.paths.index("/b.xml") < web.paths.index("/a.xml.gz")


async def test_lists_that_lead_to_one_another_or_go_on_for_ever_end(serve):
    web = serve({})
    web.put("/0.xml", xml(index(web.url("/0.xml"), web.url("/1.xml"))))
    for number in range(1, 9):
        web.put(f"/{number}.xml", xml(index(web.url(f"/{number + 1}.xml"), web.url("/0.xml"))))
    with pytest.raises(UnreadableSource, match="lists no page"):
        await finder_at(web).discover(f"sitemap:{web.url('/0.xml')}")
    assert web.paths == ["/robots.txt", "/0.xml", "/1.xml", "/2.xml"]


async def test_no_more_than_twenty_files_are_read(serve):
    web = serve({})
    web.put("/map.xml", xml(index(*(web.url(f"/{n}.xml") for n in range(100)))))
    for number in range(100):
        web.put(f"/{number}.xml", xml(urlset(web.url(f"/page{number}"))))
    assert len(await finder_at(web).discover(f"sitemap:{web.url('/map.xml')}")) == 19
    assert len(web.requests) == 1 + 20


async def test_pages_of_other_hosts_and_what_is_no_page_are_left_out(serve):
    web = serve({})
    others = [
        "http://example.org/1",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[",
        "",
    ]
    login = web.url("/2").replace("://", "://user:s3cr3t@")
    web.put("/map.xml", xml(urlset(*others, login, web.url("/1"), "/3")))
    assert await finder_at(web).discover(f"sitemap:{web.url('/map.xml')}") == [web.url("/1"), web.url("/3")]
    web.put("/map.xml", xml(urlset(*others)))
    with pytest.raises(UnreadableSource, match="only pages of other hosts"):
        await finder_at(web).discover(f"sitemap:{web.url('/map.xml')}")


async def test_pages_that_robots_may_not_read_are_left_out_and_that_is_said(serve):
    web = serve({"/robots.txt": robots("User-agent: *\nDisallow: /no")})
    web.put("/map.xml", xml(urlset(web.url("/no/1"), web.url("/yes"))))
    assert await finder_at(web).discover(f"sitemap:{web.url('/map.xml')}") == [web.url("/yes")]
    web.put("/map.xml", xml(urlset(web.url("/no/1"))))
    with pytest.raises(UnreadableSource, match="asks programs not to read /no/1"):
        await finder_at(web).discover(f"sitemap:{web.url('/map.xml')}")


BAD = {
    "a page": b"<html><body><p>not a list</p></body></html>",
    "nothing": b"  ",
    "words": b"just some words",
    "cut off before an entry ends": b"<urlset><url><loc>http://example.org/1",
    "far too deep": b"<urlset><url><loc>http://example.org/1</loc>" + b"<a>" * 3_000,
    "an empty list": b"<urlset></urlset>",
    "binary": bytes(range(256)),
    "no gzip": b"\x1f\x8b no",
    "half a gzip": gzip.compress(urlset("http://example.org/1").encode() * 50)[:-30],
    "a gzip bomb": gzip.compress(bytes(60_000_000), 1),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_sitemap_is_a_problem(name):
    with pytest.raises(UnreadableSource) as failure:
        read_sitemap(BAD[name], HERE)
    assert failure.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><urlset><url><loc>http://example.org/&f;</loc></url>'
        b"<url><loc>http://example.org/1</loc></url></urlset>",
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><urlset><url><loc>http://example.org/1</loc></url></urlset>',
        b"<!DOCTYPE l [<!ENTITY a 'aaaaaaaaaa'>"
        + b"".join(b"<!ENTITY %c '%b'>" % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
        + b"]><urlset><url><loc>http://example.org/1</loc></url><url><loc>&j;</loc></url></urlset>",
        b'<x:urlset xmlns:x="http://wrong.example/"><x:url><x:loc>http://example.org/1</x:loc></x:url></x:urlset>',
        b"<urlset><url><loc>http://example.org/1</loc></url><url><loc>http://example.org/2",
        b"\xef\xbb\xbf<urlset><url><loc>http://example.org/1</loc></url></urlset>",
        "<urlset><url><loc>http://example.org/1</loc></url></urlset>".encode("utf-16"),
        b"<urlset><url><loc>http://example.org/1</loc><image:loc>http://example.org/2.png</image:loc></url></urlset>",
    ],
    ids=["file entity", "outer DTD", "billion laughs", "other namespace", "cut off", "mark", "UTF-16", "image"],
)
def test_an_odd_sitemap_gives_what_is_good_in_it_and_nothing_is_expanded(data):
    found = [one.url for one in read_sitemap(data, HERE).pages]
    assert "http://example.org/1" in found
    assert all(url in ("http://example.org/", "http://example.org/1") for url in found)


def test_a_file_is_read_up_to_the_most_entries_of_the_protocol():
    lines = "\n".join(f"http://example.org/{n}" for n in range(MOST_ENTRIES + 10))
    assert len(read_sitemap(lines.encode(), HERE).pages) == MOST_ENTRIES
    entries = urlset(*(f"http://example.org/{n}" for n in range(MOST_ENTRIES + 10)))
    assert len(read_sitemap(entries.encode(), HERE).pages) == MOST_ENTRIES


def test_every_beginning_of_a_sitemap_is_read_or_is_a_problem():
    data = urlset(("http://example.org/1", "2026-01-01"), "http://example.org/2").encode()
    for end, packed in itertools.product(range(1, len(data), 7), (False, True)):
        part = gzip.compress(data[:end]) if packed else data[:end]
        with suppress(UnreadableSource):
            assert {one.url for one in read_sitemap(part, HERE).pages} <= {
                "http://example.org/1",
                "http://example.org/2",
            }


async def test_a_site_without_a_sitemap_and_a_page_that_is_none_say_so(serve):
    web = serve({"/map": Page("<html><body><p>All our pages.</p></body></html>")})
    with pytest.raises(UnreadableSource, match="names no sitemap") as refused:
        await finder_at(web).discover(f"sitemap:{web.url()}")
    assert web.url("/sitemap.xml") in str(refused.value)
    assert f"site:{web.url()}" in refused.value.hint
    with pytest.raises(UnreadableSource, match="it is no sitemap"):
        await finder_at(web).discover(f"sitemap:{web.url('/map')}")
