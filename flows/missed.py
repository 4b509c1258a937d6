"""Slots of a schedule that went by while no worker was there: one run makes up for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType
from prefect.context import FlowRunContext

from flows.schedules import TAG

LATE_SECONDS = 60.0
BEGUN = [StateType.RUNNING, StateType.COMPLETED, StateType.FAILED, StateType.CRASHED]  # others have no start time


async def made_up_for() -> str | None:
    """The flow run that made up for the slot at hand: one of the same schedule that began after the slot's time."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    if run is None or run.deployment_id is None or run.expected_start_time is None or TAG not in run.tags:
        return None
    if datetime.now(UTC) - run.expected_start_time < timedelta(seconds=LATE_SECONDS):
        return None
    async with get_client() as client:
        others = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                id=FlowRunFilterId(not_any_=[run.id]),
                start_time=FlowRunFilterStartTime(after_=run.expected_start_time),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=BEGUN)),
            ),
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[run.deployment_id])),
            limit=1,
        )
    return others[0].name if others else None
