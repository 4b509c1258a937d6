"""The knowledge: what is known, found again, forgotten, and the feeds it comes from."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from aiwriter.api import asking
from aiwriter.api.auth import Reader, Visit, Writer
from aiwriter.api.known import (
    FeedAdded,
    FeedList,
    FeedRequest,
    FeedView,
    Forgotten,
    KnownPage,
    KnownQuery,
    KnownSourceView,
    LookAccepted,
    LookList,
    LookView,
    PassageList,
    PassageQuery,
    PassageView,
    ReadingAccepted,
    SourceRequest,
)
from aiwriter.api.schemas import PREFIX
from aiwriter.errors import Unavailable
from aiwriter.pipeline import places
from aiwriter.ports import PassageFilter
from aiwriter.services import feeds, knowledge, looks

router = APIRouter()


@router.get("/knowledge", tags=["knowledge"])
async def list_known(who: Reader, query: Annotated[KnownQuery, Query()]) -> KnownPage:
    """Known sources, most recently changed first by default."""
    page = await knowledge.known(who.database, who.principal, query.wanted(), query.paging())
    originals = await knowledge.originals(who.database, who.principal, page.items)
    items = tuple(KnownSourceView.of(one, originals.get(one.source_id)) for one in page.items)
    return KnownPage(items=items, total=page.total, next_cursor=page.next_cursor)


@router.get("/knowledge/search", tags=["knowledge"])
async def find_passages(who: Reader, query: Annotated[PassageQuery, Query()]) -> PassageList:
    """Search passages of known sources by words and by meaning, best first."""
    wanted = PassageFilter(domains=query.domains, languages=query.languages, since=query.since, until=query.until)
    retriever = who.tools.retriever(who.tools.settings.embedder)
    found = await knowledge.retrieve(who.principal, retriever, query.q, wanted, query.limit)
    return PassageList(items=tuple(map(PassageView.of, found.passages)), notes=tuple(found.notes))


@router.post("/knowledge", tags=["knowledge"], status_code=202)
async def add_source(who: Writer, asked: SourceRequest) -> ReadingAccepted:
    """Read a place once and keep its sources: handed to the orchestrator, at most once a minute. The answer names where
    to ask what came of it."""
    location = await asyncio.to_thread(_readable, who, asked.location)
    return await _read_by_worker(who, location)


@router.post("/knowledge/{source_id}/refresh", tags=["knowledge"], status_code=202)
async def refresh_source(who: Writer, source_id: UUID) -> ReadingAccepted:
    """Check a known source for changes: handed to the orchestrator, at most once a minute. What is gone is removed."""
    known = await knowledge.get(who.database, who.principal, source_id)
    return await _read_by_worker(who, known.location)


def _readable(who: Visit, location: str) -> str:
    """The one place that was meant, for any worker. Raises BadInput."""
    places.refuse_search(location, who.tools.engines)
    place = asking.usable(who.tools, location)
    who.tools.finder.expand(place)
    return place


async def _read_by_worker(who: Visit, location: str) -> ReadingAccepted:
    look = await looks.ask(who.database, who.principal, location, who.tools.clock)
    launcher = who.tools.launcher()
    try:
        submitted = await launcher.submit_place(location, look.id)
    except Unavailable as error:
        await looks.failed(who.database, who.principal, look, error, who.tools.clock)
        raise
    state = await launcher.state()
    return ReadingAccepted(
        id=look.id,
        location=location,
        link=f"{PREFIX}/knowledge/looks/{look.id}",
        page=submitted.page,
        note=None if state.workers else "No worker is there: it waits until one is.",
    )


@router.get("/knowledge/looks", tags=["knowledge"])
async def list_looks(who: Reader) -> LookList:
    """Places that wait to be read, are being read, or failed; newest first."""
    return LookList(items=tuple(map(LookView.of, await looks.unread(who.database, who.principal))))


@router.get("/knowledge/looks/{look_id}", tags=["knowledge"])
async def get_look(who: Reader, look_id: UUID) -> LookView:
    """One look at a place, and its result."""
    return LookView.of(await looks.get(who.database, who.principal, look_id))


@router.post("/knowledge/looks/{look_id}/again", tags=["knowledge"], status_code=202)
async def look_again(who: Writer, look_id: UUID) -> ReadingAccepted:
    """Read the same place again: handed to the orchestrator, at most once a minute."""
    look = await looks.get(who.database, who.principal, look_id)
    return await _read_by_worker(who, await asyncio.to_thread(_readable, who, look.location))


@router.delete("/knowledge/looks/{look_id}", tags=["knowledge"])
async def forget_look(who: Writer, look_id: UUID) -> Forgotten:
    """Remove a look from the list; what is known stays."""
    await looks.forget(who.database, who.principal, look_id)
    return Forgotten(id=look_id)


@router.delete("/knowledge/{source_id}", tags=["knowledge"])
async def forget(who: Writer, source_id: UUID) -> Forgotten:
    """Remove a known source with its passages and vectors; articles keep what they cite of it."""
    return Forgotten(
        id=source_id, index=await knowledge.remove(who.database, who.principal, source_id, who.tools.shelf())
    )


@router.get("/feeds", tags=["knowledge"])
async def list_feeds(who: Reader) -> FeedList:
    """Feeds, with their last error."""
    return FeedList(items=tuple(map(FeedView.of, await feeds.all_of(who.database, who.principal))))


@router.post("/feeds", tags=["knowledge"], status_code=201)
async def add_feed(who: Writer, asked: FeedRequest, response: Response) -> FeedAdded:
    """Add a feed; one that exists gets the given settings (200). The first
    look is at the next hour, or when it is asked for."""
    location = await asyncio.to_thread(_readable, who, asked.location)
    added = await feeds.add(
        who.database,
        who.principal,
        who.tools.finder,
        location,
        name=asked.name,
        limit=asked.limit,
        every_hours=asked.every_hours,
    )
    if added.state != "new":
        response.status_code = 200
    return FeedAdded.of_added(added.feed, added.state)


@router.post("/feeds/{feed_id}/look", tags=["knowledge"], status_code=202)
async def look_at_feed(who: Writer, feed_id: UUID) -> LookAccepted:
    """Read a feed now: handed to the orchestrator, once until it has been read."""
    feed = await feeds.get(who.database, who.principal, feed_id)
    submitted = await who.tools.launcher().submit_look(feed)
    return LookAccepted(feed_id=feed.id, page=submitted.page)


@router.delete("/feeds/{feed_id}", tags=["knowledge"])
async def remove_feed(who: Writer, feed_id: UUID) -> Forgotten:
    """Remove a feed; its sources stay known."""
    await feeds.remove(who.database, who.principal, feed_id)
    return Forgotten(id=feed_id)
