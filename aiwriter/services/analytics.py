"""Figures: the one fact row a run, what the days came to, and how the whole stands."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import Article, DailyFigures, Finding, RunFacts, RunStatus
from aiwriter.errors import BadInput
from aiwriter.ports import Clock, Database, Principal
from aiwriter.services import estimates

LONGEST_PERIOD_DAYS = 3 * 366
AGAIN_DAYS = 7  # days that a roll-up reckons anew: a run that is resumed later moves its facts to another day


@dataclass(frozen=True, slots=True)
class SystemCounts:
    """How many runs and articles there are, by status."""

    runs: Mapping[str, int]
    articles: Mapping[str, int]


async def record_run(
    database: Database, principal: Principal, run_id: UUID, status: RunStatus, article: Article | None
) -> RunFacts:
    """Store (again) what the run cost and what came of it. `seconds` is how long anything of it was worked on, without
    the waiting between."""
    totals = await database.journal(principal.workspace_id).totals(run_id)
    async with database.unit_of_work(principal.workspace_id) as work:
        run = await work.runs.get(run_id)
        seconds = await work.stages.seconds(run_id)
        told = await estimates.told(work, run_id)
        report = article.quality if article else None
        facts = RunFacts(
            run_id=run_id,
            article_id=article.id if article else None,
            status=status,
            model=run.model,
            format=run.brief.format,
            kind=article.kind if article else None,
            words=article.words if article else 0,
            cost_usd=totals.cost_usd,
            estimated_usd=told.likely_usd if told else None,
            input_tokens=totals.input_tokens,
            output_tokens=totals.output_tokens,
            model_calls=totals.calls,
            unknown_calls=totals.unknown,
            unknown_usd=totals.unknown_usd,
            seconds=sum(seconds.values()),
            seconds_by_stage=seconds,
            score=report.score if report else None,
            score_parts={part.name: part.score for part in report.parts} if report else {},
            findings_by_rule=_by_rule(report.to_do) if report else {},
        )
        await work.facts.record(facts)
        await work.commit()
    return facts


async def leave_out_dismissed(database: Database, principal: Principal, article: Article) -> None:
    """Count no more among the findings of the article's run what a person has dismissed since. A day that was rolled up
    more than AGAIN_DAYS ago keeps its figures."""
    gone = {dismissal.finding for dismissal in article.dismissals}
    async with database.unit_of_work(principal.workspace_id) as work:
        facts = await work.facts.get(article.provenance.run_id)
        if facts is None:
            return
        written = await work.articles.get(article.id, 1)
        still = _by_rule(one for one in written.quality.to_do if one.id not in gone)
        await work.facts.record(facts.model_copy(update={"findings_by_rule": still}))
        await work.commit()


def _by_rule(findings: Iterable[Finding]) -> dict[str, int]:
    return dict(Counter(finding.rule for finding in findings))


async def content(database: Database, principal: Principal, first: date, last: date) -> list[DailyFigures]:
    """What each day (UTC) from `first` to `last` came to, by format and model: rolled up where that was done, reckoned
    from the facts where it was not. Raises BadInput for a period that ends before it begins or is too long."""
    principal.require("read")
    days = _days(first, last)
    async with database.unit_of_work(principal.workspace_id) as work:
        done = await work.figures.rolled_up(first, last)
        kept = [figures for figures in await work.figures.between(first, last) if figures.day in done]
        open_days = [day for day in days if day not in done]
        facts = await work.facts.between(open_days[0], open_days[-1]) if open_days else []
    fresh = figures_of(one for one in facts if _day(one) not in done)
    return sorted([*kept, *fresh], key=lambda figures: (figures.day, figures.format, figures.model))


async def roll_up(database: Database, principal: Principal, today: date, since: date | None = None) -> list[date]:
    """Keep the figures of the days before `today` from `since` on (AGAIN_DAYS back when not given); which days.

    Doing it again gives the same figures. Today is left alone: it is not over.
    """
    principal.require("write")
    first, last = since or today - timedelta(days=AGAIN_DAYS), today - timedelta(days=1)
    days = _days(first, last)
    async with database.unit_of_work(principal.workspace_id) as work:
        by_day: dict[date, list[RunFacts]] = defaultdict(list)
        for facts in await work.facts.between(first, last):
            by_day[_day(facts)].append(facts)
        for day in days:
            await work.figures.replace(day, figures_of(by_day[day]))
        await work.commit()
    return days


async def roll_up_everywhere(database: Database, principal: Principal, clock: Clock, since: date | None = None) -> int:
    """Roll up every workspace; how many days were kept in all."""
    kept = 0
    for workspace in await database.workspaces():
        owner = Principal(principal.name, workspace, principal.scopes)
        kept += len(await roll_up(database, owner, clock.now().astimezone(UTC).date(), since))
    return kept


async def system(database: Database, principal: Principal) -> SystemCounts:
    """How many runs and articles there are, by status."""
    principal.require("read")
    async with database.unit_of_work(principal.workspace_id) as work:
        return SystemCounts(runs=await work.runs.counts(), articles=await work.articles.counts())


def figures_of(facts: Iterable[RunFacts]) -> list[DailyFigures]:
    """Facts added up by day, format and model."""
    groups: dict[tuple[date, str, str], list[RunFacts]] = defaultdict(list)
    for one in facts:
        groups[_day(one), one.format, one.model].append(one)
    return [_added_up(*key, groups[key]) for key in sorted(groups)]


def _added_up(day: date, format_: str, model: str, facts: Sequence[RunFacts]) -> DailyFigures:
    scored = [one.score for one in facts if one.score is not None]
    return DailyFigures(
        day=day,
        format=format_,
        model=model,
        runs=len(facts),
        runs_by_status=dict(sorted(Counter(str(one.status) for one in facts).items())),
        articles=sum(one.article_id is not None for one in facts),
        words=sum(one.words for one in facts),
        cost_usd=sum((one.cost_usd for one in facts), Decimal(0)),
        unknown_calls=sum(one.unknown_calls for one in facts),
        unknown_usd=sum((one.unknown_usd for one in facts), Decimal(0)),
        model_calls=sum(one.model_calls for one in facts),
        input_tokens=sum(one.input_tokens for one in facts),
        output_tokens=sum(one.output_tokens for one in facts),
        seconds=sum(one.seconds for one in facts),
        seconds_by_stage=_sums(one.seconds_by_stage for one in facts),
        scored=len(scored),
        score_sum=sum(scored),
        parts_sum=_sums(one.score_parts for one in facts),
        findings_by_rule={rule: int(count) for rule, count in _sums(one.findings_by_rule for one in facts).items()},
    )


def _sums(rows: Iterable[Mapping[str, float]]) -> dict[str, float]:
    totals: dict[str, float] = defaultdict(float)
    for row in rows:
        for name, value in row.items():
            totals[name] += value
    return dict(sorted(totals.items()))


def _day(facts: RunFacts) -> date:
    return facts.created_at.astimezone(UTC).date()


def _days(first: date, last: date) -> list[date]:
    count = (last - first).days + 1
    if count < 1:
        raise BadInput(f"the period {first} to {last} ends before it begins", hint="Give the earlier day first.")
    if count > LONGEST_PERIOD_DAYS:
        raise BadInput(f"the period of {count} days is too long", hint=f"Ask for at most {LONGEST_PERIOD_DAYS} days.")
    return [first + timedelta(days=number) for number in range(count)]
