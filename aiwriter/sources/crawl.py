"""Bounded crawls: the pages of one site below a start address, breadth first, as the site asks robots to behave."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiwriter.errors import UnreadableSource
from aiwriter.sources.answers import Fetched
from aiwriter.sources.fetch import PAGES, Fetcher, Wanted
from aiwriter.sources.links import PageLinks, read_links
from aiwriter.sources.pace import AT_ONCE
from aiwriter.sources.parsed import Parse
from aiwriter.sources.robots import Robots, Rules
from aiwriter.sources.scope import Scope, tidy

OnPage = Callable[[int, int, str], Awaitable[None]]

DEEPEST = 3
_FETCHES_A_PAGE = 3  # most fetches for each page that is wanted: duplicates and faults end a crawl, too
_LONGEST_SECONDS = 600.0  # after which a crawl ends with what it has
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_WANTED = Wanted(
    PAGES.accept, (PAGES.types or frozenset()) & {"application/pdf", "text/plain", "text/markdown", *_HTML}
)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much discovery may find, and how polite it is. `pause` is in seconds between requests to a host."""

    pages: int = 50
    depth: int = 2
    feed_entries: int = 20
    pause: float = 0.5


@dataclass(slots=True)
class Crawled:
    """`pages` by the address they are to be read at, in the order found; `skipped` says of others why not, `waiting`
    were found and not asked for."""

    pages: dict[str, Fetched] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    pause: float = 0.0


class Crawl:
    """One crawl; use once."""

    def __init__(self, fetcher: Fetcher, robots: Robots, parse: Parse, bounds: Bounds) -> None:
        self._fetcher, self._robots, self._parse, self._bounds = fetcher, robots, parse, bounds
        self._found = Crawled()
        self._seen: set[str] = set()
        self._digests: set[str] = set()
        self._fetches = 0

    async def run(self, start: str, on_page: OnPage | None = None) -> Crawled:
        """The start page and those it leads to. `on_page(found, most, address)` is awaited after each page that counts.

        Raises UnreadableSource when the start page cannot be had, may not be read, or nothing at all was found.
        """
        rules, first = await self._first(start)
        self._scope = Scope(first.url)
        self._rules = rules
        until = asyncio.get_running_loop().time() + _LONGEST_SECONDS
        self._seen |= {tidy(start), self._scope.start}
        level = await self._take(first, on_page)
        for _ in range(min(self._bounds.depth, DEEPEST)):
            deeper: list[str] = []
            for begin in range(0, len(level), AT_ONCE):
                batch = level[begin : begin + AT_ONCE]
                if self._is_done() or asyncio.get_running_loop().time() > until:
                    self._found.waiting = level[begin:] + deeper
                    return self._told(start)
                fetched = await asyncio.gather(*map(self._fetch, batch))
                for page in fetched:
                    deeper += await self._take(page, on_page) if page else ()
            level = deeper
        return self._told(start)

    async def _first(self, start: str) -> tuple[Rules, Fetched]:
        """The start page. Where it redirects to is asked for permission as well."""
        rules = await self._allowed(start)
        page = await self._fetcher.get(start, wanted=_WANTED, pause=self._found.pause)
        self._fetches += 1
        return (rules if page.url == start else await self._allowed(page.url)), page

    async def _allowed(self, url: str) -> Rules:
        rules = await self._robots.rules(url)
        self._found.pause = max(self._bounds.pause, rules.delay)
        if rules.refuses(url):
            raise rules.refusal(url)
        return rules

    async def _fetch(self, url: str) -> Fetched | None:
        self._fetches += 1
        try:
            page = await self._fetcher.get(url, wanted=_WANTED, pause=self._found.pause)
        except UnreadableSource as error:
            self._found.skipped[url] = str(error)
            return None
        landed = tidy(page.url)
        if landed != url:
            if landed in self._seen or not self._scope.holds(landed) or self._rules.refuses(landed):
                self._found.skipped[url] = "it leads to a page that is elsewhere or known"
                return None
            self._seen.add(landed)
        return page

    async def _take(self, page: Fetched, on_page: OnPage | None) -> list[str]:
        """Keep the page if it counts; the addresses it leads to that are new."""
        said = await self._said(page)
        if said is None:
            return []
        noindex = said.noindex or Robots.headers_forbid(page.robots_tag, "noindex")
        address = self._address_of(page, said)
        if noindex or address in self._found.pages or said.digest in self._digests:
            self._found.skipped[page.url] = "it asks not to be read" if noindex else "it is the same as another"
        elif len(self._found.pages) < self._bounds.pages:
            self._digests.add(said.digest)
            self._found.pages[address] = page
            if on_page:
                await on_page(len(self._found.pages), self._bounds.pages, address)
        nofollow = said.nofollow or Robots.headers_forbid(page.robots_tag, "nofollow")
        return [] if nofollow else self._new(said.links)

    async def _said(self, page: Fetched) -> PageLinks | None:
        if page.content_type not in _HTML:
            return PageLinks((), None, False, False, hashlib.sha256(page.data).hexdigest())
        try:
            return await self._parse(read_links, page.data, page.charset, page.url)
        except UnreadableSource as error:
            self._found.skipped[page.url] = str(error)
            return None

    def _address_of(self, page: Fetched, said: PageLinks) -> str:
        """Its canonical address where it names one here. Not the start page's: many sites name that on every page."""
        own = tidy(page.url)
        try:
            canonical = tidy(said.canonical or own)
        except ValueError:
            return own
        if canonical in (own, self._scope.start) or not self._scope.holds(canonical) or self._rules.refuses(canonical):
            return own
        self._seen.add(canonical)
        return canonical

    def _new(self, links: Sequence[str]) -> list[str]:
        found = []
        for link in links:
            try:
                url = tidy(link)
            except ValueError:
                continue
            if url in self._seen or not self._scope.holds(url):
                continue
            self._seen.add(url)
            if self._rules.refuses(url):
                self._found.skipped[url] = str(self._rules.refusal(url))
            elif self._scope.takes(url):
                found.append(url)
        return found

    def _is_done(self) -> bool:
        enough = len(self._found.pages) >= self._bounds.pages
        return enough or self._fetches >= _FETCHES_A_PAGE * self._bounds.pages

    def _told(self, start: str) -> Crawled:
        if self._found.pages:
            return self._found
        reasons = "; ".join(f"{url}: {reason}" for url, reason in [*self._found.skipped.items()][:3])
        raise UnreadableSource(
            f"no page below {start} can be read{f' ({reasons})' if reasons else ''}", hint="name the pages themselves"
        )
