"""What can be done with an article: edit it, compare its versions, take it along, delete it."""

from __future__ import annotations

from typing import Literal, TypeAlias
from uuid import UUID

import streamlit as st

from aiwriter.api.client import Exported
from aiwriter.api.schemas import EditableText
from aiwriter.documents import Article, ArticleStatus, VersionHead
from aiwriter.documents.articles import standing_of
from aiwriter.errors import AIWriterError, Conflict
from dashboard import backend
from dashboard.components import article_parts
from dashboard.components.diff import diff, paragraphs, words
from dashboard.components.lists import table, written_by
from dashboard.components.markup import Node, h, show
from dashboard.components.notices import badge, guarded, notice, problem
from dashboard.wording import STATUS_NAMES, instant, one_line, without_places

Form: TypeAlias = Literal["md", "html", "json"]
FORMS: dict[Form, tuple[str, str]] = {
    "html": ("page (HTML)", "One file with everything in it: each sentence shows its evidence."),
    "md": ("Markdown", "For a website's own tools; sources stand at the end."),
    "json": ("JSON", "The whole version as data, with passages and findings."),
}


def edit(article: Article) -> None:
    """The editable text, saved as a new version that is checked at once. A newer version is never overwritten, and
    what is not saved yet stays while one looks at other pages."""
    base = _base(article)
    _said()
    show(
        h(
            "p",
            "One sentence a line; what stands in [@…] cites a passage. Unchanged sentences keep their evidence, "
            "changed ones are checked again when you save.",
            cls="soft",
        ),
        key="edit-how",
    )
    box, unsaved = f"edit-{article.id}-{base.version}", _key("unsaved", article.id)
    st.session_state.setdefault(box, st.session_state.get(unsaved, base.text))
    text = st.text_area(
        f"Text of version {base.version}", height=520, key=box, on_change=_keep_unsaved, args=(box, unsaved)
    )
    if text != base.text:
        show(h("p", "Not saved yet. It is kept until you reload this page.", cls="soft small"), key="unsaved")
    show(_passages(article), key="edit-passages")
    if st.button("Save and check", type="primary", key="save"):
        _save(article.id, base.version, text)
    newer = st.session_state.get(_key("conflict", article.id))
    if newer is not None:
        _conflict(article.id, text, newer)


def _key(name: str, article_id: UUID) -> str:
    return f"{name}-{article_id}"


def _keep_unsaved(box: str, unsaved: str) -> None:
    """Streamlit forgets what a box holds as soon as it is not drawn."""
    st.session_state[unsaved] = st.session_state[box]


def _base(article: Article) -> EditableText:
    """The version that is being edited: fetched once, and kept while something is changed in it, so that nobody's text
    changes under them."""
    key, unsaved = _key("editing", article.id), st.session_state.get(_key("unsaved", article.id))
    kept: EditableText | None = st.session_state.get(key)
    if kept is None or (kept.version != article.version and unsaved in (None, kept.text)):
        st.session_state.pop(_key("unsaved", article.id), None)
        kept = st.session_state[key] = backend.call(lambda api: api.editable(article.id))
    return kept


def _passages(article: Article) -> Node:
    """What can be cited, each with the token that cites it."""
    titles = {source.content_hash: one_line(source.title) for source in article.sources}
    told = (
        h("li", h("code", f"[@{one.id}]"), f" {titles.get(one.source_hash, '')}: {one.text}")
        for one in article.passages
    )
    return h("details", h("summary", "What can be cited"), h("ul", *told, cls="findings"))


def _save(article_id: UUID, version: int, text: str) -> None:
    try:
        saved = backend.call(lambda api: api.save(article_id, version, text))
    except Conflict:
        st.session_state[_key("conflict", article_id)] = backend.call(lambda api: api.editable(article_id))
        return
    except AIWriterError as error:
        problem(error, key="save-problem")
        return
    _forget(article_id)
    st.session_state["edit-said"] = outcome(saved, version)
    st.rerun()


def outcome(saved: Article, before: int) -> Node:
    """What came of an edit: how the new version stands first, what stops it, what helps."""
    if saved.version == before:
        return notice("Nothing was changed", "The text is as it was; no new version was made.", tone="green")
    report, status = saved.quality, STATUS_NAMES[article_parts.stands(saved)]
    stopped = bool(report.open_errors) or saved.status is ArticleStatus.REFUSED
    how = article_parts.opened(report) if report.open_errors else status.lower()
    texts: dict[UUID | None, str] = {sentence.id: one_line(sentence.text) for sentence in saved.sentences}
    errors = [h("li", one.message, *_in(texts.get(one.sentence_id))) for one in report.open_errors]
    others = [h("li", without_places(reason)[0]) for reason in report.reasons[bool(errors) :]]
    return notice(
        f"Saved as version {saved.version}: {how}",
        h("ul", *errors, *others) if errors or others else None,
        f"Checked again: {status.lower()}, score {report.score:.0f}, {report.found}.",
        tone="green" if saved.status is ArticleStatus.ACCEPTED and not stopped else "orange",
        next_step=article_parts.MEND if stopped else None,
    )


def _in(sentence: str | None) -> tuple[str, ...]:
    return (f" “{sentence}”",) if sentence else ()


def _said() -> None:
    said = st.session_state.pop("edit-said", None)
    if said:
        show(said, key="edit-outcome")


def _conflict(article_id: UUID, mine: str, theirs: EditableText) -> None:
    """Both texts, and the choice; whichever is taken, the other one is still there to be copied or read."""
    show(
        notice(
            f"Version {theirs.version} was saved meanwhile",
            "Your text was not saved and is not lost: it stands above. Below is what differs from theirs to yours.",
            tone="orange",
        ),
        h("div", h("p", *words(theirs.text, mine), cls="lines"), cls="diff"),
        key="conflict",
    )
    st.text_area(f"Their text, version {theirs.version}", value=theirs.text, height=260, disabled=True, key="theirs")
    with st.container(horizontal=True):
        if st.button(f"Save mine as version {theirs.version + 1}", key="mine"):
            _save(article_id, theirs.version, mine)
        if st.button("Take theirs, drop mine", key="take-theirs"):
            _forget(article_id)
            st.rerun()


def _forget(article_id: UUID) -> None:
    """What was being edited is saved, or given up."""
    for name in ("editing", "unsaved", "conflict"):
        st.session_state.pop(_key(name, article_id), None)


def versions(article_id: UUID) -> None:
    """All versions, and what changed between any two."""
    _said()
    heads = backend.call(lambda api: api.versions(article_id))
    show(
        table(
            "Newest first",
            ("Version", "Written by", "Status", "Score", "Words", "When"),
            [_row(head) for head in heads],
            numbers=(3, 4),
        ),
        key="versions",
    )
    if len(heads) < 2:
        show(
            h("p", "There is one version; what changed is shown as soon as there are two.", cls="soft"),
            key="one-version",
        )
        return
    numbers = [head.version for head in heads]
    with st.container(horizontal=True):
        before = st.selectbox("From version", numbers, index=1, key=f"from-version-{numbers[0]}", width=160)
        after = st.selectbox("to version", numbers, index=0, key=f"to-version-{numbers[0]}", width=160)
    old, new = _version(article_id, before), _version(article_id, after)
    show(diff(paragraphs(old), paragraphs(new)), key="diff")
    _restore(article_id, heads[0].version, old.version)


def _restore(article_id: UUID, latest: int, wanted: int) -> None:
    """Make an earlier version the newest one again; what came after it stays among the versions."""
    if wanted == latest or not st.button(f"Bring version {wanted} back as version {latest + 1}", key="restore"):
        return
    try:
        text = backend.call(lambda api: api.editable(article_id, wanted)).text
        saved = backend.call(lambda api: api.save(article_id, latest, text))
    except AIWriterError as error:
        problem(error, key="restore-problem")
        return
    st.session_state["edit-said"] = outcome(saved, latest)
    st.rerun()


def _version(article_id: UUID, number: int) -> Article:
    return backend.call(lambda api: api.article(article_id, number))


def _row(head: VersionHead) -> tuple[Node, ...]:
    return (
        str(head.version),
        written_by(head.author),
        badge(standing_of(head.status, head.open_errors)),
        f"{head.score:.0f}",
        f"{head.words:,}",
        instant(head.created_at),
    )


def files(article: Article) -> None:
    """The version as files to take along."""
    for form, (name, about) in FORMS.items():
        exported = _exported(article, form)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.download_button(
                f"Download as {name}",
                exported.data,
                file_name=exported.name,
                mime=exported.content_type.partition(";")[0] or None,
                key=f"export-{form}",
                on_click="ignore",
                width=240,
            )
            show(h("p", about, cls="soft small"), key=f"about-{form}")


def _exported(article: Article, form: Form) -> Exported:
    return backend.call(lambda api: api.export(article.id, form, article.version))


def delete(article: Article) -> None:
    """Delete the article, after a confirmation that cannot be given by accident."""
    if st.button("Delete this article…", key="delete"):
        _confirm_delete(article)


@st.dialog("Delete this article?")
@guarded
def _confirm_delete(article: Article) -> None:
    show(
        h("p", h("strong", one_line(article.title))),
        h("p", "All its versions go, and it is no longer found by a search. This cannot be undone.", cls="soft"),
        key="delete-what",
    )
    typed = st.text_input("Type delete to confirm", key="delete-typed")
    if st.button("Delete for good", type="primary", key="delete-yes"):
        if typed.strip().lower() != "delete":
            show(
                notice("Not yet", "Type the word delete above: nothing was deleted.", tone="orange"),
                key="delete-not-yet",
            )
            return
        try:
            backend.call(lambda api: api.delete_article(article.id))
        except AIWriterError as error:
            problem(error, key="delete-problem")
        else:
            st.toast("The article was deleted.")
            st.switch_page("views/library.py")
