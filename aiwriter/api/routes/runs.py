"""Runs: list, look at, follow, steer."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from aiwriter.api import streaming
from aiwriter.api.auth import Reader, Writer
from aiwriter.api.parameters import EventNumber, RunQuery
from aiwriter.api.schemas import CallList, History, OutlineApproval, OutlineView, ResumeRequest, RunDetail, RunPage
from aiwriter.documents import Run, RunStatus
from aiwriter.offered import ask_again
from aiwriter.services import caps, looking, runs

router = APIRouter(prefix="/runs", tags=["runs"])

EVENT_REPLIES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "Server-sent events: `id` is the event's number, `event` its kind, `data` the event as JSON. "
        "The last one is `stream.end`; after anything else connect again with Last-Event-ID.",
        "content": {streaming.MEDIA_TYPE: {"schema": {"type": "string"}}},
    }
}


@router.get("")
async def list_runs(who: Reader, query: Annotated[RunQuery, Query()]) -> RunPage:
    """Runs, newest first by default."""
    page = await runs.page(who.database, who.principal, query.wanted(), query.paging())
    return RunPage(items=tuple(page.items), total=page.total, next_cursor=page.next_cursor)


@router.get("/{run_id}")
async def get_run(who: Reader, run_id: UUID) -> RunDetail:
    """One run: its cost so far, the time of its stages, and the orchestrator's page about it."""
    seen = await looking.at(who.database, who.principal, run_id)
    return RunDetail(
        run=seen.run,
        cost_usd=seen.totals.cost_usd,
        model_calls=seen.totals.calls,
        unknown_calls=seen.totals.unknown,
        unknown_usd=seen.totals.unknown_usd,
        seconds_by_stage=dict(seen.seconds_by_stage),
        facts=seen.facts,
        page=seen.page,
        answered=seen.answered,
    )


@router.get("/{run_id}/history")
async def get_history(who: Reader, run_id: UUID, after: EventNumber = 0) -> History:
    """Past events, at most 500."""
    await runs.get(who.database, who.principal, run_id)
    return History(items=tuple(await runs.events_after(who.database, who.principal, run_id, after)))


@router.get("/{run_id}/events", response_class=StreamingResponse, responses=EVENT_REPLIES)
async def follow_events(
    who: Reader,
    request: Request,
    run_id: UUID,
    after: EventNumber = 0,
    last_event_id: Annotated[str | None, Header(description="Only events after this one; outweighs `after`.")] = None,
) -> StreamingResponse:
    """Stream of events, until the run has ended."""
    run = await runs.get(who.database, who.principal, run_id)
    return streaming.stream(who, request, run, streaming.number_of(last_event_id, after))


@router.get("/{run_id}/calls")
async def list_calls(who: Reader, run_id: UUID) -> CallList:
    """Requests to language models, oldest first."""
    return CallList(items=tuple(await runs.calls(who.database, who.principal, run_id)))


@router.get("/{run_id}/outline")
async def get_outline(who: Reader, run_id: UUID) -> OutlineView:
    """The current outline and the passages it may use; 404 when there is none yet."""
    planned = await runs.outline_of(who.database, who.principal, run_id)
    run = await runs.get(who.database, who.principal, run_id)
    return OutlineView(
        run_id=run_id,
        outline=planned.outline,
        approved=planned.approved,
        waiting=run.status is RunStatus.WAITING,
        passages=planned.passages,
    )


@router.post("/{run_id}/cancel")
async def cancel_run(who: Writer, run_id: UUID) -> Run:
    """Cancel a run for good; its worker stops within about a second."""
    return await runs.cancel(who.database, who.principal, run_id)


@router.post("/{run_id}/resume", status_code=202)
async def resume_run(who: Writer, run_id: UUID, asked: ResumeRequest | None = None) -> Run:
    """Resume a failed run after its last finished stage. One that was refused for its own budget goes
    on with a larger one, one that another budget refused as soon as that has room: `short` of the run says which."""
    budget = None if asked is None else asked.budget_usd
    before = await runs.get(who.database, who.principal, run_id)
    await caps.require_room(who.database, who.principal, who.tools.clock, before)
    run = await runs.resume(who.database, who.principal, run_id, budget_usd=budget)
    await ask_again(who.tools, f"{run.model}, {run.embedder}")  # a person wants to know
    who.house.dispatcher.poke()
    return run


@router.post("/{run_id}/outline/approval", status_code=202)
async def approve_outline(who: Writer, run_id: UUID, approval: OutlineApproval) -> Run:
    """Approve the outline of a waiting run, as planned or as given."""
    run = await runs.approve_outline(who.database, who.principal, run_id, approval.outline)
    who.house.dispatcher.poke()
    return run
