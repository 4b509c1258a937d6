"""Runs: ask for one, look at it, steer it. Who works on it and for how long: services/holding.py."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import (
    Answered,
    Brief,
    Evidence,
    ModelCall,
    Outline,
    Passage,
    Run,
    RunEvent,
    RunStatus,
    SectionPlan,
    Stage,
    utc_now,
)
from aiwriter.errors import BadInput, Conflict, NotFound
from aiwriter.ports import OFFLINE, Database, Page, Paging, Principal, RunFilter, UnitOfWork
from aiwriter.services import analytics, answered, holding
from aiwriter.text.dollars import exact

MOST_SECTIONS, MOST_WORDS = 60, 10_000  # of an outline, of one of its sections

# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def ask(
    database: Database,
    principal: Principal,
    brief: Brief,
    *,
    model: str,
    embedder: str,
    budget_usd: Decimal | None,
    out: str | None = None,
    in_hand: bool = False,
) -> Run:
    """Store a new run, queued, with its cap; nothing is started.

    The dispatcher hands it to the orchestrator, unless it is `in_hand`: this process carries it itself.
    """
    principal.require("write")
    run = Run(brief=brief, model=model, embedder=embedder, budget_usd=budget_usd, out=out)
    async with database.unit_of_work(principal.workspace_id) as work:
        run = await add(work, principal, run)
        if in_hand:
            await work.runs.submitted(run.id, utc_now())
        await work.commit()
    return run


async def add(work: UnitOfWork, principal: Principal, run: Run, found: Sequence[Answered] | None = None) -> Run:
    """Put a new run and its first event into a transaction, with what was `found` to answer it already (None: nobody
    has looked); the run with who asked for it."""
    run = run.model_copy(update={"requested_by": principal.name})
    await work.runs.add(run, secrets.token_bytes(32))
    await work.events.append(run.id, "run.queued", {"topic": run.brief.topic, "model": run.model})
    if found is not None:
        await answered.keep(work, run.id, found)
    return run


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def find(database: Database, principal: Principal, prefix: str) -> Run:
    """The run whose id begins so. Raises NotFound, or BadInput when several do."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.runs.find(prefix)


async def get(database: Database, principal: Principal, run_id: UUID) -> Run:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.runs.get(run_id)


async def latest(database: Database, principal: Principal, limit: int = 20) -> list[Run]:
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.runs.latest(limit)


async def page(database: Database, principal: Principal, wanted: RunFilter, paging: Paging) -> Page[Run]:
    """Newest first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.runs.page(wanted, paging)


async def abandoned(database: Database, principal: Principal, those: Sequence[Run]) -> set[UUID]:
    """Those of them that are at work by a process of this machine which has ended: they stand still until somebody
    resumes them, or a sweep of `aiwriter up` finds them."""
    principal.require("read")
    at_work = [run.id for run in those if run.status is RunStatus.RUNNING]
    async with database.unit_of_work(principal.workspace_id) as work:
        holders = await work.runs.holders(at_work)
    return {one for one in at_work if one not in holders or holding.is_dead_neighbour(holders[one])}


async def events_after(
    database: Database, principal: Principal, run_id: UUID, seq: int, limit: int = 500
) -> list[RunEvent]:
    """The run's history after event `seq`, oldest first; none for a run that is not there."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.events.after(run_id, seq, limit)


async def calls(database: Database, principal: Principal, run_id: UUID) -> list[ModelCall]:
    """Every request the run sent to a language model or an embedder, oldest first. Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.runs.get(run_id)
    calls = await database.journal(principal.workspace_id).calls(run_id)
    return [call for call in calls if not call.model.startswith(OFFLINE)]


# ── steering ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def announce(
    database: Database, principal: Principal, run_id: UUID, kind: str, data: dict[str, object] | None = None
) -> None:
    """Add one event to the run's history. Raises Conflict when the run was ours and is not any more."""
    async with database.unit_of_work(principal.workspace_id) as work:
        await holding.fence(work, run_id)
        await work.events.append(run_id, kind, data or {})
        await work.commit()


async def cancel(database: Database, principal: Principal, run_id: UUID) -> Run:
    """End the run for good, wherever it is: whoever works on it finds out within about a second and stops.

    Raises NotFound, or Conflict when it has ended already.
    """
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.runs.cancel(run_id, utc_now()):
            ended = await work.runs.get(run_id)
            raise Conflict(f"run {run_id} has ended already: {ended.status}", hint="There is nothing to cancel.")
        data = {"status": RunStatus.CANCELLED, "reason": f"cancelled by {principal.name}"}
        await work.events.append(run_id, "run.finished", data)
        await work.commit()
    await analytics.record_run(database, principal, run_id, RunStatus.CANCELLED, None)
    return await get(database, principal, run_id)


async def resume(
    database: Database,
    principal: Principal,
    run_id: UUID,
    *,
    budget_usd: Decimal | None = None,
    in_hand: bool = False,
) -> Run:
    """Queue a failed run again: it goes on after its last finished stage. `in_hand`: this process carries it itself.

    Also one that a budget refused which runs share (`caps.require_room` says whether that has room now), and with
    `budget_usd`, which is what it may cost in all, one that was refused before there was an article.
    Raises NotFound, BadInput when the budget that refused it would not be larger, or Conflict when it has not failed.
    """
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        run = await work.runs.get(run_id)
        with_more = budget_usd is not None and is_resumable_with_more(run)
        if budget_usd is not None and with_more:
            _require_more(run, budget_usd)
        refused = (RunStatus.REFUSED,) if with_more or is_resumable(run) else ()
        if not await work.runs.requeue(run_id, (RunStatus.FAILED, *refused)):
            raise _not_resumable(run)
        if budget_usd is not None:
            await work.runs.allow(run_id, budget_usd)
        await work.events.append(run_id, "run.resumed", {"by": principal.name})
        if in_hand:
            await work.runs.submitted(run_id, utc_now())
        await work.commit()
    return await get(database, principal, run_id)


async def taken_back(database: Database, principal: Principal, run_id: UUID) -> Run:
    """The run as it stands; queued for this process when it was being worked on and nobody does any more."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        await holding.release_if_dead(work, run_id, await work.runs.holder(run_id))
        if await work.runs.requeue(run_id, (RunStatus.RUNNING,)):
            await work.events.append(run_id, "run.resumed", {"by": principal.name})
            await work.runs.submitted(run_id, utc_now())
            await work.commit()
        return await work.runs.get(run_id)


async def put_aside(database: Database, principal: Principal, run_id: UUID) -> Run:
    """The run of somebody who stops waiting for it; one that nobody has begun, nor was handed on, fails and can be
    resumed: else the dispatcher would find it and hand it on."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        handed_on = any(event.kind == "run.submitted" for event in await work.events.after(run_id))
        if not handed_on and await holding.bury(work, run_id, "interrupted"):
            await work.commit()
        return await work.runs.get(run_id)


def is_resumable(run: Run) -> bool:
    """Whether it may go on as it is: it failed, or a budget refused it that runs share."""
    refused = run.status is RunStatus.REFUSED and run.short is not None and run.short.is_shared
    return run.status is RunStatus.FAILED or refused


def is_resumable_with_more(run: Run) -> bool:
    """Whether it was refused before there was an article, as for its budget."""
    return run.status is RunStatus.REFUSED and run.article_id is None


def _require_more(run: Run, budget_usd: Decimal) -> None:
    """What its own budget refused would be refused again for the same, or less."""
    of_its_own = run.short is not None and not run.short.is_shared
    if of_its_own and run.budget_usd is not None and budget_usd <= run.budget_usd:
        raise BadInput(
            f"${exact(budget_usd)} is not more than the ${exact(run.budget_usd)} for which run {run.id} was refused",
            hint=run.reason,
        )


def _not_resumable(run: Run) -> Conflict:
    if run.status is RunStatus.REFUSED:
        of_budget = is_resumable_with_more(run) and run.short is not None
        why = "its own budget" if of_budget else "a gate"
        more = f"`aiwriter resume {run.id} --budget DOLLARS` goes on with more." if of_budget else None
        return Conflict(f"run {run.id} was refused by {why}: {run.reason}", hint=more or _INSTEAD[run.status])
    return Conflict(f"run {run.id} has not failed: it is {run.status}", hint=_INSTEAD.get(run.status))


_INSTEAD = {
    RunStatus.REFUSED: "Ask anew, with sources that say what the topic asks for.",
    RunStatus.DONE: "There is nothing to go on with: its article is there.",
    RunStatus.CANCELLED: "A cancelled run cannot go on: ask anew.",
    RunStatus.QUEUED: "It waits for a worker.",
    RunStatus.RUNNING: "It is being worked on; cancel it to stop that.",
    RunStatus.WAITING: "It waits for its outline to be approved.",
}


# ── the outline of a run ─────────────────────────────────────────────────────────────────────────────────────────────

APPROVED = "approved"  # item of the OUTLINE stage that holds what a person approved


@dataclass(frozen=True, slots=True)
class PlannedOutline:
    """The outline that counts: the approved one, else the planned one; and every passage its sections may use."""

    outline: Outline
    approved: bool
    passages: tuple[Passage, ...]


async def outline_of(database: Database, principal: Principal, run_id: UUID) -> PlannedOutline:
    """Raises NotFound when there is no such run, or no outline yet."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.runs.get(run_id)
        return await _planned(work, run_id)


async def approve_outline(
    database: Database, principal: Principal, run_id: UUID, outline: Outline | None, *, in_hand: bool = False
) -> Run:
    """Let a waiting run go on: with its outline as planned, or as a person changed it. `in_hand`: this process carries
    it on itself.

    Raises NotFound, Conflict when the run does not wait (any more), BadInput that names what cannot be used.
    """
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        if not await work.runs.requeue(run_id, (RunStatus.WAITING,)):
            run = await work.runs.get(run_id)
            raise Conflict(f"run {run_id} does not wait for approval: it is {run.status}", hint="Look at it again.")
        planned = await _planned(work, run_id)
        approved = planned.outline if outline is None else outline
        _check_usable(approved, planned.passages)
        await work.stages.put(run_id, Stage.OUTLINE, APPROVED, approved, 0.0)
        data = {"by": principal.name, "changed": approved != planned.outline, "sections": len(approved.sections)}
        await work.events.append(run_id, "run.approved", data)
        if in_hand:
            await work.runs.submitted(run_id, utc_now())
        await work.commit()
    return await get(database, principal, run_id)


async def _planned(work: UnitOfWork, run_id: UUID) -> PlannedOutline:
    approved = await work.stages.get(run_id, Stage.OUTLINE, APPROVED)
    text = approved or await work.stages.get(run_id, Stage.OUTLINE)
    evidence = await work.stages.get(run_id, Stage.EVIDENCE)
    if text is None or evidence is None:
        raise NotFound(f"run {run_id} has no outline yet", hint="Ask again when its stage outline has finished.")
    items = Evidence.model_validate_json(evidence).items
    passages = tuple(item.passage for item in items)
    return PlannedOutline(Outline.model_validate_json(text), approved is not None, passages)


def _check_usable(outline: Outline, passages: tuple[Passage, ...]) -> None:
    """Raises BadInput with everything that is wrong, each with its place."""
    known = {passage.id for passage in passages}
    wrong = [] if outline.title.strip() else ["title: is empty"]
    if not 1 <= len(outline.sections) <= MOST_SECTIONS:
        wrong.append(f"sections: there are {len(outline.sections)}; there must be 1 to {MOST_SECTIONS}")
    for number, section in enumerate(outline.sections):
        wrong += [f"sections.{number}.{said}" for said in _unusable(section, known, first=number == 0)]
    if wrong:
        raise BadInput(
            f"the outline cannot be used: {'; '.join(wrong)}",
            hint="Passages are those of the run's evidence; only an introduction, the first section, has no heading.",
        )


def _unusable(section: SectionPlan, known: set[str], *, first: bool) -> Iterator[str]:
    if not section.heading.strip() and not first:
        yield "heading: is empty"
    if not 1 <= section.words <= MOST_WORDS:
        yield f"words: {section.words} is not between 1 and {MOST_WORDS}"
    if not section.passages:
        yield "passages: there are none: nothing could be cited"
    for unknown in sorted(set(section.passages) - known):
        yield f"passages: {unknown} is not among the run's evidence"
    for number, point in enumerate(section.points):
        if point.passage not in section.passages:
            yield f"points.{number}.passage: {point.passage} is not among the section's passages"
