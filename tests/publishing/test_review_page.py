"""The reviewer's report: the verdict and why, every sentence with its evidence, and nothing that acts."""

from __future__ import annotations

import re

import pytest

from aiwriter.documents import ArticleStatus, Verdict
from aiwriter.publishing.review import render
from aiwriter.testing import HOSTILE, hostile_article, sample_article


def test_every_sentence_stands_beside_how_it_was_judged() -> None:
    article = sample_article()
    page = render(article)
    assert all(sentence.text.replace("'", "&#39;") in page for sentence in article.sentences)
    assert page.count('<li class="unsure">') >= 1
    assert "41 % likely" in page
    assert "support.generalised" in page
    assert "Taken out" in page


def test_the_verdict_comes_first_with_its_reasons() -> None:
    good = sample_article()
    reason = "Only 3 of 9 factual sentences are supported."
    quality = good.quality.model_copy(update={"verdict": Verdict.REFUSE, "reasons": (reason,)})
    page = render(good.model_copy(update={"quality": quality, "status": ArticleStatus.REFUSED}))
    assert page.index(reason) < page.index("How its sentences stand") < page.index("Sentence by sentence")


def test_it_has_no_script_and_loads_nothing() -> None:
    page = render(sample_article())
    assert "script-src" not in page
    assert not re.search(r"<(?:script|link|img|iframe|object|embed|base|form)\b|@import|url\(", page)


@pytest.mark.parametrize("hostile", HOSTILE[::4], ids=repr)
def test_hostile_text_stays_text(hostile: str) -> None:
    page = render(hostile_article(hostile))
    assert not re.search(r"<(?:script|img|iframe|object|embed|form|base|meta http-equiv=refresh)", page, re.I)
    links = re.findall(r'href="([^"]*)"', page)
    assert all(link.startswith(("#", "https://", "http://")) for link in links)


def test_equal_articles_give_equal_pages() -> None:
    assert render(sample_article()) == render(sample_article())
