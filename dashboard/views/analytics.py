"""Analytics: what was written, what it cost, how good it was, and how the whole stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import streamlit as st

from aiwriter.api.schemas import SystemFigures
from aiwriter.documents import DailyFigures, GateReport, RunStatus
from aiwriter.errors import NotFound
from dashboard import backend, catalogue
from dashboard.components import figures, notices, publishing
from dashboard.components.lists import pairs, table
from dashboard.components.markup import Node, coded, h, link, show, web
from dashboard.components.notices import badge, empty, page, page_head
from dashboard.wording import (
    STATUS_NAMES,
    capital,
    count,
    instant,
    lasting,
    money,
    part_name,
    rule_name,
    said,
    unknown,
)

PERIODS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
MOST_RULES = 12
LOWEST = 3  # parts of the score that are drawn beside it: more lines than these nobody tells apart


def main() -> None:
    """The figures of the chosen period, then the system."""
    page_head("Analytics", "How much was written, what it cost, and how good it was.")
    length = st.segmented_control(
        "Period", list(PERIODS), format_func=PERIODS.__getitem__, default=30, required=True, key="period"
    )
    last = datetime.now(UTC).date()
    first = last - timedelta(days=int(length or 30) - 1)
    rows = backend.call(lambda api: api.content_figures(first, last))
    if rows:
        _content(rows, [first + timedelta(days=n) for n in range((last - first).days + 1)])
    else:
        empty(
            "No run ended in this period",
            "Choose a longer one, or ask for an article.",
            link("Ask for an article", ""),
            key="no-figures",
        )
    _gate()
    _system(catalogue.system())


def _content(rows: Sequence[DailyFigures], days: Sequence[date]) -> None:
    runs, scored = sum(row.runs for row in rows), sum(row.scored for row in rows)
    articles = sum(row.articles for row in rows)
    accepted = sum(row.runs_by_status.get(RunStatus.DONE, 0) for row in rows)  # what refused ones cost is theirs too
    cost = sum((row.cost_usd for row in rows), Decimal(0))
    unknown_calls = sum(row.unknown_calls for row in rows)
    unknown_usd = sum((row.unknown_usd for row in rows), Decimal(0))
    bound = h("small", unknown(unknown_calls, unknown_usd)) if unknown_calls else None
    show(
        pairs(
            ("Articles", f"{articles:,}"),
            ("Runs", f"{runs:,}"),
            ("Words", f"{sum(row.words for row in rows):,}"),
            ("Cost", h("span", money(cost), bound)),
            ("Cost of an accepted article", money(cost / accepted) if accepted else "–"),
            ("Mean score", f"{sum(row.score_sum for row in rows) / scored:.0f}" if scored else "–"),
            ("Mean time of a run", lasting(sum(row.seconds for row in rows) / runs) if runs else "–"),
            big=True,
        ),
        key="totals",
    )
    _output(rows, days)
    _cost(rows, days)
    _quality(rows, days)
    _findings(rows)


def _heading(text: str, key: str) -> None:
    show(h("h2", text, cls="chapter"), key=f"heading-{key}")


def _by(rows: Sequence[DailyFigures], days: Sequence[date], group: str, value: str) -> dict[str, list[float]]:
    """Values of each day, by format or model as they are said; days without any are 0, who has none is left out."""
    sums: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        sums[getattr(row, group)][row.day] += float(getattr(row, value))
    say = said if group == "format" else str
    return {say(name): [by_day[day] for day in days] for name, by_day in sorted(sums.items()) if any(by_day.values())}


def _output(rows: Sequence[DailyFigures], days: Sequence[date]) -> None:
    _heading("Output", "output")
    series = _by(rows, days, "format", "articles")
    if not series:
        show(h("p", "No run of this period came to an article.", cls="soft"), key="no-output")
        return
    figures.draw(figures.bars(series, days, "articles"), "Articles a day, by format", key="output")
    _days_table("Articles a day, by format", series, days, "output-table")


def _cost(rows: Sequence[DailyFigures], days: Sequence[date]) -> None:
    _heading("Cost", "cost")
    if not any(row.cost_usd for row in rows):
        show(h("p", "Nothing was spent in this period: what wrote here costs nothing.", cls="soft"), key="no-cost")
        return
    series = _by(rows, days, "model", "cost_usd")
    figures.draw(figures.bars(series, days, "dollars"), "Dollars a day, by model", key="cost")
    _days_table("Dollars a day, by model", series, days, "cost-table", digits=4)


def _quality(rows: Sequence[DailyFigures], days: Sequence[date]) -> None:
    scored = [row for row in rows if row.scored]
    if not scored:
        return
    _heading("Quality", "quality")
    counts: dict[date, int] = defaultdict(int)
    scores: dict[date, float] = defaultdict(float)
    parts: dict[str, dict[date, float]] = defaultdict(lambda: defaultdict(float))
    for row in scored:
        counts[row.day] += row.scored
        scores[row.day] += row.score_sum
        for part, total in row.parts_sum.items():
            parts[part_name(part)][row.day] += total
    shown = [day for day in days if counts[day]]
    lowest = sorted(parts, key=lambda part: sum(parts[part].values()))[:LOWEST]
    means = {part: [by_day[day] / counts[day] for day in shown] for part, by_day in {"Score": scores, **parts}.items()}
    told = f"The mean score, and the {LOWEST} parts of it that are lowest"
    show(h("p", f"{told}; the table has them all.", cls="soft small"), key="quality-told")
    some = {part: means[part] for part in ("Score", *lowest)}
    figures.draw(figures.lines(some, shown, days, "of 100"), f"{told}, by day", key="quality")
    _days_table("Mean score and its parts, by day", means, shown, "quality-table", digits=1)


def _findings(rows: Sequence[DailyFigures]) -> None:
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        for rule, number in row.findings_by_rule.items():
            counts[rule_name(rule)] += number
    if not counts:
        return
    _heading("Findings by rule", "findings")
    most = dict(sorted(counts.items(), key=lambda pair: -pair[1])[:MOST_RULES])
    figures.draw(figures.ranking(most), "Findings by rule, the most frequent ones", key="findings")
    body = [(rule, f"{number:,}") for rule, number in sorted(counts.items(), key=lambda pair: -pair[1])]
    _as_table(table("Findings by rule", ("Rule", "Findings"), body, numbers=(1,)), "findings-table")


def _days_table(caption: str, series: dict[str, list[float]], days: Sequence[date], key: str, digits: int = 0) -> None:
    """The same numbers as a table, days without any left out."""
    told = [n for n in range(len(days)) if any(values[n] for values in series.values())]
    body = [(f"{days[n]:%d %b %Y}", *(f"{values[n]:,.{digits}f}" for values in series.values())) for n in told]
    numbers = range(1, len(series) + 1)
    _as_table(table(caption, ("Day (UTC)", *series), body, numbers=tuple(numbers)), key)


def _as_table(node: Node, key: str) -> None:
    show(h("details", h("summary", "The figures as a table", cls="small soft"), node), key=key)


def _gate() -> None:
    """What the last look at all that is stored found, with its pages to take along."""
    _heading("Gate over what is stored", "gate")
    publishing.outcome()
    try:
        report = backend.call(lambda api: api.gate())
    except NotFound as error:
        told = f"{error}. {error.hint}"
        show(h("p", coded(capital(told)), cls="soft"), key="no-gate")
        return
    looked = f"{count(report.rows, 'version')} looked at {instant(report.at)}"
    show(h("p", f"{looked}; {len(report.failing)} blocked from publication.", cls="soft"), key="gate-looked")
    if report.failing:
        body = [
            (
                link(row.title or "Untitled", "article", id=row.article_id),
                " ".join(row.reasons),
                ", ".join(row.published) or "nowhere",
            )
            for row in report.failing
        ]
        show(table("Blocked from publication", ("Article", "Why", "Published at"), body), key="gate-failing")
        for row in report.still_published:
            publishing.unpublish_button(row.article_id, row.title or "Untitled")
    _gate_pages(report)


def _gate_pages(report: GateReport) -> None:
    with st.container(horizontal=True):
        for batch in report.batches:
            if batch.page:
                page = _gate_page(batch.page)
                label = f"Page of the gate: {said(batch.name)}"
                st.download_button(label, page, batch.page, "text/html", key=f"docs-{batch.page}", on_click="ignore")


def _gate_page(name: str) -> bytes:
    return backend.call(lambda api: api.gate_page(name))


def _system(system: SystemFigures) -> None:
    _heading("System", "system")
    orchestrator = system.orchestrator
    if hindrance := notices.orchestrator(orchestrator):
        show(hindrance, key="hindrance")
    show(
        pairs(
            ("Version", system.version),
            ("Prefect", badge("answers", "green") if orchestrator.answers else badge("away", "orange")),
            ("Workers", f"{orchestrator.workers:,}"),
            ("Runs under way", f"{orchestrator.running:,}{f' of {orchestrator.limit}' if orchestrator.limit else ''}"),
            ("Runs in line", f"{orchestrator.queued:,}"),
            *([("Its page", web("Open Prefect", orchestrator.address))] if orchestrator.address else []),
            ("Left alone", "; ".join(system.left_alone) or "no model"),
        ),
        h("div", _counts("Runs", system.runs), _counts("Articles", system.articles), cls="two"),
        key="system",
    )


def _counts(name: str, counts: dict[str, int]) -> Node:
    body = [(STATUS_NAMES.get(status, said(status)), f"{number:,}") for status, number in counts.items()]
    total = sum(counts.values())
    return table(f"{name}: {total:,}", ("Status", "Count"), body or [("None yet", "0")], numbers=(1,))


if __name__ == "__main__":
    page(main, "Analytics")
