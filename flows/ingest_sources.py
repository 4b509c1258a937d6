"""The flow that looks at feeds and places: at what is named, or by the clock at the feeds whose time has come."""

from __future__ import annotations

from collections.abc import Awaitable
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from aiwriter.bootstrap import Tools
from aiwriter.errors import AIWriterError
from aiwriter.ids import new_id
from aiwriter.ports import Feed
from aiwriter.services import feeds
from aiwriter.services.ingesting import Ingested
from flows import naming
from tasks.ingesting import look_at_feed, look_at_place
from tasks.tooling import opened, step


@flow(name="ingest-sources", flow_run_name="ingest-sources", persist_result=False)
async def ingest_sources(
    feed_id: UUID | None = None,
    title: str = "",  # noqa: ARG001 - for those who look at Prefect's pages
    workspace: UUID | None = None,
    place: str | None = None,
    look_id: UUID | None = None,
) -> State:
    """Look at this feed, at this place once, or at all feeds that are due, one after the other. One that cannot be read
    does not stop the others; run again, what is unchanged costs a conditional request.

    Ends Failed when nothing could be read of one of them, with what came of each either way.
    """
    async with opened(workspace) as held:
        if place is not None:
            looks = [await _told(place, step(look_at_place, place, look_id or new_id(), naming.short(place)))]
        else:
            wanted = await _feeds(held, feed_id)
            looks = [await _told(one.name, step(look_at_feed, one.id, naming.short(one.name))) for one in wanted]
    message = "; ".join(said for said, _ in looks) or "nothing was due"
    return Failed(message=message) if any(failed for _, failed in looks) else Completed(message=message)


async def _told(name: str, look: Awaitable[Ingested]) -> tuple[str, bool]:
    """What came of a look, in words, and whether it failed."""
    try:
        looked = await look
    except AIWriterError as error:
        return f"{name}: {error}", True
    return f"{name}: {looked.in_words}", looked.found_nothing


async def _feeds(held: Tools, feed_id: UUID | None) -> list[Feed]:
    if feed_id is None:
        return await feeds.due(held.database, held.principal, held.clock)
    return [await feeds.get(held.database, held.principal, feed_id)]
