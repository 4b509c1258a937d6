"""How a run spends what it may: decided before its sections are written, and kept; asked again before each rewrite.

A run that is resumed asks the same questions in the same words, so that their stored answers are found.
"""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import Brief, Evidence, Outline, Stage, Thrift
from aiwriter.errors import BudgetSpent
from aiwriter.pipeline import formats, thrift
from aiwriter.ports import Clock, Database, LanguageModel, Principal, RunContext
from aiwriter.services import caps, estimates, holding

SPARE = 3  # times what a rewrite may cost must be left: sections that are still written come first
THRIFT = "thrift"  # item of the OUTLINE stage: what is decided belongs to the outline that counts


async def decided(
    database: Database,
    principal: Principal,
    clock: Clock,
    brief: Brief,
    outline: Outline,
    evidence: Evidence,
    models: Sequence[LanguageModel],
    context: RunContext,
) -> Thrift:
    """What was decided before, else what fits the budgets now; said in the run's history when it is less than usual.

    Raises BudgetSpent when the sections cannot be written for what is left, Conflict when the run is not ours any more.
    """
    known = await kept(database, principal, context.run_id)
    if known is not None:
        return known
    left = await caps.tightest_of(database, principal, clock, context.run_id, models[0].name)
    try:
        made = thrift.fit(brief, outline, evidence, models, context, left.usd if left else None)
    except BudgetSpent as error:
        assert left is not None, "only a cap can be passed"
        raise left.refused(str(error), error.needs_usd, context.run_id) from None
    async with database.unit_of_work(principal.workspace_id) as work:
        await holding.fence(work, context.run_id)
        await work.stages.put(context.run_id, Stage.OUTLINE, THRIFT, made, 0.0)
        if made.note:
            await work.events.append(context.run_id, "run.thrifty", {"note": made.note, "model": made.model})
        await work.commit()
    return made


async def require_hope(
    database: Database,
    principal: Principal,
    clock: Clock,
    brief: Brief,
    evidence: Evidence,
    models: Sequence[LanguageModel],
    context: RunContext,
) -> None:
    """Before anything is paid for a plan: raises BudgetSpent when no plan could be written for what may be left. What a
    person will make of a plan that waits for approval is not known."""
    if brief.approve_outline:
        return
    least = thrift.least_usd(brief, evidence, formats.load(brief.format), models, context)
    advised, _ = estimates.must_be_free(brief, models[0], models[-1])
    await caps.require_hope(database, principal, clock, context.run_id, models[0].name, least, advised)


async def planned(
    database: Database,
    principal: Principal,
    clock: Clock,
    brief: Brief,
    models: Sequence[LanguageModel],
    context: RunContext,
    plan: Awaitable[Outline],
) -> Outline:
    """The plan. Where a budget has no room for one, raises BudgetSpent with what the run will probably need in all:
    with room for the plan alone, that would be paid for in vain."""
    try:
        return await plan
    except BudgetSpent as error:
        left = await caps.tightest_of(database, principal, clock, context.run_id, models[0].name)
        if left is None:
            raise
        advised, _ = estimates.must_be_free(brief, models[0], models[-1])
        raise left.refused("the plan of its sections", error.needs_usd, context.run_id, advised) from error


async def kept(database: Database, principal: Principal, run_id: UUID) -> Thrift | None:
    """What was decided for the run, if anything was."""
    async with database.unit_of_work(principal.workspace_id) as work:
        found = await work.stages.get(run_id, Stage.OUTLINE, THRIFT)
    return None if found is None else Thrift.model_validate_json(found)


async def affords(
    database: Database, principal: Principal, clock: Clock, run_id: UUID, model: str, most_usd: Decimal
) -> bool:
    """Whether a call that the run could do without leaves enough in every budget for those it cannot."""
    left = await database.budgets(principal.workspace_id).left(run_id, model, clock.now())
    return left is None or SPARE * most_usd <= left
