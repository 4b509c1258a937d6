"""Where the passages chosen for a run disagree: found once and kept by itself, beside what was chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from aiwriter.documents import Comparison, Evidence, Stage
from aiwriter.ports import Clock, Database, Principal
from aiwriter.services import holding, stages

COMPARED = "compared"  # item of the EVIDENCE stage


async def compared(
    database: Database,
    principal: Principal,
    clock: Clock,
    run_id: UUID,
    compare: Callable[[Evidence], Awaitable[Comparison]],
) -> Evidence:
    """The evidence of a run with where it disagrees, found by `compare` unless that was kept before. Raises NotFound
    before the evidence is chosen, Conflict when the run is not ours any more."""
    chosen = await stages.kept(database, principal, run_id, Stage.EVIDENCE, Evidence)
    made = await _kept(database, principal, run_id)
    if made is None:
        began = clock.monotonic()
        made = await compare(chosen)
        seconds = clock.monotonic() - began
        async with database.unit_of_work(principal.workspace_id) as work:
            await holding.fence(work, run_id)
            await work.stages.put(run_id, Stage.EVIDENCE, COMPARED, made, seconds)
            await work.commit()
    return chosen.with_(made)


async def evidence_of(database: Database, principal: Principal, run_id: UUID) -> Evidence:
    """All that is known of a run's evidence. Raises NotFound before it is chosen."""
    chosen = await stages.kept(database, principal, run_id, Stage.EVIDENCE, Evidence)
    return chosen.with_(await _kept(database, principal, run_id) or Comparison())


async def _kept(database: Database, principal: Principal, run_id: UUID) -> Comparison | None:
    async with database.unit_of_work(principal.workspace_id) as work:
        found = await work.stages.get(run_id, Stage.EVIDENCE, COMPARED)
    return None if found is None else Comparison.model_validate_json(found)
