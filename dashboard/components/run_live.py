"""A run followed live, with what can be done about it; the same on every page and for every visitor."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING
from uuid import UUID

import streamlit as st

from aiwriter.api.schemas import RunDetail
from aiwriter.documents import Run, RunEvent, RunStatus, Shortage
from aiwriter.errors import AIWriterError, NotFound, Unavailable
from dashboard import backend, catalogue
from dashboard.components import notices, outline_editor, shared_budgets
from dashboard.components.markup import Node, h, link, show
from dashboard.components.notices import facts, guarded, notice, problem
from dashboard.components.progress import progress
from dashboard.timeline import RESTING, Timeline
from dashboard.wording import capital, money, one_line, said, spent, without_places

if TYPE_CHECKING:
    from aiwriter.api.client import Client

POLL_SECONDS = 1.0
SHOWN = Decimal("0.0001")  # of a dollar
HISTORY_PORTION = 500  # the API gives at most so many events at once


def follow(run_id: UUID) -> None:
    """The run's progress, its outcome, and the next steps. Raises NotFound."""
    detail = backend.call(lambda api: api.run(run_id))
    timeline = advance(run_id)
    moving = timeline.status not in RESTING
    _outcome(detail, timeline)
    if timeline.status is RunStatus.WAITING:
        _approval(detail)
    if moving:
        if st.button("Cancel this run", key="cancel"):
            _confirm_cancel(run_id)
        st.fragment(guarded(_watch), run_every=POLL_SECONDS)(run_id)
    elif timeline.status is not RunStatus.WAITING:
        show(h("p", link("Ask again, with changes", "", again=run_id)), progress(timeline), key="progress-still")


def head(detail: RunDetail) -> Node:
    """What was asked, as the title of the page; how it stands is told by its progress."""
    run = detail.run
    return h(
        "header",
        h("h1", one_line(run.brief.topic), cls="title"),
        facts(
            said(run.brief.format),
            f"{run.brief.words:,} words",
            run.model,
            f"cap {money(run.budget_usd)}" if run.budget_usd is not None else "",
            f"asked by {run.requested_by}" if run.requested_by else "",
        ),
    )


def advance(run_id: UUID) -> Timeline:
    """The run's timeline with everything that has happened up to now."""
    known: dict[UUID, Timeline] = st.session_state.setdefault("timelines", {})
    timeline = known.setdefault(run_id, Timeline())
    timeline.add(history(run_id, timeline.seq))
    return timeline


def history(run_id: UUID, after: int = 0) -> Iterator[RunEvent]:
    """All events after that one."""
    while True:
        events = _portion(run_id, after)
        yield from events
        if len(events) < HISTORY_PORTION:
            return
        after = events[-1].seq


def _portion(run_id: UUID, after: int) -> tuple[RunEvent, ...]:
    return backend.call(lambda api: api.history(run_id, after))


def _watch(run_id: UUID) -> None:
    """One look at a run under way; when it rests, the page is drawn anew."""
    try:
        timeline = advance(run_id)
    except Unavailable as error:
        show(
            notice(
                "The API does not answer just now",
                str(error),
                tone="orange",
                next_step="The run goes on without this page, and the page goes on as soon as the API answers.",
            ),
            key="watch-away",
        )
        return
    if timeline.status is RunStatus.QUEUED:
        _why_it_waits()
    show(progress(timeline), key="progress")
    if timeline.status in RESTING:
        st.rerun()


def _why_it_waits() -> None:
    """What keeps a run in line, looked up every few seconds for all visitors together."""
    with contextlib.suppress(AIWriterError):  # the next look at the run itself tells of an API that is away
        if hindrance := notices.orchestrator(catalogue.system().orchestrator):
            show(hindrance, key="hindrance")


def _outcome(detail: RunDetail, timeline: Timeline) -> None:
    """How it ended, and what can be done next."""
    run = detail.run
    if timeline.status is RunStatus.DONE:
        show(
            notice(
                "The article is ready, and a person must look at it first" if run.reason else "The article is ready",
                h("span", link("Read it", "article", id=run.article_id), ", with the evidence of each sentence.")
                if run.article_id
                else None,
                h("ul", *(h("li", reason) for reason in _reasons(run.reason))) if run.reason else None,
                _took(detail),
                tone="orange" if run.reason else "green",
            ),
            key="outcome",
        )
    elif timeline.status is RunStatus.REFUSED and run.short is not None:
        _refused_by_budget(detail, run.short)
    elif timeline.status is RunStatus.REFUSED:
        show(
            notice(
                "The article was refused",
                h("ul", *(h("li", reason) for reason in _reasons(timeline.reason))),
                h("span", link("Read what was written", "article", id=run.article_id), ", with what was found.")
                if run.article_id
                else None,
                tone="red",
                next_step="Add sources that say what the topic asks for, or ask for something that these sources say.",
            ),
            key="outcome",
        )
    elif timeline.status is RunStatus.FAILED:
        show(
            notice(
                "The run failed",
                capital(timeline.reason or run.reason or "The cause is not known."),
                tone="red",
                next_step="Nothing that was done is lost: resumed, it goes on after its last finished stage.",
            ),
            key="outcome",
        )
        if st.button("Resume", type="primary", key="resume"):
            _do(lambda api: api.resume(run.id))
    elif timeline.status is RunStatus.CANCELLED:
        show(
            notice("The run was cancelled", "What had been read and written until then is kept with it."), key="outcome"
        )


def _refused_by_budget(detail: RunDetail, short: Shortage) -> None:
    """Which budget had no room for it, and what goes on with it."""
    run, kept = detail.run, "What was done is kept, and nothing is paid for twice."
    needs = f"It needs {money(short.needs_usd)} that are free." if short.needs_usd else ""
    if short.is_shared:
        stands = shared_budgets.line(short.budget)
        where = h("span", link("Budgets", "budgets", budget=short.budget), " shows and sets it.")
        title, step = "A budget that runs share has no room for it", "Resume goes on as soon as that has room. "
    else:
        stands, where = f"It may cost {money(run.budget_usd)}, and has cost {money(detail.cost_usd)}.", None
        title, step = "Its own budget has no room for it", "With a larger one it goes on. "
    show(notice(title, stands, needs, where, tone="red", next_step=step + kept), key="outcome")
    if not short.is_shared and run.budget_usd is not None:
        _more_budget(run.id, run.budget_usd, detail.cost_usd + short.needs_usd)
    elif st.button("Resume", type="primary", key="resume"):
        _do(lambda api: api.resume(run.id))


def _more_budget(run_id: UUID, budget_usd: Decimal, least_usd: Decimal) -> None:
    """A run that its own budget ended goes on with a larger one; at least `least_usd` must it be."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        more = st.number_input(
            f"Spend at most, in dollars (was {money(budget_usd)})",
            min_value=float(budget_usd),
            value=float(max(budget_usd, least_usd.quantize(SHOWN, ROUND_CEILING))),
            step=0.5,
            format="%.4f",
            key="more-budget",
            width=320,
        )
        budget = Decimal(str(more)).quantize(SHOWN)
        if st.button("Resume", type="primary", key="resume", disabled=budget <= budget_usd):
            _do(lambda api: api.resume(run_id, budget))


def _reasons(reason: str) -> list[str]:
    told = without_places(reason)[0]
    return [capital(part.strip()) for part in told.splitlines() if part.strip()] or ["No reason was recorded."]


def _took(detail: RunDetail) -> str:
    calls = f" and {detail.model_calls} model calls" if detail.model_calls else ""
    seconds = sum(detail.seconds_by_stage.values())
    cost = spent(detail.cost_usd, detail.unknown_calls, detail.unknown_usd)
    return f"It took {seconds:.0f} s of work{calls}, and cost {cost}."


def _approval(detail: RunDetail) -> None:
    run_id = detail.run.id
    show(
        notice(
            "This is the outline. Nothing is written before you approve it.",
            "Change titles and what the sections are to say, put them in another order, drop what you do not want.",
            tone="orange",
        ),
        key="approval",
    )
    try:
        view = backend.call(lambda api: api.outline(run_id))
    except NotFound as error:
        problem(error)
        return
    with st.container(width=760, key="outline"):
        outline = outline_editor.edit(view)
    with st.container(horizontal=True):
        if st.button("Approve and write", type="primary", key="approve-outline"):
            try:
                backend.call(lambda api: api.approve_outline(run_id, outline))
            except AIWriterError as error:
                problem(error, key="approval-problem")
            else:
                st.rerun()
        if st.button("Cancel this run", key="cancel"):
            _confirm_cancel(run_id)


@st.dialog("Cancel this run?")
@guarded
def _confirm_cancel(run_id: UUID) -> None:
    st.write("It stops within a second or two. What was done so far is kept, but a cancelled run cannot go on.")
    with st.container(horizontal=True):
        if st.button("Yes, cancel it", type="primary", key="cancel-yes"):
            _do(lambda api: api.cancel(run_id))
        if st.button("No, let it go on", key="cancel-no"):
            st.rerun()


def _do(what: Callable[[Client], Awaitable[Run]]) -> None:
    """Cancel or resume; what the API says against it is shown."""
    try:
        backend.call(what)
    except AIWriterError as error:
        problem(error, key="refusal")
        return
    st.rerun()
