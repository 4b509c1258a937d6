"""Check: hold any text against sources, and see of each sentence how it stands and why."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from aiwriter.api.checks import CheckView
from aiwriter.api.client import InvalidRequest
from aiwriter.documents import CheckResult, RunStatus
from aiwriter.errors import AIWriterError
from dashboard import address, asking, backend
from dashboard.components import article_parts, check_form, check_parts, figures, kept, reader
from dashboard.components.lists import pairs
from dashboard.components.markup import Node, h, link, show
from dashboard.components.notices import headed, notice, page, page_head, problem, refused

WORDS = kept.Words(
    one="check",
    many="checks",
    searched="title",
    none_yet="Nothing was checked yet",
    begin="Paste a text and a source above, or fill in the example.",
    removed="The text, the sources that came with it, and what was found are deleted.",
    remove="Remove it for good",
)
TABS = ("Text", "Findings", "Sources")
_TITLES = {RunStatus.REFUSED: "Nothing could be checked", RunStatus.CANCELLED: "The check was cancelled"}


def main() -> None:
    """The check that the address names; else the form, and the checks that are kept."""
    check_id = address.named("id")
    if check_id is not None:
        _check(check_id)
        return
    page_head("Check", "Whether sources say what a text says, sentence by sentence, whoever wrote it.")
    with st.container(width=760, key="check-ask"):
        _ask()
    show(h("h2", "What was checked so far", cls="chapter"), key="checks-head")
    kept.listed(WORDS, lambda words, paging: backend.call(lambda api: api.checks(words, paging)), check_parts.check_row)


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _ask() -> None:
    again = address.named("again")
    if again is not None:
        del st.query_params["again"]
        check_form.prefill(backend.call(lambda api: api.check_asked(again)))
    if st.button("Fill in an example", key="check-example"):
        check_form.example()
    wish = check_form.ask()
    if st.button("Check it", type="primary", key="check-start"):
        _start(wish)


def _start(wish: check_form.Wish) -> None:
    if wish.missing:
        show(notice("Not yet", *wish.missing, tone="orange"), key="check-missing")
        return
    try:
        once = asking.key("check", wish)
        accepted = backend.call(lambda api: api.start_check(wish.request, once))
    except InvalidRequest as error:
        refused(error, wish.sources, key="check-refused")
    except AIWriterError as error:
        problem(error, key="check-problem")
    else:
        asking.answered("check")
        st.query_params["id"] = str(accepted.check_id)
        st.rerun()


# ── one check ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _check(check_id: UUID) -> None:
    def look() -> CheckView:
        return backend.call(lambda api: api.check(check_id))

    check = look()
    show(check_parts.check_head(check), key="check-head")
    headed(check.title)
    if check.status in kept.UNDER_WAY:
        kept.watched(WORDS, look, check_parts.progress, lambda: backend.call(lambda api: api.cancel_check(check_id)))
    elif check.result is None:
        _ended_without(check)
    else:
        _found(check, check.result)
    kept.removable(WORDS, lambda: backend.call(lambda api: api.remove_check(check_id)))


def _ended_without(check: CheckView) -> None:
    title = _TITLES.get(check.status, "The check failed")
    cause = check.reason or "The cause is not known."
    again = link("Ask again, with the same text and sources", "check", again=check.id)
    show(notice(title, cause, again, tone="red"), key="check-ended")


# ── what was found ───────────────────────────────────────────────────────────────────────────────────────────────────


def _found(check: CheckView, result: CheckResult) -> None:
    show(check_parts.verdict(result), key="check-verdict")
    outcomes = check_parts.outcomes(result)
    score = ("Score of 100", f"{result.score:.0f}")
    show(pairs(*((name, str(number)) for _, name, number in outcomes), score, big=True), key="check-figures")
    told = ", ".join(f"{number} {name.lower()}" for _, name, number in outcomes)
    figures.draw(figures.outcomes(outcomes), f"Sentences by outcome: {told}.", key="check-outcomes")
    _take_along(check, result)
    for tab, draw in zip(address.tabs(TABS, "tab", key=f"check-tab-{check.id}-{_sentence()}"), _DRAW, strict=True):
        if tab.open:
            with tab:
                draw(check, result)


def _sentence() -> str:
    """The sentence whose evidence is to be open."""
    return st.query_params.get("sentence", "")


def _take_along(check: CheckView, result: CheckResult) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        report = backend.call(lambda api: api.check_report(check.id))
        st.download_button(
            "Download the report", report.data, report.name, "text/html", key="check-report", on_click="ignore"
        )
        data, name = result.model_dump_json(indent=2), f"check-{check.id}.json"
        st.download_button("Download the JSON", data, name, "application/json", key="check-json", on_click="ignore")
        show(h("p", link("Change the text and check again", "check", again=check.id)), key="check-again")


def _text(check: CheckView, _result: CheckResult) -> None:
    reader.read(backend.call(lambda api: api.checked_text(check.id)), _sentence(), key="check-reader")


def _findings(check: CheckView, _result: CheckResult) -> None:
    text = backend.call(lambda api: api.checked_text(check.id))
    found = article_parts.findings(text, lambda one: _lead(check, one))
    show(h("div", found, article_parts.notes(text.notes), cls="sections"), key="check-findings")


def _lead(check: CheckView, sentence_id: UUID) -> Node:
    return link("Show the sentence", "check", id=check.id, tab="Text", sentence=sentence_id)


def _sources(check: CheckView, result: CheckResult) -> None:
    text = backend.call(lambda api: api.checked_text(check.id))
    show(check_parts.sources(text, result), key="check-sources-read", style="study.css")


_DRAW: tuple[Callable[[CheckView, CheckResult], None], ...] = (_text, _findings, _sources)

if __name__ == "__main__":
    page(main, "Check")
