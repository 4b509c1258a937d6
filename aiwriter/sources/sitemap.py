"""Sitemaps (sitemaps.org): lists of pages and of further lists, in XML, packed, or as plain lines.

A pure function of bytes: it runs where parsers run. No entity is resolved and nothing is loaded.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from aiwriter.errors import UnreadableSource
from aiwriter.sources.answers import Body
from aiwriter.sources.decoding import decode
from aiwriter.sources.fetch import Wanted

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_ENTRIES = 50_000  # of one file, as the protocol has it
_MOST_BYTES = 50_000_000
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_XML = frozenset({"application/xml", "text/xml", "application/rss+xml", "application/atom+xml"})
WANTED = Wanted(
    "application/xml, text/xml, text/plain;q=0.9, */*;q=0.1",
    _XML
    | {
        "text/html",
        "application/xhtml+xml",
        "text/plain",
        "application/gzip",
        "application/x-gzip",
        "application/octet-stream",
        "",
    },
)


@dataclass(frozen=True, slots=True)
class Listed:
    """One address in a sitemap, with the day of its last change when that is told."""

    url: str
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What one file lists: pages, or further sitemaps, in its order."""

    pages: tuple[Listed, ...] = ()
    sitemaps: tuple[Listed, ...] = ()


def read_sitemap(data: bytes, url: str) -> Sitemap:
    """What the file lists, relative addresses made whole. Raises UnreadableSource when it is no sitemap."""
    if data.startswith(b"\x1f\x8b"):
        data = _unpacked(data)
    if not data.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\0").startswith(b"<"):
        found = Sitemap(pages=tuple(_lines(data)))
    else:
        found = _from_xml(data, url)
    if not (found.pages or found.sitemaps):
        raise UnreadableSource("it is no sitemap, or an empty one", hint="check the address in a browser")
    return found


def newest_first(listed: tuple[Listed, ...]) -> list[Listed]:
    """Those with the latest change first, those without one after them in their order."""
    return sorted(listed, key=lambda one: -one.changed_at.timestamp() if one.changed_at else float("inf"))


def _unpacked(data: bytes) -> bytes:
    body = Body({"content-encoding": "gzip"}, len(data), _MOST_BYTES)
    body.take(data)
    return body.whole()


def _lines(data: bytes) -> Iterator[Listed]:
    for line in decode(data).splitlines()[:MOST_ENTRIES]:
        if _WEB.fullmatch(line.strip()):
            yield Listed(line.strip())


def _from_xml(data: bytes, url: str) -> Sitemap:
    from lxml import etree

    found: dict[str, list[Listed]] = {"url": [], "sitemap": []}
    events = etree.iterparse(
        io.BytesIO(data),
        events=("end",),
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
    )
    try:
        for _, element in events:
            kind = _local(element)
            if kind in found:
                found[kind] += _listed(element, url)
                element.clear()
            if sum(map(len, found.values())) >= MOST_ENTRIES:
                break
    except etree.XMLSyntaxError:  # what came before the fault is good
        pass
    if not data.rstrip(b" \t\r\n\0").endswith(b">"):  # cut off, perhaps in the middle of an address
        found = {kind: listed[:-1] for kind, listed in found.items()}
    return Sitemap(tuple(found["url"]), tuple(found["sitemap"]))


def _listed(element: _Element, url: str) -> Iterator[Listed]:
    texts = {_local(child): (child.text or "").strip() for child in reversed([*element])}
    try:
        address = urljoin(url, texts.get("loc", ""))
    except ValueError:  # brackets that are no IPv6 address
        return
    if texts.get("loc") and _WEB.fullmatch(address):
        yield Listed(address, _moment(texts.get("lastmod", "")))


def _moment(text: str) -> datetime | None:
    """A date of the W3C's form, UTC where no zone is given. No other is tried: there may be 50,000 of them."""
    try:
        found = datetime.fromisoformat(f"{text}-01" if len(text) == len("2026-01") else text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _local(element: Any) -> str:
    """A tag without its namespace: many sitemaps give a wrong one."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
