"""The flow of the night: it keeps what each day came to, so that years of figures are read without adding up every run,
and holds what is stored against today's thresholds."""

from __future__ import annotations

from datetime import date

from prefect import flow, task
from prefect.client.schemas.objects import State
from prefect.states import Completed

from aiwriter import bootstrap, settings
from aiwriter.errors import Unavailable
from aiwriter.services import analytics
from aiwriter.text.counted import counted
from tasks import policies
from tasks.publishing import look_at_what_is_stored


@task(name="daily figures", **policies.STORE)
async def keep_daily_figures(since: date | None) -> int:
    """Add up the facts of the days before today, in every workspace; how many days were kept."""
    async with bootstrap.open_tools(settings.load()) as tools:
        return await analytics.roll_up_everywhere(tools.database, tools.principal, tools.clock, since)


@flow(name="roll-up-analytics", flow_run_name="roll-up-analytics", persist_result=False)
async def roll_up_analytics(since: date | None = None) -> State:
    """Roll up the last days, or all from `since` on, and look at all that is stored. Doing it again gives the same
    figures; articles that fail the gate do not fail the flow: they are blocked, and an event tells of them."""
    days = await keep_daily_figures(since)
    try:
        rows, failing = await look_at_what_is_stored()
    except Unavailable as error:  # where Great Expectations is not installed
        return Completed(message=f"{counted(days, 'day')} kept; the gate did not look: {error}")
    return Completed(
        message=f"{counted(days, 'day')} kept; {counted(rows, 'version')} looked at, {failing} blocked from publication"
    )
