"""`batch`: the briefs of a file, one article each, with the way there shown; also how a batch is gone on with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from aiwriter import choices
from aiwriter.bootstrap import Tools
from aiwriter.commands import console, edge, writing
from aiwriter.commands.progress import Progress
from aiwriter.documents import Answered, Brief, Run, RunStatus
from aiwriter.errors import NotFound
from aiwriter.services import answered, batches, runs
from aiwriter.services.batches import BatchState

POLL_SECONDS = 0.5
MANY_RUNS = 1000  # newest runs among which a batch is looked for by the beginning of its id
ENDED = {RunStatus.DONE, RunStatus.REFUSED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.WAITING}


async def begin(
    tools: Tools, file: Path, *, model: str | None, budget: str | None, at_once: int | None, as_json: bool
) -> int:
    """Refuse the file as a whole if anything is wrong with it, then carry its batch to its end; the exit code."""
    briefs = await batches.read_csv(file.expanduser(), tools.finder, tools.engines)
    chosen = choices.checked(tools, model, briefs)
    tools.launcher()  # runs that nothing here can carry are not stored
    found = await _already_answered(tools, briefs, as_json=as_json)
    batch = await batches.ask(
        tools.database,
        tools.principal,
        briefs,
        name=file.name,
        model=chosen,
        embedder=tools.settings.embedder,
        budget_usd=writing.amount(budget) or tools.settings.budget_usd,
    )
    asked = (await batches.state(tools.database, tools.principal, batch.id)).runs
    await answered.note(tools.database, tools.principal, {run.id: one for run, one in zip(asked, found, strict=True)})
    if not as_json:
        for line in (*tools.announcements(chosen), *choices.paced(tools, chosen)):
            console.tell(line)
    return await carry(tools, batch.id, at_once, as_json=as_json)


async def _already_answered(tools: Tools, briefs: Sequence[Brief], *, as_json: bool) -> list[tuple[Answered, ...]]:
    """What answers each brief already, said before the first is written."""
    name = tools.settings.embedder
    index, embedder = tools.vectors(name), tools.embedder(name)
    progress = Progress(as_json=as_json)
    progress.waiting("looking for articles that answer these topics already …")
    found = await answered.of_each(tools.database, tools.principal, briefs, index, embedder)
    alike = await answered.by_one_another(briefs, embedder)
    progress.close()
    for at, before in enumerate(alike):
        if before is not None:
            _tell_alike(at, briefs[at], before, briefs[before], as_json=as_json)
    for brief, answers in zip(briefs, found, strict=True):
        writing.tell_answered(brief, answers, as_json=as_json, of_batch=True)
    return found


def _tell_alike(at: int, one: Brief, before: int, other: Brief, *, as_json: bool) -> None:
    """Say that two briefs of the file, counted from 1, ask for the same topic."""
    told = {"kind": "alike", "brief": at + 1, "topic": one.topic, "as_brief": before + 1, "as_topic": other.topic}
    line = f"{one.topic}: article {at + 1} of this file asks for the topic of article {before + 1}, “{other.topic}”"
    console.tell(json.dumps(told) if as_json else line)


async def resume(tools: Tools, batch_id: UUID, *, as_json: bool) -> int:
    """Go on with a batch: what failed is tried again, what has ended is left."""
    await batches.resume(tools.database, tools.principal, batch_id)
    return await carry(tools, batch_id, None, as_json=as_json)


async def carry(tools: Tools, batch_id: UUID, at_once: int | None, *, as_json: bool) -> int:
    edge.at_interrupt[:] = [f"go on with: aiwriter resume {batch_id}"]
    progress = Progress(as_json=as_json)
    before = await batches.state(tools.database, tools.principal, batch_id)
    if before.to_do:
        progress.waiting("starting the orchestrator …")
        following = asyncio.ensure_future(_follow(tools, before, progress))
        try:
            await tools.launcher().run_batch(batch_id, at_once)
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
            progress.close()
    state = await batches.state(tools.database, tools.principal, batch_id)
    if as_json:
        console.give(_result(state, await batches.answered_by(tools.database, tools.principal, state)))
    else:
        _say(state)
    return _exit_code(state)


async def find(tools: Tools, prefix: str) -> UUID | None:
    """The batch whose id begins so, among those of the newest runs."""
    with suppress(ValueError, NotFound):
        return (await batches.state(tools.database, tools.principal, UUID(prefix))).batch.id
    newest = await runs.latest(tools.database, tools.principal, MANY_RUNS)
    found = {run.batch_id for run in newest if run.batch_id is not None and str(run.batch_id).startswith(prefix)}
    return found.pop() if len(found) == 1 else None


async def _follow(tools: Tools, before: BatchState, progress: Progress) -> None:
    """Say of each article when it begins and how it ends."""
    seen = {run.id: run.status for run in before.runs}
    try:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            await _tell_changes(tools, before, seen, progress)
    except asyncio.CancelledError:
        await _tell_changes(tools, before, seen, progress)
        raise


async def _tell_changes(tools: Tools, before: BatchState, seen: dict[UUID, RunStatus], progress: Progress) -> None:
    for run in (await batches.state(tools.database, tools.principal, before.batch.id)).runs:
        if seen[run.id] is not run.status:
            seen[run.id] = run.status
            ended = sum(status in ENDED for status in seen.values())
            progress.article(run, f"{ended} of {len(seen)}")


def _say(state: BatchState) -> None:
    ids = console.beginnings(run.id for run in state.runs)
    rows = [(run.status, name, run.brief.topic, run.reason or "") for name, run in zip(ids, state.runs, strict=True)]
    console.say(console.table(rows, ("status", "run", "topic", "why")))
    console.say(f"\n{state.batch.name}: {state.in_words}\n  batch      {state.batch.id}")
    if _failed(state):
        console.say(f"\nTry again what failed:\n  aiwriter resume {state.batch.id}")
    for run in state.runs:
        if run.status is RunStatus.WAITING:
            console.say(f"waits for you: aiwriter approve {run.id}")


def _result(state: BatchState, found: Mapping[UUID, Iterable[Answered]]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "batch_id": str(state.batch.id),
        "name": state.batch.name,
        "counts": state.counts,
        "runs": [_line(run, found.get(run.id, ())) for run in state.runs],
    }
    return result | ({"resume": f"aiwriter resume {state.batch.id}"} if _failed(state) else {})


def _line(run: Run, found: Iterable[Answered]) -> dict[str, Any]:
    return {
        "run_id": str(run.id),
        "topic": run.brief.topic,
        "status": run.status,
        "reason": run.reason,
        "article_id": str(run.article_id) if run.article_id else None,
        "answered": [one.model_dump(mode="json") for one in found],
    }


def _failed(state: BatchState) -> bool:
    return any(run.status in (RunStatus.FAILED, RunStatus.QUEUED, RunStatus.RUNNING) for run in state.runs)


def _exit_code(state: BatchState) -> int:
    """3 when something can be tried again, 1 when something was refused or cancelled, else 0."""
    if _failed(state):
        return 3
    return 1 if any(run.status in (RunStatus.REFUSED, RunStatus.CANCELLED) for run in state.runs) else 0
