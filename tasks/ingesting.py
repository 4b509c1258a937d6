"""The tasks of `ingest_sources`: a look at one feed, or at one place."""

from __future__ import annotations

from uuid import UUID

from prefect import task
from prefect.artifacts import acreate_progress_artifact, aupdate_progress_artifact

from aiwriter.services import feeds, ingesting, looks
from aiwriter.services.ingesting import Ingested
from tasks import artifacts, policies
from tasks.tooling import tools

PICTURES = 20


@task(name="feed", task_run_name="{name}", **policies.FETCH)
async def look_at_feed(feed_id: UUID, name: str) -> Ingested:  # noqa: ARG001 - Prefect's pages call the task so
    """Look at a feed; what came of it is told in a table of changes."""
    held = tools()
    feed = await feeds.get(held.database, held.principal, feed_id)
    progress = await _bar(feed.name, feed.id)
    looked = await ingesting.look_at_feed(held.database, held.principal, feed, held.finder, held.shelf(), progress)
    await artifacts.change_report(feed.name, feed.id, looked)
    return looked


@task(name="place", task_run_name="{name}", **policies.FETCH)
async def look_at_place(place: str, look_id: UUID, name: str) -> Ingested:
    """Look at a place once, or again at a known source; what came of it is told in a table of changes."""
    held = tools()
    progress = await _bar(name, look_id)
    looked = await looks.carry(held.database, held.principal, look_id, place, held.finder, held.shelf(), progress)
    await artifacts.change_report(name, look_id, looked)
    return looked


async def _bar(name: str, about: UUID) -> ingesting.Progress:
    bar = await acreate_progress_artifact(0.0, key=artifacts.key("looking", name, about), description="begun")

    async def progress(done: int, total: int, location: str) -> None:
        await aupdate_progress_artifact(bar, done / total * 100, description=f"{done} of {total}: {location}")

    return every_so_often(progress)


def every_so_often(progress: ingesting.Progress) -> ingesting.Progress:
    """The same told at most so many times, and at the end: a picture of the work must not slow it down."""

    async def told(done: int, total: int, location: str) -> None:
        if done == total or done % max(1, total // PICTURES) == 0:
            await progress(done, total, location)

    return told
