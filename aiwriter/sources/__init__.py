"""Reading sources: files, folders and web pages, each by the extractor for its kind.

`create_finder` gives the one object behind the port `SourceFinder`. An extractor is a pure function from bytes to
`Extracted`. Those of foreign bytes run in a process of their own (`sandbox/`), those of the user's own Markdown and
text in a worker thread: there a process would cost more than the reading.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePath
from urllib.parse import unquote, urlsplit

from aiwriter.documents import Source, SourceKind
from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.sources import files
from aiwriter.sources.extracted import Extracted, cleaned, to_source
from aiwriter.sources.fetch import Fetched, Fetcher, Limits
from aiwriter.sources.kinds import BY_CONTENT_TYPE, BY_SUFFIX, by_suffix, extractor, sniffed
from aiwriter.sources.sandbox.pool import Parsers, shared
from aiwriter.threads import computed

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_HERE = frozenset({SourceKind.MARKDOWN, SourceKind.TEXT})  # parsed in this process, when the user has them as files


def create_finder(allow_private_hosts: Sequence[str] = (), limits: Limits | None = None) -> Finder:
    """The finder over real files and the real network. `allow_private_hosts`: see `Fetcher`."""
    return Finder(Fetcher(allow_private_hosts, limits))


class Finder:
    """Reads files, folders and pages. Locations stay as they were given; "~" is understood."""

    def __init__(self, fetcher: Fetcher, parsers: Parsers | None = None) -> None:
        self._fetcher = fetcher
        self._parsers = parsers or shared()

    def expand(self, location: str) -> list[str]:
        """The documents a location stands for. Raises BadInput when there is no such file or folder."""
        location = location.strip()
        if not location:
            raise BadInput("a source is empty", hint="give a path or an http(s) address")
        if _WEB.match(location):
            return [location]
        if scheme := _SCHEME.match(location):
            raise BadInput(
                f"sources of the form {scheme.group()}… cannot be read: {location!r}",
                hint="give a path, or an address that begins with http:// or https://",
            )
        return files.expand(location, BY_SUFFIX)

    async def discover(self, location: str) -> list[str]:
        """The documents behind a location; a document is itself."""
        return [location]

    async def read(self, location: str) -> Source:
        """The document at one location. Raises UnreadableSource, which names the location and the reason."""
        try:
            return await (self._page(location) if _WEB.match(location) else self._file(location))
        except UnreadableSource as error:
            raise UnreadableSource(f"{location}: {error}", hint=error.hint) from error

    async def _page(self, location: str) -> Source:
        page, now = await self._fetcher.get(location), datetime.now(UTC)
        path = unquote(urlsplit(page.url).path)
        extracted = await self._parsers.extract(_kind_of(page, path), page.data, page.charset)
        return await computed(to_source, extracted, location, _name_of(path) or page.url, now)

    async def _file(self, location: str) -> Source:
        kind, now = by_suffix(location), datetime.now(UTC)
        if kind is None:
            kinds = ", ".join(sorted(BY_SUFFIX))
            raise UnreadableSource(
                f"files of the kind {PurePath(location).suffix!r} cannot be read", hint=f"readable are {kinds}"
            )
        data = await computed(files.read, location)
        kind = sniffed(data) or kind
        if kind in _HERE:
            extracted = await computed(_extracted, kind, data)
        else:
            extracted = await self._parsers.extract(kind, data)
        return await computed(to_source, extracted, location, _name_of(location), now)


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
