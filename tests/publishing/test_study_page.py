"""The report of a study stands alone, is safe whatever its sources say, and shows every answer with its passages."""

from __future__ import annotations

import re

import pytest

from aiwriter.documents import KeptStudy, SourceProblem
from aiwriter.publishing.study_html import render
from aiwriter.testing import HOSTILE, hostile_study, sample_study
from tests.publishing.test_html_page import Page, digest

TAGS = re.compile(
    "html|head|meta|title|style|body|a|div|header|p|span|h[1-3]|dl|dt|dd|time|section|main|[uo]l|li|table|t(head|body|[rhd])|"
    "svg|rect|line|circle|figure|blockquote|figcaption|cite|mark|article"
)


def test_the_page_allows_its_own_style_and_nothing_else() -> None:
    page = Page(render(sample_study()))
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    allowed = f"style-src '{digest(page.texts['style'][0])}'"
    assert policy == f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    assert not page.values("src")


def test_what_could_not_be_compared_is_not_said_to_agree() -> None:
    good = sample_study()
    assert good.study is not None
    note = f"{good.study.evidence.NOT_COMPARED}2 of 2 passages"
    for notes, said in (((), "No two sources were found"), ((note,), note)):
        evidence = good.study.evidence.model_copy(update={"disagreements": (), "notes": notes})
        text = render(good.model_copy(update={"study": good.study.model_copy(update={"evidence": evidence})}))
        assert said in text
        assert ("No two sources were found" in text) == (not notes)


def test_every_answer_leads_to_its_passages_and_what_is_missing_is_said() -> None:
    page = Page(render(sample_study()))
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    inner = {value[1:] for value in page.values("href") if value.startswith("#")}
    assert inner <= set(ids)
    shown = sample_study().study
    assert shown is not None
    assert {f"p-{key}" for row in shown.evidence.coverage for key in row.passages} <= inner
    assert "Who paid for the harbour?" in page.texts["li"]
    assert {"81 %", "50 %", "12 %"} <= set(page.texts["span"])


def test_each_search_is_told_with_what_it_brought_and_an_engine_that_failed_with_the_reason() -> None:
    page = Page(render(sample_study()))
    told = {"custom", "3 found, 2 kept", "wikipedia", "wikipedia: no connection"}
    assert told <= set(page.texts["td"])


def test_a_study_of_a_version_that_kept_no_searches_is_still_shown() -> None:
    kept = sample_study().model_dump(mode="json", exclude={"study": {"searches"}})
    assert "wikipedia" not in render(KeptStudy.model_validate(kept))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    page = Page(render(hostile_study(text)))
    assert [tag for tag, _ in page.tags if not TAGS.fullmatch(tag)] == []
    assert [name for _, attrs in page.tags for name in attrs if name.startswith("on") or name == "style"] == []
    assert [href for href in page.values("href") if not href.startswith(("#", "http://", "https://"))] == []


def test_no_export_tells_where_a_user_keeps_files() -> None:
    files = "/home/somebody/notes"
    kept = sample_study()
    assert kept.study is not None
    evidence = kept.study.evidence.model_copy(update={"notes": (f"{files}/a.md: hidden text removed",)})
    problems = (SourceProblem(location=f"{files}/b.pdf", reason=f"{files}/b.pdf cannot be read"),)
    study = kept.study.model_copy(update={"evidence": evidence, "problems": problems})
    brief = kept.brief.model_copy(update={"sources": (f"{files}/a.md",)})
    text = render(kept.model_copy(update={"study": study, "brief": brief}))
    assert files not in text
    assert "a.md: hidden text removed" in text
