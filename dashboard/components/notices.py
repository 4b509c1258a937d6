"""What is shown around the contents: a page's head, and the states in which there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from aiwriter.errors import AIWriterError, Forbidden, Unavailable
from dashboard import backend
from dashboard.components.markup import Node, h, link, many, show
from dashboard.wording import STATUS_NAMES, STATUS_TONES, said

RETRY_SECONDS = 3.0


def page_head(title: str, lede: str = "") -> None:
    """The page's name, which is ours, never data, and a sentence about it."""
    st.title(title, anchor=False)
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
        h("p", next_step, cls="next") if next_step else None,
        cls=f"notice {tone}",
        role="alert" if tone == "red" else "note",
    )


def empty(title: str, text: str, action: Node | None = None, *, key: str) -> None:
    """Nothing is there yet, and that is no error."""
    show(h("section", h("h2", title), h("p", text), h("p", action) if action else None, cls="empty"), key=key)


def problem(error: AIWriterError, *, key: str = "problem") -> None:
    """What went wrong, and what to do about it."""
    title = "This cannot be done"
    if isinstance(error, Unavailable):
        title = "The API cannot be reached"
    elif isinstance(error, Forbidden):
        title = "The dashboard's key may not do this"
    show(notice(title, str(error), tone="red", next_step=error.hint), key=key)


def page(draw: Callable[[], None]) -> None:
    """Draw a page; when the API does not answer, say so and go on by itself as soon as it does."""
    try:
        draw()
    except Unavailable as error:
        _waiting(str(error), error.hint or "")
    except AIWriterError as error:
        problem(error)
        show(h("p", link("Back to the library", "library"), cls="small"), key="problem-back")


@st.fragment(run_every=RETRY_SECONDS)
def _waiting(cause: str, hint: str) -> None:
    """The state while the API is away: asks every few seconds whether it is back."""
    if st.session_state.get("api-away") and _is_back():
        st.session_state["api-away"] = False
        st.rerun()
    st.session_state["api-away"] = True
    show(
        notice(
            "The API cannot be reached",
            cause,
            f"Looked for it at {backend.address()}. Nothing is lost: runs go on without this page.",
            tone="orange",
            next_step=f"{hint} This page goes on by itself as soon as the API answers.".strip(),
        ),
        key="api-away-notice",
    )
    st.button("Try again now", key="api-away-again")


def _is_back() -> bool:
    try:
        backend.call(lambda api: api.health())
    except AIWriterError:
        return False
    return True
