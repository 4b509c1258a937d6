"""One article: read it with its evidence, see how it was judged, edit, compare, publish it, take it along."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import streamlit as st

from aiwriter.documents import Approval, Article, ArticleStatus, QualityReport
from dashboard import address, backend
from dashboard.components import article_parts, article_work, dismissing, figures, publishing, reader
from dashboard.components.markup import Node, h, link, show
from dashboard.components.notices import empty, headed, page, page_head

TABS = ("Read", "Quality", "Sources", "Edit", "Versions", "Publish", "Files")


def main() -> None:
    """The article that the address names."""
    article_id = address.named("id")
    if article_id is None:
        page_head("Article")
        empty("No article is named", "Choose one in the library.", link("To the library", "library"), key="unnamed")
        return
    article = _fetched(article_id)
    show(article_parts.article_head(article, _approval(article)), key="article-head")
    headed(article.title)
    tabs = address.tabs(TABS, "tab", key=f"tab-{article_id}-{_sentence()}")
    for tab, draw in zip(tabs, _DRAW, strict=True):
        if tab.open:
            with tab:
                draw(article)


def _fetched(article_id: UUID) -> Article:
    return backend.call(lambda api: api.article(article_id))


def _sentence() -> str:
    """The sentence whose evidence is to be open."""
    return st.query_params.get("sentence", "")


def _read(article: Article) -> None:
    remark = article_parts.standing(article, _approval(article))
    if remark:
        show(remark, key="standing")
    reader.read(article, _sentence(), key="reader")


def _approval(article: Article) -> Approval | None:
    """A person's, of a version that needs one."""
    if article.status is not ArticleStatus.NEEDS_APPROVAL:
        return None
    found = backend.call(lambda api: api.publications_of(article.id)).standing
    return found.approval if found.version == article.version else None


def _quality(article: Article) -> None:
    _score(article.quality)
    show(
        h(
            "div",
            article_parts.findings(article, lambda one: _lead(article, one)),
            article_parts.asked(article),
            article_parts.mended(article),
            article_parts.removed(article),
            article_parts.notes(article.notes),
            cls="sections",
        ),
        key="quality",
    )
    dismissing.report(article)
    dismissing.dismiss(article)


def _lead(article: Article, sentence_id: UUID) -> Node:
    return link("Show the sentence", "article", id=article.id, tab="Read", sentence=sentence_id)


def _score(report: QualityReport) -> None:
    """The verdict first, which no score makes up for; the score, and what each of its parts brings."""
    show(article_parts.verdict(report), key="verdict")
    show(article_parts.score(report), key="score")
    if not report.parts:
        return
    parts = article_parts.by_weight(report)
    lost = max(parts, key=lambda part: part.weight * (100 - part.score))
    alt = f"Points by part of the score, {report.score:.0f} of 100; most are lost for {lost.name}."
    figures.draw(figures.score(parts), alt, key="parts-of-score")
    show(article_parts.parts(report), key="score-table")


def _sources(article: Article) -> None:
    if not article.sources:
        empty("No source is cited", "This version rests on nothing that was read.", key="no-sources")
        return
    show(
        h(
            "div",
            article_parts.sources(article),
            h("section", h("h2", "What each sentence rests on"), article_parts.citations(article)),
            cls="sections",
        ),
        key="sources",
        style="reader.css",
    )


def _edit(article: Article) -> None:
    article_work.edit(article)


def _versions(article: Article) -> None:
    article_work.versions(article.id)


def _publish(article: Article) -> None:
    publishing.publish(article)


def _files(article: Article) -> None:
    article_work.files(article)
    st.divider()
    article_work.delete(article)


_DRAW: tuple[Callable[[Article], None], ...] = (_read, _quality, _sources, _edit, _versions, _publish, _files)

if __name__ == "__main__":
    page(main, "Article")
