"""robots.txt (RFC 9309): what a host asks programs to leave alone, how slowly to come, and where its sitemaps are.

Crawls and sitemaps keep to it. A single page that a person names is read as a browser would: the file is about robots
that find their own way.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from aiwriter.errors import UnreadableSource
from aiwriter.sources.fetch import PRODUCT, Fetcher, Wanted
from aiwriter.sources.pace import Now
from aiwriter.threads import computed

if TYPE_CHECKING:
    from protego import Protego

LONGEST_DELAY = 10.0  # seconds of Crawl-delay that are kept to; whoever wants more gets that
_KEPT_SECONDS = 24 * 3_600.0
_MOST_BYTES = 512 * 1_024  # RFC 9309, 2.5: at least 500 KiB are to be read
_MOST_HOSTS = 200
_ABSENT = frozenset(range(400, 500)) - {429}  # RFC 9309, 2.3.1.3: no file, no rules
_ROBOTS = Wanted("text/plain, */*;q=0.1", None, _ABSENT)


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin's robots.txt says to us. `delay` is in seconds."""

    url: str
    delay: float
    sitemaps: tuple[str, ...]
    _file: Protego

    def refuses(self, url: str) -> bool:
        return not self._file.can_fetch(url, PRODUCT)

    def refusal(self, url: str) -> UnreadableSource:
        return UnreadableSource(
            f"{self.url} asks programs not to read {urlsplit(url).path or '/'}",
            hint="name the single pages you want, which are read as by a browser, or ask the site's owner",
        )


class Robots:
    """The rules of origins, each fetched once and kept for a day at most."""

    def __init__(self, fetcher: Fetcher, now: Now = time.monotonic) -> None:
        self._fetcher, self._now = fetcher, now
        self._known: dict[str, tuple[float, Rules]] = {}

    async def rules(self, url: str) -> Rules:
        """Those of the address's origin. Raises UnreadableSource when the server fails to say (RFC 9309, 2.3.1.4)."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}".lower()
        until, rules = self._known.get(origin, (0.0, None))
        if rules is None or until < self._now():
            rules = await self._fetched(f"{origin}/robots.txt")
            if len(self._known) >= _MOST_HOSTS:
                self._known.pop(next(iter(self._known)))
            self._known[origin] = (self._now() + _KEPT_SECONDS, rules)
        return rules

    async def _fetched(self, url: str) -> Rules:
        try:
            answer = await self._fetcher.get(url, wanted=_ROBOTS)
        except UnreadableSource as error:
            raise UnreadableSource(
                f"what may be read there is not known, {url} cannot be had: {error}", hint=error.hint
            ) from error
        data = b"" if answer.status in _ABSENT else answer.data[:_MOST_BYTES]
        return await computed(_parsed, url, data)

    @staticmethod
    def headers_forbid(robots_tag: str, word: str) -> bool:
        """Whether an X-Robots-Tag ("noindex", "otherbot: noindex, ai-writer: nofollow") says this to us."""
        for_us = True
        for part in robots_tag.split(","):
            name, colon, said = part.partition(":")
            if colon and " " not in name.strip():
                for_us = name.strip() == PRODUCT.lower()
            if for_us and (said if colon else part).strip() in (word, "none"):
                return True
        return False


def _parsed(url: str, data: bytes) -> Rules:
    from protego import Protego

    file = Protego.parse(data.decode("utf-8-sig", "replace"))
    delay = file.crawl_delay(PRODUCT) or 0.0
    sitemaps = tuple(dict.fromkeys(urljoin(url, found.strip()) for found in file.sitemaps))
    return Rules(url, min(max(delay, 0.0), LONGEST_DELAY), sitemaps, file)
