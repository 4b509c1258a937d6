"""Looking at one run: everything that is known of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from aiwriter.documents import Answered, Run, RunFacts
from aiwriter.ports import CallTotals, Database, Principal
from aiwriter.services import answered


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it stands: `facts` when it has ended, `page` the orchestrator's page about it, when it told one."""

    run: Run
    totals: CallTotals
    seconds_by_stage: Mapping[str, float]
    facts: RunFacts | None
    page: str | None
    answered: tuple[Answered, ...] = ()  # articles that answered its topic when it was asked for


async def at(database: Database, principal: Principal, run_id: UUID) -> Seen:
    """Raises NotFound."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        run = await work.runs.get(run_id)
        seconds = await work.stages.seconds(run_id)
        facts = await work.facts.get(run_id)
        events = await work.events.after(run_id)
        found = await answered.told(work, run_id)
    pages = [event.data.get("orchestrator") for event in events if event.kind == "run.submitted"]
    page = next((str(page) for page in reversed(pages) if page), None)
    totals = await database.journal(principal.workspace_id).totals(run_id)
    return Seen(run, totals, seconds, facts, page, found)
