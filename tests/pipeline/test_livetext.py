"""What can be read of a section while its JSON is still coming."""

import json
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiwriter.documents import ArticleKind, Outline, Section, SectionPlan
from aiwriter.errors import BadReply
from aiwriter.ids import new_id
from aiwriter.pipeline import drafting
from aiwriter.pipeline.livetext import LiveText
from aiwriter.ports import ParagraphReply, RunContext, SectionReply, SentenceReply
from aiwriter.testing import ScriptedModel, sample_brief, sample_evidence

BRIEF, EVIDENCE = sample_brief(), sample_evidence()
CONTEXT = RunContext(new_id(), b"a secret of the run")
IDS = tuple(item.passage.id for item in EVIDENCE.items)


def reply(*paragraphs: Sequence[str]) -> str:
    said = [
        ParagraphReply(sentences=[SentenceReply(text=text, passages=["S1"]) for text in texts]) for texts in paragraphs
    ]
    return SectionReply(paragraphs=said).model_dump_json()


async def heard(*raw: str, told: Sequence[str] = (), most_words: float = 1_000) -> list[str]:
    """What is handed on as these raw replies come one after the other."""
    texts: list[str] = []

    async def on_text(text: str) -> None:
        texts.append(text)

    live = LiveText(on_text, "en", told, most_words, step=1)
    for one in raw:
        await live.hear(one)
    return texts


async def growing(raw: str, told: Sequence[str] = ()) -> list[str]:
    """What is handed on as a raw reply comes character by character."""
    return await heard(*(raw[: end + 1] for end in range(len(raw))), told=told)


def grows(texts: Sequence[str]) -> bool:
    return all(later.startswith(earlier) for earlier, later in pairwise(texts))


async def test_a_reply_is_read_again_when_it_has_grown_by_a_few_words_or_has_begun_anew() -> None:
    texts: list[str] = []

    async def on_text(text: str) -> None:
        texts.append(text)

    raw = reply(["Herons eat fish. They wait for them in shallow water, and then they strike."])
    live = LiveText(on_text, "en", (), 1_000)
    for end in range(1, len(raw) + 1):
        await live.hear(raw[:end])
    assert 1 <= len(texts) <= len(raw) // 40
    assert grows(texts)
    await live.hear(reply(["Frogs hide."]))
    assert texts[-1] == "Frogs hide."


async def test_a_secret_is_never_shown_not_even_its_beginning() -> None:
    secret = "AKIA" + "IOSFODNN7EXAMPLQ"  # in two pieces: none stands in a commit
    texts = await growing(reply([f"The ferry sails at night. Its key is {secret} and no other."]))
    assert grows(texts)
    assert not any(secret[:12] in text for text in texts)
    assert "AKI••••" in texts[-1]


async def test_text_grows_by_words_and_paragraphs_are_parted() -> None:
    texts = await growing(reply(["Herons eat fish.", "They wait."], ["Frogs hide."]))
    assert texts[:3] == ["Herons", "Herons eat", "Herons eat fish."]
    assert texts[-1] == "Herons eat fish. They wait.\n\nFrogs hide."
    assert grows(texts)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("Herons eat fish [S1].", "Herons eat fish."),
        ("Herons eat fish. [S1, S2]", "Herons eat fish."),
        ("Herons [S1] eat fish [S2], [S3] and frogs (S1; S4).", "Herons eat fish and frogs."),
        ("According to S12, herons eat fish.", "Herons eat fish."),
        (
            "According to the old report of 1912, herons eat fish.",
            "According to the old report of 1912, herons eat fish.",
        ),
        ("Herons, as stated in S1, eat fish.", "Herons, eat fish."),
        ("Passage S1 states that herons eat fish", "Herons eat fish."),
        ("## **Herons** eat `fish` (and, in hard winters, voles).", "Herons eat fish (and, in hard winters, voles)."),
        ("1. herons eat fish", "Herons eat fish."),
        ("- A source of S. Moore says so.", "A source of S. Moore says so."),
        ('He said "no" – 5 € \\ or\tnot.\nHerons eat fish', 'He said "no" – 5 € \\ or not. Herons eat fish.'),
        ("A flamingo 🦩 stands.", "A flamingo 🦩 stands."),
    ],
)
async def test_neither_marks_nor_markup_nor_handles_are_ever_shown(said: str, read: str) -> None:
    for raw in (reply([said]), json.dumps(json.loads(reply([said])), indent=1)):
        texts = await growing(raw)
        assert texts[-1] == read
        assert all(read.startswith(text) for text in texts), texts


async def test_what_was_said_or_told_before_is_not_shown_even_in_part() -> None:
    raw = reply(["How herons hunt.", "Herons eat fish."], ["Herons eat fish.", "Herons eat fish and frogs."])
    texts = await growing(raw, told=["How herons hunt"])
    assert texts[-1] == "Herons eat fish.\n\nHerons eat fish and frogs."
    assert grows(texts)


async def test_what_comes_after_the_words_allowed_is_not_shown() -> None:
    assert await heard(reply(["One two.", "Three four.", "Five six."]), most_words=3) == ["One two. Three four."]


async def test_reply_that_begins_anew_takes_its_text_back_and_an_empty_one_does_not() -> None:
    raw = reply(["Herons eat fish."])
    texts = await heard(raw, "", "{", raw[:-8], '{"paragraphs": [{"sentences": [{"text": "Frogs hide in')
    assert texts == ["Herons eat fish.", "Frogs hide"]


@pytest.mark.parametrize(
    "raw", ["", "I cannot help.", "[1, 2]", '{"answer": 42}', '{"text": null}', "{'text': 'Hm'", '"']
)
async def test_of_what_is_no_section_nothing_is_shown(raw: str) -> None:
    assert await heard(raw) == []


async def test_small_talk_and_code_fences_are_passed_over() -> None:
    assert await heard(f"Sure!\n```json\n{reply(['Herons eat fish.'])}\n```") == ["Herons eat fish."]


@given(st.text(), st.integers(min_value=0, max_value=60))
async def test_it_survives_any_text(text: str, end: int) -> None:
    whole = reply([text, text[::-1]])
    for raw in (text, whole[:end], whole[:-end], f'{{"text": "{text}', f'{{"sentences":{text}"text":"\\u{text}"'):
        for shown in await heard(raw):
            shown.encode()
            assert "\x00" not in shown


def plan_of(words: int = 90) -> Outline:
    return Outline(title="Ferries", sections=(SectionPlan(heading="Noise", passages=IDS[:3], words=words),))


async def written(model: ScriptedModel) -> tuple[Section, list[str]]:
    texts: list[str] = []

    async def on_text(text: str) -> None:
        texts.append(text)

    return await drafting.write_section(BRIEF, plan_of(), 0, EVIDENCE, model, CONTEXT, on_text), texts


def text_of(section: Section) -> str:
    return "\n\n".join(" ".join(said.text for said in one.sentences) for one in section.paragraphs)


async def test_what_is_heard_of_a_section_grows_into_its_text() -> None:
    section, texts = await written(ScriptedModel())
    assert len(texts) > 5
    assert grows(texts)
    assert texts[-1] == text_of(section)


PIECES = [
    "herons",
    "eat fish.",
    "frogs,",
    "[S1]",
    "[S1], [S2]",
    "(S2, S3)",
    "according to S1,",
    "as stated in S2",
    "e.g.",
]
PIECES += ["**bold**", "U.S.", "“No,”", "–", "1.", "source", "(in part)", "Really?", "3.5", "a.m.", "`x`", "No. 5"]


@given(st.lists(st.lists(st.sampled_from(PIECES), min_size=2, max_size=9), min_size=1, max_size=4))
async def test_what_is_shown_of_a_whole_reply_is_what_the_section_says(pieces: list[list[str]]) -> None:
    raw = reply(["Ferries are loud.", *map(" ".join, pieces)])
    section = await drafting.write_section(BRIEF, plan_of(), 0, EVIDENCE, ScriptedModel([raw]), CONTEXT)
    assert (await heard(raw))[-1] == text_of(section)


async def test_digest_is_heard_once_when_it_is_finished() -> None:
    section, texts = await written(ScriptedModel(writes=ArticleKind.DIGEST))
    assert texts == [text_of(section)]


async def test_nobody_listening_means_no_stream() -> None:
    model = ScriptedModel()
    await drafting.write_section(BRIEF, plan_of(), 0, EVIDENCE, model, CONTEXT)
    assert model.requests[0].on_text is None


async def test_reply_that_is_no_section_fails_as_it_does_unheard() -> None:
    with pytest.raises(BadReply):
        await written(ScriptedModel(["I would rather not."]))
