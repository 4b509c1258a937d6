"""The flow that turns a stored run into an article: the one place where the stages are chained."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from aiwriter.documents import RunStatus
from tasks.article import (
    finish_article,
    judge_quality,
    plan_outline,
    read_sources,
    record_analytics,
    select_evidence,
    store_article,
    write_section,
)
from tasks.tooling import Ending, run_in_hand


@flow(name="write-article", flow_run_name="write-article-{run_id}", persist_result=False)
async def write_article(run_id: UUID) -> State:
    """Carry a run to its end. Started again with the same id, it goes on after the last finished stage.

    Ends Completed when there is an article, Completed with the name "Refused" when a gate said no, Failed when
    something was unavailable and a later start may help.
    """
    async with run_in_hand(run_id) as ending:
        await read_sources(run_id)
        await select_evidence(run_id)
        sections = await plan_outline(run_id)
        await all_of(*(write_section(run_id, index) for index in range(sections)))
        await judge_quality(run_id)
        await finish_article(run_id)
        await store_article(run_id)
        await record_analytics(run_id)
    return state_of(ending)


async def all_of(*sections: Awaitable[int]) -> None:
    """Wait for every section before the first failure is raised: what the others have done is kept."""
    outcomes = await asyncio.gather(*sections, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome


def state_of(ending: Ending) -> State:
    """How Prefect shows the end of a run."""
    if ending.status is RunStatus.DONE:
        return Completed(message=f"article {ending.article_id}")
    if ending.status is RunStatus.REFUSED:
        return Completed(name="Refused", message=ending.reason)
    return Failed(message=ending.reason)
