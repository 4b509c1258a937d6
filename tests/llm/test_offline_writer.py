from __future__ import annotations

import re
import uuid
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from aiwriter.documents import ArticleKind, Brief, Evidence, EvidenceItem, Point, SectionPlan, Stage
from aiwriter.embeddings import create
from aiwriter.errors import ProviderRejected, Refused
from aiwriter.knowledge.chunking import chunk
from aiwriter.llm.digest.lines import read_lines
from aiwriter.llm.digest.planning import title_of
from aiwriter.llm.offline import OfflineWriter
from aiwriter.pipeline.evidence import select
from aiwriter.pipeline.research import gather
from aiwriter.ports import (
    CallKey,
    Embedder,
    ModelRequest,
    OutlineReply,
    OutlineTask,
    Prompt,
    SectionReply,
    SectionTask,
    handle,
)
from aiwriter.sources import create_finder
from aiwriter.testing import sample_brief, sample_evidence

EXAMPLES = Path(__file__).parents[2] / "examples" / "sources"
DOCUMENTS = (
    "history.md",
    "fact-sheet-2024.md",
    "fact-sheet-2025.md",
    "press-release-third-battery-room.html",
    "wire-2023-02-04.txt",
    "canteen-and-bicycles.md",
)
TOPIC = "How the islanders of Ostrel run a battery-powered night ferry"
ORPHAN = re.compile(
    r"(?i)[\"“]?(?:he|she|it|they|this|these|those|such|however|therefore|also|but|and|as a result|in addition)\b"
)


def request(material: OutlineTask | SectionTask | None) -> ModelRequest:
    key = CallKey(uuid.UUID(int=1), Stage.OUTLINE)
    return ModelRequest(key=key, prompt=Prompt("outline", "", "", ""), material=material)


def outline_task(brief: Brief, evidence: Evidence, sections: int = 4) -> OutlineTask:
    return OutlineTask(brief=brief, sections=sections, passages=evidence.items, sources=evidence.sources)


async def outline(brief: Brief, evidence: Evidence, embedder: Embedder, sections: int = 4) -> OutlineReply:
    reply = await OfflineWriter(embedder).answer(request(outline_task(brief, evidence, sections)))
    assert isinstance(reply.parsed, OutlineReply)
    return reply.parsed


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return create("minilm")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ferry(embedder: Embedder) -> tuple[Brief, Evidence, OutlineReply]:
    """A digest of some of the example documents: two versions of one, different forms, one off the topic."""
    brief = Brief(topic=TOPIC, sources=tuple(str(EXAMPLES / name) for name in DOCUMENTS), words=600)
    evidence = await select(brief, await gather(brief, create_finder()), chunk, embedder)
    return brief, evidence, await outline(brief, evidence, embedder)


Ferry = tuple[Brief, Evidence, OutlineReply]


def squeezed(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.asyncio(loop_scope="module")
class TestADigestOfManyDocuments:
    async def test_every_quotation_is_verbatim_in_the_passage_it_names(self, ferry: Ferry) -> None:
        _, evidence, plan = ferry
        for section in plan.sections:
            for name, text in section.points:
                index = next(n for n in range(len(evidence.items)) if handle(n) == name)
                assert text in squeezed(evidence.items[index].passage.text)

    async def test_no_paragraph_begins_with_something_that_points_back(self, ferry: Ferry, embedder: Embedder) -> None:
        for reply in await sections_of(ferry, embedder):
            for paragraph in reply.paragraphs:
                assert not ORPHAN.match(paragraph.sentences[0].text), paragraph.sentences[0].text

    async def test_no_two_quotations_say_the_same(self, ferry: Ferry, embedder: Embedder) -> None:
        texts = [text for section in ferry[2].sections for _, text in section.points]
        rows = await embedder.embed(texts)
        assert len(set(texts)) == len(texts)
        assert float(np.triu(rows @ rows.T, 1).max()) < 0.9

    async def test_headings_are_distinct_and_of_reasonable_length(self, ferry: Ferry) -> None:
        headings = [section.heading for section in ferry[2].sections if section.heading]
        assert len(headings) >= 3
        assert len({heading.lower() for heading in headings}) == len(headings)
        assert all(2 <= len(heading.split()) <= 7 for heading in headings)
        assert not {heading.lower() for heading in headings} & {"background", "overview", "introduction", "summary"}

    async def test_it_opens_without_a_heading_and_has_the_words_asked_for(self, ferry: Ferry) -> None:
        brief, _, plan = ferry
        words = sum(len(text.split()) for section in plan.sections for _, text in section.points)
        assert plan.sections[0].heading == ""
        assert 0.85 * brief.words <= words <= 1.15 * brief.words

    async def test_the_superseded_fact_sheet_is_not_quoted(self, ferry: Ferry) -> None:
        _, evidence, plan = ferry
        assert len(evidence.superseded) == 1
        quoted = {name for section in plan.sections for name, _ in section.points}
        used = {item.passage.source_hash for n, item in enumerate(evidence.items) if handle(n) in quoted}
        assert not used & set(evidence.superseded)

    async def test_sections_keep_the_order_of_the_points_and_join_neighbours(
        self, ferry: Ferry, embedder: Embedder
    ) -> None:
        for section, reply in zip(ferry[2].sections, await sections_of(ferry, embedder), strict=True):
            said = [sentence.text for paragraph in reply.paragraphs for sentence in paragraph.sentences]
            assert said == [text for _, text in section.points]


async def sections_of(ferry: Ferry, embedder: Embedder) -> list[SectionReply]:
    brief, evidence, plan = ferry
    replies = []
    for section in plan.sections:
        items = {name: evidence.items[int(name[1:]) - 1] for name in section.passages}
        points = tuple(Point(passage=items[name].passage.id, text=text) for name, text in section.points)
        keys = tuple(item.passage.id for item in items.values())
        task = SectionTask(
            brief=brief,
            title=plan.title,
            plan=SectionPlan(heading=section.heading, passages=keys, points=points, words=100),
            passages=tuple(items.values()),
            sources=evidence.sources,
        )
        reply = await OfflineWriter(embedder).answer(request(task))
        assert isinstance(reply.parsed, SectionReply)
        replies.append(reply.parsed)
    return replies


async def test_equal_evidence_gives_the_same_bytes() -> None:
    task = outline_task(sample_brief(), sample_evidence())
    first, second = [await OfflineWriter(create("hashing:256")).answer(request(task)) for _ in range(2)]
    assert first.text == second.text
    assert OutlineReply.model_validate_json(first.text) == first.parsed
    assert (first.model, first.cost_usd) == ("offline:extractive", 0)
    assert OfflineWriter(create("hashing:256")).writes is ArticleKind.DIGEST


async def test_a_section_that_a_person_added_is_filled_from_its_passages() -> None:
    evidence = sample_evidence()
    keys = tuple(item.passage.id for item in evidence.items)
    plan = SectionPlan(heading="Energy and batteries", passages=keys, words=60)
    task = SectionTask(
        brief=sample_brief(), title="Ferries", plan=plan, passages=evidence.items, sources=evidence.sources
    )
    reply = (await OfflineWriter(create("hashing:256")).answer(request(task))).parsed
    assert isinstance(reply, SectionReply)
    passages = " ".join(squeezed(item.passage.text) for item in evidence.items)
    sentences = [sentence for paragraph in reply.paragraphs for sentence in paragraph.sentences]
    assert sentences
    assert all(sentence.text in passages and len(sentence.passages) == 1 for sentence in sentences)


async def test_a_source_of_one_paragraph_makes_a_digest(tmp_path: Path) -> None:
    file = tmp_path / "lanternfish.md"
    file.write_text(
        "# The ferry Lanternfish\n\nThe ferry Lanternfish is run by the islanders of Ostrel. The ferry Lanternfish "
        "crosses to Ostrel every night and is run on batteries. On Ostrel the ferry Lanternfish is charged for two "
        "hours. The islanders of Ostrel have run the ferry since 2019, and 41 of them work on it.\n"
    )
    brief = Brief(topic="How the ferry Lanternfish is run on Ostrel", sources=(str(file),), words=100)
    hashing = create("hashing:64")
    evidence = await select(brief, await gather(brief, create_finder()), chunk, hashing)
    made = await outline(brief, evidence, hashing, 1)
    assert sum(len(section.points) for section in made.sections) >= 2


@pytest.mark.parametrize(("topic", "form"), [("How to fit a heat pump", "blog_post"), ("Heat pumps", "how_to")])
async def test_instructions_keep_their_steps(tmp_path: Path, topic: str, form: str) -> None:
    file = tmp_path / "pump.md"
    steps = [
        "Place the heat pump on gravel.",
        "Connect the refrigerant lines.",
        "Flush all radiators before you fill them.",
    ]
    file.write_text("# Fitting a heat pump\n\n" + "".join(f"{n}. {step}\n" for n, step in enumerate(steps, 1)))
    brief = Brief(topic=topic, sources=(str(file),), words=300, format=form)
    hashing = create("hashing:64")
    evidence = await select(brief, await gather(brief, create_finder()), chunk, hashing)
    told = [text for section in (await outline(brief, evidence, hashing, 1)).sections for _, text in section.points]
    assert told == steps


async def test_evidence_without_a_whole_sentence_is_refused() -> None:
    evidence = sample_evidence()
    shards = tuple(
        EvidenceItem(passage=item.passage.model_copy(update={"text": "Fares, kroner: 38 96 45"}), relevance=0.5)
        for item in evidence.items[:3]
    )
    task = OutlineTask(brief=sample_brief(), sections=2, passages=shards, sources=evidence.sources)
    with pytest.raises(Refused, match="no sentence that can be quoted"):
        await OfflineWriter(create("hashing:256")).answer(request(task))


async def test_rows_of_tables_are_no_sentences_of_a_digest() -> None:
    evidence = sample_evidence()
    items = [
        item.model_copy(update={"passage": item.passage.model_copy(update={"is_table": True})})
        for item in evidence.items
    ]
    assert read_lines(items, evidence.sources, "ferries", "en") == []


@pytest.mark.parametrize("sent_from", ["SALLOW BAY, Ostrel (IWS) - ", "NEW YORK — "])
async def test_what_begins_with_where_it_was_sent_from_opens_no_digest(sent_from: str) -> None:
    evidence = sample_evidence()
    text = f"{sent_from}A battery-powered ferry kept the lights on in the clinic of the island for 31 hours."
    item = evidence.items[0].model_copy(
        update={"passage": evidence.items[0].passage.model_copy(update={"text": text, "end": len(text)})}
    )
    assert [line.weak for line in read_lines([item], evidence.sources, "ferries", "en")] == [True]


async def test_other_tasks_are_turned_down() -> None:
    with pytest.raises(ProviderRejected, match="outlines and sections"):
        await OfflineWriter(create("hashing:256")).answer(request(None))


@pytest.mark.parametrize(
    ("topic", "title"),
    [
        ("a digest of silicon valley bank", "Silicon Valley Bank"),
        ("LK-99", "LK-99"),
        ("how ferries are charged", "How ferries are charged"),
        ("An article about Mount Greylock.", "Mount Greylock"),
    ],
)
def test_the_title_is_the_topic_with_clean_casing(topic: str, title: str) -> None:
    assert title_of(topic, ["In 1983 Silicon Valley Bank was founded.", "The Silicon Valley Bank failed."]) == title


async def test_the_description_names_no_question_as_what_it_is_about() -> None:
    task = outline_task(sample_brief().model_copy(update={"topic": "What the ferry costs"}), sample_evidence())
    made = (await OfflineWriter(create("hashing:256")).answer(request(task))).parsed
    assert isinstance(made, OutlineReply)
    assert "about What" not in made.description
