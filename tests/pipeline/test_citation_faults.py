"""A tenth of each fault among the citations of one article: none that is found false reaches its reader unflagged. The
shares over many articles stand in benchmarks/citation_faults.py."""

from __future__ import annotations

import asyncio

import pytest

from aiwriter.documents import ArticleStatus
from aiwriter.ids import new_id
from aiwriter.pipeline import drafting, outline
from aiwriter.pipeline.formats import load
from aiwriter.ports import RunContext
from aiwriter.testing import sample_brief, sample_evidence
from aiwriter.testing.citation_faults import (
    FATES,
    INVENTED_HOST,
    KINDS,
    Examined,
    InventingWriter,
    Kind,
    SpoilingWriter,
    StoredDraft,
    examine,
    examine_stored,
)
from aiwriter.testing.scripted import ScriptedModel

SEEDS = range(10)  # the samples are small: ten articles have some of each fault


@pytest.fixture(scope="module")
def articles() -> list[Examined]:
    async def written() -> list[Examined]:
        return [await examine(sample_brief(), sample_evidence(), seed) for seed in SEEDS]

    return asyncio.run(written())


def share(articles: list[Examined], kind: Kind, *fates: str) -> float:
    counts = [one.fates for one in articles]
    total = sum(count[kind, fate] for count in counts for fate in FATES)
    assert total >= 3, kind
    return sum(count[kind, fate] for count in counts for fate in FATES if fate in fates) / total


def test_every_citation_of_the_article_leads_to_a_passage_of_its_evidence(articles: list[Examined]) -> None:
    assert sum(one.unresolved for one in articles) == 0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "correct"])
def test_no_fault_reaches_its_reader_unflagged(articles: list[Examined], kind: Kind) -> None:
    assert share(articles, kind, "unflagged") == 0, [one.unflagged for one in articles]


def test_correct_sentences_stand(articles: list[Examined]) -> None:
    assert share(articles, "correct", "stands") >= 0.95


def test_what_is_repaired_is_told_with_its_gain(articles: list[Examined]) -> None:
    assert share(articles, "misplaced", "cited right", "rewritten") >= 0.5
    told = [one.article.mending for one in articles if one.article.mending]
    assert told
    assert all(one.score_after >= one.score_before for one in told)
    assert all(one.article.status is not ArticleStatus.REFUSED for one in articles)


async def test_of_a_stored_draft_only_what_a_reader_found_supported_is_spoiled() -> None:
    brief, evidence, context = sample_brief(), sample_evidence(), RunContext(new_id(), b"test")
    honest = ScriptedModel(SpoilingWriter(1, share=0))
    planned = await outline.plan(brief, evidence, load(brief.format), honest, context)
    written = [
        await drafting.write_section(brief, planned, index, evidence, honest, context)
        for index in range(len(planned.sections))
    ]
    said = [sentence.text for section in written for sentence in section.sentences]
    draft = StoredDraft(
        model="fake",
        brief=brief,
        evidence=evidence,
        outline=planned,
        sections=tuple(written),
        read={text: "no" if n % 3 == 0 else "yes" for n, text in enumerate(said)},
    )
    one = await examine_stored(draft, 1, share=0.3)
    assert sum(one.fates.values()) == sum(answer == "yes" for answer in draft.read.values())
    assert {kind for kind, _ in one.fates} == set(KINDS)
    assert one.unflagged == ()


async def test_no_invented_address_stands_in_the_text() -> None:
    writer = InventingWriter(3, share=0.3)
    one = await examine(sample_brief(), sample_evidence(), 3, writer=writer)
    assert one.unresolved == 0
    assert INVENTED_HOST in one.article.model_dump_json()  # it was written, and is told as what was taken out
    assert [sentence.text for sentence in one.article.sentences if INVENTED_HOST in sentence.text] == []
