"""The flow that carries a batch: one flow run, its articles as tasks, a few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from prefect import flow, runtime, task
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from aiwriter.documents import Brief, Run, RunStatus
from aiwriter.errors import AIWriterError, BadInput
from aiwriter.services import batches, dispatch
from aiwriter.services.batches import BatchState
from flows import missed, naming
from flows.write_article import carry, state_of
from tasks import artifacts, policies
from tasks.tooling import opened, tools


@flow(name="write-batch", flow_run_name=naming.of_batch, persist_result=False)
async def write_batch(
    batch_id: UUID | None = None,
    briefs: list[Brief] | None = None,
    file: str | None = None,
    model: str | None = None,
    budget_usd: Decimal | None = None,
    at_once: int | None = None,
    title: str = "",
    workspace: UUID | None = None,
) -> State:
    """Carry every run of a batch that has not ended: a stored one (`batch_id`), or a new one of `briefs` or of a CSV
    `file`, whose id is that of this flow run. Started again, it goes on; what has ended is not touched.

    `budget_usd` caps each article; `at_once` says how many are written together. One that fails does not stop the
    others. Ends Completed, or Failed when an article failed, with the counts either way.
    """
    if (instead := await missed.made_up_for()) is not None:
        return Completed(name="Skipped", message=f"{instead} began after the time of this slot: it was made up for")
    async with opened(workspace) as held:
        try:
            state = await batch_at_hand(batch_id, briefs, file, model, budget_usd, title)
        except AIWriterError as error:
            return Failed(message=f"{error}. {error.hint or ''}".strip())
        places = asyncio.Semaphore(at_once or held.settings.serve.runs)
        async with in_our_hands(state):
            together, alone = dispatch.split_by_risk(state.to_do)
            await asyncio.gather(*(in_turn(run, places) for run in together))
            for run in alone:
                await in_turn(run, places)
        state = await batches.state(held.database, held.principal, state.batch.id)
        await artifacts.batch_table(state, await batches.answered_by(held.database, held.principal, state))
    failed = state.counts.get(RunStatus.FAILED, 0)
    return Failed(message=state.in_words) if failed else Completed(message=state.in_words)


@asynccontextmanager
async def in_our_hands(state: BatchState) -> AsyncIterator[None]:
    """Nobody else begins what waits: not while we live, and not after somebody at a terminal has stopped us."""
    held = tools()
    try:
        async with batches.in_hand(held.database, held.principal, state.batch.id, held.clock):
            yield
    except asyncio.CancelledError:
        if policies.attended.get():
            await batches.stop(held.database, held.principal, state.batch.id, "interrupted")
        raise


async def in_turn(run: Run, places: asyncio.Semaphore) -> None:
    """One article when there is a place for it; its end is its run's, and is not raised."""
    async with places:
        ending: Any = article(run.id, naming.short(run.brief.topic), return_state=True)
        await ending


@task(name="article", task_run_name="{topic}", persist_result=False)
async def article(run_id: UUID, topic: str) -> State:
    """One article of the batch, from its brief to its end."""
    return state_of(await carry(run_id, topic))


async def batch_at_hand(
    batch_id: UUID | None,
    briefs: list[Brief] | None,
    file: str | None,
    model: str | None,
    budget_usd: Decimal | None,
    title: str,
) -> BatchState:
    """The batch that was named, or the one of this flow run: stored when it starts for the first time.

    When Prefect starts this flow run again (somebody asked for that), what failed is tried again.
    """
    held = tools()
    if batch_id is None:
        batch_id = UUID(str(runtime.flow_run.id))
        if runtime.flow_run.run_count > 1:
            return await batches.resume(held.database, held.principal, batch_id)
        if file is not None:
            briefs = await batches.read_csv(Path(file), held.finder, held.engines)
        if not briefs:
            raise BadInput("the batch has neither briefs nor a file", hint="Give one of batch_id, briefs and file.")
        await batches.ask(
            held.database,
            held.principal,
            briefs,
            name=title or (Path(file).name if file else "briefs"),
            model=model or held.settings.model,
            embedder=held.settings.embedder,
            budget_usd=budget_usd or held.settings.budget_usd,
            batch_id=batch_id,
        )
    return await batches.state(held.database, held.principal, batch_id)
