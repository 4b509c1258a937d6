"""The task of `ingest_sources`: a look at one feed."""

from __future__ import annotations

from uuid import UUID

from prefect import task
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact

from aiwriter.services import feeds, ingesting
from aiwriter.services.ingesting import Ingested
from tasks import artifacts, policies
from tasks.tooling import tools


@task(name="feed", task_run_name="{name}", **policies.FETCH)
async def look_at_feed(feed_id: UUID, name: str) -> Ingested:  # noqa: ARG001 - Prefect's pages call the task so
    """Look at a feed; what came of it is told in a table of changes."""
    held = tools()
    feed = await feeds.get(held.database, held.principal, feed_id)
    bar = await acreate_progress_artifact(0.0, key=artifacts.key("looking", feed.name, feed.id), description="begun")

    async def progress(done: int, total: int, location: str) -> None:
        await aupdate_progress_artifact(bar, done / total * 100, description=f"{done} of {total}: {location}")

    looked = await ingesting.look_at_feed(
        held.database, held.principal, feed, held.finder, held.shelf(), every_so_often(progress)
    )
    await artifacts.change_report(feed, looked)
    return looked


def every_so_often(progress: ingesting.Progress, parts: int = 20) -> ingesting.Progress:
    """The same told at most so many times, and at the end: a picture of the work must not slow it down."""

    async def told(done: int, total: int, location: str) -> None:
        if done == total or done % max(1, total // parts) == 0:
            await progress(done, total, location)

    return told
