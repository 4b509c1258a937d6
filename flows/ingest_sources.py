"""The flow that looks at feeds: at one that is named, or by the clock at those whose time has come."""

from __future__ import annotations

from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from aiwriter.errors import AIWriterError
from aiwriter.services import feeds
from flows import naming
from tasks.ingesting import look_at_feed
from tasks.tooling import opened, step


@flow(name="ingest-sources", flow_run_name="ingest-sources", persist_result=False)
async def ingest_sources(
    feed_id: UUID | None = None,
    title: str = "",  # noqa: ARG001 - for those who look at Prefect's pages
    workspace: UUID | None = None,
) -> State:
    """Look at this feed, or at all that are due, one after the other. One that cannot be read does not stop the
    others; run again, what is unchanged costs a conditional request.

    Ends Failed when nothing could be read of one of them, with what came of each either way.
    """
    said, failed = [], False
    async with opened(workspace) as held:
        if feed_id is None:
            wanted = await feeds.due(held.database, held.principal, held.clock)
        else:
            wanted = [await feeds.get(held.database, held.principal, feed_id)]
        for feed in wanted:
            try:
                looked = await step(look_at_feed, feed.id, naming.short(feed.name))
            except AIWriterError as error:
                said.append(f"{feed.name}: {error}")
                failed = True
            else:
                said.append(f"{feed.name}: {looked.in_words}")
                failed = failed or looked.found_nothing
    message = "; ".join(said) or "nothing was due"
    return Failed(message=message) if failed else Completed(message=message)
