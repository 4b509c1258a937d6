"""Work pool and deployments as Prefect's server keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyOptions
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.utilities.callables import parameter_schema


async def ensure_pool(client: PrefectClient, name: str) -> None:
    """A process work pool of this name; one that is there stays as it is."""
    try:
        await client.read_work_pool(name)
    except ObjectNotFound:
        from prefect.workers.process import ProcessWorker  # half a second, needed once

        template = ProcessWorker.get_default_base_job_template()
        pool = WorkPoolCreate(
            name=name,
            type="process",
            base_job_template=template,
            description="Runs of AI-Writer. Workers: python -m flows.worker",
        )
        try:
            await client.create_work_pool(pool)
        except ObjectAlreadyExists:
            return  # somebody else was quicker


async def ensure(client: PrefectClient, pool: str, flow: Flow[..., Any], wanted: Mapping[str, Any]) -> str:
    """A deployment as it is in prefect.yaml; its name. Of one that is there, schedules keep their being paused."""
    name = f"{flow.name}/{wanted['name']}"
    before = await find(client, name)
    active = {schedule.slug: schedule.active for schedule in before.schedules} if before else {}
    schedules = [
        schedule(
            one["cron"],
            one.get("timezone", "UTC"),
            one["slug"],
            active=active.get(one["slug"], one.get("active", True)),
        )
        for one in wanted.get("schedules", [])
    ]
    await create(client, pool, flow, wanted, schedules)
    return name


def schedule(cron: str, timezone: str, slug: str, *, active: bool = True) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(schedule=CronSchedule(cron=cron, timezone=timezone), active=active, slug=slug)


async def create(
    client: PrefectClient,
    pool: str,
    flow: Flow[..., Any],
    wanted: Mapping[str, Any],
    schedules: list[DeploymentScheduleCreate],
) -> UUID:
    """Store a deployment, in place of the one of that name. `wanted` has the fields of prefect.yaml."""
    limit = wanted.get("concurrency_limit")
    config = None if limit is None else ConcurrencyLimitConfig.model_validate(limit)
    flow_id = await client.create_flow_from_name(flow.name)
    return await client.create_deployment(
        flow_id,
        wanted["name"],
        version=wanted.get("version"),
        schedules=schedules,
        concurrency_limit=config.limit if config else None,
        concurrency_options=ConcurrencyOptions(collision_strategy=config.collision_strategy) if config else None,
        parameters=wanted.get("parameters"),
        description=wanted.get("description"),
        work_pool_name=pool,
        tags=wanted.get("tags"),
        entrypoint=wanted["entrypoint"],
        parameter_openapi_schema=parameter_schema(flow).model_dump_for_openapi(),
        enforce_parameter_schema=True,
    )


async def find(client: PrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return await client.read_deployment_by_name(name)
    except ObjectNotFound:
        return None
