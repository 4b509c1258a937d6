"""What every search engine promises of its hits, kept in one place whatever the engine itself can filter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from aiwriter.errors import Unavailable
from aiwriter.ports import SearchHit, SearchQuery
from aiwriter.sources.extracted import parse_date

_TAG = re.compile(r"<[^>]*>")
_SNIPPET = 500  # characters
_LONGEST_URL = 2000


def kept(hits: Iterable[SearchHit], query: SearchQuery) -> list[SearchHit]:
    """At most `query.limit` hits in their order, each address once, http(s) alone, none outside the filters.

    A domain means its subdomains as well; a hit without a date passes the days."""
    by_url: dict[str, SearchHit] = {}
    for hit in hits:
        if _is_of_the_web(hit.url) and _is_wanted(hit, query):
            by_url.setdefault(hit.url, hit)
    return list(by_url.values())[: query.limit]


def is_within(host: str, domain: str) -> bool:
    """Whether a host is a domain or lies below it."""
    return host == domain or host.endswith(f".{domain}")


def plain(text: object) -> str:
    """A title or snippet as one line of text: tags and entities are an engine's highlighting."""
    unmarked = html.unescape(_TAG.sub("", text if isinstance(text, str) else ""))
    return printable(unmarked)[:_SNIPPET]


def printable(text: str) -> str:
    """One line without control characters and halves of characters, which no database takes."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())


def day(text: object) -> datetime | None:
    """When a hit was published, as engines write it; None when they do not say, or nothing that is a date."""
    try:
        return parse_date(text) if isinstance(text, str) else None
    except OverflowError:  # the year 99999999999
        return None


def listed(answer: Any, name: str, engine: str) -> Iterator[dict[str, Any]]:
    """The objects in the list `name` of an answer. Raises Unavailable when there is no such list."""
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise Unavailable(
            f"{engine} answered in a form that is not known: there is no list {name!r}",
            hint="check that the address in the settings is that of its API",
        )
    return (one for one in found if isinstance(one, dict))


def _is_of_the_web(url: str) -> bool:
    if len(url) > _LONGEST_URL or not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        return False


def _is_wanted(hit: SearchHit, query: SearchQuery) -> bool:
    host = (urlsplit(hit.url).hostname or "").rstrip(".")
    if query.domains and not any(is_within(host, domain) for domain in query.domains):
        return False
    if any(is_within(host, domain) for domain in query.without_domains):
        return False
    if hit.published_at is None:
        return True
    published = hit.published_at.date()
    return (query.since is None or published >= query.since) and (query.until is None or published <= query.until)
