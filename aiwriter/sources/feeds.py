"""Feeds: RSS 0.9x, 1.0, 2.0, Atom and JSON Feed, as entries of plain text; and where a page says its feeds are.

Pure functions of bytes: they run where parsers run. feedparser is given bytes in a stream, so that it neither fetches
nor opens anything, and removes active content; what is kept of its HTML is its text.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from aiwriter.errors import UnreadableSource
from aiwriter.ports import FeedEntry
from aiwriter.sources.decoding import decode
from aiwriter.sources.extracted import parse_date
from aiwriter.sources.fetch import Wanted
from aiwriter.sources.html import pieces_of_fragment
from aiwriter.sources.html_page import parse
from aiwriter.sources.normalise import clean_prose

FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
WANTED = Wanted(
    f"{', '.join(FEED_TYPES)}, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    frozenset(
        {*FEED_TYPES, "application/xml", "text/xml", "application/json", "text/html", "application/xhtml+xml"}
        | {"text/plain", "application/octet-stream", "application/x-rss+xml", ""}
    ),
)
MOST_ENTRIES = 500  # that are parsed: of a longer feed the first and the last, wherever its newest are
_ITEM = re.compile(rb"<(?:item|entry)[\s>]")
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*(?:<!doctype\s+html|<html)", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<[/!?a-zA-Z][^<>]*>?")
_LONGEST = {"title": 300, "summary": 2_000, "author": 200, "id": 1_000}
_LONGEST_MARKUP = 50_000  # characters of one text that are looked at
_AHEAD = timedelta(days=2)  # later than this is a mistake, or a way to stay on top
_NO_FEED = UnreadableSource("it is no feed, and names none", hint="give the feed's own address, or the pages")


@dataclass(frozen=True, slots=True)
class Feed:
    """What one address gave: the entries of a feed, newest first, with the addresses of those beyond the limit, or the
    addresses of feeds that a page names."""

    entries: tuple[FeedEntry, ...] = ()
    beyond: tuple[str, ...] = ()
    alternates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Raw:
    """An entry before its texts are cleaned: most are dropped before that."""

    links: tuple[str, ...]
    id: str
    title: str
    summary: str
    author: str
    published_at: datetime | None


def read_feed(data: bytes, charset: str | None, url: str, limit: int) -> Feed:
    """At most `limit` entries, newest first, those without a date after them in the feed's order.

    Raises UnreadableSource when it is neither a feed nor a page that names one.
    """
    if not data.strip():
        raise UnreadableSource("the feed is empty", hint="check the address in a browser")
    if _HTML.match(data.lstrip(b"\xef\xbb\xbf")[:4_096]):
        return _named_by_page(data, charset, url)
    raw = _json_entries(data) if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else None
    if raw is None:
        raw = _xml_entries(data, charset, url)
    by_link: dict[str, _Raw] = {}
    for one in sorted(raw, key=_age):
        if link := _first_address(one, url):
            by_link.setdefault(link, one)
    taken = [*by_link.items()][:limit]
    return Feed(entries=tuple(_entry(one, link) for link, one in taken), beyond=tuple(by_link)[limit:])


def _age(raw: _Raw) -> float:
    """Sorts newest first; without a date last. Sorting is stable, so equals keep the feed's order."""
    return -raw.published_at.timestamp() if raw.published_at else float("inf")


def _entry(raw: _Raw, link: str) -> FeedEntry:
    return FeedEntry(
        url=link,
        id=_plain(raw.id, "id") or link,
        title=_plain(raw.title, "title"),
        summary=_plain(raw.summary, "summary"),
        author=_plain(raw.author, "author") or None,
        published_at=raw.published_at,
    )


def _first_address(raw: _Raw, base: str) -> str | None:
    for link in raw.links:
        with suppress(ValueError):  # brackets that are no IPv6 address
            address = urljoin(base, link.strip())
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc:
                return address
    return None


def _plain(text: str, kind: str) -> str:
    """The text of HTML, without anything that still looks like markup once entities are undone."""
    text = text[:_LONGEST_MARKUP]
    if "<" in text or "&" in text:
        text = " ".join(piece.text for piece in pieces_of_fragment(text))
    while (stripped := _MARKUP.sub(" ", unescape(text))) != text:  # ends: each turn makes it shorter
        text = stripped
    return clean_prose(text)[: _LONGEST[kind]].strip()


# ── XML ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _xml_entries(data: bytes, charset: str | None, url: str) -> list[_Raw]:
    import feedparser

    found = feedparser.parse(
        io.BytesIO(_shortened(data)),
        response_headers={"content-type": _encoded(data, charset), "content-location": url},
        sanitize_html=True,
        resolve_relative_uris=True,
    )
    if not found.version and not found.entries:
        raise _NO_FEED
    return [_raw(entry) for entry in found.entries]


def _encoded(data: bytes, charset: str | None) -> str:
    """The type to tell feedparser. A mark or a declaration in the feed is believed before the server's charset (which
    is a default, often), and "text/xml" would mean ASCII."""
    says_itself = data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:3] == b"\xef\xbb\xbf" or b"encoding" in data[:200]
    return (
        "application/xml" if says_itself or b"\0" in data[:8] or not charset else f"application/xml; charset={charset}"
    )


def _shortened(data: bytes) -> bytes:
    """The feed without its middle entries when it has very many. feedparser takes more than a millisecond for each."""
    starts = [match.start() for match in _ITEM.finditer(data)]
    if len(starts) <= MOST_ENTRIES:
        return data
    half = MOST_ENTRIES // 2
    return data[: starts[half]] + data[starts[-half] :]


def _raw(entry: dict[str, Any]) -> _Raw:
    links = [link.get("href") for link in entry.get("links") or () if link.get("rel") == "alternate"]
    date = entry.get("published_parsed") or dict.get(
        entry, "updated_parsed"
    )  # entry.get warns of a mapping between them
    return _Raw(
        links=_texts([entry.get("link"), *links, entry.get("id")]),
        id=_text(entry.get("id")),
        title=_text(entry.get("title")),
        summary=_text(entry.get("summary")),
        author=_text(entry.get("author")),
        published_at=_moment(date) if date else None,
    )


def _moment(date: Iterable[int]) -> datetime | None:
    year, month, day, hour, minute, second, *_ = date
    try:
        found = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)  # 60 is a leap second
    except (ValueError, OverflowError, TypeError):
        return None
    return found if found < datetime.now(UTC) + _AHEAD else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str) and value.strip())


# ── JSON Feed ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _json_entries(data: bytes) -> list[_Raw] | None:
    """None when it is no JSON Feed (https://www.jsonfeed.org/version/1.1/)."""
    try:
        feed = json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
    if not isinstance(feed, dict) or "jsonfeed.org" not in _text(feed.get("version")):
        return None
    items = feed.get("items")
    return (
        [_json_raw(item) for item in items[:MOST_ENTRIES] if isinstance(item, dict)] if isinstance(items, list) else []
    )


def _json_raw(item: dict[str, Any]) -> _Raw:
    plain = _text(item.get("content_text")).replace("&", "&amp;").replace("<", "&lt;")
    return _Raw(
        links=_texts([item.get("url"), item.get("external_url"), item.get("id")]),
        id=_text(item.get("id")),
        title=_text(item.get("title")),
        summary=_text(item.get("summary")) or _text(item.get("content_html")) or plain,
        author=", ".join(_json_authors(item)),
        published_at=_utc(_text(item.get("date_published")) or _text(item.get("date_modified"))),
    )


def _json_authors(item: dict[str, Any]) -> Iterator[str]:
    authors = item.get("authors")
    for author in [*(authors if isinstance(authors, list) else []), item.get("author")]:
        if isinstance(author, dict) and (name := _text(author.get("name"))):
            yield name


def _utc(text: str) -> datetime | None:
    found = parse_date(text)
    try:
        parts = found.astimezone(UTC).timetuple() if found else None
    except OverflowError:
        return None
    return _moment(parts) if parts else None


# ── pages that name a feed ───────────────────────────────────────────────────────────────────────────────────────────


def _named_by_page(data: bytes, charset: str | None, url: str) -> Feed:
    tree = parse(decode(data, charset))
    base = next((urljoin(url, element.get("href", "")) for element in tree.iter("base")), url)
    links = [
        urljoin(base, element.get("href", ""))
        for element in tree.iter("link")
        if "alternate" in element.get("rel", "").lower().split()
        and element.get("type", "").split(";")[0].strip().lower() in FEED_TYPES
    ]
    if not links:
        raise _NO_FEED
    return Feed(alternates=tuple(dict.fromkeys(links)))
