"""From a feed, a sitemap or a site to the documents behind it, and what is remembered of them until they are read."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from aiwriter.errors import UnreadableSource
from aiwriter.ports import Documents, FeedEntry
from aiwriter.sources import feeds, sitemap
from aiwriter.sources.answers import Fetched
from aiwriter.sources.crawl import Bounds, Crawl, OnPage
from aiwriter.sources.fetch import Fetcher
from aiwriter.sources.guard import parse_url
from aiwriter.sources.pace import Now
from aiwriter.sources.parsed import Parse
from aiwriter.sources.places import Place
from aiwriter.sources.robots import Robots, Rules
from aiwriter.sources.sitemap import Listed, newest_first

_MOST_BYTES = 64_000_000  # of bodies that wait to be read
_MOST_LOCATIONS = 10_000
_KEPT_SECONDS = 900.0
_MOST_FILES = 20  # of sitemaps that one index may lead to
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class _Waiting:
    pause: float
    page: Fetched | None
    until: float
    published_at: datetime | None


class Discovered:
    """Documents that were found and not yet read: how slowly to ask for them, what a crawl fetched of them, and the
    day that a feed says they are of.

    Bounded in bytes, number and time; what falls out is simply fetched again.
    """

    def __init__(self, now: Now = time.monotonic) -> None:
        self._waiting: OrderedDict[str, _Waiting] = OrderedDict()
        self._bytes = 0
        self._now = now

    def add(
        self, location: str, pause: float, page: Fetched | None = None, published_at: datetime | None = None
    ) -> None:
        """Remember a document; the oldest make room."""
        self._drop(location)
        self._waiting[location] = _Waiting(pause, page, self._now() + _KEPT_SECONDS, published_at)
        self._bytes += len(page.data) if page else 0
        while self._bytes > _MOST_BYTES or len(self._waiting) > _MOST_LOCATIONS:
            self._drop(next(iter(self._waiting)))

    def take(self, location: str) -> tuple[float, Fetched | None]:
        """The pause to keep before asking for it (0.0: a person named it), and its body where that is known. The body
        is given once: who reads again wants it fresh."""
        waiting = self._waiting.get(location)
        if waiting is None:
            return 0.0, None
        self._drop(location)
        if waiting.until < self._now():
            return 0.0, None
        self._waiting[location] = replace(waiting, page=None)
        return waiting.pause, waiting.page

    def published_at(self, location: str) -> datetime | None:
        """When it was published, as far as the feed that named it says so."""
        waiting = self._waiting.get(location)
        return waiting.published_at if waiting else None

    def _drop(self, location: str) -> None:
        waiting = self._waiting.pop(location, None)
        self._bytes -= len(waiting.page.data) if waiting and waiting.page else 0


class Discovery:
    """Finds the documents behind places."""

    def __init__(
        self,
        fetcher: Fetcher,
        bounds: Bounds,
        discovered: Discovered,
        parse: Parse,
        now: Now = time.monotonic,
    ) -> None:
        self._fetcher, self._bounds, self._discovered, self._parse = fetcher, bounds, discovered, parse
        self._robots = Robots(fetcher, now)

    async def documents(self, place: Place, on_page: OnPage | None = None) -> Documents:
        """The addresses of the documents. Raises UnreadableSource when there are none, with the reason."""
        if place.kind == "feed":
            feed = await self._found(place.url)
            for entry in feed.entries:
                self._discovered.add(entry.url, self._bounds.pause, published_at=entry.published_at)
            return Documents((entry.url for entry in feed.entries), feed.beyond)
        if place.kind == "sitemap":
            return await self._listed(place.url)
        crawled = await Crawl(self._fetcher, self._robots, self._parse, self._bounds).run(place.url, on_page)
        for location, page in crawled.pages.items():
            self._discovered.add(location, crawled.pause, page)
        return Documents(crawled.pages, crawled.waiting)

    # ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────

    async def entries(self, url: str) -> list[FeedEntry]:
        """A feed's newest entries. A page that names feeds is understood; the first of them is taken."""
        return [*(await self._found(url)).entries]

    async def _found(self, url: str) -> feeds.Feed:
        feed = await self._feed(url)
        if feed.alternates:
            feed = await self._feed(feed.alternates[0])
        entries = tuple(entry for entry in feed.entries if _is_web(entry.url))
        if not entries:
            raise UnreadableSource("the feed leads to no page", hint="check the address in a browser")
        return replace(feed, entries=entries)

    async def _feed(self, url: str) -> feeds.Feed:
        page = await self._fetcher.get(url, wanted=feeds.WANTED, pause=self._bounds.pause)
        return await self._parse(feeds.read_feed, page.data, page.charset, page.url, self._bounds.feed_entries)

    # ── sitemaps ─────────────────────────────────────────────────────────────────────────────────────────────────────

    async def _listed(self, url: str) -> Documents:
        """The pages that changed last, of those that robots may read and that lie on the host."""
        rules = await self._robots.rules(url)
        pause = max(self._bounds.pause, rules.delay)
        is_bare = urlsplit(url).path in ("", "/") and not urlsplit(url).query
        starts = (rules.sitemaps or (urljoin(url, "/sitemap.xml"),)) if is_bare else (url,)
        listed, refused = await self._walk([Listed(start) for start in starts], pause)
        hosts = {urlsplit(url).hostname, *(None if is_bare else urlsplit(start).hostname for start in starts)}
        here = [one for one in newest_first(tuple(listed)) if _host(one.url) in hosts and _is_web(one.url)]
        urls = [*dict.fromkeys(one.url for one in here)]
        allowed, asked_not = await self._permitted(urls)
        if not allowed:
            if is_bare and refused and not rules.sitemaps:
                raise UnreadableSource(
                    f"robots.txt names no sitemap, and {starts[0]} is none: {refused[0]}",
                    hint=f"give the sitemap's own address, or site:{url}, whose links are followed",
                )
            raise self._nothing(url, [*refused, *asked_not], bool(listed))
        for allowed_url in allowed:
            self._discovered.add(allowed_url, pause)
        return Documents(allowed, urls[len(allowed) + len(asked_not) :])

    async def _walk(self, sitemaps: list[Listed], pause: float) -> tuple[list[Listed], list[UnreadableSource]]:
        """The pages of sitemaps and of those that they list, and what could not be read of them."""
        pages: list[Listed] = []
        faults: list[UnreadableSource] = []
        seen: set[str] = set()
        for _ in range(_DEEPEST):
            further: list[Listed] = []
            for one in sitemaps:
                if one.url in seen or len(seen) >= _MOST_FILES or len(pages) >= sitemap.MOST_ENTRIES:
                    continue
                seen.add(one.url)
                try:
                    found = await self._sitemap(one.url, pause)
                except UnreadableSource as error:
                    faults.append(error)
                    continue
                pages += found.pages
                further += newest_first(found.sitemaps)
            sitemaps = further
        return pages, faults

    async def _sitemap(self, url: str, pause: float) -> sitemap.Sitemap:
        rules = await self._robots.rules(url)
        if rules.refuses(url):
            raise rules.refusal(url)
        file = await self._fetcher.get(url, wanted=sitemap.WANTED, pause=pause)
        return await self._parse(sitemap.read_sitemap, file.data, file.url)

    async def _permitted(self, urls: Iterable[str]) -> tuple[list[str], list[UnreadableSource]]:
        allowed: list[str] = []
        refused: list[UnreadableSource] = []
        rules: dict[str, Rules] = {}
        for url in urls:
            origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
            if origin not in rules:
                rules[origin] = await self._robots.rules(url)
            if rules[origin].refuses(url):
                refused.append(rules[origin].refusal(url))
            else:
                allowed.append(url)
            if len(allowed) >= self._bounds.pages:
                break
        return allowed, refused

    @staticmethod
    def _nothing(url: str, problems: list[UnreadableSource], listed_some: bool) -> UnreadableSource:
        if problems:
            return problems[0]
        reason = "lists only pages of other hosts" if listed_some else "lists no page"
        return UnreadableSource(f"the sitemap of {url} {reason}", hint="give another sitemap, or the pages")


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # brackets that are no IPv6 address
        return None


def _is_web(url: str) -> bool:
    try:
        parse_url(url)
    except UnreadableSource:
        return False
    return True
