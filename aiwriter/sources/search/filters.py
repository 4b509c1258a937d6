"""What every search engine promises of its hits, kept in one place whatever the engine itself can filter."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Any
from urllib.parse import urlsplit

from aiwriter.errors import Unavailable
from aiwriter.ports import SearchHit, SearchQuery

_TAG = re.compile(r"<[^>]*>")
_SNIPPET = 500


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
    return " ".join(html.unescape(_TAG.sub("", text if isinstance(text, str) else "")).split())[:_SNIPPET]


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
    day = hit.published_at.astimezone(UTC).date()
    return (query.since is None or day >= query.since) and (query.until is None or day <= query.until)
