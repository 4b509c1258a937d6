"""One run in full: its progress, where the time went, what the models were asked, everything that happened."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from aiwriter.api.schemas import RunDetail
from aiwriter.documents import ModelCall, RunEvent, RunStatus
from dashboard import address, backend
from dashboard.components import brief_form, figures, run_live
from dashboard.components.lists import pairs, table
from dashboard.components.markup import Node, h, link, show, web
from dashboard.components.notices import empty, headed, page, page_head
from dashboard.wording import (
    LANGUAGES,
    STAGE_NAMES,
    clock,
    count,
    instant,
    lasting,
    money,
    said,
    short,
    spent,
    zone_name,
)

TABS = ("Progress", "Time", "Model calls", "Events", "Brief")


def main() -> None:
    """The run that the address names."""
    run_id = address.named("id")
    if run_id is None:
        page_head("Run")
        empty("No run is named", "Choose one in the list.", link("To the runs", "runs"), key="unnamed")
        return
    detail = _fetched(run_id)
    show(h("p", link("Runs", "runs"), cls="crumb"), run_live.head(detail), key="run-head")
    headed(detail.run.brief.topic)
    show(_figures(detail), key="run-figures")
    if (answered := brief_form.answered(detail.answered, asked=True)) is not None:
        show(answered, key="answered")
    tabs = address.tabs(TABS, "part", key=f"part-{run_id}")
    for tab, draw in zip(tabs, _DRAW, strict=True):
        if tab.open:
            with tab:
                draw(detail)


def _fetched(run_id: UUID) -> RunDetail:
    return backend.call(lambda api: api.run(run_id))


def _figures(detail: RunDetail) -> Node:
    page = detail.page or run_live.advance(detail.run.id).page
    return pairs(
        (
            "Cost so far" if detail.facts is None else "Cost",
            _of_cap(spent(detail.cost_usd, detail.unknown_calls, detail.unknown_usd), detail),
        ),
        *_reckoned(detail),
        ("Model calls", f"{detail.model_calls:,}"),
        ("Work", lasting(sum(detail.seconds_by_stage.values()))),
        ("Asked", instant(detail.run.created_at)),
        *([("Ended", instant(detail.run.finished_at))] if detail.run.finished_at else []),
        *([("Attempts", str(detail.run.attempts))] if detail.run.attempts > 1 else []),
        ("Carried by", web("Prefect", page) if page else _without_page(detail)),
    )


def _without_page(detail: RunDetail) -> str:
    """A run that is carried at a command line is never handed on."""
    begun = detail.run.status not in (RunStatus.QUEUED, RunStatus.CANCELLED)
    return "a command line" if begun else "nobody yet"


def _reckoned(detail: RunDetail) -> list[tuple[str, Node]]:
    """What it was likely to cost, once it is known what it did cost."""
    reckoned = detail.facts.estimated_usd if detail.facts else None
    return [("Estimated", money(reckoned))] if reckoned else []


def _of_cap(cost: str, detail: RunDetail) -> str:
    cap = detail.run.budget_usd
    return cost if cap is None else f"{cost}; at most {money(cap)}"


def _progress(detail: RunDetail) -> None:
    run_live.follow(detail.run.id)


def _time(detail: RunDetail) -> None:
    timeline = run_live.advance(detail.run.id)
    spans = [(name, stage) for name, stage in timeline.stages.items() if stage.began is not None]
    if not spans:
        empty("Nothing has begun", "Times appear as stages begin.", key="no-times")
        return
    figures.draw(figures.stages(spans), "Stages of the run over time, in seconds from its first stage on", key="gantt")
    show(
        table(
            "Seconds by stage",
            ("Stage", "State", "Items", "Time"),
            [
                (STAGE_NAMES.get(name, name), stage.state, f"{stage.done} of {stage.total}", lasting(stage.seconds))
                for name, stage in spans
            ],
            numbers=(2, 3),
        ),
        key="times",
    )


def _calls(detail: RunDetail) -> None:
    calls = backend.call(lambda api: api.calls(detail.run.id))
    if not calls:
        empty(
            "No model was asked",
            "A digest is put together without one; other runs list each request here.",
            key="no-calls",
        )
        return
    cost = spent(detail.cost_usd, detail.unknown_calls, detail.unknown_usd)
    show(
        table(
            _of_cap(f"{count(len(calls), 'request')} for {cost}", detail),
            ("Prompt", "Stage", "Model", "State", "Read", "Written", "Cost", "Time", "Begun"),
            [_call(call) for call in calls],
            numbers=(4, 5, 6, 7),
        ),
        key="calls",
    )


def _call(call: ModelCall) -> tuple[Node, ...]:
    name = f"{call.prompt_name}, {call.item}" if call.item else call.prompt_name
    state = f"{call.status}: {short(call.error, 80)}" if call.error else call.status
    return (
        name if call.attempt <= 1 else f"{name}, attempt {call.attempt}",
        call.stage.value,
        call.model,
        state.replace("_", " "),
        f"{call.input_tokens:,}",
        f"{call.output_tokens:,}",
        f"at most {money(call.cost_usd)}" if call.status == "unknown" else money(call.cost_usd),
        lasting(call.seconds),
        instant(call.begun_at),
    )


def _events(detail: RunDetail) -> None:
    told = [event for event in run_live.history(detail.run.id) if event.kind != "section.text"]
    show(
        table(
            f"{count(len(told), 'event')}; the text as it came is left out",
            ("No.", f"When ({zone_name()})", "What", "With"),
            [_event(event) for event in told],
        ),
        key="events",
    )


def _event(event: RunEvent) -> tuple[Node, ...]:
    data = ", ".join(
        f"{name} {short(_plain(value), 120)}" for name, value in event.data.items() if value not in (None, "")
    )
    return str(event.seq), clock(event.at), event.kind, data


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _brief(detail: RunDetail) -> None:
    brief = detail.run.brief
    asked = (
        ("Format", said(brief.format)),
        ("Words", f"{brief.words:,}"),
        ("Language", LANGUAGES.get(brief.language, brief.language)),
        ("For whom", brief.audience),
        ("Tone", brief.tone),
        ("Voice", f"learned from {count(brief.voice.words, 'word')}" if brief.voice else ""),
        ("Keywords", ", ".join(brief.keywords)),
        ("Model", detail.run.model),
        ("Embedder", detail.run.embedder),
        ("Outline first", "yes" if brief.approve_outline else "no"),
    )
    show(
        h(
            "div",
            pairs(*((name, value) for name, value in asked if value)),
            h(
                "section",
                h("h2", count(len(brief.sources), "source")),
                h("ul", *(h("li", source) for source in brief.sources), cls="quoted"),
            ),
            cls="sections",
        ),
        key="brief-of-run",
    )


_DRAW: tuple[Callable[[RunDetail], None], ...] = (_progress, _time, _calls, _events, _brief)

if __name__ == "__main__":
    page(main, "Run")
