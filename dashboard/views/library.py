"""Library: every article, found by what it means, by its words, or by filters."""

from __future__ import annotations

import streamlit as st

from aiwriter.api.schemas import SearchReply
from aiwriter.documents import ArticleKind, ArticleStatus
from aiwriter.ports.lists import ArticleFilter
from dashboard import address, backend, catalogue
from dashboard.components import pager
from dashboard.components.lists import answer_row, article_row, rows
from dashboard.components.markup import h, link, show
from dashboard.components.notices import empty, notice, page, page_head
from dashboard.wording import LANGUAGES, STATUS_NAMES, count, said

FOUND_AT_MOST = 30
_STATUS = [one.value for one in ArticleStatus]
_KINDS = [one.value for one in ArticleKind]
_SCORES = [str(score) for score in range(0, 101, 5)]
SORTS = {
    "-updated_at": "Last changed first",
    "-created_at": "Newest first",
    "title": "By title",
    "-score": "Best score first",
    "-words": "Longest first",
}


def main() -> None:
    """A search when there is something to search for, else the list."""
    page_head("Library", "What was written, newest first: to be read, mended, approved and published.")
    query = st.text_input(
        "Search in all articles",
        value=address.first("q"),
        key="q",
        placeholder="what an article is about, or words that stand in it",
    ).strip()
    address.keep(q=query)
    wanted, sort = _filters(searching=bool(query))
    if query:
        _found(query, wanted)
    else:
        _listed(wanted, sort)


def _filters(*, searching: bool) -> tuple[ArticleFilter, str]:
    """Filters in one row that wraps; a search knows status and kind alone."""
    titles = {one.name: one.title for one in catalogue.formats()}
    with st.expander("Filter and sort"):
        first, second, third = st.columns(3)
        with first:
            status = st.multiselect(
                "Status",
                _STATUS,
                address.every("status", _STATUS),
                format_func=STATUS_NAMES.__getitem__,
                key="status",
            )
            language = st.multiselect(
                "Language",
                list(LANGUAGES),
                address.every("language", LANGUAGES),
                format_func=LANGUAGES.__getitem__,
                key="language",
            )
        with second:
            kind = st.multiselect("Kind", _KINDS, address.every("kind", _KINDS), format_func=said, key="kind")
            score = st.slider("Score at least", 0, 100, int(address.first("score", _SCORES, "0")), 5, key="score")
        with third:
            formats = st.multiselect(
                "Format",
                list(titles),
                address.every("format", titles),
                format_func=titles.__getitem__,
                key="formats",
            )
            sort = st.selectbox(
                "Order",
                list(SORTS),
                list(SORTS).index(address.first("sort", SORTS, "-updated_at")),
                format_func=SORTS.__getitem__,
                key="sort",
            )
        if searching:
            show(
                h("p", "A search looks at status and kind; the other filters are for the list.", cls="soft small"),
                key="scope",
            )
    address.keep(
        status=status,
        language=language,
        kind=kind,
        score=str(score) if score else None,
        format=formats,
        sort=sort if sort != "-updated_at" else None,
    )
    wanted = ArticleFilter(status=status, kind=kind, format=formats, language=language, min_score=score or None)
    return wanted, sort


def _found(query: str, wanted: ArticleFilter) -> None:
    reply: SearchReply = backend.call(lambda api: api.search(query, FOUND_AT_MOST))
    found = [
        one
        for one in reply.items
        if (not wanted.status or one.status.value in wanted.status)
        and (not wanted.kind or one.kind.value in wanted.kind)
    ]
    if reply.note:
        show(notice("Only one way of searching could be used", reply.note, tone="orange"), key="search-note")
    if not found:
        empty("Nothing was found", "Try other words, or fewer filters.", key="nothing")
        return
    show(
        h("p", f"{count(len(found), 'article')}, best first", cls="soft small", role="status"),
        rows(map(answer_row, found), "Articles found"),
        key="found",
    )


def _listed(wanted: ArticleFilter, sort: str) -> None:
    part = pager.part("library", lambda paging: backend.call(lambda api: api.articles(wanted, paging)), sort)
    if not part.total:
        _nothing(wanted)
        return
    show(
        h("p", count(part.total, "article"), cls="soft small", role="status"),
        rows(map(article_row, part.items), "Articles"),
        key="articles",
    )
    pager.draw("library", part.total)


def _nothing(wanted: ArticleFilter) -> None:
    if wanted == ArticleFilter(status=[], kind=[], format=[], language=[]):
        empty(
            "No article yet",
            "Articles stand here as soon as the first one is written.",
            link("Write the first", ""),
            key="nothing",
        )
    else:
        empty("No article is like that", "Take a filter away to see more.", key="nothing")


if __name__ == "__main__":
    page(main, "Library")
