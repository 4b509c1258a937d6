"""Asking for an article: the answer is the address of a run, within half a second whatever the orchestrator does."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import APIRouter, Response

from aiwriter import choices
from aiwriter.api import asking
from aiwriter.api.auth import Reader, Visit, Writer
from aiwriter.api.schemas import PREFIX, Accepted, GenerateRequest
from aiwriter.documents import Answered, Brief, Estimate, Run, RunStatus
from aiwriter.services import answered, estimates, generating

router = APIRouter(prefix="/generate", tags=["generate"])


@router.post("/content", status_code=202, response_model=Accepted)
async def generate_content(
    who: Writer, asked: GenerateRequest, idempotency_key: asking.IdempotencyKey = None
) -> Response:
    """Start a run: store it for this brief and hand it to a worker. What can be refused beforehand is."""
    sent = asking.sent_once(who, "generate/content", asked, idempotency_key)
    now = who.tools.clock.now()
    if sent is not None:
        before = await generating.earlier_answer(who.database, who.principal, sent, now)
        if before is not None:
            return asking.accepted(before)
    brief, model = await asking.checked(who.tools, asked)
    settings = who.tools.settings
    run = Run(brief=brief, model=model, embedder=settings.embedder, budget_usd=asked.budget_usd or settings.budget_usd)
    found = await _found(who, brief)
    said = _answer(run.id, found, await _budget(who, run))
    answer = await generating.ask(who.database, who.principal, run, said, sent, now, found)
    who.house.dispatcher.poke()
    return asking.accepted(answer)


@router.post("/estimate")
async def estimate_content(who: Reader, asked: GenerateRequest) -> Estimate:
    """Estimate a run for this brief, and name articles that seem to answer it already; nothing is stored or
    started."""
    brief, model = await asking.checked(who.tools, asked, sources=False)
    budget = asked.budget_usd or who.tools.settings.budget_usd
    wanted = (brief, who.tools.model(model), budget, who.tools.checker(), choices.cheaper(who.tools))
    found = await estimates.estimate(who.database, who.principal, who.tools.clock, *wanted)
    return found.model_copy(update={"answered": await _already(who, brief)})


async def _already(who: Visit, brief: Brief) -> tuple[Answered, ...]:
    name = who.tools.settings.embedder
    vectors, embedder = who.tools.vectors(name), who.tools.embedder(name)
    return await answered.already(who.database, who.principal, brief, vectors, embedder)


async def _found(who: Visit, brief: Brief) -> tuple[Answered, ...] | None:
    """None when it takes too long, as while the embedder is loaded, and for who may not read: the worker looks again,
    and the run tells those who may."""
    if "read" not in who.principal.scopes:
        return None
    try:
        async with asyncio.timeout(who.house.look_seconds):
            return await _already(who, brief)
    except TimeoutError:
        return None


async def _budget(who: Visit, run: Run) -> str:
    """What the caps mean for the run; nothing is said to who may not read."""
    if "read" not in who.principal.scopes:
        return ""
    wanted = (run.brief, who.tools.model_for(run), run.budget_usd, who.tools.checker(), choices.cheaper(who.tools))
    return (await estimates.estimate(who.database, who.principal, who.tools.clock, *wanted)).caps


def _answer(run_id: UUID, found: tuple[Answered, ...] | None, budget: str) -> str:
    href = f"{PREFIX}/runs/{run_id}"
    said = {"href": href, "events": f"{href}/events", "answered": found, "budget": budget}
    return Accepted.model_validate({"run_id": run_id, "status": RunStatus.QUEUED, **said}).model_dump_json()
