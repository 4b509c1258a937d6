"""Before readers: whether an article may be published, a person's approval, and where it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import streamlit as st

from aiwriter.api.client import Client
from aiwriter.api.published import MOST_OF_REASON, ArticlePublications, PublicationRequest, PublicationView
from aiwriter.documents import Article
from aiwriter.errors import AIWriterError
from dashboard import backend
from dashboard.components.article_parts import MEND
from dashboard.components.lists import table
from dashboard.components.markup import Node, h, show, web
from dashboard.components.notices import badge, guarded, notice, problem
from dashboard.wording import instant

TONES = {"published": "green", "failed": "red", "refused": "red", "waiting": "blue", "publishing": "blue"}
_APPROVE = "Read it, and approve this version here; or mend it on the tab Edit."
NAMES = {"waiting": "Waits", "publishing": "On its way", "withdrawing": "Being withdrawn"}


def publish(article: Article) -> None:
    """How the latest version stands before the gate, what can be done, and what was published."""
    found = backend.call(lambda api: api.publications_of(article.id))
    outcome()
    show(_standing(found), key="gate-standing")
    standing = found.standing
    if standing.can_be_approved and st.button("Approve this version", type="primary", key="approve"):
        _do(lambda api: api.approve(article.id, article.version), "Approved", "It may be published now.")
    if standing.may_be_published:
        _publish(article, found)
    _publications(article, found.items)


def _standing(found: ArticlePublications) -> Node:
    standing = found.standing
    if standing.hindrances:
        return notice(
            "It may not be published now",
            h("ul", *(h("li", reason) for reason in standing.hindrances)),
            tone="orange",
            next_step=_APPROVE if standing.can_be_approved else MEND,
        )
    if standing.approval:
        by = f"Approved by {standing.approval.approved_by}."
        return notice("It may be published", by, standing.approval.note or None, tone="green")
    return notice("It may be published", "It passes today's thresholds and no error is open.", tone="green")


def _publish(article: Article, found: ArticlePublications) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        target = st.selectbox("Target", found.targets, key="target", width=240)
        if st.button("Publish", type="primary", key="publish"):
            asked = PublicationRequest(target=target, version=article.version)
            _do(lambda api: api.publish(article.id, asked), "Published", "Readers find it there.")


def _publications(article: Article, items: tuple[PublicationView, ...]) -> None:
    if not items:
        show(h("p", "No version was published yet.", cls="soft"), key="no-publications")
        return
    rows = [_row(one) for one in items]
    show(table("Publications", ("Version", "Status", "Where, or why not", "When"), rows), key="publications")
    for one in items:
        if one.status == "published" and st.button(f"Withdraw version {one.version}…", key=f"withdraw-{one.id}"):
            _confirm_withdraw(article, one)


def _row(one: PublicationView) -> tuple[Node, ...]:
    status = h("span", NAMES[one.status], cls="badge blue") if one.status in NAMES else badge(one.status, _tone(one))
    where = web(one.address, one.address) if one.address else one.error or one.target
    where = h("div", where, _withdrawn(one))
    return str(one.version), status, where, instant(one.due_at or one.updated_at)


def _tone(one: PublicationView) -> str:
    return TONES.get(one.status, "gray")


def _withdrawn(one: PublicationView) -> Node | None:
    """Who took it away, when and why."""
    if one.withdrawn_at is None:
        return None
    taken = "Was taken away" if one.status == "published" else "Taken away"
    why = f": {one.withdrawn_why}" if one.withdrawn_why else "."
    return h("div", f"{taken} by {one.withdrawn_by}, {instant(one.withdrawn_at)}{why}", cls="small soft")


def _why() -> str:
    """The field for the reason, kept with the publication."""
    label = "Why? (optional; kept with your name and the time)"
    return st.text_input(label, key="withdraw-why", max_chars=MOST_OF_REASON)


@st.dialog("Withdraw this article?")
@guarded
def _confirm_withdraw(article: Article, one: PublicationView) -> None:
    show(h("p", f"Readers will not find it at {one.address or one.target} any more."), key="withdraw-what")
    why = _why()
    if st.button("Withdraw it", type="primary", key="withdraw-yes"):
        _do(lambda api: api.withdraw(article.id, one.id, why), "Withdrawn", "It is not there any more.")


def unpublish_button(article_id: UUID, title: str) -> None:
    """The way to take an article away from its readers, wherever it is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        show(h("span", title), key=f"unpublish-what-{article_id}")  # a button's label is Markdown, a title is not
        if st.button("Unpublish…", key=f"unpublish-{article_id}"):
            _confirm_unpublish(article_id, title)


@st.dialog("Unpublish this article?")
@guarded
def _confirm_unpublish(article_id: UUID, title: str) -> None:
    show(h("p", f"Readers will find “{title}” nowhere any more, and what of it waits does not go out."), key="all-what")
    why = _why()
    if st.button("Unpublish it", type="primary", key="unpublish-yes"):
        _do(lambda api: api.unpublish(article_id, why), "Unpublished", "Readers find it nowhere any more.")


def _do(ask: Callable[[Client], Awaitable[object]], title: str, text: str) -> None:
    """Ask the API, and draw the page anew with what came of it; what went wrong is said here."""
    try:
        backend.call(ask)
    except AIWriterError as error:
        problem(error, key="publishing-problem")
        return
    st.session_state["publishing-said"] = (title, text)
    st.rerun()


def outcome() -> None:
    """What came of the last thing that was done here."""
    told = st.session_state.pop("publishing-said", None)
    if told:
        show(notice(*told, tone="green"), key="publishing-outcome")
