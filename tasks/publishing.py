"""The tasks of publishing: carrying what is due, and the gate over what is stored, with the event that tells of it."""

from __future__ import annotations

import asyncio
from uuid import UUID

from prefect import task
from prefect.events import emit_event

from aiwriter import bootstrap, settings
from aiwriter.bootstrap import Tools
from aiwriter.documents import GateReport, Publication
from aiwriter.ports import Principal
from aiwriter.services import publishing, stored_gate
from tasks import policies

GATE_FAILED = "aiwriter.gate.failed"
MOST_RELATED = 100  # articles that one event names: Prefect takes no more than 500


@task(name="publish", **policies.STORE)
async def publish_what_is_due() -> list[Publication]:
    """Carry what is due in every workspace; each publication as it ended."""
    ended = []
    async with bootstrap.open_tools(settings.load()) as tools:
        for workspace in await tools.database.workspaces():
            owner = Principal(tools.principal.name, workspace, tools.principal.scopes)
            ended += await publishing.carry_due(tools.database, owner, tools.target, tools.clock)
    return ended


@task(name="gate over what is stored", **policies.COMPUTE)
async def look_at_what_is_stored() -> tuple[int, int]:
    """Look at every workspace; how many articles, and how many failed. Great Expectations is imported here, once."""
    async with bootstrap.open_tools(settings.load()) as tools:
        reports = await stored_gate.examine_everywhere(
            tools.database, tools.principal, tools.examiner(), tools.gate_blobs(), tools.clock
        )
        await _tell(tools, reports)
    found = reports.values()
    return sum(report.rows for report in found), sum(len(report.failing) for report in found)


async def _tell(tools: Tools, reports: dict[UUID, GateReport]) -> None:
    """One event for each workspace where something fails: automations listen to it."""
    for workspace, report in reports.items():
        if report.failing:
            named = [
                {
                    "prefect.resource.id": f"aiwriter.article.{row.article_id}",
                    "prefect.resource.role": "article",
                    "version": str(row.version),
                }
                for row in report.failing[:MOST_RELATED]
            ]
            await asyncio.to_thread(
                emit_event,
                event=GATE_FAILED,
                resource={"prefect.resource.id": f"aiwriter.workspace.{workspace}"},
                related=named,
                payload={"rows": report.rows, "failing": len(report.failing), "at": tools.clock.now().isoformat()},
            )
