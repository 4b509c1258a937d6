"""Reading for a run: what is known already is not fetched again while it is fresh, and asked for conditionally then; a
file that was read before and has not changed is not parsed again."""

from __future__ import annotations

from datetime import timedelta

from aiwriter.documents import Source
from aiwriter.errors import SourceGone, UnreadableSource
from aiwriter.ports import (
    Changed,
    Clock,
    Database,
    Documents,
    KnownSource,
    Principal,
    SourceFinder,
    Unchanged,
    Validators,
    is_address,
)
from aiwriter.services import knowledge

FRESH = timedelta(hours=24)  # how long a page that was looked at is taken as it is


class KnownFinder:
    """A `SourceFinder` that knows what is known. A page that cannot be had just now is read as it was known."""

    def __init__(self, finder: SourceFinder, database: Database, principal: Principal, clock: Clock) -> None:
        self._finder = finder
        self._database = database
        self._principal = principal
        self._clock = clock

    def expand(self, location: str) -> list[str]:
        return self._finder.expand(location)

    async def discover(self, location: str) -> Documents:
        return await self._finder.discover(location)

    async def read_if_changed(self, location: str, known: Validators | None) -> Changed | Unchanged:
        return await self._finder.read_if_changed(location, known)

    async def read(self, location: str) -> Source:
        """Raises UnreadableSource, and SourceGone though it was known: nobody can look it up any more."""
        async with self._database.unit_of_work(self._principal.workspace_id) as work:
            known = (await work.knowledge.at([location])).get(location)
            seen = await work.sources.newest_at(location) if known is None else None
        if known is None:
            return await self._read_before(location, seen)
        if is_address(location) and self._clock.now() - known.checked_at < FRESH:
            return await self._stored(known)
        try:
            answer = await self._finder.read_if_changed(location, known.validators)
        except SourceGone:
            raise
        except UnreadableSource:
            return await self._stored(known)
        return (
            knowledge.with_known_day(answer.source, known) if isinstance(answer, Changed) else await self._stored(known)
        )

    async def _read_before(self, location: str, seen: Source | None) -> Source:
        if seen is None:
            return await self._finder.read(location)
        answer = await self._finder.read_if_changed(location, Validators(etag=seen.etag))
        return answer.source if isinstance(answer, Changed) else seen

    async def _stored(self, known: KnownSource) -> Source:
        async with self._database.unit_of_work(self._principal.workspace_id) as work:
            return (await work.sources.get_many([known.source_id]))[0]
