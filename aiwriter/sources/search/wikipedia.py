"""Wikipedia in the brief's language, or any MediaWiki: the action API's list=search.

Asked: action, list, srsearch, srlimit, srnamespace (0: articles), srprop, format, formatversion, maxlag. Answered:
query.search of title, pageid, snippet, timestamp, and with HTTP 200 as well error of code and info: "maxlag" and
"ratelimited" say when to come back by Retry-After or not at all. The timestamp is that of the last edit, which is no
day of publication: hits have none. A User-Agent with a contact is what Wikimedia's policy asks for.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiwriter.errors import BadInput, Unavailable
from aiwriter.ports import SearchHit, SearchQuery
from aiwriter.sources.search.asking import Asker, Question
from aiwriter.sources.search.filters import kept, listed, plain

_MAXLAG_SECONDS = "5"  # what Wikimedia recommends to programs
_COME_BACK = frozenset({"maxlag", "ratelimited", "readonly"})
_LONGEST = 300  # characters of a query that CirrusSearch takes


class Wikipedia:
    """The engine "wikipedia" at an address, in which {language} stands for the query's."""

    name = "wikipedia"

    def __init__(self, url: str, asker: Asker) -> None:
        self._url = url.rstrip("/")
        self._asker = asker

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """The best articles of that wiki."""
        wiki = self._url.replace("{language}", query.language or "en")
        question = Question(f"{wiki}/w/api.php", _params(query))
        answer = await self._asker.json(question, self._problem)
        found = answer.get("query") if isinstance(answer, dict) else None
        return kept((_hit(wiki, one) for one in listed(found, "search", self.name) if plain(one.get("title"))), query)

    def _problem(self, answer: Any) -> Exception | None:
        """What an error in a good answer comes to."""
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict):
            return None
        code = plain(error.get("code"))
        told = f"{code}: {plain(error.get('info'))}"
        if code in _COME_BACK:
            return self._asker.come_back(told)
        if code.startswith("internal_api_error"):
            return Unavailable(f"{self.name}: {told}", hint="try again later")
        return BadInput(f"{self.name} does not take the query ({told})", hint="say it in other words")


def _params(query: SearchQuery) -> dict[str, str]:
    return {
        "action": "query",
        "list": "search",
        "srsearch": query.text[:_LONGEST],
        "srlimit": str(query.limit),
        "srnamespace": "0",
        "srprop": "snippet",
        "format": "json",
        "formatversion": "2",
        "maxlag": _MAXLAG_SECONDS,
    }


def _hit(wiki: str, found: dict[str, Any]) -> SearchHit:
    title = plain(found.get("title"))
    return SearchHit(f"{wiki}/wiki/{quote(title.replace(' ', '_'), safe='/:(),')}", title, plain(found.get("snippet")))
