"""What the processes of test_publishing_faults.py do, and the target they publish to."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from aiwriter.documents import Article, Publication, PublicationStatus
from aiwriter.errors import AIWriterError, Conflict
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal
from aiwriter.resilience.clock import SystemClock
from aiwriter.services import publishing
from aiwriter.storage.database import SqlDatabase

WHO = Principal("publisher", LOCAL_WORKSPACE)
TARGET = "folder:record"
PLACES = ("before", "within", "after", "index")  # where a process may be killed at its target
LEAVING = ("after", "index", "removing", "removed")  # … while it takes an article away


class RecordingTarget:
    """Writes a line for each thing it is given, with the idempotency key; what is published under one key is published
    once. Kills its own process at the chosen moment."""

    def __init__(self, file: Path, kill: tuple[str, int] | None = None) -> None:
        self._file = file
        self._kill = kill
        self._seen = dict.fromkeys([*PLACES, *LEAVING], 0)

    async def put(self, article: Article, key: UUID) -> str:
        self._die("before")
        await asyncio.sleep(0)
        self._write("put", article.id, key)
        self._die("within")
        return f"record://{article.id}"

    async def holds(self, article: Article) -> bool:
        return True

    async def remove(self, article: Article) -> None:
        self._die("removing")
        self._write("remove", article.id, None)
        self._die("removed")

    async def show(self, listed: Sequence[Publication]) -> None:
        self._die("after")
        self._write("show", None, None, [str(one.article_id) for one in listed])
        self._die("index")

    def _write(self, what: str, article: UUID | None, key: UUID | None, more: object = None) -> None:
        line = json.dumps([what, str(article), str(key), more]) + "\n"
        file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, line.encode())
        os.close(file)

    def _die(self, place: str) -> None:
        self._seen[place] += 1
        if self._kill == (place, self._seen[place]):
            os.kill(os.getpid(), signal.SIGKILL)


def publish_all(url: str, file: str, ids: list[str], seed: int, kill: tuple[str, int] | None) -> None:
    """Publish every article, in an order of one's own, and end; or be killed on the way."""
    asyncio.run(_publish_all(url, Path(file), ids, seed, kill))


async def _publish_all(url: str, file: Path, ids: list[str], seed: int, kill: tuple[str, int] | None) -> None:
    order = list(ids)
    random.Random(seed).shuffle(order)
    target, database, clock = RecordingTarget(file, kill), SqlDatabase(url), SystemClock()
    for article_id in order:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            article = await work.articles.get(UUID(article_id))
        try:
            await publishing.publish(database, WHO, article, TARGET, lambda _: target, clock)
        except Conflict:
            continue  # another is at it
    await database.close()


def unpublish_all(url: str, file: str, ids: list[str], kill: tuple[str, int] | None) -> None:
    """Take every article away and end; or be killed on the way."""
    asyncio.run(unpublished(url, Path(file), ids, kill))


async def unpublished(url: str, file: Path, ids: list[str], kill: tuple[str, int] | None = None) -> list[Publication]:
    """All publications when every article was taken away."""
    target, database, clock = RecordingTarget(file, kill), SqlDatabase(url), SystemClock()
    for article_id in ids:
        await publishing.unpublish(database, WHO, UUID(article_id), lambda _: target, clock)
    found = await publishing.latest(database, WHO, 1000)
    await database.close()
    return found


async def recovered(url: str, file: Path, ids: list[str]) -> list[Publication]:
    """Go on with whatever is left, as the schedule and another try would; all publications then."""
    database, clock, target = SqlDatabase(url), SystemClock(), RecordingTarget(file)
    for article_id in ids:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            article = await work.articles.get(UUID(article_id))
        try:
            await publishing.publish(database, WHO, article, TARGET, lambda _: target, clock)
        except AIWriterError as error:
            raise AssertionError(f"{article_id} was not published: {error}") from error
    found = await publishing.latest(database, WHO, 1000)
    await database.close()
    return [one for one in found if one.status is PublicationStatus.PUBLISHED]
