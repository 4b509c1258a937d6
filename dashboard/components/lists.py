"""Lists of articles and of runs, and tables that scroll in themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aiwriter.api.schemas import SearchAnswer
from aiwriter.documents import ArticleHead, Run
from dashboard.components.markup import Node, h, link
from dashboard.components.notices import badge, facts
from dashboard.wording import AUTHOR_NAMES, LANGUAGES, ago, capital, count, one_line, said, short, without_places

FOUND_BY = {"words": "found by its words", "meaning": "found by its meaning"}


def rows(items: Iterable[Node], label: str) -> Node:
    return h("ul", *items, cls="rows", aria_label=label)


def article_row(head: ArticleHead) -> Node:
    """One article: title, what it says, how it stands."""
    about = one_line(head.description)
    return h(
        "li",
        h(
            "div",
            h("h2", link(one_line(head.title) or "Untitled", "article", id=head.id)),
            score(head.score),
            h(
                "div",
                h("p", about, cls="about") if about else None,
                facts(
                    badge(head.standing),
                    said(head.format) if head.kind.value == "article" else "Digest",
                    LANGUAGES.get(head.language, head.language),
                    count(head.words, "word"),
                    f"version {head.version}" if head.version > 1 else "",
                    ago(head.updated_at),
                    "found by its words only, until it is indexed" if head.index_state == "pending" else "",
                ),
            ),
            cls="row",
        ),
    )


def score(value: float) -> Node:
    """The score of 100, for the right edge of a row."""
    return h(
        "div",
        h("span", h("span", "Score ", cls="unseen"), f"{value:.0f}", h("small", " of 100"), cls="figure"),
        cls="side",
    )


def answer_row(answer: SearchAnswer) -> Node:
    """One article that a search found, with the words around the place, unless it was found by its title."""
    title, excerpt = one_line(answer.title), one_line(answer.excerpt)
    return h(
        "li",
        h(
            "div",
            h("h2", link(title or "Untitled", "article", id=answer.article_id)),
            h("div", h("span", f"{answer.similarity:.0%}", h("small", " alike"), cls="figure"), cls="side")
            if answer.by == "meaning"
            else None,
            h(
                "div",
                h("p", excerpt, cls="about") if excerpt != title else None,
                facts(badge(answer.status.value), said(answer.kind.value), FOUND_BY[answer.by]),
            ),
            cls="row",
        ),
    )


def run_row(run: Run) -> Node:
    """One run: what was asked, how it stands."""
    return h(
        "li",
        h(
            "div",
            h("h2", link(short(run.brief.topic, 120), "run", id=run.id)),
            h("div", badge(run.status.value), cls="side"),
            h(
                "div",
                h("p", capital(short(without_places(run.reason)[0], 200)), cls="about") if run.reason else None,
                facts(
                    said(run.brief.format),
                    run.model,
                    h("time", ago(run.created_at), datetime=run.created_at.isoformat()),
                    f"asked by {run.requested_by}" if run.requested_by else "",
                    count(run.attempts, "attempt") if run.attempts > 1 else "",
                ),
            ),
            cls="row",
        ),
    )


def table(caption: str, head: Sequence[str], body: Iterable[Sequence[Node | str]], numbers: Sequence[int] = ()) -> Node:
    """A table; the first column names the row, columns in `numbers` are set to the right."""
    side = dict.fromkeys(numbers, "num")
    return h(
        "div",
        h(
            "table",
            h("caption", caption),
            h("thead", h("tr", *(h("th", name, scope="col", cls=side.get(n, "")) for n, name in enumerate(head)))),
            h(
                "tbody",
                *(
                    h(
                        "tr",
                        *(
                            h("td", cell, cls=side.get(n, "")) if n else h("th", cell, scope="row")
                            for n, cell in enumerate(row)
                        ),
                    )
                    for row in body
                ),
            ),
        ),
        cls="scroll",
        tabindex="0",
        role="region",
        aria_label=caption,
    )


def pairs(*given: tuple[str, Node | str], big: bool = False) -> Node:
    """Names and values."""
    return h(
        "dl", *(h("div", h("dt", name), h("dd", value)) for name, value in given), cls=f"pairs{' big' if big else ''}"
    )


def written_by(author: str) -> str:
    """Who wrote a version, for people."""
    return AUTHOR_NAMES.get(author, author)
