"""Research: look into a topic, see what its sources ask, answer and disagree on, and write from that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

import streamlit as st

from aiwriter.api.client import InvalidRequest
from aiwriter.documents import KeptStudy, RunStatus, Study, disputes
from aiwriter.errors import AIWriterError, Unavailable
from aiwriter.ports.lists import Paging, StudyFilter
from dashboard import address, backend, catalogue
from dashboard.components import brief_form, figures, notices, study_parts
from dashboard.components.lists import pairs, rows
from dashboard.components.markup import h, link, show
from dashboard.components.notices import empty, guarded, headed, notice, page, page_head, problem, refused
from dashboard.wording import ago, count

PAGE_LENGTH = 20
POLL_SECONDS = 1.0
SILENT = timedelta(minutes=10)
UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)
_TITLES = {RunStatus.REFUSED: "Nothing to tell", RunStatus.CANCELLED: "The study was cancelled"}


def main() -> None:
    """The study that the address names; else the form, and the studies that are kept."""
    study_id = address.named("id")
    if study_id is not None:
        _study(study_id)
        return
    page_head("Research", "What sources say of a topic, before or without writing about it.")
    with st.container(width=760, key="ask"):
        _ask()
    _kept()


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ask() -> None:
    with st.form("look-into", clear_on_submit=False):
        wish = brief_form.ask_research()
        # not "primary": in a form its text has too little contrast in the dark
        if st.form_submit_button("Look into it", type="primary", key="research-start"):
            _start(wish)


def _start(wish: brief_form.ResearchWish) -> None:
    if wish.missing:
        show(notice("Not yet", *wish.missing, tone="orange"), key="research-missing")
        return
    try:
        brief = wish.brief()
        accepted = backend.call(lambda api: api.start_research(brief))
    except InvalidRequest as error:
        refused(error, wish.sources, key="research-refused")
    except AIWriterError as error:
        problem(error, key="research-problem")
    else:
        st.query_params["id"] = str(accepted.study_id)
        st.rerun()


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _kept() -> None:
    words = st.text_input(
        "Search in topics", value=address.first("q"), key="studies-q", max_chars=200, placeholder="words of a topic"
    ).strip()
    address.keep(q=words)
    wanted = StudyFilter(words=words or None)
    number = int(st.session_state.get("studies-page", 1))
    paging = Paging(limit=PAGE_LENGTH, offset=(number - 1) * PAGE_LENGTH)
    found = backend.call(lambda api: api.studies(wanted, paging))
    if not found.total:
        empty(
            "No study has these words" if words else "Nothing was looked into yet",
            "Name a topic and where to look; “web:” searches, “known:” asks what is known.",
            key="no-studies",
        )
        return
    show(
        h("p", count(found.total, "study", "studies"), cls="soft small", role="status"),
        rows(map(study_parts.study_row, found.items), "Studies"),
        key="studies",
    )
    pages = ceil(found.total / PAGE_LENGTH)
    if pages > 1:
        st.pagination(pages, default=min(number, pages), key="studies-page")


# ── one study ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _study(study_id: UUID) -> None:
    kept = backend.call(lambda api: api.study(study_id))
    show(study_parts.study_head(kept), key="study-head")
    headed(kept.topic)
    if kept.status in UNDER_WAY:
        st.fragment(guarded(_watch), run_every=POLL_SECONDS)(study_id)
        _cancel(study_id)
    elif kept.study is None:
        _ended_without(kept)
    else:
        _steps(kept)
        _found(kept.study)
    _remove(study_id)


def _watch(study_id: UUID) -> None:
    """One look at a study under way; when it has ended, the page is drawn anew."""
    try:
        kept = backend.call(lambda api: api.study(study_id))
    except Unavailable as error:
        show(notice("The API does not answer just now", str(error), tone="orange"), key="study-away")
        return
    if kept.status not in UNDER_WAY:
        st.rerun()
    show(study_parts.progress(kept), key="study-progress")
    if kept.status is RunStatus.QUEUED:
        if hindrance := notices.orchestrator(catalogue.system().orchestrator):
            show(hindrance, key="study-hindrance")
    elif datetime.now(UTC) - kept.told_at > SILENT:
        said = f"Whoever works on it last said something {ago(kept.told_at)}."
        show(
            notice("No sign of life", said, tone="orange", next_step="Cancel it if it takes too long."),
            key="study-silent",
        )


def _ended_without(kept: KeptStudy) -> None:
    refused = kept.status is RunStatus.REFUSED
    step = "Name other sources, or ask for something that these say." if refused else "Ask again."
    title = _TITLES.get(kept.status, "The study failed")
    show(notice(title, kept.reason or "The cause is not known.", tone="red", next_step=step), key="study-ended")


def _steps(kept: KeptStudy) -> None:
    """What can be done with a study."""
    with st.container(horizontal=True, vertical_alignment="center"):
        report = backend.call(lambda api: api.study_report(kept.id))
        st.download_button(
            "Download the report",
            report.data,
            file_name=report.name,
            mime="text/html",
            key="study-report",
            on_click="ignore",
        )
        show(h("p", link("Write an article from this", "", study=kept.id)), key="study-write")


def _cancel(study_id: UUID) -> None:
    if st.button("Cancel it", key="study-cancel"):
        try:
            backend.call(lambda api: api.cancel_study(study_id))
        except AIWriterError as error:
            problem(error, key="study-cancel-problem")
            return
        st.rerun()


def _remove(study_id: UUID) -> None:
    with st.expander("Remove this study"):
        show(h("p", "What is known and what was written stays.", cls="soft small"), key="study-remove-note")
        if st.button("Remove it", key="study-remove"):
            try:
                backend.call(lambda api: api.remove_study(study_id))
            except AIWriterError as error:
                problem(error, key="study-remove-problem")
                return
            del st.query_params["id"]
            st.rerun()


# ── what was found ───────────────────────────────────────────────────────────────────────────────────────────────────


def _found(study: Study) -> None:
    evidence = study.evidence
    answers = [row.answer for row in evidence.coverage]
    show(
        pairs(
            ("Answered", f"{answers.count('answered')} of {len(answers)}"),
            ("Partly", str(answers.count("partly"))),
            ("Missing", str(answers.count("missing"))),
            ("Disagreements", str(len(disputes(evidence.disagreements)))),
            ("Passages", str(len(evidence.items))),
            ("Sources", str(len(evidence.sources))),
            big=True,
        ),
        key="study-figures",
    )
    _answers(study)
    _missing(study)
    _disagreements(study)
    _keywords(study)
    _sources(study)


def _heading(text: str, key: str) -> None:
    show(h("h2", text, cls="chapter"), key=f"study-heading-{key}")


def _answers(study: Study) -> None:
    _heading("Asked and answered", "answers")
    rows_of = [(row.question, row.answer, row.confidence) for row in study.evidence.coverage]
    figures.draw(figures.answers(rows_of), "How surely each question is answered", key="study-answers")
    show(study_parts.coverage(study.evidence), key="study-coverage", style="study.css")


def _missing(study: Study) -> None:
    missing = [row.question for row in study.evidence.coverage if row.answer == "missing"]
    looked_into = {row.question for row in study.evidence.coverage}
    also = [question for question in study.questions if question not in looked_into]
    _heading("What is missing", "missing")
    nothing = h("p", "Every question is answered, at least partly.", cls="soft")
    show(
        study_parts.listed(missing) if missing else nothing,
        h("h3", "Also asked in the sources, and not looked into") if also else None,
        study_parts.listed(also) if also else None,
        key="study-missing",
        style="study.css",
    )


def _disagreements(study: Study) -> None:
    _heading("Where sources disagree", "disagreements")
    found = study_parts.disagreements(study.evidence)
    unread = [note for note in study.evidence.notes if note.startswith(study.evidence.NOT_COMPARED)]
    said = unread or ["No two sources were found to tell the same with another number or date."]
    none = h("p", *said, cls="soft")
    show(*(found or [none]), key="study-disagreements", style="study.css")


def _keywords(study: Study) -> None:
    if not study.keywords:
        return
    _heading("Spoken of", "keywords")
    weights = {one.phrase: one.weight for one in study.keywords[:15]}
    figures.draw(figures.ranking(weights, "weight"), "What the sources speak of most", key="study-keywords")
    table = h("details", h("summary", "The figures as a table", cls="small soft"), study_parts.spoken_of(study))
    show(table, key="study-keywords-table")


def _sources(study: Study) -> None:
    _heading("Sources", "sources")
    dated = [(one.title, one.published_at) for one in study.evidence.sources if one.published_at]
    if len(dated) > 1:
        figures.draw(figures.dates(dated), "When the sources were published", key="study-dates")
    show(
        study_parts.sources(study.evidence),
        study_parts.searches(study),
        study_parts.left_out(study),
        key="study-sources",
        style="study.css",
    )


if __name__ == "__main__":
    page(main, "Research")
