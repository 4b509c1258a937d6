"""What a real small model wrote off from its sources reaches a person as quotations; it was refused whole."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from aiwriter.documents import (
    Article,
    ArticleKind,
    ArticleStatus,
    Brief,
    Draft,
    Evidence,
    Outline,
    ParagraphKind,
    Section,
)
from aiwriter.ids import new_id
from aiwriter.pipeline import drafting, finishing, formats, mending, quality, quoting
from aiwriter.pipeline.workbench import Means
from aiwriter.ports import MendReply, RunContext
from aiwriter.testing import ScriptedModel, sample_article

DRAFTS = Path(__file__).resolve().parents[2] / "benchmarks" / "data" / "model_drafts.jsonl"
WHOLE = [json.loads(line) for line in DRAFTS.read_text("utf-8").splitlines()][:2]  # of the third there is one section


async def affords(_usd: Decimal) -> bool:
    return True


async def finished(given: dict[str, Any]) -> Article:
    """The article of a draft whose model says nothing better when it is asked to."""
    brief, evidence = Brief.model_validate(given["brief"]), Evidence.model_validate(given["evidence"])
    outline, fmt = Outline.model_validate(given["outline"]), formats.load(brief.format)
    means = Means(ScriptedModel([MendReply(mended=[])]), RunContext(new_id(), b"a secret of the run"), affords)
    mended = [
        await mending.mend(Section.model_validate(one), outline.sections[index], index, brief, evidence, fmt, means)
        for index, one in enumerate(given["sections"])
    ]
    draft = drafting.assemble(outline, [one.section for one in mended], ArticleKind.ARTICLE)
    report = quality.judge(draft, evidence, brief, fmt)
    return finishing.finish(draft, evidence, report, brief, sample_article().provenance, fmt)


@pytest.mark.parametrize("given", WHOLE, ids=["four sections", "two sections"])
async def test_its_articles_are_not_lost_and_need_a_person(given: dict[str, Any]) -> None:
    article = await finished(given)
    assert article.status is ArticleStatus.NEEDS_APPROVAL
    assert any("of the words are quoted" in reason for reason in article.quality.reasons)


async def test_every_quotation_stands_in_the_source_that_is_named_under_it() -> None:
    article = await finished(WHOLE[0])
    texts = {passage.source_hash: "" for passage in article.passages}
    for passage in article.passages:
        texts[passage.source_hash] += passage.text + "\n"
    quoted = [one for section in article.sections for one in section.paragraphs if one.kind is ParagraphKind.QUOTE]
    assert quoted
    for paragraph in quoted:
        assert paragraph.attribution is not None
        assert all(one.text.split()[-1] in texts[paragraph.attribution] for one in paragraph.sentences)


def test_a_digest_which_is_quotations_needs_no_more_of_a_person_for_them() -> None:
    article = sample_article(ArticleKind.DIGEST)
    draft = Draft(kind=article.kind, title=article.title, sections=article.sections)
    assert quoting.share(draft) == 0
