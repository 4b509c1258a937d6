"""Stages of a run: each is done once, kept, and found again when the run is started anew."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from aiwriter.documents import Document, Stage
from aiwriter.errors import NotFound
from aiwriter.ports import Clock, Database, Principal
from aiwriter.services import holding

D = TypeVar("D", bound=Document)


async def kept(
    database: Database, principal: Principal, run_id: UUID, stage: Stage, kind: type[D], item: str = ""
) -> D:
    """The document a finished stage left. Raises NotFound when the stage has not finished."""
    async with database.unit_of_work(principal.workspace_id) as work:
        found = await work.stages.get(run_id, stage, item)
    if found is None:
        raise NotFound(f"run {run_id} has not finished its stage {stage} {item}".rstrip(), hint="Resume the run.")
    return kind.model_validate_json(found)


async def once(
    database: Database,
    principal: Principal,
    clock: Clock,
    run_id: UUID,
    stage: Stage,
    kind: type[D],
    do: Callable[[], Awaitable[D]],
    item: str = "",
) -> D:
    """What the stage left behind if it has finished before, else do it, keep it, and say so in the run's history, with
    what is news of it.

    Raises Conflict when the run is not ours any more.
    """
    async with database.unit_of_work(principal.workspace_id) as work:
        found = await work.stages.get(run_id, stage, item)
        await holding.fence(work, run_id)
        kind_of_start = "stage.started" if found is None else "stage.reused"
        await work.events.append(run_id, kind_of_start, {"stage": stage, "item": item})
        await work.commit()
    if found is not None:
        return kind.model_validate_json(found)
    began = clock.monotonic()
    document = await do()
    seconds = clock.monotonic() - began
    async with database.unit_of_work(principal.workspace_id) as work:
        await holding.fence(work, run_id)
        await work.stages.put(run_id, stage, item, document, seconds)
        data = {"stage": stage, "item": item, "seconds": round(seconds, 3), **document.news}
        await work.events.append(run_id, "stage.finished", data)
        await work.commit()
    return document
