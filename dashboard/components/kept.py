"""What was asked for and is kept to be found again, studies and checks alike: its list, what is under way, its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

import streamlit as st

from aiwriter.documents import RunStatus
from aiwriter.errors import AIWriterError, Unavailable
from aiwriter.ports.lists import Paging, StudyFilter
from dashboard import address, catalogue
from dashboard.components import notices, pager
from dashboard.components.lists import rows
from dashboard.components.markup import Node, h, show
from dashboard.components.notices import empty, guarded, notice, problem
from dashboard.wording import ago, capital, count

POLL_SECONDS = 1.0
SILENT = timedelta(minutes=10)
UNDER_WAY = (RunStatus.QUEUED, RunStatus.RUNNING)


@dataclass(frozen=True)
class Words:
    """How a page speaks of what it keeps; `one` and `many` name its parts as well."""

    one: str
    many: str
    searched: str  # what its words are looked for in: "title"
    none_yet: str
    begin: str  # what to do when there is none
    removed: str  # what removing one takes away
    remove: str = "Remove it"


class Kept(Protocol):
    """What the API tells of one."""

    @property
    def status(self) -> RunStatus: ...
    @property
    def told_at(self) -> datetime: ...


K = TypeVar("K", bound=Kept)
P = TypeVar("P", bound=pager.Part)


def listed(words: Words, ask: Callable[[StudyFilter, Paging], P], row: Callable[..., Node]) -> None:
    """All that are kept, newest first, found by words."""
    asked = st.text_input(
        f"Search in {words.searched}s",
        value=address.first("q"),
        key=f"{words.many}-q",
        max_chars=200,
        placeholder=f"words of a {words.searched}",
    ).strip()
    address.keep(q=asked)
    found = pager.part(words.many, lambda paging: ask(StudyFilter(words=asked or None), paging))
    if not found.total:
        empty(f"No {words.one} has these words" if asked else words.none_yet, words.begin, key=f"no-{words.many}")
        return
    show(
        h("p", count(found.total, words.one, words.many), cls="soft small", role="status"),
        rows(map(row, found.items), capital(words.many)),
        key=words.many,
    )
    pager.draw(words.many, found.total)


def watched(words: Words, look: Callable[[], K], progress: Callable[[K], Node], cancel: Callable[[], object]) -> None:
    """One under way: how far it is, looked at again and again, and how to cancel it; the page is drawn anew at its
    end."""

    def watch() -> None:
        try:
            kept = look()
        except Unavailable as error:
            away = notice("The API does not answer just now", str(error), tone="orange")
            show(away, key=f"{words.one}-away")
            return
        if kept.status not in UNDER_WAY:
            st.rerun()
        show(progress(kept), key=f"{words.one}-progress")
        if kept.status is RunStatus.QUEUED:
            if hindrance := notices.orchestrator(catalogue.system().orchestrator):
                show(hindrance, key=f"{words.one}-hindrance")
        elif datetime.now(UTC) - kept.told_at > SILENT:
            said, step = (
                f"Whoever works on it last said something {ago(kept.told_at)}.",
                "Cancel it if it takes too long.",
            )
            show(notice("No sign of life", said, tone="orange", next_step=step), key=f"{words.one}-silent")

    st.fragment(guarded(watch), run_every=POLL_SECONDS)()
    if st.button("Cancel it", key=f"{words.one}-cancel") and _done(cancel, f"{words.one}-cancel-problem"):
        st.rerun()


def removable(words: Words, remove: Callable[[], object]) -> None:
    """A way to remove one for good, that tells what goes with it."""
    with st.expander(f"Remove this {words.one}"):
        show(h("p", words.removed, cls="soft small"), key=f"{words.one}-remove-note")
        if st.button(words.remove, key=f"{words.one}-remove") and _done(remove, f"{words.one}-remove-problem"):
            del st.query_params["id"]
            st.rerun()


def _done(deed: Callable[[], object], key: str) -> bool:
    """Whether it was done; what went wrong is told."""
    try:
        deed()
    except AIWriterError as error:
        problem(error, key=key)
        return False
    return True
