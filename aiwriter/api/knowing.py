"""The part of the client that is about the knowledge: known sources, looks, feeds."""

from __future__ import annotations

from uuid import UUID

from aiwriter.api import known as messages
from aiwriter.api.wire import Wire, listed
from aiwriter.ports.knowledge import KnownFilter
from aiwriter.ports.lists import Paging

ANY_KNOWN, FIRST_PAGE = KnownFilter(), Paging()


class Knowing:
    """What the client asks of known sources and feeds."""

    _wire: Wire

    async def known(self, wanted: KnownFilter = ANY_KNOWN, paging: Paging = FIRST_PAGE) -> messages.KnownPage:
        """GET knowledge: known sources, those that changed last first."""
        return await self._wire.ask("GET", "/knowledge", messages.KnownPage, params=listed(wanted, paging))

    async def passages(self, query: messages.PassageQuery) -> messages.PassageList:
        """GET knowledge/search: passages of known sources by words and by meaning."""
        params = query.model_dump(mode="json", exclude_none=True)
        return await self._wire.ask("GET", "/knowledge/search", messages.PassageList, params=params)

    async def add_source(self, asked: messages.SourceRequest) -> messages.ReadingAccepted:
        """POST knowledge: read it once, by whichever worker is free. Raises Unavailable."""
        return await self._wire.ask("POST", "/knowledge", messages.ReadingAccepted, body=asked)

    async def refresh_source(self, source_id: UUID) -> messages.ReadingAccepted:
        """POST knowledge/{id}/refresh: by whichever worker is free. Raises NotFound, Unavailable."""
        return await self._wire.ask("POST", f"/knowledge/{source_id}/refresh", messages.ReadingAccepted)

    async def forget(self, source_id: UUID) -> messages.Forgotten:
        """DELETE knowledge/{id}: with its passages and vectors. Raises NotFound."""
        return await self._wire.ask("DELETE", f"/knowledge/{source_id}", messages.Forgotten)

    async def looks(self) -> tuple[messages.LookView, ...]:
        """GET knowledge/looks: places that wait to be read, are being read, or failed; newest first."""
        return (await self._wire.ask("GET", "/knowledge/looks", messages.LookList)).items

    async def look(self, look_id: UUID) -> messages.LookView:
        """GET knowledge/looks/{id}: what came of it. Raises NotFound."""
        return await self._wire.ask("GET", f"/knowledge/looks/{look_id}", messages.LookView)

    async def look_again(self, look_id: UUID) -> messages.ReadingAccepted:
        """POST knowledge/looks/{id}/again. Raises NotFound, Unavailable."""
        return await self._wire.ask("POST", f"/knowledge/looks/{look_id}/again", messages.ReadingAccepted)

    async def forget_look(self, look_id: UUID) -> messages.Forgotten:
        """DELETE knowledge/looks/{id}: it is listed no more. Raises NotFound."""
        return await self._wire.ask("DELETE", f"/knowledge/looks/{look_id}", messages.Forgotten)

    async def feeds(self) -> tuple[messages.FeedView, ...]:
        """GET feeds."""
        return (await self._wire.ask("GET", "/feeds", messages.FeedList)).items

    async def add_feed(self, asked: messages.FeedRequest) -> messages.FeedAdded:
        """POST feeds: look at a place from now on; one that is there gets the settings that are given."""
        return await self._wire.ask("POST", "/feeds", messages.FeedAdded, body=asked)

    async def look_at_feed(self, feed_id: UUID) -> messages.LookAccepted:
        """POST feeds/{id}/look: now, by whichever worker is free. Raises NotFound, Unavailable."""
        return await self._wire.ask("POST", f"/feeds/{feed_id}/look", messages.LookAccepted)

    async def remove_feed(self, feed_id: UUID) -> messages.Forgotten:
        """DELETE feeds/{id}: what is known from it stays. Raises NotFound."""
        return await self._wire.ask("DELETE", f"/feeds/{feed_id}", messages.Forgotten)
