"""What the tasks of a run ask for again and again: what was asked for, and what its stages left."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from aiwriter.documents import Document, Evidence, Outline, Run, Stage, Thrift
from aiwriter.pipeline import formats
from aiwriter.pipeline.quality import meaning
from aiwriter.ports import CallKey, RunContext, WordEmbedder, on_account_of
from aiwriter.services import runs, spending, stages
from tasks.tooling import known, tools

D = TypeVar("D", bound=Document)


async def run_of(run_id: UUID) -> Run:
    """What was asked for; how the run stands may have changed since it was read."""
    return await known(run_id, Run, lambda: runs.get(tools().database, tools().principal, run_id))


def format_of(run: Run) -> formats.Format:
    """The format of its article."""
    return formats.load(run.brief.format)


async def context(run_id: UUID) -> RunContext:
    """What its calls of models are made with."""

    async def load() -> RunContext:
        async with tools().unit_of_work() as unit:
            return RunContext(run_id=run_id, fence_secret=await unit.runs.fence_secret(run_id))

    return await known(run_id, RunContext, load)


async def evidence(run_id: UUID) -> Evidence:
    """The passages that were chosen, with where they disagree."""
    return await kept(run_id, Stage.EVIDENCE, Evidence)


async def outline(run_id: UUID) -> Outline:
    """The approved outline, else the planned one: asked for when sections may be written, it does not change."""

    async def load() -> Outline:
        return (await runs.outline_of(tools().database, tools().principal, run_id)).outline

    return await known(run_id, Outline, load)


async def thrift(run: Run) -> Thrift:
    """What was decided before the sections; runs of versions that decided nothing are written as usual."""

    async def load() -> Thrift:
        return await spending.kept(tools().database, tools().principal, run.id) or Thrift(model=run.model)

    return await known(run.id, Thrift, load)


def words(run: Run) -> WordEmbedder | None:
    """What a draft is heard with, if its embedder knows words apart."""
    return meaning.knows_words(tools().word_embedder(run.embedder))


async def of_sections(run: Run, stage: Stage, kind: type[D]) -> list[D]:
    """What every section left at a stage, in their order."""
    planned = await outline(run.id)
    return [await kept(run.id, stage, kind, str(index)) for index in range(len(planned.sections))]


async def is_kept(run_id: UUID, stage: Stage, item: str = "") -> bool:
    """Whether a stage, or a part of it, has ended."""
    async with tools().unit_of_work() as unit:
        return await unit.stages.get(run_id, stage, item) is not None


async def kept(run_id: UUID, stage: Stage, kind: type[D], item: str = "") -> D:
    """What an ended stage left. Raises NotFound when it has not ended."""
    held = tools()
    return await known(
        run_id, (stage, item), lambda: stages.kept(held.database, held.principal, run_id, stage, kind, item)
    )


async def once(run_id: UUID, stage: Stage, kind: type[D], work: Callable[[], Awaitable[D]], item: str = "") -> D:
    """What a stage left if it has ended, else what `work` makes, on the run's account; see `stages.once`."""
    held = tools()
    with on_account_of(CallKey(run_id, stage, item)):
        return await stages.once(held.database, held.principal, held.clock, run_id, stage, kind, work, item)
