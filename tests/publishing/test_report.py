"""The reviewer's report is one page that stands alone and says what a reviewer asks."""

from __future__ import annotations

import re

import pytest

from aiwriter.documents import Dismissal, Finding, ScorePart, Severity, Support
from aiwriter.publishing import html
from aiwriter.publishing.report import MEASURES, render
from aiwriter.testing import HOSTILE, hostile_article, sample_article
from tests.publishing.test_html_page import Page, digest

REASON = "The harbour master confirmed it."


def with_dismissal():
    article = sample_article()
    first = article.quality.findings[0]
    word = Dismissal(finding=first.id, rule=first.rule, message=first.message, by="ada", reason=REASON)
    findings = (first.model_copy(update={"dismissed": word}), *article.quality.findings[1:])
    quality = article.quality.model_copy(update={"findings": findings})
    return article.model_copy(update={"quality": quality, "dismissals": (word,)})


def test_the_page_allows_its_own_style_and_loads_nothing():
    text = render(sample_article())
    page = Page(text)
    policy = next(attrs["content"] for _, attrs in page.tags if "http-equiv" in attrs)
    style = digest(page.texts["style"][0])
    assert policy == f"default-src 'none'; style-src '{style}'; base-uri 'none'; form-action 'none'"
    assert not re.search(r"@import|url\(|src=|<(?:script|link|img|iframe|object|embed|base|form)\b", text)


def test_it_says_verdict_reasons_parts_questions_and_what_was_taken_out():
    article = sample_article()
    text = render(article)
    told = ["Passes", "Score: 92 of 100", "What it does not mean", "Electric ferries: ticket prices", "missing"]
    told += [part.title for part in article.quality.parts] + [article.removed[0].text]
    assert [word for word in told if word not in text] == []


def test_parts_are_called_as_people_call_them_and_a_measure_is_no_finding():
    quality = sample_article().quality
    parts = (ScorePart(name="seo", score=90, weight=1), ScorePart(name="private", score=100, weight=1))
    measure = Finding(rule="readability.range", severity=Severity.INFO, message="Within the range.")
    quality = quality.model_copy(update={"parts": parts, "findings": (measure,)})
    article = sample_article(quality=quality)
    for page in (render(article), html.render(article)):
        assert [word for word in ("SEO", "Private data", "0 findings, 1 measure") if word not in page] == []


def test_it_says_how_many_citations_are_supported():
    article = sample_article()
    cited = {sentence.id for sentence in article.sentences if sentence.citations}
    good = [one for one in article.quality.sentences if one.sentence_id in cited and one.support is Support.SUPPORTED]
    assert 0 < len(good) < len(cited)
    told = f"{len(good)} of {len(cited)} cited sentences are found to be supported ({len(good) / len(cited):.0%}"
    assert told.replace("%", " %") in render(article)


def test_every_sentence_has_a_place_and_every_link_leads_somewhere():
    article = sample_article()
    page = Page(render(article))
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    assert {f"s-{sentence.id}" for sentence in article.sentences} <= set(ids)
    assert {value[1:] for value in page.values("href") if value.startswith("#")} <= set(ids)


def test_the_span_that_supports_a_sentence_is_marked_beside_it():
    marked = Page(render(sample_article())).texts["mark"]
    assert "the harbour battery at Vell covered 62 per cent of the energy used." in marked


def test_a_dismissed_finding_is_struck_and_its_reason_stands_by_it():
    article = with_dismissal()
    text = render(article)
    assert f"<del>{article.quality.findings[0].message}</del>" in text
    assert re.search(rf"Dismissed by ada on [^:]+: {REASON}", text)


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_hostile_text_stays_text(hostile):
    page = Page(render(hostile_article(hostile)))
    tags = [tag for tag, _ in page.tags]
    assert tags.count("style") == 1
    assert not {"script", "img", "iframe", "object", "form", "base", "link"} & set(tags)
    names = {name for _, attrs in page.tags for name in attrs}
    assert not {name for name in names if name.startswith("on") or name in ("style", "src", "srcdoc")}


def test_every_part_of_the_score_is_explained(formats_weights):
    assert formats_weights <= MEASURES.keys()


@pytest.fixture
def formats_weights():
    from aiwriter.pipeline import formats

    return {part for name in formats.names() for part in formats.load(name).weights}
