"""Write: ask for an article, and see it come into being."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from aiwriter.api.client import InvalidRequest
from aiwriter.api.offers import ModelHead
from aiwriter.documents import FormatHead, Run, RunStatus
from aiwriter.errors import AIWriterError, Unavailable
from aiwriter.ports.lists import Paging, RunFilter
from dashboard import address, asking, backend, catalogue
from dashboard.components import brief_form, run_live
from dashboard.components.markup import Node, h, link, show
from dashboard.components.notices import badge, guarded, headed, notice, page, page_head, problem, refused
from dashboard.wording import ago, short

UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING)
FILLED_FROM = "filled-from"
NO_TOPIC = "an article"  # stands in estimates for the topic as long as there is none


def main() -> None:
    """The form, or the run that the address names."""
    run_id = address.named("run")
    if run_id is None:
        _form()
    else:
        _run(run_id)


def _run(run_id: UUID) -> None:
    detail = backend.call(lambda api: api.run(run_id))
    show(h("p", link("Write another", "", cls="small"), cls="crumb"), key="crumb")
    show(run_live.head(detail), key="head")
    headed(detail.run.brief.topic)
    run_live.follow(run_id)
    show(h("p", link("Everything about this run", "run", id=run_id), cls="small"), key="more")


def _form() -> None:
    page_head("Write", "A checked article from your sources: every sentence shows where it comes from.")
    formats, models = catalogue.formats(), catalogue.models()
    _filled(models)
    _under_way()
    with st.container(width=760, key="brief"):
        _fields(formats, models)


def _filled(models: tuple[ModelHead, ...]) -> None:
    """The study or the run that the address names fills the form, once a visit: what is changed afterwards stays."""
    study_id, run_id = address.named("study"), address.named("again")
    given = study_id or run_id
    if given is None or st.session_state.get(FILLED_FROM) == given:
        return
    if study_id is not None:
        brief_form.prefill(backend.call(lambda api: api.study(study_id)).brief)
    else:
        run = backend.call(lambda api: api.run(given)).run
        usual = any(one.default and one.name == run.model for one in models)
        brief_form.prefill(run.brief, None if usual else run.model)
    st.session_state[FILLED_FROM] = given


@st.fragment
@guarded
def _fields(formats: tuple[FormatHead, ...], models: tuple[ModelHead, ...]) -> None:
    """The form runs by itself: a change of a field draws only it anew."""
    wish = brief_form.ask(formats, models)
    _model(models, wish.model)
    reckoned = st.container()
    if st.button("Start writing", type="primary", key="start"):  # there before the estimate is, which may take a while
        _start(wish)
    with reckoned:
        _estimate(wish)


def _model(models: tuple[ModelHead, ...], name: str | None) -> None:
    """What keeps the model from being used now, and a way to have it asked at once."""
    kept = brief_form.kept_from(models, name)
    if kept is None:
        return
    show(notice(f"{kept.name} cannot be used now", kept.note, tone="orange"), key="model-kept")
    if kept.usable and st.button("Ask it now", key="ask-model"):
        try:
            answer = backend.call(lambda api: api.probe_model(kept.name))
        except AIWriterError as error:
            problem(error, key="model-problem")
        else:
            catalogue.forget_models()
            show(h("p", answer.said, cls="soft"), key="model-said")


def _estimate(wish: brief_form.Wish) -> None:
    try:
        brief = wish.brief(None if wish.has_topic else NO_TOPIC)
        found = catalogue.estimate(brief, wish.model, wish.budget_usd)
        show(brief_form.estimate_line(found), key="estimate")
        if (answered := brief_form.answered(found.answered)) is not None:
            show(answered, key="answered")
    except Unavailable:
        raise
    except InvalidRequest as error:
        refused(error, wish.sources, key="estimate")
    except AIWriterError as error:
        show(notice("This cannot be estimated", str(error), tone="orange", next_step=error.hint), key="estimate")


def _start(wish: brief_form.Wish) -> None:
    if wish.missing:
        show(notice("Not yet", *wish.missing, tone="orange"), key="missing")
        return
    try:
        brief = wish.brief()
        once = asking.key("write", brief.fingerprint, wish.model, wish.budget_usd, wish.voice)
        accepted = backend.call(lambda api: api.generate(brief, wish.model, wish.budget_usd, once, wish.samples))
    except InvalidRequest as error:
        refused(error, wish.sources, key="refused")
    except AIWriterError as error:
        problem(error, key="not-started")
    else:
        asking.answered("write")
        for name in ("study", "again"):
            st.query_params.pop(name, None)
        st.query_params["run"] = str(accepted.run_id)
        st.rerun()


def _under_way() -> None:
    """Runs that go on, or wait for a person: whoever comes here finds them again."""
    found = backend.call(lambda api: api.runs(RunFilter(status=[str(one) for one in UNDER_WAY]), Paging(limit=5)))
    if not found.items:
        return
    more = found.total - len(found.items)
    show(
        h(
            "section",
            h("h2", "Under way", cls="plain"),
            h(
                "ul",
                *(_row(run) for run in found.items),
                h("li", link(f"{more} more", "runs")) if more > 0 else None,
                cls="under-way",
            ),
        ),
        key="under-way",
    )


def _row(run: Run) -> Node:
    return h(
        "li",
        badge(run.status.value),
        link(short(run.brief.topic, 90), "", run=run.id),
        h("span", ago(run.created_at), cls="soft small"),
    )


if __name__ == "__main__":
    page(main, "Write")
