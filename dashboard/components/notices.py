"""What is shown around the contents: a page's head, and the states in which there is nothing to show."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from typing import ParamSpec

import streamlit as st

from aiwriter.api.schemas import InvalidRequest, OrchestratorView
from aiwriter.errors import AIWriterError, Forbidden, NotFound, Unavailable
from dashboard import backend
from dashboard.components.markup import Node, coded, h, link, many, show
from dashboard.wording import STATUS_NAMES, STATUS_TONES, capital, said, short

RETRY_SECONDS, LATER_SECONDS = 3.0, 15.0
TAB_LENGTH = 60
BACK = {
    "Run": ("To the runs", "runs"),
    "Write": ("To the runs", "runs"),
    "Research": ("To the studies", "research"),
    "Check": ("To the checks", "check"),
}
_HEADED, _LOOKED = "page-headed", "away-looked"
_P = ParamSpec("_P")
logger = logging.getLogger(__name__)


def page_head(title: str, lede: str = "") -> None:
    """The page's name, which is ours, never data, and a sentence about it."""
    st.title(title, anchor=False)
    headed(title)
    if lede:
        show(h("p", lede, cls="lede"), key="lede")


def badge(status: str, tone: str = "") -> Node:
    """A state as a word on its colour."""
    return h("span", STATUS_NAMES.get(status, said(status)), cls=f"badge {tone or STATUS_TONES.get(status, 'gray')}")


def facts(*texts: Node | None) -> Node:
    """Short facts in one line."""
    return h("p", *(h("span", text) for text in many(texts) if text), cls="facts")


def notice(title: str, *texts: Node | None, tone: str = "", next_step: str | None = None) -> Node:
    """A framed remark: what is, and what to do next."""
    return h(
        "section",
        h("h2", title),
        *(h("p", text) for text in texts if text),
        h("p", coded(next_step), cls="next") if next_step else None,
        cls=f"notice {tone}",
        role="alert" if tone == "red" else "note",
    )


def orchestrator(view: OrchestratorView) -> Node | None:
    """What keeps runs in line, if anything does."""
    kept = "What is asked for is kept, and starts as soon as it is back."
    if not view.answers:
        return notice("The orchestrator does not answer", view.detail, tone="orange", next_step=kept)
    if not view.workers:
        return notice(
            "No worker is there",
            "Runs wait in line until one is.",
            view.detail,
            tone="orange",
            next_step="A worker is started by `aiwriter up`, or alone by `python -m flows.worker`.",
        )
    return None


def refused(error: InvalidRequest, sources: Sequence[str] = (), *, key: str) -> None:
    """Which fields of a form cannot be used, as the form calls them."""
    told = [f"{_of_form(one.field.removeprefix('brief.'), sources)}: {one.message}" for one in error.fields]
    step = "Correct what is named here, then ask again."
    show(notice("This cannot be asked for yet", *told, tone="red", next_step=step), key=key)


def _of_form(field: str, sources: Sequence[str]) -> str:
    name, _, number = field.partition(".")
    if name == "sources" and number.isdecimal() and int(number) < len(sources):
        return f"Source {int(number) + 1}, “{short(sources[int(number)])}”"
    return said(name)


def empty(title: str, text: str, action: Node | None = None, *, key: str) -> None:
    """Nothing is there yet, and that is no error."""
    show(h("section", h("h2", title), h("p", coded(text)), h("p", action) if action else None, cls="empty"), key=key)


def problem(error: AIWriterError, *, key: str = "problem") -> None:
    """What went wrong, and what to do about it."""
    title = "This cannot be done"
    if isinstance(error, Unavailable):
        title = "The API does not answer"
    elif isinstance(error, Forbidden):
        title = "The dashboard's key may not do this"
    show(notice(title, capital(str(error)), tone="red", next_step=error.hint), key=key)


def guarded(draw: Callable[_P, None]) -> Callable[_P, None]:
    """What draws a page, a fragment or a dialog, so that no error in it reaches Streamlit, which would show its own
    words and links: an error of ours is told, a defect is told as one, and its details stand in the log."""

    @wraps(draw)
    def drawn(*args: _P.args, **kwargs: _P.kwargs) -> None:
        try:
            draw(*args, **kwargs)
        except AIWriterError as error:
            problem(error, key="guarded-problem")
        except Exception:  # the page must not die of it: whoever reads it is told, and the log has the rest
            logger.exception("a page could not be drawn")
            _defect(datetime.now(UTC))

    return drawn


def _defect(moment: datetime) -> None:
    show(
        notice(
            "Something went wrong that should not have",
            "It is a defect of the dashboard, and its cause is not known here. What was stored stays as it is.",
            coded(
                f"The details stand in the dashboard's log at {moment:%H:%M:%S} UTC: `logs/dashboard.log` in the "
                "folder of your data, or where the dashboard was started."
            ),
            tone="red",
            next_step="Open the page anew and try again; if it happens again, report it with those lines of the log.",
        ),
        key="defect",
    )


def page(draw: Callable[[], None], name: str) -> None:
    """Draw a page. When the API does not answer, say so and go on by itself as soon as it does; `name` heads the page
    if it had no head of its own yet."""
    st.session_state[_HEADED] = False
    try:
        draw()
    except Unavailable as error:
        _head_at_least(name)
        _waiting(str(error), error.hint or "", answers=_answers())
    except NotFound as error:
        _head_at_least(name)
        cause, back = (
            f"{capital(str(error))}. It may have been deleted.",
            BACK.get(name, ("To the library", "library")),
        )
        show(notice("It is not here", cause, link(*back), tone="red"), key="gone")
    except AIWriterError as error:
        _head_at_least(name)
        problem(error)


def headed(title: str) -> None:
    """The page has a head, and so has the browser's tab: an error that comes later needs none."""
    st.session_state[_HEADED] = True
    st.set_page_config(page_title=f"{short(title, TAB_LENGTH) or 'Untitled'} · AI-Writer")


def _head_at_least(name: str) -> None:
    if not st.session_state[_HEADED]:
        page_head(name)


def _waiting(cause: str, hint: str, *, answers: bool) -> None:
    """The state while something is away: looks again every few seconds, and draws the page anew when it may be back."""
    if answers:
        node = notice("Something that is needed does not answer", cause, tone="orange", next_step=hint)
    else:
        node = notice(
            "The API cannot be reached",
            capital(cause),
            "Nothing is lost: runs go on without this page.",
            tone="orange",
            next_step=f"{hint} This page goes on by itself as soon as the API answers.".strip(),
        )
    show(node, key="away")
    st.button("Try again now", key="away-again")
    st.session_state[_LOOKED] = False
    st.fragment(guarded(_look_again), run_every=LATER_SECONDS if answers else RETRY_SECONDS)()


def _look_again() -> None:
    """Nothing to see: the first time it is drawn, later it asks."""
    if st.session_state[_LOOKED] and _answers():
        st.rerun()
    st.session_state[_LOOKED] = True


def _answers() -> bool:
    """Whether the API itself answers, whatever it says."""
    try:
        backend.call(lambda api: api.health())
    except AIWriterError:
        return False
    return True
