"""The flow that keeps what each day came to, so that years of figures are read without adding up every run."""

from __future__ import annotations

from datetime import date

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from aiwriter import bootstrap, settings
from aiwriter.services import analytics
from tasks import policies


@task(name="daily figures", **policies.STORE)
async def keep_daily_figures(since: date | None) -> int:
    """Add up the facts of the days before today, in every workspace; how many days were kept."""
    async with bootstrap.open_tools(settings.load()) as tools:
        return await analytics.roll_up_everywhere(tools.database, tools.principal, tools.clock, since)


@flow(name="roll-up-analytics", flow_run_name="roll-up-analytics", persist_result=False)
async def roll_up_analytics(since: date | None = None) -> State:
    """Roll up the last days, or all from `since` on. Doing it again gives the same figures."""
    days = await keep_daily_figures(since)
    return Completed(message=f"{days} days kept")
