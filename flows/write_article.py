"""The flow that turns a stored run into an article, and the one place where the stages are chained."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Cancelled, Completed, Failed

from aiwriter.documents import RunStatus, Stage
from aiwriter.errors import Conflict
from flows import naming
from tasks import artifacts
from tasks.article import (
    finish_article,
    fit_to_budget,
    judge_quality,
    mend_rest,
    plan_outline,
    read_sources,
    record_analytics,
    sections_to_write,
    select_evidence,
    store_article,
    write_section,
)
from tasks.tooling import Ending, not_ours, opened, run_in_hand, step


@flow(name="write-article", flow_run_name=naming.of_article, persist_result=False)
async def write_article(
    run_id: UUID,
    title: str = "",
    workspace: UUID | None = None,
) -> State:
    """Carry a run to its end, or to where it waits for a person. Started again with the same id, it goes on after the
    last finished stage. `title` is only for people who look at Prefect's pages.

    Ends Completed when there is an article, Completed with the name "Refused" when a gate said no, "Waiting" when a
    person must approve its outline and "Skipped" when there was nothing to do here; Cancelled when somebody cancelled
    the run; Failed when something was unavailable and a later start may help.
    """
    async with opened(workspace):
        return state_of(await carry(run_id, title))


async def carry(run_id: UUID, title: str) -> Ending:
    """The way of a run through its stages; how it ended."""
    try:
        async with AsyncExitStack() as afterwards, run_in_hand(run_id) as ending:
            finished = artifacts.progress(title, run_id, afterwards)
            await step(read_sources, run_id)
            finished(Stage.RESEARCH)
            await step(select_evidence, run_id)
            finished(Stage.EVIDENCE)
            await step(plan_outline, run_id)
            finished(Stage.OUTLINE)
            sections = await sections_to_write(run_id)
            if sections is None:
                ending.waits_for = "outline"
                return ending
            at_once = await fit_to_budget(run_id, sections)
            await all_of(at_once, *(step(write_section, run_id, index) for index in range(sections)))
            finished(Stage.SECTIONS)
            await step(mend_rest, run_id)
            finished(Stage.MENDING)
            await step(judge_quality, run_id)
            finished(Stage.QUALITY)
            await step(finish_article, run_id)
            finished(Stage.FINISH)
            await step(store_article, run_id)
            finished(Stage.STORE)
            await step(record_analytics, run_id)
            finished(Stage.ANALYTICS)
    except Conflict as error:
        return await not_ours(run_id, error)
    return ending


async def all_of(at_once: int, *steps: Awaitable[int]) -> None:
    """Wait for every one before the first failure is raised: what the others have done is kept."""
    places = asyncio.Semaphore(at_once)

    async def in_turn(one: Awaitable[int]) -> int:
        async with places:
            return await one

    outcomes = await asyncio.gather(*map(in_turn, steps), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


def state_of(ending: Ending) -> State:
    """How Prefect shows the end of a run."""
    if ending.skipped:
        return Completed(name="Skipped", message=ending.reason)
    match ending.status:
        case RunStatus.DONE:
            return Completed(message=f"article {ending.article_id}")
        case RunStatus.REFUSED:
            return Completed(name="Refused", message=ending.reason)
        case RunStatus.WAITING:
            return Completed(
                name="Waiting", message=f"waits for approval of its {ending.waits_for}; no process is held"
            )
        case RunStatus.CANCELLED:
            return Cancelled(message=ending.reason)
        case _:
            return Failed(message=ending.reason)
