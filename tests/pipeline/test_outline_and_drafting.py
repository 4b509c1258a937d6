"""Planning and writing make sense of whatever a model replies."""

import pytest

from aiwriter.documents import ArticleKind, Disagreement, Evidence, Outline, ParagraphKind, Section, SectionPlan
from aiwriter.errors import BadReply
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.pipeline import drafting, formats, outline
from aiwriter.pipeline.replies import heading
from aiwriter.ports import (
    OutlineReply,
    ParagraphReply,
    RunContext,
    SectionReply,
    SectionReplyPlan,
    SectionTask,
    SentenceReply,
)
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedModel, sample_brief, sample_evidence
from aiwriter.testing.scripted import Scripted

BRIEF, EVIDENCE = sample_brief(), sample_evidence()
FORMAT = formats.load("blog_post")
CONTEXT = RunContext(new_id(), b"a secret of the run")
IDS = [item.passage.id for item in EVIDENCE.items]


def planned_as(*sections: tuple[str, list[str]], title: str = "Ferries") -> OutlineReply:
    plans = [SectionReplyPlan(heading=heading, purpose="", passages=passages) for heading, passages in sections]
    return OutlineReply(title=title, description="About ferries.", sections=plans)


async def plan(reply: Scripted, evidence: Evidence = EVIDENCE, kind: ArticleKind = ArticleKind.ARTICLE) -> Outline:
    return await outline.plan(BRIEF, evidence, FORMAT, ScriptedModel([reply], writes=kind), CONTEXT)


def plan_of(passages: int, heading: str = "Noise") -> Outline:
    return Outline(title="Ferries", sections=(SectionPlan(heading=heading, passages=tuple(IDS[:passages]), words=90),))


async def write(
    *paragraphs: list[tuple[str, list[str]]], kind: ArticleKind = ArticleKind.ARTICLE, passages: int = 4
) -> Section:
    said = [
        ParagraphReply(sentences=[SentenceReply(text=text, passages=names) for text, names in paragraph])
        for paragraph in paragraphs
    ]
    model = ScriptedModel([SectionReply(paragraphs=said)], writes=kind)
    return await drafting.write_section(BRIEF, plan_of(passages), 0, EVIDENCE, model, CONTEXT)


def read(section: Section) -> list[tuple[str, list[int]]]:
    return [(sentence.text, [IDS.index(cited) + 1 for cited in sentence.citations]) for sentence in section.sentences]


# ── outlines ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_handles_become_passages_and_unknown_ones_are_dropped() -> None:
    made = await plan(planned_as(("Fleet", ["S1", "[S2]", "S99", "nonsense"]), ("Energy", ["s3", "4"])))
    assert made.sections[1].passages[:2] == (IDS[0], IDS[1])
    assert made.sections[2].passages[:2] == (IDS[2], IDS[3])


async def test_passage_belongs_to_the_first_section_that_names_it() -> None:
    made = await plan(planned_as(("Fleet", ["S1", "S2"]), ("Energy", ["S2", "S3"])))
    body = [set(section.passages) for section in made.sections if section.heading]
    assert not body[0] & body[1]


async def test_section_without_passages_gets_those_that_speak_of_it() -> None:
    made = await plan(planned_as(("Noise on the car deck", []), ("Complaints and fares", ["S77"])))
    texts = [
        " ".join(passage.text for key in section.passages if (passage := EVIDENCE.passage(key)))
        for section in made.sections
    ]
    assert "58 decibels" in texts[1]
    assert "fares would rise" in texts[2]


async def test_introduction_has_no_heading_and_few_words() -> None:
    made = await plan(planned_as(("Introduction", ["S1"]), ("Fleet", ["S1", "S2"]), ("Conclusion", ["S3"])))
    assert [section.heading for section in made.sections] == ["", "Fleet", "Energy"]
    opening, *body = made.sections
    assert opening.words < min(section.words for section in body)
    assert opening.words + sum(section.words for section in body) == BRIEF.words


@pytest.mark.parametrize(("words", "told"), [(18, "1 to 2 sentences"), (37, "2 to 3"), (90, "3 to 4")])
async def test_a_short_section_is_not_asked_for_more_sentences_than_it_has_words_for(words: int, told: str) -> None:
    planned, model = plan_of(4), ScriptedModel()
    section = planned.sections[0].model_copy(update={"words": words})
    await drafting.write_section(
        BRIEF, planned.model_copy(update={"sections": (section,)}), 0, EVIDENCE, model, CONTEXT
    )
    assert f"paragraphs of {told}" in model.requests[0].prompt.text


async def test_an_introduction_is_planned_by_nobody_else_and_not_asked_for() -> None:
    """Asked for one, a small model planned an introduction, a background and a conclusion: one section was left."""
    model = ScriptedModel([planned_as(("Fleet", ["S1"]))])
    await outline.plan(BRIEF, EVIDENCE, FORMAT, model, CONTEXT)
    (request,) = model.requests
    assert request.schema is not None
    asked = request.schema.model_json_schema()["properties"]["sections"]
    assert asked["minItems"] == asked["maxItems"] == FORMAT.sections_for(BRIEF.words)
    assert outline.APART in request.prompt.text


async def test_what_a_conclusion_was_planned_from_makes_a_section_where_there_are_too_few() -> None:
    items = tuple(
        item.model_copy(update={"passage": item.passage.model_copy(update={"headings": ("Report", f"Part {number}")})})
        for number, item in enumerate(EVIDENCE.items, 1)
    )
    evidence = EVIDENCE.model_copy(update={"items": items})
    said = planned_as(("Introduction", ["S1"]), ("Background", ["S3", "S4"]), ("Conclusion", ["S6", "S7"]))
    made = await plan(said, evidence)
    assert [section.heading for section in made.sections] == ["", "Background", "Part 6"]
    assert set(made.sections[2].passages) >= {items[5].passage.id, items[6].passage.id}


async def test_of_a_description_as_many_sentences_are_kept_as_are_shown() -> None:
    one, two = (
        "The ferry sails at night.",
        "It has sailed since 2020 " + "and carries all that the island needs " * 5 + ".",
    )
    for said, kept in ((f"{one} {one} {two}", f"{one} {one}"), (f"{two} {one}", two), ("", "")):
        reply = planned_as(("Noise", ["S1", "S2"])).model_copy(update={"description": said})
        assert (await plan(reply)).description == kept.replace("  ", " ")


def test_a_heading_is_cut_at_a_word_that_may_stand_last() -> None:
    long = "How the ferry Lanternfish supplied Ostrel's clinic with power after the landslip of the cold February 2023"
    assert heading(long) == "How the ferry Lanternfish supplied Ostrel's clinic with power after the landslip"


async def test_headings_are_cleaned_and_doubles_go() -> None:
    reply = planned_as(
        ("## 1. **The fleet:**", ["S1"]), ("The fleet", ["S2"]), ('"Energy."', ["S3"]), title="# Ferries."
    )
    made = await plan(reply)
    assert made.title == "Ferries"
    assert [section.heading for section in made.sections] == ["", "The fleet", "Energy"]


async def test_more_sections_than_asked_for_are_cut() -> None:
    made = await plan(planned_as(*((f"Part {n}", [f"S{n}"]) for n in range(1, 12))))
    assert len(made.sections) <= FORMAT.sections_for(BRIEF.words) + 2


async def test_older_versions_of_a_source_are_not_used() -> None:
    old = EVIDENCE.items[0].passage.source_hash
    model = ScriptedModel()
    await outline.plan(BRIEF, EVIDENCE.model_copy(update={"superseded": (old,)}), FORMAT, model, CONTEXT)
    assert "annual report 2025" not in model.requests[0].prompt.text


async def test_digest_keeps_its_points_and_gets_no_introduction() -> None:
    section = SectionReplyPlan(heading="Fleet", passages=["S1", "S2"], points=[("S2", "The electric ships …")])
    made = await plan(OutlineReply(title="T", sections=[section]), kind=ArticleKind.DIGEST)
    assert [one.heading for one in made.sections] == ["Fleet"]
    assert made.sections[0].points[0].passage == IDS[1]


async def test_outline_without_sections_is_asked_for_again() -> None:
    model = ScriptedModel(['{"title": "T", "sections": []}', planned_as(("Fleet", ["S1"]))])
    layered = wrap(model, MemoryDatabase().journal(LOCAL_WORKSPACE), ManualClock())
    made = await outline.plan(BRIEF, EVIDENCE, FORMAT, layered, CONTEXT)
    assert made.sections[-1].heading == "Fleet"
    assert "there must be sections" in model.requests[1].prompt.text


# ── sections ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_marks_in_the_text_become_citations() -> None:
    section = await write([("Nine ships sail [S1]. Two are electric (S2, S3).", ["S4"]), ("All is well.", ["S9"])])
    assert read(section) == [("Nine ships sail.", [1]), ("Two are electric.", [2, 3]), ("All is well.", [])]


async def test_marks_after_the_stop_belong_to_the_sentence_before() -> None:
    section = await write([("Nine ships sail. [S1] Two are electric.[S2][S3]", [])])
    assert read(section) == [("Nine ships sail.", [1]), ("Two are electric.", [2, 3])]


async def test_several_sentences_in_one_string_inherit_its_citations() -> None:
    section = await write([("Nine ships sail. Two of them are electric.", ["S1", "S2"])])
    assert read(section) == [("Nine ships sail.", [1, 2]), ("Two of them are electric.", [1, 2])]


async def test_talk_about_the_sources_becomes_a_citation() -> None:
    section = await write([("According to S1, nine ships sail.", []), ("Passage S2 says that two are electric.", [])])
    assert read(section) == [("Nine ships sail.", [1]), ("Two are electric.", [2])]


async def test_citation_is_where_the_words_come_from_whatever_the_model_named() -> None:
    fleet = "At the end of 2025 the fleet had nine ships, Ternen and Skarven among them."
    noise = "Energy cost per crossing fell from 214 to 131 kroner."
    section = await write([(fleet, ["S1", "S3"]), (noise, []), (noise.replace("fell", "dropped"), ["S1"])])
    assert [cited for _text, cited in read(section)] == [[1], [4], [4]]


async def test_a_passage_that_only_speaks_of_the_same_is_not_cited_for_what_the_model_made_up() -> None:
    section = await write(
        [("The fleet ruined the kroner of the crossing.", []), ("The ships made 11,480 crossings.", [])]
    )
    assert [cited for _text, cited in read(section)] == [[], [2]]


async def test_sentence_in_another_language_keeps_what_it_cites() -> None:
    german = "Lärm und Beschwerden nahmen im Hafen deutlich ab."
    assert read(await write([(german, ["S1", "S4"])])) == [(german, [1, 4])]


async def test_markup_repetitions_and_what_the_prompt_said_are_left_out() -> None:
    section = await write(
        [
            ("## Noise", []),
            (f"{BRIEF.topic}.", ["S1"]),
            ("- **Nine** ships sail", ["S1"]),
            ("Nine ships sail!", ["S1"]),
        ],
        [("…", ["S1"])],
    )
    assert read(section) == [("Nine ships sail.", [1])]
    assert len(section.paragraphs) == 1


async def test_text_in_brackets_that_is_no_mark_stays() -> None:
    text = "The S1 line (opened in 1998) carries 40 [forty] cars."
    assert read(await write([(text, ["S1"])])) == [(text, [1])]


async def test_section_that_runs_on_is_cut_at_a_sentence() -> None:
    sentences = [(f"Ship number {n} sails every day from the harbour to the island.", ["S1"]) for n in range(30)]
    section = await write(sentences[:15], sentences[15:])
    assert 90 <= sum(len(text.split()) for text, _cited in read(section)) <= 90 * drafting.LONGEST + 12


async def test_digest_paragraph_is_split_where_the_source_changes() -> None:
    sources = [item.passage.source_hash for item in EVIDENCE.items]
    other = next(n for n, source in enumerate(sources) if source != sources[0])
    said = [("Verbatim one", ["S1"]), ("Verbatim two.", ["S2"]), ("From another.", [f"S{other + 1}"]), ("None.", [])]
    section = await write(said, kind=ArticleKind.DIGEST, passages=other + 1)
    assert [len(paragraph.sentences) for paragraph in section.paragraphs] == [2, 1]
    assert {paragraph.kind for paragraph in section.paragraphs} == {ParagraphKind.QUOTE}
    assert section.paragraphs[0].attribution == sources[0]
    assert section.sentences[0].text == "Verbatim one"


async def test_section_of_which_nothing_is_left_is_a_bad_reply() -> None:
    with pytest.raises(BadReply, match="nothing usable for section 'Noise'"):
        await write([("Noise.", ["S1"])])


async def test_material_is_what_the_handles_in_the_prompt_stand_for() -> None:
    model = ScriptedModel()
    await drafting.write_section(BRIEF, plan_of(3), 0, EVIDENCE, model, CONTEXT)
    material = model.requests[0].material
    assert isinstance(material, SectionTask)
    for number, item in enumerate(material.passages, 1):
        line = next(line for line in model.requests[0].prompt.text.splitlines() if line.startswith(f"[S{number}]"))
        assert line.endswith(item.passage.text)


async def test_writer_is_told_in_which_figures_its_passages_disagree_and_nothing_else_of_them() -> None:
    one, other, unknown = IDS[0], IDS[1], "f" * 16
    both = Disagreement(one=one, one_sentence="x", one_says="9 knots", other=other, other_sentence="y", other_says="11")
    evidence = EVIDENCE.model_copy(update={"disagreements": (both, both.model_copy(update={"other": unknown}))})
    model = ScriptedModel()
    await drafting.write_section(BRIEF, plan_of(3), 0, evidence, model, CONTEXT)
    asked = model.requests[0].prompt.text
    assert "Sources disagree: S1 says “9 knots” where S2 says “11”. Tell both or neither." in asked


async def test_writer_is_shown_the_passage_that_contradicts_one_of_its_own_though_it_was_not_planned() -> None:
    planned, other = IDS[0], IDS[3]
    both = Disagreement(
        one=other, one_sentence="x", one_says="9 knots", other=planned, other_sentence="y", other_says="11"
    )
    evidence = EVIDENCE.model_copy(update={"disagreements": (both, both)})
    for most, expected in ((None, [*IDS[:3], other]), (3, list(IDS[:3]))):
        model = ScriptedModel()
        await drafting.write_section(BRIEF, plan_of(3), 0, evidence, model, CONTEXT, most_passages=most)
        material = model.requests[0].material
        assert isinstance(material, SectionTask)
        assert [item.passage.id for item in material.passages] == expected
        assert ("S4 says “9 knots” where S1 says “11”" in model.requests[0].prompt.text) is (most is None)


async def test_draft_has_no_empty_section_and_says_nothing_twice() -> None:
    one = await write([("Nine ships sail.", ["S1"])])
    two = await write([("Nine ships sail.", ["S2"])])
    three = await write([("Two are electric.", ["S2"])])
    draft = drafting.assemble(plan_of(2), [one, two, three], ArticleKind.ARTICLE)
    assert [len(section.sentences) for section in draft.sections] == [1, 1]
    assert draft.title == "Ferries"


def test_draft_of_nothing_is_a_bad_reply() -> None:
    with pytest.raises(BadReply, match="no section"):
        drafting.assemble(plan_of(1), [], ArticleKind.ARTICLE)
