"""Reading sources: files, folders and web pages, each by the extractor for its kind.

`create_finder` gives the one object behind the port `SourceFinder`. An extractor is a pure function from bytes to
`Extracted`; it runs in a worker thread, and nothing but bytes and values crosses that seam.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from aiwriter.documents import Source
from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.ports import Changed, FeedEntry, Unchanged, Validators, is_address
from aiwriter.sources import files, html, markdown, pdf, plaintext
from aiwriter.sources.crawl import Bounds, OnPage
from aiwriter.sources.discovery import Discovered, Discovery
from aiwriter.sources.extracted import Extracted, to_source
from aiwriter.sources.fetch import Fetched, Fetcher, Limits
from aiwriter.sources.guard import parse_url, shown
from aiwriter.sources.places import place_of
from aiwriter.threads import computed

Extractor = Callable[[bytes, str | None], Extracted]

BY_SUFFIX: Mapping[str, Extractor] = {
    ".md": markdown.extract,
    ".markdown": markdown.extract,
    ".html": html.extract,
    ".htm": html.extract,
    ".pdf": pdf.extract,
    ".txt": plaintext.extract,
}
BY_CONTENT_TYPE: Mapping[str, Extractor] = {
    "text/html": html.extract,
    "application/xhtml+xml": html.extract,
    "application/pdf": pdf.extract,
    "application/x-pdf": pdf.extract,
    "text/markdown": markdown.extract,
    "text/x-markdown": markdown.extract,
    "text/plain": plaintext.extract,
}
_WEB = re.compile(r"https?://", re.IGNORECASE)


def create_finder(
    allow_private_hosts: Sequence[str] = (), limits: Limits | None = None, bounds: Bounds | None = None
) -> Finder:
    """The finder over real files and the real network. `allow_private_hosts`: see `Fetcher`; `bounds`: of discovery."""
    return Finder(Fetcher(allow_private_hosts, limits), bounds)


class Finder:
    """Reads files, folders and pages, and finds those behind feeds, sitemaps and sites.

    Locations stay as they were given; "~" is understood."""

    def __init__(self, fetcher: Fetcher, bounds: Bounds | None = None) -> None:
        self._fetcher = fetcher
        self._discovered = Discovered()
        self._discovery = Discovery(fetcher, bounds or Bounds(), self._discovered)

    def expand(self, location: str) -> list[str]:
        """The documents a location stands for. Raises BadInput when there is no such file or folder."""
        location = location.strip()
        if not location:
            raise BadInput("a source is empty", hint="give a path or an http(s) address")
        if place := place_of(location):
            return [str(place)]
        if _WEB.match(location):
            parse_url(location)
            return [location]
        if is_address(location):  # never a path, whatever folders there may be
            form = shown(location).partition("://")[0]
            raise BadInput(
                f"sources of the form {form}://… cannot be read: {shown(location)!r}",
                hint="give a path, an http(s) address, or feed:, sitemap: or site: before one",
            )
        return files.expand(location, BY_SUFFIX)

    async def discover(self, location: str, on_page: OnPage | None = None) -> list[str]:
        """The documents behind a location, at most as many as the bounds say; a document is itself.

        `on_page(found, most, address)` is awaited after each page of a crawl.
        """
        place = place_of(location)
        if place is None:
            return [location]
        with _named(location):
            return await self._discovery.documents(place, on_page)

    async def entries(self, location: str) -> list[FeedEntry]:
        """The newest entries of `feed:URL`, with what the feed says of them. Raises UnreadableSource."""
        with _named(location):
            place = place_of(location)
            if place is None or place.kind != "feed":
                raise UnreadableSource("this is no feed", hint="write it like feed:https://example.org/feed.xml")
            return await self._discovery.entries(place.url)

    async def read(self, location: str) -> Source:
        """The document at one location. Raises UnreadableSource, which names the location and the reason."""
        with _named(location):
            if _WEB.match(location):
                pause, page = self._discovered.take(location)
                return await self._page(page or await self._fetcher.get(location, pause=pause), location)
            return await self._file(location)

    async def read_if_changed(self, location: str, known: Validators | None) -> Changed | Unchanged:
        """The document, unless the server (or the file's size and time) says that it is what it was."""
        with _named(location):
            if _WEB.match(location):
                pause, page = self._discovered.take(location)
                page = page or await self._fetcher.get(location, known, pause=pause)
                if page.unchanged or (known == page.validators and known.is_telling):
                    return Unchanged(page.validators)
                return Changed(await self._page(page, location), page.validators)
            now = await asyncio.to_thread(files.validators, location)  # before reading: a change while we read is seen
            if known and known.etag == now.etag:
                return Unchanged(now)
            return Changed(await self._file(location), now)

    async def _page(self, page: Fetched, location: str) -> Source:
        return await computed(_read_page, page, location, datetime.now(UTC))

    async def _file(self, location: str) -> Source:
        return await computed(_read_file, location, datetime.now(UTC))


@contextmanager
def _named(location: str) -> Iterator[None]:
    """Errors within the block say which location they are about, without a login that it may hold."""
    try:
        yield
    except UnreadableSource as error:
        raise UnreadableSource(f"{shown(location)}: {error}", hint=error.hint) from error


def _read_page(page: Fetched, location: str, now: datetime) -> Source:
    path = unquote(urlsplit(page.url).path)
    extract = _sniffed(page.data) or BY_CONTENT_TYPE.get(page.content_type) or _by_suffix(path) or plaintext.extract
    return to_source(_extracted(extract, page.data, page.charset), location, _name_of(path) or page.url, now)


def _read_file(location: str, now: datetime) -> Source:
    extract = _by_suffix(location)
    if extract is None:
        kinds = ", ".join(sorted(BY_SUFFIX))
        raise UnreadableSource(
            f"files of the kind {PurePath(location).suffix!r} cannot be read", hint=f"readable are {kinds}"
        )
    data = files.read(location)
    return to_source(_extracted(_sniffed(data) or extract, data, None), location, _name_of(location), now)


def _extracted(extract: Extractor, data: bytes, charset: str | None) -> Extracted:
    try:
        return extract(data, charset)
    except UnreadableSource:
        raise
    except Exception as error:  # one document that breaks a parser must not end the run of the others
        raise UnreadableSource(
            f"it could not be parsed ({type(error).__name__}: {error})", hint="convert it to another form and try again"
        ) from error


def _by_suffix(path: str) -> Extractor | None:
    """By the name's ending; a name without one (README) is taken for plain text."""
    suffix = PurePath(path).suffix.lower()
    return BY_SUFFIX.get(suffix) if suffix else plaintext.extract


def _sniffed(data: bytes) -> Extractor | None:
    """PDF and HTML that show themselves in their first bytes, whatever name or type they go by."""
    begin = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if begin.startswith(b"%pdf-"):
        return pdf.extract
    return html.extract if begin.startswith((b"<!doctype html", b"<html")) else None


def _name_of(path: str) -> str:
    """A readable title out of a file's name: "annual-report_2024.pdf" → "annual report 2024"."""
    return re.sub(r"[-_]+", " ", PurePath(path).stem).strip()
