"""Events of a run as server-sent events. The table `run_events` is their only home: a stream reads it on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse

from aiwriter.api.auth import Visit
from aiwriter.api.errors import Unauthorized
from aiwriter.api.parameters import MOST_ROWS
from aiwriter.api.schemas import STREAM_END
from aiwriter.documents import Run, RunEvent, RunStatus
from aiwriter.errors import NotFound, Unavailable
from aiwriter.services import keys, runs

T = TypeVar("T")

MEDIA_TYPE = "text/event-stream"
POLL_SECONDS = 0.2
HEARTBEAT_SECONDS = 10.0
FINISH_SECONDS = 5.0
KEY_SECONDS = 0.8  # so often a key is looked at again: a revoked one reads no further than a second
ENDED = (RunStatus.DONE, RunStatus.REFUSED, RunStatus.FAILED, RunStatus.CANCELLED)
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # the latter: nginx passes each event on at once


def number_of(last_event_id: str | None, otherwise: int) -> int:
    """The number in a Last-Event-ID; `otherwise` for what is none."""
    text = (last_event_id or "").strip()
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 20 else otherwise


def stream(who: Visit, request: Request, run: Run, after: int) -> StreamingResponse:
    """The response that gives the run's events after that number."""
    return StreamingResponse(_events(who, request, run, after), media_type=MEDIA_TYPE, headers=HEADERS)


async def _events(who: Visit, request: Request, run: Run, after: int) -> AsyncIterator[str]:
    """Until the run has ended and everything is delivered, the key is revoked, the API closes, or nobody listens."""
    following = _Following(who, run, after)
    yield "retry: 1000\n\n"
    while not who.house.closing and not await request.is_disconnected():
        try:
            found = await _undisturbed(following.next())
        except Unavailable:  # the stream outlives an outage of the database; the heartbeat goes on
            found = []
        except (NotFound, Unauthorized):  # deleted or revoked meanwhile: who connects again is told
            return
        for event in found:
            yield _text(event)
        if following.has_ended:
            yield f"event: {STREAM_END}\ndata: {{}}\n\n"
            return
        if following.is_silent():
            yield ": still here\n\n"
        if not found:
            await asyncio.sleep(POLL_SECONDS)


class _Following:
    """Where one reader is in the history of one run."""

    def __init__(self, who: Visit, run: Run, after: int) -> None:
        self._who = who
        self._run_id = run.id
        self._status = run.status
        self._after = after
        self._said = self._asked = time.monotonic()
        self.has_ended = False

    async def next(self) -> list[RunEvent]:
        """What has happened since; with nothing more to come, `has_ended`. Raises Unauthorized for a dead key."""
        database, principal = self._who.database, self._who.principal
        if time.monotonic() - self._asked > KEY_SECONDS:
            if not await keys.is_valid(database, self._who.key_id, self._who.tools.clock.now()):
                raise Unauthorized("the API key is no longer valid")
            self._asked = time.monotonic()
        found = await runs.events_after(database, principal, self._run_id, self._after)
        if self._may_have_ended(found):
            self._status = (await runs.get(database, principal, self._run_id)).status
            self.has_ended = not found and self._status in ENDED
        if found:
            self._after, self._said = found[-1].seq, time.monotonic()
        return found

    def is_silent(self) -> bool:
        """Whether a sign of life is due; asking counts as one."""
        if time.monotonic() - self._said < HEARTBEAT_SECONDS:
            return False
        self._said = time.monotonic()
        return True

    def _may_have_ended(self, found: Sequence[RunEvent]) -> bool:
        return any(event.kind == "run.finished" for event in found) if found else self._status in ENDED


async def _undisturbed(reading: Coroutine[Any, Any, T]) -> T:
    """A reader that leaves does not tear the connection out of a query: it is finished first."""
    task = asyncio.ensure_future(reading)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=FINISH_SECONDS)
        raise


def _text(event: RunEvent) -> str:
    return f"id: {event.seq}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n"
