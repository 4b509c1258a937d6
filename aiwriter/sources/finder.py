"""Reading files, folders and web pages, and finding those behind feeds, sitemaps and sites: the port `SourceFinder`."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from aiwriter.documents import Source, SourceKind
from aiwriter.errors import BadInput, OwnText, UnreadableSource
from aiwriter.ours import is_ours
from aiwriter.ports import Changed, Documents, FeedEntry, Unchanged, Validators, is_address
from aiwriter.sources import files
from aiwriter.sources.crawl import Bounds, OnPage
from aiwriter.sources.discovery import Discovered, Discovery
from aiwriter.sources.extracted import Extracted, cleaned, to_source
from aiwriter.sources.fetch import Fetched, Fetcher
from aiwriter.sources.guard import shown
from aiwriter.sources.kinds import BY_CONTENT_TYPE, BY_SUFFIX, by_suffix, extractor, sniffed
from aiwriter.sources.places import place_of
from aiwriter.sources.sandbox.pool import Parsers, shared
from aiwriter.threads import computed

_WEB = re.compile(r"https?://", re.IGNORECASE)
_HERE = frozenset({SourceKind.MARKDOWN, SourceKind.TEXT})  # parsed in this process, when the user has them as files


class Finder:
    """Reads files, folders and pages, and finds those behind feeds, sitemaps and sites.

    Locations stay as they were given; "~" is understood."""

    def __init__(self, fetcher: Fetcher, bounds: Bounds | None = None, parsers: Parsers | None = None) -> None:
        self._fetcher = fetcher
        self._parsers = parsers or shared()
        self._discovered = Discovered()
        self._discovery = Discovery(fetcher, bounds or Bounds(), self._discovered, self._parsers.listed)

    def expand(self, location: str) -> list[str]:
        """The documents a location stands for. Raises BadInput when there is no such file or folder, and for an address
        that may never be fetched, as far as its form tells."""
        location = location.strip()
        if not location:
            raise BadInput("a source is empty", hint="give a path or an http(s) address")
        if place := place_of(location):
            self._fetcher.refuse_numbers(place.url)
            return [str(place)]
        if _WEB.match(location):
            self._fetcher.refuse_numbers(location)
            return [location]
        if is_address(location):  # never a path, whatever folders there may be
            form = shown(location).partition("://")[0]
            raise BadInput(
                f"sources of the form {form}://… cannot be read: {shown(location)!r}",
                hint="give a path, an http(s) address, or feed:, sitemap: or site: before one",
            )
        return files.expand(location, BY_SUFFIX)

    async def discover(self, location: str, on_page: OnPage | None = None) -> Documents:
        """The documents behind a location, at most as many as the bounds say; a document is itself.

        `on_page(found, most, address)` is awaited after each page of a crawl.
        """
        place = place_of(location)
        if place is None:
            return Documents([location])
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
        refuse_ours(page.data)
        now = datetime.now(UTC)
        path = unquote(urlsplit(page.url).path)
        extracted = await self._parsers.extract(_kind_of(page, path), page.data, page.charset)
        source = await computed(to_source, extracted, location, _name_of(path) or page.url, now)
        day = source.published_at or self._discovered.published_at(location)  # of its feed, where the page says none
        return source.model_copy(update={"published_at": day})

    async def _file(self, location: str) -> Source:
        kind, now = by_suffix(location), datetime.now(UTC)
        if kind is None:
            kinds = ", ".join(sorted(BY_SUFFIX))
            raise UnreadableSource(
                f"files of the kind {PurePath(location).suffix!r} cannot be read", hint=f"readable are {kinds}"
            )
        before = await asyncio.to_thread(files.settled, location)
        data = await computed(files.read, location)
        refuse_ours(data)
        kind = sniffed(data) or kind
        if kind in _HERE:
            extracted = await computed(_extracted, kind, data)
        else:
            extracted = await self._parsers.extract(kind, data)
        source = await computed(to_source, extracted, location, _name_of(location), now)
        return source.model_copy(update={"etag": before})


@contextmanager
def _named(location: str) -> Iterator[None]:
    """Errors within the block say which location they are about, without a login that it may hold."""
    try:
        yield
    except UnreadableSource as error:
        raise type(error)(f"{shown(location)}: {error}", hint=error.hint) from error


def refuse_ours(data: bytes) -> None:
    """Raises OwnText for what bears our mark."""
    if is_ours(data):
        raise OwnText(
            "it was written by AI-Writer, and what we write confirms nothing",
            hint="give the sources that it rests on; `archive:` takes accepted articles, as secondary sources",
        )


def _kind_of(page: Fetched, path: str) -> SourceKind:
    return sniffed(page.data) or BY_CONTENT_TYPE.get(page.content_type) or by_suffix(path) or SourceKind.TEXT


def _extracted(kind: SourceKind, data: bytes) -> Extracted:
    try:
        return cleaned(extractor(kind)(data, None))
    except UnreadableSource:
        raise
    except Exception as error:  # one document that breaks a parser must not end the run of the others
        raise UnreadableSource(
            f"it could not be parsed ({type(error).__name__}: {error})", hint="convert it to another form and try again"
        ) from error


def _name_of(path: str) -> str:
    """A readable title out of a file's name: "annual-report_2024.pdf" → "annual report 2024"."""
    return re.sub(r"[-_]+", " ", PurePath(path).stem).strip()
