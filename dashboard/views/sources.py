"""Sources: what is known, found again by words and meaning, and the feeds it comes from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import streamlit as st

from aiwriter.api.client import Client
from aiwriter.api.known import FeedAdded, FeedRequest, FeedView, KnownPage, PassageQuery, ReadingAccepted, SourceRequest
from aiwriter.errors import AIWriterError
from aiwriter.ports.knowledge import LOOKS_OPEN, MOST_DOCUMENTS, MOST_HOURS
from dashboard import address, backend, catalogue
from dashboard.components import notices, pager
from dashboard.components.known_parts import feed_row, look_row, passage_row, source_row
from dashboard.components.lists import rows
from dashboard.components.markup import h, show
from dashboard.components.notices import empty, guarded, notice, page, page_head, problem
from dashboard.wording import count, one_line, short

T = TypeVar("T")
FOUND_AT_MOST = 20
LOOK_AGAIN_SECONDS = 3.0
HANDED_ON, FEED_NOTE, FEED_LATE, FEEDS_ASKED = "handed-on", "feed-was-there", "feed-late", "feeds-asked"
FEED_STATES = {
    "new": (
        "It is a feed now",
        "What its first look comes to stands below as soon as a worker has looked.",
    ),
    "changed": ("This place was a feed already", "Its settings are changed."),
    "unchanged": ("This place was a feed already", "Its settings are what they were."),
}


def main() -> None:
    """What is known, or what was found in it; feeds beside it."""
    page_head("Sources", "What was read and stays known: briefs ask it first with “known:” and “web:”.")
    known, feeds = address.tabs(("Known", "Feeds"), "tab", "sources-tab")
    with known:
        _known()
    with feeds:
        _feeds()


# ── what is known ────────────────────────────────────────────────────────────────────────────────────────────────────


def _known() -> None:
    query = st.text_input(
        "Search in what is known",
        value=address.first("q"),
        key="known-q",
        placeholder="a question, or words that stand there",
        max_chars=1000,
    ).strip()
    address.keep(q=query)
    if query:
        _found(query)
    else:
        _unread()
        _listed()
        _add_source()


def _found(query: str) -> None:
    found = backend.call(lambda api: api.passages(PassageQuery(q=query, limit=FOUND_AT_MOST)))
    for number, note in enumerate(found.notes):
        show(notice("Only one way of searching could be used", note, tone="orange"), key=f"known-note-{number}")
    if not found.items:
        empty("Nothing was found", "Nothing that is known says anything like it.", key="known-nothing")
        return
    show(
        h("p", f"{count(len(found.items), 'passage')}, best first", cls="soft small", role="status"),
        rows(map(passage_row, found.items), "Passages found"),
        key="known-found",
    )


def _listed() -> None:
    part = pager.part("known", lambda paging: backend.call(lambda api: api.known(paging=paging)))
    if not part.total:
        empty(
            "Nothing is known yet",
            "Add one place below, or under Feeds what is to be looked at again and again.",
            key="known-nothing",
        )
        return
    show(
        h("p", count(part.total, "known source"), cls="soft small", role="status"),
        rows(map(source_row, part.items), "Known sources"),
        key="known-list",
    )
    pager.draw("known", part.total)
    _work_on_known(part)


def _unread() -> None:
    """What was asked for and is not known: it waits, is being read, or failed."""
    _handed_on()
    looks = backend.call(lambda api: api.looks())
    if not looks:
        return
    waits = any(one.state in LOOKS_OPEN for one in looks)
    if waits:
        _watch(lambda api: api.looks(), looks)
    if waits and (hindrance := notices.orchestrator(catalogue.system().orchestrator)):
        show(hindrance, key="looks-hindrance")
    show(
        h("p", f"{count(len(looks), 'place')} not read, or not yet", cls="soft small", role="status"),
        rows(map(look_row, looks), "Places not read"),
        key="looks",
    )
    with st.expander("Read one of these again, or forget it"):
        places = {one.id: short(one.location) for one in looks}
        chosen = st.selectbox("Place", list(places), None, format_func=places.__getitem__, key="look")
        _again_or_forget(chosen, "Try again", ("look-retry", "look-forget"), Client.look_again, Client.forget_look)


def _watch(ask: Callable[[Client], Awaitable[T]], drawn: T) -> None:
    """Ask again every few seconds, and draw the page anew when the answer is another than the one that is shown."""

    def look() -> None:
        if backend.call(ask) != drawn:
            st.rerun()

    st.fragment(guarded(look), run_every=LOOK_AGAIN_SECONDS)()


def _work_on_known(part: KnownPage) -> None:
    with st.expander("Look at one of these again, or forget it"):
        titles = {one.source_id: short(f"{one_line(one.title)} · {one.location}") for one in part.items}
        chosen = st.selectbox("Source", list(titles), None, format_func=titles.__getitem__, key="forget")
        show(h("p", "Articles that cite it keep what they cite.", cls="soft small"), key="forget-note")
        _again_or_forget(chosen, "Look again", ("look-again", "forget-yes"), Client.refresh_source, Client.forget)


def _again_or_forget(
    chosen: UUID | None,
    label: str,
    keys: tuple[str, str],
    again: Callable[[Client, UUID], Awaitable[ReadingAccepted]],
    forget: Callable[[Client, UUID], Awaitable[object]],
) -> None:
    """Two buttons for what was chosen: it is read anew, or forgotten."""
    left, right = st.columns(2)
    with left:
        if st.button(label, key=keys[0], disabled=chosen is None) and chosen is not None:
            _hand_on(lambda api: again(api, chosen))
    with right:
        if st.button("Forget it", key=keys[1], disabled=chosen is None) and chosen is not None:
            backend.call(lambda api: forget(api, chosen))
            st.rerun()


def _add_source() -> None:
    with st.form("add-source", clear_on_submit=False):
        place = st.text_input(
            "Place to read once",
            key="source-place",
            placeholder="an address, a file, a folder, feed:https://example.org/feed.xml",
            max_chars=2000,
        ).strip()
        if not st.form_submit_button("Read it", key="source-add"):
            return
    if not place:
        show(notice("A place is missing", tone="red", next_step="Name a file or an address."), key="source-problem")
        return
    _hand_on(lambda api: api.add_source(SourceRequest(location=place)))


def _hand_on(ask: Callable[[Client], Awaitable[ReadingAccepted]]) -> None:
    """Ask for a look, and draw the page anew with what waits."""
    try:
        st.session_state[HANDED_ON] = backend.call(ask)
    except AIWriterError as error:
        problem(error, key="source-problem")
        return
    st.rerun()


def _handed_on() -> None:
    accepted: ReadingAccepted | None = st.session_state.pop(HANDED_ON, None)
    if accepted is None:
        return
    where = h("a", "Follow it in Prefect", href=accepted.page) if accepted.page else None
    show(notice("A worker will look at it", where, "Until it is known it is listed here."), key="source-handed")


# ── feeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _feeds() -> None:
    feeds = backend.call(lambda api: api.feeds())
    _just_added()
    if feeds:
        show(
            h("p", count(len(feeds), "feed"), cls="soft small", role="status"),
            rows(map(feed_row, feeds), "Feeds"),
            key="feeds",
        )
        _work_on(feeds)
        if any(_is_looked_at(one) for one in feeds):
            _watch(lambda api: api.feeds(), feeds)
    else:
        empty("No feed yet", "A feed is a place that is looked at again and again.", key="no-feeds")
    _add()


def _is_looked_at(feed: FeedView) -> bool:
    """Whether a look at it may be under way: its first, or one that was asked for here."""
    return feed.checked_at is None or feed.checked_at == _asked().get(feed.id)


def _asked() -> dict[UUID, datetime | None]:
    """When feeds had been looked at as they were asked to be looked at again."""
    asked: dict[UUID, datetime | None] = st.session_state.setdefault(FEEDS_ASKED, {})
    return asked


def _just_added() -> None:
    """What became of the feed that was asked for, and that nobody could be told to look at it, if so."""
    added: FeedAdded | None = st.session_state.pop(FEED_NOTE, None)
    if added:
        title, after = FEED_STATES[added.state]
        show(notice(title, one_line(added.name), after), key="feed-there")
    if error := st.session_state.pop(FEED_LATE, None):
        problem(error, key="feed-late")


def _work_on(feeds: tuple[FeedView, ...]) -> None:
    with st.expander("Look at one now, or remove it"):
        names = {one.id: short(one_line(one.name)) for one in feeds}
        chosen = st.selectbox("Feed", list(names), None, format_func=names.__getitem__, key="feed")
        look, remove = st.columns(2)
        with look:
            if st.button("Look at it now", key="feed-look", disabled=chosen is None) and chosen is not None:
                accepted = backend.call(lambda api: api.look_at_feed(chosen))
                _asked().update((one.id, one.checked_at) for one in feeds if one.id == chosen)
                where = h("a", "Follow it in Prefect", href=accepted.page) if accepted.page else None
                show(notice("A worker will look at it", where), key="feed-looked")
        with remove:
            if st.button("Remove it", key="feed-remove", disabled=chosen is None) and chosen is not None:
                backend.call(lambda api: api.remove_feed(chosen))
                st.rerun()


def _add() -> None:
    with st.form("add-feed", clear_on_submit=False):
        place = st.text_input(
            "Place to look at again and again",
            key="feed-place",
            placeholder="feed:https://example.org/feed.xml, site:https://example.org/docs/, a folder",
            max_chars=2000,
        )
        name = st.text_input("Name", key="feed-name", placeholder="its place, when left out", max_chars=200)
        hours, limit = st.columns(2)
        with hours:
            every = st.number_input("Hours between two looks", 0, MOST_HOURS, 24, key="feed-hours")
        with limit:
            most = st.number_input("Documents at most", 1, MOST_DOCUMENTS, 100, key="feed-limit")
        if st.form_submit_button("Add", key="feed-add"):
            _added(place.strip(), name.strip(), int(every), int(most))


def _added(place: str, name: str, every: int, most: int) -> None:
    if not place:
        show(notice("A place is missing", tone="red", next_step="Name a folder or an address."), key="feed-problem")
        return
    asked = FeedRequest(location=place, name=name or None, every_hours=every, limit=most)
    try:
        feed = backend.call(lambda api: api.add_feed(asked))
    except AIWriterError as error:
        problem(error, key="feed-problem")
        return
    st.session_state[FEED_NOTE] = feed
    try:
        backend.call(lambda api: api.look_at_feed(feed.id))
    except AIWriterError as error:
        st.session_state[FEED_LATE] = error
    st.rerun()


if __name__ == "__main__":
    page(main, "Sources")
