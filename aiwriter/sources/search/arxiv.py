"""arXiv: GET api/query, answered as an Atom feed.

Asked: search_query (all:WORD joined by AND, and submittedDate:[YYYYMMDDHHMM TO YYYYMMDDHHMM], GMT), start, max_results,
sortBy. Answered: entries of id, title, summary, published, updated and links; an error is one entry with the title
"Error". Its terms of use ask for one request at a time and three seconds between two: those of one process keep to
that. A hit is the paper's abstract page, which is light; the PDF's address can be given as a source of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from aiwriter.errors import BadInput, Unavailable
from aiwriter.ports import SearchHit, SearchQuery
from aiwriter.sources.pace import Sleep
from aiwriter.sources.search.asking import Asker, Question
from aiwriter.sources.search.filters import day, kept, plain
from aiwriter.text.words import is_stop_word, words
from aiwriter.threads import computed

SECONDS_BETWEEN = 3.0
_MOST_WORDS = 6  # of a query: all of them must be in a paper
_ATOM = "{http://www.w3.org/2005/Atom}"
_FIRST_DAY, _LAST_DAY = date(1991, 1, 1), date(2199, 12, 31)


class ArXiv:
    """The engine "arxiv" at an address."""

    name = "arxiv"

    def __init__(
        self, url: str, asker: Asker, *, sleep: Sleep = asyncio.sleep, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._asker = asker
        self._sleep, self._clock = sleep, clock
        self._turn = asyncio.Lock()
        self._last = -SECONDS_BETWEEN

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """The papers that hold all telling words of the query, most relevant first; none when it has no such word."""
        asked = _search_query(query)
        if not asked:
            return []
        params = {"search_query": asked, "start": "0", "max_results": str(query.limit), "sortBy": "relevance"}
        async with self._turn:
            await self._sleep(max(0.0, self._last + SECONDS_BETWEEN - self._clock()))
            try:
                feed = await self._asker.text(Question(self._url, params))
            finally:
                self._last = self._clock()
        return kept(await computed(_hits, feed), query)


def _search_query(query: SearchQuery) -> str:
    telling = [word for word in words(query.text) if not is_stop_word(word, "en")][:_MOST_WORDS]
    asked = [f"all:{word}" for word in dict.fromkeys(telling)]
    if asked and (query.since or query.until):
        first, last = query.since or _FIRST_DAY, query.until or _LAST_DAY
        asked.append(f"submittedDate:[{first:%Y%m%d}0000 TO {last:%Y%m%d}2359]")
    return " AND ".join(asked)


def _hits(feed: bytes) -> list[SearchHit]:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(feed, parser)
        if root.tag != f"{_ATOM}feed":
            raise ValueError(f"its root is {root.tag!r}")
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unavailable(
            f"arxiv answered with something that is no Atom feed ({error})", hint="check the address in the settings"
        ) from error
    return list(_entries(root))


def _entries(root: Any) -> Iterator[SearchHit]:
    for entry in root.iterfind(f"{_ATOM}entry"):
        told = {name: plain(entry.findtext(f"{_ATOM}{name}")) for name in ("id", "title", "summary", "published")}
        if told["title"] == "Error":
            raise BadInput(f"arxiv does not take the query ({told['summary']})", hint="say it in other words")
        pages = [link.get("href") for link in entry.iterfind(f"{_ATOM}link") if link.get("rel") == "alternate"]
        yield SearchHit(next(iter(pages), told["id"]), told["title"], told["summary"], day(told["published"]))
