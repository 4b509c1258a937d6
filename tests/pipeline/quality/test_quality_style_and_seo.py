"""Style for the format and language, what search engines see, and the distance to a voice."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from aiwriter.documents import ArticleKind, Brief, ParagraphKind, Voice
from aiwriter.errors import BadInput
from aiwriter.pipeline.prompts import wording
from aiwriter.pipeline.quality import seo, style, voice
from aiwriter.testing import sample_brief, sample_draft, sample_evidence
from aiwriter.text.sentences import split_sentences

PLAIN = [
    "The ferry sails at night.",
    "The harbour sleeps.",
    "Nobody complains.",
    "The crew drinks tea.",
    "The battery charges.",
    "Morning comes late.",
]


def rules(result):
    return [finding.rule for finding in result.findings]


# ── style ──


@pytest.mark.parametrize(
    ("added", "rule"),
    [
        (["The ferry " + "and the crew " * 15 + "sail."], "style.long_sentence"),
        (
            [
                "The ferry is not always loved.",
                "It was built in Vell.",
                "It has been seen.",
                "Tea is drunk, it is said.",
            ],
            "style.passive",
        ),
        (
            ["The crew sails the ferry over the sound to Vell and back again in the dark of the night."] * 10,
            "style.long_paragraph",
        ),
        (["The ferry is VERY LATE again."], "style.capitals"),
        (["What a night!", "What a ferry!", "So quiet!"], "style.exclamations"),
    ],
)
def test_what_the_format_does_not_want_is_named(draft, evidence, brief, fmt, added, rule):
    result = style.check(draft([*PLAIN, *added]), evidence("x"), brief, fmt)
    assert set(rules(result)) == {rule}
    assert result.score < 100


@pytest.mark.parametrize(
    "text",
    ["She writes HTML, JSON and YAML.", "Give the HTTPS URL of the REST API.", "| Ferry | " + "12 crowns | " * 20],
)
def test_abbreviations_do_not_shout_and_a_table_is_no_long_sentence(draft, evidence, brief, fmt, text):
    found = rules(style.check(draft([*PLAIN, text]), evidence("x"), brief, fmt))
    assert not {"style.capitals", "style.long_sentence"} & set(found)


def test_plain_sentences_quotations_and_digests_are_left_alone(draft, evidence, brief, fmt):
    assert style.check(draft([*PLAIN, "NATO and UNESCO met."]), evidence("x"), brief, fmt).findings == ()
    shouted = ["ALL IS LOST AND GONE!!!!"] * 6
    quoted = style.check(draft(shouted, paragraph=ParagraphKind.QUOTE), evidence("x"), brief, fmt)
    assert quoted.score is None
    assert style.check(draft(shouted, kind=ArticleKind.DIGEST), evidence("x"), brief, fmt).score is None


def test_the_german_passive_is_known(draft, evidence, fmt):
    passive = ["Die Fähre wird nachts geladen.", "Sie wurde in Vell gebaut.", "Die Lok wird repariert."]
    active = ["Die Fähre wird bald fahren, sagt sie.", "Es wird kalt.", "Die Mannschaft trinkt Tee."]
    found = style.passives(list(draft([*passive, *active]).sentences), "de")
    assert [sentence.text for sentence, _ in found] == passive


# ── search engines ──


def test_of_a_careful_article_only_what_is_true_is_told(fmt):
    result = seo.check(sample_draft(), sample_evidence(), sample_brief(), fmt)
    told = {finding.rule: finding.message for finding in result.findings}
    assert set(told) == {"seo.keyword_heading", "seo.keyword_missing"}
    assert "shore battery" in told["seo.keyword_missing"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"title": "Ferry"}, "seo.title_length"),
        ({"title": "The night ferry " * 6}, "seo.title_length"),
        ({"description": ""}, "seo.description_missing"),
        ({"description": "Too short."}, "seo.description_length"),
        ({"title": "日本の夜の船旅と静かな港の物語そして電池の未来へ"}, "seo.slug"),
        ({"title": "What happens when harbours sleep"}, "seo.keyword_title"),
    ],
)
def test_a_head_that_is_shown_badly_is_named(fmt, changes, rule):
    draft = sample_draft().model_copy(update=changes)
    assert rule in rules(seo.check(draft, sample_evidence(), sample_brief(), fmt))


def test_keywords_stand_where_they_are_looked_for_in_any_form(draft, evidence, fmt):
    brief = Brief(topic="Night ferries", keywords=("night ferry", "shore battery"))
    written = draft(["Ferries sail by night."], ["x"], ["y"], ["z"], headings=["", "Batteries", "On the shore", "Tea"])
    found = set(rules(seo.check(written, evidence("x"), brief, fmt)))
    assert {"seo.keyword_heading", "seo.keyword_missing"} <= found
    assert not {"seo.keyword_title", "seo.keyword_opening"} & found


def test_a_keyword_in_every_sentence_is_stuffing(draft, evidence, fmt):
    brief = Brief(topic="Night ferries", keywords=("night ferry",))
    stuffed = ["The night ferry is the best night ferry of all the quiet ships that sail today."] * 15
    assert "seo.stuffing" in rules(seo.check(draft(stuffed), evidence("x"), brief, fmt))
    spread = stuffed[:3] + ["It crosses the sound while the harbour sleeps and nobody hears a thing."] * 15
    assert "seo.stuffing" not in rules(seo.check(draft(spread), evidence("x"), brief, fmt))


def test_without_keywords_the_topic_is_looked_for(draft, evidence, fmt):
    other = Brief(topic="Growing tomatoes in cold greenhouses")
    assert "seo.keyword_title" in rules(seo.check(draft(["x"]), evidence("x"), other, fmt))
    assert "seo.keyword_title" not in rules(seo.check(draft(["x"]), evidence("x"), Brief(topic="Night ferries"), fmt))


# ── voice ──

CHATTY = """I don't know about you, but I love the night boat. You get on, you sit down, and that's it! We've
all been there, haven't we? So I asked my friend what she'd do. She said you can't beat it. And you know what? I think
she's right.
"""
STIFF = """The operation of the vessel is governed by the regulations of the authority; these were adopted in the course
of the year. In accordance with the provisions of the second section, the costs of the operation are borne by the
municipality of the island.
"""


def sentences(text: str) -> list[str]:
    return [" ".join(text[a:b].split()) for a, b in split_sentences(text)] * 10


def test_a_text_in_the_voice_of_its_samples_is_nearer_than_one_that_is_not(draft, evidence, fmt):
    brief = Brief(topic="The night boat", voice=voice.learn([CHATTY * 12]))
    alike = voice.check(draft(sentences(CHATTY)), evidence("x"), brief, fmt)
    other = voice.check(draft(sentences(STIFF)), evidence("x"), brief, fmt)
    assert alike.score == 100
    assert other.score == 0
    assert {"voice.distance", "voice.sentences", "voice.words", "voice.persons"} <= set(rules(other))
    assert rules(alike) == ["voice.distance"]


def test_without_a_voice_or_words_enough_there_is_no_measure(draft, evidence, brief, fmt):
    assert voice.check(draft([CHATTY * 10]), evidence("x"), brief, fmt).score is None
    asked = brief.model_copy(update={"voice": voice.learn([STIFF * 10])})
    assert voice.check(draft(["Short."]), evidence("x"), asked, fmt).score is None
    with pytest.raises(BadInput, match="at least 300"):
        voice.learn([STIFF])


def test_a_prompt_says_how_it_should_sound_without_a_word_of_the_samples():
    said = wording.style(Brief(topic="The night boat", voice=voice.learn([CHATTY * 12])))
    assert re.match(r"Voice: sentences of about \d+ words; words of \d\.\d letters", said)
    assert "first person often" in said
    assert "friend" not in said


def test_a_german_voice_is_measured_too():
    text = "Ich weiß nicht, ob du das kennst, aber wir fahren gern nachts mit dem Boot über den Sund. " * 25
    learned = voice.learn([text], "de")
    assert learned.persons["first person"] > 50
    assert learned.function_words["nicht"] > 0


def test_a_voice_that_could_not_be_stored_is_refused():
    learned = voice.learn([CHATTY * 12]).model_dump()
    with pytest.raises(ValidationError):
        Voice.model_validate(learned | {"sentence_words": float("inf")})
