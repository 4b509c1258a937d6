import re

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from aiwriter.documents import ArticleKind, ArticleStatus
from aiwriter.publishing.citing import one_line, web_link
from aiwriter.publishing.markdown import escape, render
from aiwriter.testing import HOSTILE, hostile_article, sample_article

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def parsed(text: str) -> tuple[dict[str, object], list[Token]]:
    """Front matter, and all tokens of the body with those inside of inline ones."""
    _, head, body = text.split("---\n", 2)
    tokens = MARKDOWN.parse(body)
    return yaml.safe_load(head), [inner for token in tokens for inner in [token, *(token.children or [])]]


def test_front_matter_names_everything_a_site_needs() -> None:
    article = sample_article()
    head, _ = parsed(render(article))
    assert head == {
        "title": article.title,
        "description": article.description,
        "slug": article.slug,
        "kind": "article",
        "status": "accepted",
        "language": "en",
        "date": "2026-09-14T08:31:07+00:00",
        "words": article.words,
        "sources": 4,
        "score": 92.4,
        "model": article.provenance.model,
        "run": str(article.provenance.run_id),
        "article": str(article.id),
        "version": 1,
        "generator": "AI-Writer: written from sources",
    }


def test_citations_are_numbers_of_the_source_list_in_order_of_first_citation() -> None:
    text = render(sample_article())
    cited = [int(n) for found in re.findall(r" \[([\d, ]+)\]", text) for n in found.split(", ")]
    assert list(dict.fromkeys(cited)) == [1, 2, 3, 4]
    assert "62 per cent in the company's report for 2025, 57 per cent in a study of 2023 to 2025. [1, 4]" in text
    assert text.endswith(
        "4. **Shore batteries on weak grids: three years at Vell**. M. Okafor and L. Reindal. 4 May 2026. "
        "<https://papers.example/vell/shore-batteries.pdf>. Retrieved 14 September 2026.\n"
    )
    assert "2. **Questions and answers about the electric ferries**. ferries/questions.md." in text


def test_an_unsure_sentence_is_marked() -> None:
    assert "any northern harbour. [4] *(unsure)*" in render(sample_article())
    assert render(sample_article()).count(" *(unsure)*") == 2  # the sentence, and the legend
    assert "*(unsure)*: the checks could not confirm it (1)." in render(sample_article())


def test_without_a_marked_sentence_there_is_no_legend() -> None:
    assert "Marks" not in render(sample_article(ArticleKind.DIGEST))


def test_a_digest_says_what_it_is_and_names_whom_it_quotes() -> None:
    text = render(sample_article(ArticleKind.DIGEST))
    assert "> **Digest.** No language model wrote this text" in text
    assert "A person must approve it before it is published." in text
    assert text.count("> — *Kestrel Sound Ferries: annual report 2025*") == 2
    approved = render(sample_article(ArticleKind.DIGEST, ArticleStatus.ACCEPTED))
    assert "A person has approved it." in approved
    assert "must approve" not in approved


def test_a_refused_article_says_so_first_and_why() -> None:
    text = render(sample_article(status=ArticleStatus.REFUSED))
    assert "> **Refused.** This text did not pass its checks and must not be published.\n> - 7 of 12" in text


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_hostile_text_becomes_neither_markup_nor_link(hostile: str) -> None:
    article = hostile_article(hostile)
    head, tokens = parsed(render(article))
    assert head["title"] == one_line(hostile)
    kinds = {token.type for token in tokens}
    assert not kinds & {"html_inline", "html_block", "image", "code_inline", "fence", "code_block", "hr", "table_open"}
    links = {str(token.attrs["href"]) for token in tokens if token.type == "link_open"}
    assert links <= {web_link(source.location) for source in article.sources}
    headings = [token for token in tokens if token.type == "heading_open"]
    assert len(headings) == (3 if one_line(hostile) else 2)


@given(st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), max_size=3).map("".join))
@settings(deadline=None)
def test_escaped_text_shows_exactly_itself(text: str) -> None:
    tokens = MARKDOWN.parse(escape(text))
    shown = one_line(text)
    if not shown:
        assert not tokens
        return
    opening, inline, closing = tokens
    assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
    assert {child.type for child in inline.children or []} == {"text"}
    assert "".join(child.content for child in inline.children or []) == shown
