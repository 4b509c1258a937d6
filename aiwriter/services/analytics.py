"""The one fact row a run, from what the run left behind."""

from __future__ import annotations

from collections import Counter
from uuid import UUID

from aiwriter.documents import Article, RunFacts, RunStatus
from aiwriter.ports import Database, Principal


async def record_run(
    database: Database, principal: Principal, run_id: UUID, status: RunStatus, article: Article | None
) -> RunFacts:
    """Store (again) what the run cost and what came of it. `seconds` adds up its stages, not the waiting between."""
    totals = await database.journal(principal.workspace_id).totals(run_id)
    async with database.unit_of_work(principal.workspace_id) as work:
        run = await work.runs.get(run_id)
        seconds = await work.stages.seconds(run_id)
        report = article.quality if article else None
        facts = RunFacts(
            run_id=run_id,
            article_id=article.id if article else None,
            status=status,
            format=run.brief.format,
            kind=article.kind if article else None,
            words=article.words if article else 0,
            cost_usd=totals.cost_usd,
            input_tokens=totals.input_tokens,
            output_tokens=totals.output_tokens,
            model_calls=totals.calls,
            seconds=sum(seconds.values()),
            seconds_by_stage=seconds,
            score=report.score if report else None,
            score_parts={part.name: part.score for part in report.parts} if report else {},
            findings_by_rule=dict(Counter(finding.rule for finding in report.findings)) if report else {},
        )
        await work.facts.record(facts)
        await work.commit()
    return facts


async def facts_of(database: Database, principal: Principal, run_id: UUID) -> RunFacts | None:
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.facts.get(run_id)
