"""What a search engine reads of an article."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest

from aiwriter.documents import ArticleStatus
from aiwriter.publishing.html import render
from aiwriter.publishing.structured_data import structured
from aiwriter.testing import HOSTILE, hostile_article, sample_article

DATA = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def test_the_page_holds_the_article_as_schema_org_knows_it():
    article = sample_article()
    found = json.loads(DATA.findall(render(article))[0])
    assert found == structured(article)
    assert (found["@context"], found["@type"]) == ("https://schema.org", "BlogPosting")
    assert datetime.fromisoformat(found["dateModified"]) == article.created_at
    assert [work["name"] for work in found["citation"]] == [source.title for source in article.sources]
    assert {"author", "publisher"}.isdisjoint(found), "nobody is made up"


def test_the_organisation_of_the_brief_is_its_author():
    article = sample_article()
    named = article.model_copy(update={"brief": article.brief.model_copy(update={"organisation": "Vell Harbour"})})
    assert structured(named)["author"] == {"@type": "Organization", "name": "Vell Harbour"}


@pytest.mark.parametrize("hostile", ["</script><script>alert(1)</script>", "<!--<script>", "\u2028]]>", *HOSTILE])
def test_nothing_breaks_out_of_the_script_element(hostile):
    found = DATA.findall(render(hostile_article(hostile)))
    assert len(found) == 1
    assert not re.search("[<>&\u2028\u2029]", found[0])
    json.loads(found[0])


def test_addresses_are_of_the_web_and_long_headlines_are_cut():
    article = sample_article(title="Ferry " * 40)
    assert len(structured(article)["headline"]) <= 110
    source = article.sources[0].model_copy(update={"location": "javascript:alert(1)"})
    assert "url" not in structured(sample_article(sources=(source,)))["citation"][0]


def test_a_refused_article_is_told_to_no_search_engine():
    assert DATA.findall(render(sample_article(status=ArticleStatus.REFUSED))) == []
