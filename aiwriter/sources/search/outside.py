"""Engines of the public web name pages of the public web.

The setting `AIWRITER_SOURCES__ALLOW_PRIVATE_HOSTS` is for what a user names. Whoever gets a page into the results of a
public engine must not reach those hosts by it, just as a public page cannot redirect there; an engine of your own, on
this machine or a private network, may name them.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from aiwriter.ports import SearchEngine, SearchHit, SearchQuery
from aiwriter.sources.addresses import refusal

_PORTS = {"http": 80, "https": 443}
_OF_A_NETWORK = re.compile(r"[^.:]+|.*\.(?:internal|intranet|lan|local|localhost|home\.arpa)", re.IGNORECASE)


class PublicEngine:
    """An engine of the public web whose hits on `private` hosts ("intranet.local", "127.0.0.1:8123") are dropped."""

    def __init__(self, engine: SearchEngine, private: Collection[str]) -> None:
        self.name = engine.name
        self._engine = engine
        self._private = frozenset(host.strip().lower() for host in private)

    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """The engine's hits but those."""
        return [hit for hit in await self._engine.search(query) if not self._names_private(hit.url)]

    def _names_private(self, url: str) -> bool:
        parts = urlsplit(url)
        name = (parts.hostname or "").lower()
        try:
            port = parts.port or _PORTS[parts.scheme]
        except ValueError:
            return True  # no page can be read there either
        return not self._private.isdisjoint({name, name.rstrip("."), f"{name}:{port}"})


def is_public(url: str) -> bool:
    """Whether an address is of the public web by its name: no private address, no name of a local network."""
    host = urlsplit(url).hostname or ""
    try:
        return refusal(host) is None
    except ValueError:  # a name
        return not _OF_A_NETWORK.fullmatch(host)
