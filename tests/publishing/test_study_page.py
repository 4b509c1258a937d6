"""The report of a study stands alone, is safe whatever its sources say, and shows every answer with its passages."""

from __future__ import annotations

import re
from functools import cache

import pytest

from aiwriter.documents import Brief, Coverage, Disagreement, KeptStudy, Keyword, SourceProblem, Study
from aiwriter.publishing.study_html import render
from aiwriter.testing import HOSTILE, sample_evidence
from tests.publishing.test_html_page import Page, digest

TAGS = re.compile(
    "html|head|meta|title|style|body|a|div|header|p|span|h[1-3]|dl|dt|dd|time|section|main|[uo]l|li|table|t(head|body|[rhd])|"
    "svg|rect|line|circle|figure|blockquote|figcaption|cite|mark|article"
)
FILES = "/home/somebody/notes"


@cache
def study(text: str = "What does the ferry carry?") -> KeptStudy:
    """A study in which every free text that sources or users give is this one."""
    evidence = sample_evidence()
    one, other = evidence.items[0].passage, evidence.items[-1].passage
    rows = (
        Coverage(question=text, passages=(one.id, other.id), confidence=0.8),
        Coverage(question=f"{text} Who says so?", passages=(other.id,), confidence=0.5),
        Coverage(question=f"{text} Why?", passages=(), confidence=0.1),
    )
    against = Disagreement(
        one=one.id, one_sentence=text, one_says=text[:4], other=other.id, other_sentence=text, other_says=text
    )
    sources = tuple(
        ref.model_copy(update=dict.fromkeys(("title", "location", "author"), text)) for ref in evidence.sources
    )
    items = tuple(
        item.model_copy(update={"passage": item.passage.model_copy(update={"text": text, "headings": (text, "x")})})
        for item in evidence.items
    )
    changed = {"coverage": rows, "disagreements": (against,), "notes": (text, f"{FILES}/a.md: hidden text removed")}
    found = Study(
        topic="Ferries " + text,
        keywords=(Keyword(phrase=text, times=3, sources=2, weight=2.5),),
        questions=(text, f"And {text}"),
        evidence=evidence.model_copy(update={"items": items, "sources": sources, **changed}),
        problems=(SourceProblem(location=f"{FILES}/b.pdf", reason=text),),
    )
    return KeptStudy(topic=found.topic, brief=Brief(topic=found.topic[:500], sources=(f"{FILES}/a.md",)), study=found)


def test_the_page_allows_its_own_style_and_nothing_else() -> None:
    page = Page(render(study()))
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    allowed = f"style-src '{digest(page.texts['style'][0])}'"
    assert policy == f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    assert not page.values("src")


def test_every_answer_leads_to_its_passages_and_what_is_missing_is_said() -> None:
    page = Page(render(study()))
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    inner = {value[1:] for value in page.values("href") if value.startswith("#")}
    assert inner <= set(ids)
    shown = study().study
    assert shown is not None
    assert {f"p-{key}" for row in shown.evidence.coverage for key in row.passages} <= inner
    assert "What does the ferry carry? Why?" in page.texts["li"]
    assert {"80 %", "50 %", "10 %"} <= set(page.texts["span"])


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    page = Page(render(study(text)))
    assert [tag for tag, _ in page.tags if not TAGS.fullmatch(tag)] == []
    assert [name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "style"] == []
    assert [href for href in page.values("href") if not href.startswith(("#", "http://", "https://"))] == []


def test_no_export_tells_where_a_user_keeps_files() -> None:
    assert FILES not in render(study())
