"""What we ask of a Prefect server through its client: start a deployment once, say how the work pool stands."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterName,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkerFilter,
    WorkerFilterStatus,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.settings import PREFECT_API_URL, PREFECT_UI_URL, temporary_settings
from prefect.states import Crashed

from aiwriter.errors import Unavailable
from aiwriter.ports import OrchestratorState, Submitted

GONE_SECONDS = 45.0  # a flow run that began so long ago, and whose run nobody holds, has lost its process
MOST_REPLACED = 50
DUE_SECONDS = 5.0  # what is to start so soon is in line
STARTED = [StateType.PENDING, StateType.RUNNING]


async def submit(
    api: str, deployment: str, what: tuple[str, UUID], attempt: int, name: str, more: Mapping[str, Any]
) -> Submitted:
    """Start a deployment once for `what`, its parameter that names the run or batch, and attempt.

    A second time gives the same flow run, unless that one has ended or lost its process without having begun: then
    another takes its place. Raises Unavailable.
    """
    parameter, about = what[0], str(what[1])
    async with client_of(api) as client:
        found = await _deployment(client, deployment)
        for replaced in range(MOST_REPLACED):
            flow_run = await client.create_flow_run_from_deployment(
                found,
                parameters={**more, parameter: about},
                name=name,
                idempotency_key=f"{about} {attempt}.{replaced}",
            )
            if not _is_over(flow_run):
                break
        if attempt > 0 or replaced > 0:
            await _bury_others(client, flow_run, parameter, about)
        return Submitted(id=str(flow_run.id), page=page_of(api, flow_run.id))


async def state(api: str, pool: str) -> OrchestratorState:
    """Who works in the pool and what waits there. Raises Unavailable."""
    async with client_of(api) as client:
        address = _ui(api)
        try:
            await client.read_work_pool(pool)
        except ObjectNotFound:
            return OrchestratorState(answers=True, address=address, detail=f"there is no work pool {pool!r} yet")
        workers = await client.read_workers_for_work_pool(
            pool, worker_filter=WorkerFilter(status=WorkerFilterStatus(any_=["ONLINE"]))
        )
        ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[pool]))
        soon = datetime.now(UTC) + timedelta(seconds=DUE_SECONDS)
        queued = await _count(client, ours, StateType.SCHEDULED, until=soon)  # not the slots of schedules to come
        running = await _count(client, ours, *STARTED)
        detail = "" if workers else "no worker is there: what is submitted waits for one"
        return OrchestratorState(
            answers=True, address=address, workers=len(workers), queued=queued, running=running, detail=detail
        )


def page_of(api: str, flow_run_id: UUID) -> str:
    return f"{_ui(api)}/runs/flow-run/{flow_run_id}"


def _ui(api: str) -> str:
    return (PREFECT_UI_URL.value() or api.removesuffix("/").removesuffix("/api")).rstrip("/")


@asynccontextmanager
async def client_of(api: str) -> AsyncIterator[PrefectClient]:
    """A client of the server at `api`; whatever it raises becomes Unavailable, but for what the body handles itself."""
    with temporary_settings({PREFECT_API_URL: api}), translated(api):
        async with get_client() as client:
            yield client


@contextmanager
def translated(api: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPStatusError as error:
        said = f"{error.response.status_code} {_detail(error.response)}".strip()
        raise Unavailable(f"the Prefect server {api} refused: {said}", hint="Its log tells more.") from error
    except (httpx.HTTPError, PrefectException, RuntimeError, OSError) as error:
        raise Unavailable(
            f"the Prefect server {api} cannot be used: {type(error).__name__}: {error}",
            hint="Start it; what was asked for is kept until then.",
        ) from error


def _detail(response: httpx.Response) -> str:
    try:
        return str(json.loads(response.text).get("detail", ""))[:300]
    except (ValueError, AttributeError, httpx.StreamError):
        return ""


async def _deployment(client: PrefectClient, name: str) -> UUID:
    try:
        return (await client.read_deployment_by_name(name)).id
    except ObjectNotFound as error:
        raise Unavailable(
            f"Prefect does not know the deployment {name!r}", hint="Register it: python -m flows.deploy."
        ) from error


def _is_over(flow_run: FlowRun) -> bool:
    """Whether nothing will come of it any more: its run is still queued, or nobody would submit it."""
    state = flow_run.state
    if state is None or state.is_scheduled():
        return False
    return state.is_final() or state.timestamp < datetime.now(UTC) - timedelta(seconds=GONE_SECONDS)


async def _bury_others(client: PrefectClient, flow_run: FlowRun, parameter: str, about: str) -> None:
    """Flow runs for the same thing whose process is gone would say "running" for ever."""
    same = FlowRunFilter(
        name=FlowRunFilterName(any_=[flow_run.name]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=STARTED)),
    )
    for other in await client.read_flow_runs(flow_run_filter=same):
        of_same = about in (other.parameters.get(parameter), str(other.id))  # a batch may have the id of its flow run
        if other.id != flow_run.id and of_same:
            message = f"Its worker died; {flow_run.id} goes on in its place."
            await client.set_flow_run_state(other.id, Crashed(message=message), force=True)


async def _count(client: PrefectClient, pool: WorkPoolFilter, *types: StateType, until: datetime | None = None) -> int:
    due = None if until is None else FlowRunFilterExpectedStartTime(before_=until)
    state = FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))
    wanted = FlowRunFilter(state=state, expected_start_time=due)
    return await client.count_flow_runs(flow_run_filter=wanted, work_pool_filter=pool)
