"""Quotations, length, readability, copying, repetition, openings, structure."""

from __future__ import annotations

from uuid import UUID

import pytest

from aiwriter.documents import ArticleKind, Brief, Neighbour, ParagraphKind
from aiwriter.pipeline.quality import (
    length,
    near_copy,
    openings,
    originality,
    quotations,
    readability,
    repetition,
    structure,
)

FIRST = "The harbour master reported that complaints about noise had fallen from 43 to 6 in a year."
SECOND = "The board decided in November to order two further electric ships, to be delivered in the spring of 2028."
PASSAGE = f"{FIRST} {SECOND}"


def rules(result):
    return [finding.rule for finding in result.findings]


# ── quotations ──


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said “complaints about noise had fallen from 43 to 6”.", []),
        ("He said “Complaints about noise … from 43 to 6 in a year.”", []),
        ("He said “complaints about noise had risen from 43 to 6”.", ["quotations.altered"]),
        ("He said “nothing so short”.", []),
    ],
)
def test_quotations_are_verbatim_or_named(draft, evidence, brief, fmt, text, expected):
    given = evidence(PASSAGE)
    result = quotations.check(draft([(text, [given.items[0].passage.id])]), given, brief, fmt)
    assert rules(result) == expected


def test_a_quotation_from_an_uncited_passage_is_named(draft, evidence, brief, fmt):
    given = evidence(PASSAGE, "Something else was said.")
    written = draft([("He said “complaints about noise had fallen from 43 to 6”.", [given.items[1].passage.id])])
    assert rules(quotations.check(written, given, brief, fmt)) == ["quotations.elsewhere"]


SPOKEN = (
    "Leila Farrokhan: Patients made 2,112 trips last year, and they travel free.\n\nTomasz Wrenfield: The loudest "
    "thing here is the kettle.\n\n“A battery ship with one plug is a ship with one engine,” says Ruza Tamberlane of "
    "Cassin Haulage. “I would rather not improvise again,” she said."
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("“Patients made 2,112 trips last year,” says Leila Farrokhan, the doctor.", None),
        ("“Patients made 2,112 trips last year,” adds Captain Tomasz Wrenfield.", "Leila Farrokhan"),
        ("Wrenfield said: “The loudest thing here is the kettle.”", None),
        (
            "Idris Halloran, the inspector, said: “A battery ship with one plug is a ship with one engine.”",
            "Ruza Tamber",
        ),
        ("“A battery ship with one plug is a ship with one engine,” said Cassin Haulage.", None),
        ("“A battery ship with one plug is a ship with one engine,” he said.", None),
        ("“I would rather not improvise again,” said Marit Adeyo.", None),  # the passage has a pronoun
    ],
)
def test_words_that_are_put_into_another_mouth_are_named(draft, evidence, brief, fmt, text, named):
    given = evidence(SPOKEN)
    found = quotations.check(draft([(text, [given.items[0].passage.id])]), given, brief, fmt).findings
    assert [one.rule for one in found] == (["quotations.speaker"] if named else [])
    assert not named or f"these are words of “{named}" in found[0].message


def test_a_quoted_paragraph_names_the_source_it_comes_from(draft, evidence, brief, fmt):
    given = evidence(PASSAGE, "Something else was said.")
    sentence = (FIRST, [given.items[0].passage.id])
    written = draft([sentence], kind=ArticleKind.DIGEST, paragraph=ParagraphKind.QUOTE)
    wrong = written.sections[0].paragraphs[0].model_copy(update={"attribution": given.sources[1].content_hash})
    section = written.sections[0].model_copy(update={"paragraphs": (wrong,)})
    assert rules(quotations.check(written, given, brief, fmt)) == []
    moved = written.model_copy(update={"sections": (section,)})
    assert rules(quotations.check(moved, given, brief, fmt)) == ["quotations.attribution"]


def test_without_quotations_there_is_no_score(draft, evidence, brief, fmt):
    assert quotations.check(draft(["No quotation."]), evidence(PASSAGE), brief, fmt).score is None


# ── length ──


@pytest.mark.parametrize(
    ("words", "rule", "refused"),
    [(100, [], 0), (70, ["length.short"], 0), (200, ["length.long"], 0), (40, ["length.short"], 1)],
)
def test_length_is_held_against_the_brief(draft, evidence, brief, fmt, words, rule, refused):
    result = length.check(draft([" ".join(["word"] * words)]), evidence(PASSAGE), brief, fmt)
    assert (rules(result), len(result.refusals)) == (rule, refused)
    assert all(reason.endswith(": give more sources, or ask for fewer words.") for reason in result.refusals)


# ── readability ──


def test_reading_ease_is_flesch():
    # 12 words, 2 sentences, 15 syllables
    sentences = ["The happy rabbit ran over the hill.", "It was very glad today."]
    assert readability.reading_ease(sentences) == pytest.approx(206.835 - 1.015 * 6 - 84.6 * 15 / 12)


def test_lix_counts_words_of_more_than_six_letters():
    assert readability.lix(["Das Elektroschiff fährt leise."]) == pytest.approx(4 + 100 * 1 / 4)


def test_a_value_just_outside_the_range_does_not_read_as_its_limit(draft, evidence, brief, fmt):
    sentences = ["The ferry sails at night, and all of its passengers sleep in cabins below the deck."] * 8
    ease = readability.reading_ease(sentences)
    near = fmt.model_copy(update={"thresholds": fmt.thresholds.model_copy(update={"reading_ease_max": ease - 0.2})})
    found = readability.check(draft(sentences), evidence("None."), brief, near).findings[0]
    assert found.message.startswith(f"Flesch reading ease is just above {ease - 0.2:.0f}, outside")


def test_hard_text_is_named_and_short_text_is_not_measured(draft, evidence, brief, fmt):
    hard = " ".join(
        ["Interdepartmental reorganisation notwithstanding, institutional responsibilities proliferate"] * 12
    )
    assert "readability.hard" in rules(readability.check(draft([hard]), evidence(PASSAGE), brief, fmt))
    assert readability.check(draft(["Too short."]), evidence(PASSAGE), brief, fmt).score is None


def test_other_languages_are_measured_by_lix(draft, evidence, fmt):
    german = Brief(topic="Die Nachtfähre", language="de")
    result = readability.check(draft(["Die Fähre ist nun sehr leise und gut." * 8]), evidence(PASSAGE), german, fmt)
    assert "LIX" in result.findings[0].message


# ── originality ──


def test_a_copied_sentence_is_named_with_its_source(draft, evidence, brief, fmt):
    given = evidence(PASSAGE, titles=["The minutes"])
    result = near_copy.check(draft([SECOND]), given, brief, fmt)
    assert "The minutes" in result.findings[0].message
    assert result.score < 100
    assert result.refusals


def test_a_refusal_names_the_limit_that_refuses_and_a_revision_the_one_that_asks_for_it(draft, evidence, brief, fmt):
    given = evidence(PASSAGE)
    refused = near_copy.check(draft([SECOND]), given, brief, fmt)
    loose = fmt.model_copy(update={"thresholds": fmt.thresholds.model_copy(update={"refuse_copied_share": 1.0})})
    revised = near_copy.check(draft([SECOND]), given, brief, loose)
    assert "; 40% is the limit" in refused.refusals[-1]
    assert "; 15% is the limit" in revised.revisions[-1]


def test_quotations_own_words_and_digests_are_no_copies(draft, evidence, brief, fmt):
    given = evidence(PASSAGE)
    quoted = near_copy.check(draft([f"It says: “{PASSAGE}”"]), given, brief, fmt)
    own = near_copy.check(draft(["Fewer people complained, and more ships are coming."]), given, brief, fmt)
    digest = near_copy.check(draft([PASSAGE], kind=ArticleKind.DIGEST), given, brief, fmt)
    assert (quoted.score, own.score, digest.score) == (100, 100, None)
    assert rules(digest) == ["originality.digest"]


def test_a_few_copied_words_beside_much_that_is_quoted_do_not_refuse_the_text(draft, evidence, brief, fmt):
    """What was left of a small model's section was copied: three sentences, of a text of two hundred words."""
    given = evidence(PASSAGE)
    (copy,) = draft([SECOND]).sections
    paragraph = copy.paragraphs[0]
    quote = paragraph.model_copy(update={"kind": ParagraphKind.QUOTE})
    beside = copy.model_copy(update={"paragraphs": (paragraph, quote, quote, quote)})
    alone, among = (
        near_copy.check(draft([SECOND]).model_copy(update={"sections": (one,)}), given, brief, fmt)
        for one in (copy, beside)
    )
    assert alone.refusals
    assert not among.refusals


@pytest.mark.parametrize(
    ("near", "kind", "rule", "asked"),
    [
        ((0.9, None), ArticleKind.ARTICLE, "originality.archive", "refuse"),
        ((0.6, None), ArticleKind.ARTICLE, "originality.archive", "revise"),
        ((0.9, None), ArticleKind.DIGEST, "originality.archive", "revise"),
        ((0.1, 0.9), ArticleKind.ARTICLE, "originality.meaning", ""),
        ((0.1, 0.5), ArticleKind.ARTICLE, None, ""),
    ],
)
def test_what_we_have_already_is_named_and_refused_by_the_formats_thresholds(
    draft, evidence, brief, fmt, near, kind, rule, asked
):
    place = {"title": "Quiet ferries", "location": "archive://x/1", "created_at": "2026-03-01T12:00:00Z"}
    one = Neighbour(article_id=UUID(int=1), version=1, wording=near[0], meaning=near[1], **place)
    text = draft(["Fewer people complained, and more ships are coming."], kind=kind)
    result = originality.check(text.model_copy(update={"neighbours": (one,)}), evidence(PASSAGE), brief, fmt)
    told = [finding.message for finding in result.findings if finding.rule == rule]
    assert len(told) == (rule is not None)
    assert all("Quiet ferries" in message and "2026-03-01" in message for message in told)
    assert (bool(result.refusals), bool(result.revisions)) == (asked == "refuse", asked == "revise")
    if kind is ArticleKind.ARTICLE:
        assert (result.score < 100) == bool(asked)


# ── repetition ──


def test_a_fact_told_twice_is_named_and_another_number_is_another_fact(draft, evidence, brief, fmt):
    first = "The electric ferry made 312 quiet crossings of the sound in winter."
    again = "In winter the quiet electric ferry made 312 crossings of the sound."
    other = "The electric ferry made 298 quiet crossings of the sound in summer storms."
    result = repetition.check(draft([first], [again, other]), evidence(PASSAGE), brief, fmt)
    assert rules(result) == ["repetition.fact"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The ferry has one quiet electric drive shaft.", "Another quiet electric drive shaft moves the ferry."),
        (
            "Marit Adeyo is the chair of the harbour council.",
            "Idris Halloran is the vice chair of the harbour council.",
        ),
        (
            "Who steers the quiet electric ferry over the sound?",
            "Okafor steers the quiet electric ferry over the sound.",
        ),
    ],
)
def test_another_person_and_an_answer_are_no_fact_told_twice(draft, evidence, brief, fmt, first, second):
    assert rules(repetition.check(draft([first, second]), evidence(PASSAGE), brief, fmt)) == []


def test_a_fact_told_again_in_other_words_and_numbers_is_named(draft, evidence, brief, fmt):
    first = "The crossing of the sound takes 38 minutes and costs a passenger 52 crowns."
    again = "For 52 crowns every passenger is across the sound after thirty-eight minutes."
    other = "The cook boils potatoes for 38 minutes and pays the farmer 52 crowns."
    written = draft([first], [again, other])
    result = repetition.check(written, evidence(PASSAGE), brief, fmt)
    assert [finding.sentence_id for finding in result.findings] == [written.sentences[1].id]


# ── openings ──


def test_what_an_earlier_section_told_of_is_known(draft, evidence, brief, fmt):
    told, again = "A charging tower stands in the harbour.", "The tower was built in 2019."
    assert rules(openings.check(draft([told], [again]), evidence(PASSAGE), brief, fmt)) == []
    assert rules(openings.check(draft([again], [told]), evidence(PASSAGE), brief, fmt)) == ["openings.leaning"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("However, it did not last.", ["openings.leaning"]),
        ("She left the harbour at night.", ["openings.leaning"]),
        ("Marit Adeyo left the harbour at night.", []),
        ("Kestrel Sound counted ships. | 12 | 13 | 14 |", ["openings.table"]),
        ("Okafor, M. et al. 2023 doi:10.1000/182 tells more.", ["openings.reference"]),
        ("Off by default.", []),
        ("It is not known why the ferry is late.", []),
        ("Kestrel Sound had 71, 58, 54, 60, 62 and 66 decibels on six nights.", []),
        ("Kestrel Sound is the quietest of all (Okafor et al. 2023).", []),
        ("(Okafor et al. 2023)", ["openings.reference"]),
    ],
)
def test_what_a_reader_stumbles_over_is_named(draft, evidence, brief, fmt, text, expected):
    result = openings.check(draft([text]), evidence(PASSAGE), brief, fmt)
    assert rules(result) == expected
    assert result.score == (0 if expected else 100)


# ── structure ──


def test_a_draft_with_all_parts_of_its_format_has_them_all(draft, evidence, brief, fmt):
    written = draft(["a"], ["b"], ["c"], ["d"])
    assert structure.check(written, evidence(PASSAGE), brief, fmt).score == 100


def test_missing_parts_are_named(draft, evidence, brief, fmt):
    written = draft(["a"], ["b"], headings=["Same", "Same"])
    found = set(rules(structure.check(written, evidence(PASSAGE), brief, fmt)))
    assert found == {"structure.sections", "structure.repeated", "structure.introduction"}


# ── what a format asks for and does not get ──


def test_far_too_few_or_too_many_sections_want_a_person_and_a_near_miss_is_a_warning(draft, evidence, brief, fmt):
    def judged(sections: int):
        return structure.check(draft(*[["A sentence."]] * (sections + 1)), evidence("x"), brief, fmt)

    assert judged(1).revisions == ("There is 1 section with a heading; the format asks for 3 to 10.",)
    assert (judged(2).revisions, "structure.sections" in rules(judged(2))) == ((), True)
    assert judged(3).revisions == judged(16).revisions == ()
    assert judged(17).revisions


@pytest.mark.parametrize(("words", "revised"), [(60, True), (75, False), (100, False), (140, False), (160, True)])
def test_far_too_few_or_too_many_words_want_a_person(draft, evidence, brief, fmt, words, revised):
    result = length.check(draft([" ".join(["word"] * words)]), evidence("x"), brief, fmt)
    assert (bool(result.revisions), result.refusals) == (revised, ())
