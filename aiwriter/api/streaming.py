"""Events of a run as server-sent events. The table `run_events` is their only home: a stream reads it on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Sequence
from typing import Any, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse

from aiwriter.api.auth import Visit
from aiwriter.api.parameters import MOST_ROWS
from aiwriter.api.schemas import STREAM_END
from aiwriter.documents import Run, RunEvent, RunStatus
from aiwriter.errors import NotFound, Unavailable
from aiwriter.services import runs

T = TypeVar("T")

MEDIA_TYPE = "text/event-stream"
POLL_SECONDS = 0.2
HEARTBEAT_SECONDS = 10.0
FINISH_SECONDS = 5.0
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
    """Until the run has ended and everything is delivered, the API closes, or nobody listens any more."""
    said = time.monotonic()
    status = run.status
    yield "retry: 1000\n\n"
    while not who.house.closing and not await request.is_disconnected():
        try:
            found = await _undisturbed(runs.events_after(who.database, who.principal, run.id, after))
            if _may_have_ended(found, status) or _is_silent(said):
                status = (await _undisturbed(runs.get(who.database, who.principal, run.id))).status
                if not found and status in ENDED:
                    yield f"event: {STREAM_END}\ndata: {{}}\n\n"
                    return
        except Unavailable:  # the stream outlives an outage of the database; the heartbeat goes on
            found = []
        except NotFound:  # deleted meanwhile
            return
        for event in found:
            yield _text(event)
            after = event.seq
        if found:
            said = time.monotonic()
        elif _is_silent(said):
            yield ": still here\n\n"
            said = time.monotonic()
        if not found:
            await asyncio.sleep(POLL_SECONDS)


async def _undisturbed(reading: Coroutine[Any, Any, T]) -> T:
    """A reader that leaves does not tear the connection out of a query: it is finished first."""
    task = asyncio.ensure_future(reading)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=FINISH_SECONDS)
        raise


def _may_have_ended(found: Sequence[RunEvent], status: RunStatus) -> bool:
    return any(event.kind == "run.finished" for event in found) if found else status in ENDED


def _is_silent(since: float) -> bool:
    return time.monotonic() - since >= HEARTBEAT_SECONDS


def _text(event: RunEvent) -> str:
    return f"id: {event.seq}\nevent: {event.kind}\ndata: {event.model_dump_json()}\n\n"
