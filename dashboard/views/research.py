"""Research: look into a topic, see what its sources ask, answer and disagree on, and write from that."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from aiwriter.api.client import InvalidRequest
from aiwriter.documents import KeptStudy, RunStatus, Study, disputes
from aiwriter.errors import AIWriterError
from dashboard import address, asking, backend
from dashboard.components import brief_form, figures, kept, study_parts
from dashboard.components.lists import pairs
from dashboard.components.markup import h, link, show
from dashboard.components.notices import headed, notice, page, page_head, problem, refused

WORDS = kept.Words(
    one="study",
    many="studies",
    searched="topic",
    none_yet="Nothing was looked into yet",
    begin="Name a topic and where to look; “web:” searches, “known:” asks what is known.",
    removed="What is known and what was written stays.",
)
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
    kept.listed(
        WORDS, lambda words, paging: backend.call(lambda api: api.studies(words, paging)), study_parts.study_row
    )


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
        once = asking.key("research", brief.fingerprint)
        accepted = backend.call(lambda api: api.start_research(brief, once))
    except InvalidRequest as error:
        refused(error, wish.sources, key="research-refused")
    except AIWriterError as error:
        problem(error, key="research-problem")
    else:
        asking.answered("research")
        st.query_params["id"] = str(accepted.study_id)
        st.rerun()


# ── one study ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _study(study_id: UUID) -> None:
    def look() -> KeptStudy:
        return backend.call(lambda api: api.study(study_id))

    asked = look()
    show(study_parts.study_head(asked), key="study-head")
    headed(asked.topic)
    if asked.status in kept.UNDER_WAY:
        kept.watched(WORDS, look, study_parts.progress, lambda: backend.call(lambda api: api.cancel_study(study_id)))
    elif asked.study is None:
        _ended_without(asked)
    else:
        _steps(asked)
        _found(asked.study)
    kept.removable(WORDS, lambda: backend.call(lambda api: api.remove_study(study_id)))


def _ended_without(asked: KeptStudy) -> None:
    refused = asked.status is RunStatus.REFUSED
    step = "Name other sources, or ask for something that these say." if refused else "Ask again."
    title = _TITLES.get(asked.status, "The study failed")
    show(notice(title, asked.reason or "The cause is not known.", tone="red", next_step=step), key="study-ended")


def _steps(asked: KeptStudy) -> None:
    """What can be done with a study."""
    with st.container(horizontal=True, vertical_alignment="center"):
        report = backend.call(lambda api: api.study_report(asked.id))
        st.download_button(
            "Download the report",
            report.data,
            file_name=report.name,
            mime="text/html",
            key="study-report",
            on_click="ignore",
        )
        show(h("p", link("Write an article from this", "", study=asked.id)), key="study-write")


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
