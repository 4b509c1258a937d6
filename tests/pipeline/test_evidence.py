from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pytest

from aiwriter.documents import Block, BlockKind, Brief, Source, SourceKind, Sources
from aiwriter.embeddings import create
from aiwriter.errors import Refused
from aiwriter.ids import content_hash
from aiwriter.pipeline.evidence import MOST_EMBEDDED, select
from aiwriter.testing import sample_passages, sample_sources

WORDS = create("hashing:256")


def source(title: str, *paragraphs: str, day: str | None = None) -> Source:
    text = "\n\n".join(paragraphs)
    blocks, start = [], 0
    for paragraph in paragraphs:
        blocks.append(Block(kind=BlockKind.PARAGRAPH, start=start, end=start + len(paragraph)))
        start += len(paragraph) + 2
    return Source(
        location=f"{title}.md",
        kind=SourceKind.MARKDOWN,
        title=title,
        text=text,
        blocks=tuple(blocks),
        content_hash=content_hash(text),
        retrieved_at=datetime(2026, 9, 1, tzinfo=UTC),
        published_at=datetime.fromisoformat(day).replace(tzinfo=UTC) if day else None,
    )


MOON = source("Maps of the moon", "The first lunar atlas was engraved in 1647.", "Craters were named after scholars.")
KILN = source("Firing clay", "Pots dry for a week before the kiln is heated to 900 degrees.")
FERRIES = sample_sources().items
OLD = source("Kiln rules 2024", "The kiln is lit on Monday at seven.", "The kiln holds 40 pots.", day="2024-02-01")
NEW = source(
    "Kiln rules 2025",
    "This sheet replaces the rules of 2024.",
    "The kiln is lit on Tuesday at seven.",
    "The kiln holds 60 pots.",
    day="2025-03-01",
)


async def test_sources_about_something_else_give_no_passage() -> None:
    evidence = await select(
        Brief(topic="electric ferries", sources=("x",)), Sources(items=(MOON, KILN, *FERRIES)), sample_passages, WORDS
    )
    used = {item.passage.source_hash for item in evidence.items}
    assert used <= {one.content_hash for one in FERRIES}
    assert {one.content_hash for one in evidence.sources} == used
    assert any("Maps of the moon" in note for note in evidence.notes)


async def test_a_topic_the_sources_do_not_mention_is_refused_with_what_was_searched() -> None:
    with pytest.raises(Refused) as refused:
        await select(
            Brief(topic="pruning apple trees", sources=("x",)), Sources(items=(MOON, KILN)), sample_passages, WORDS
        )
    message = str(refused.value)
    assert "2 sources" in message
    assert "'pruning apple trees'" in message
    assert "the closest is" in message
    assert refused.value.hint


async def test_one_source_is_spoken_of_as_one() -> None:
    brief = Brief(topic="apple orchards", sources=("x",))
    with pytest.raises(Refused, match=r"^the only source \(1 passage\) says nothing about 'apple orchards'"):
        await select(brief, Sources(items=(KILN,)), sample_passages, WORDS)
    with pytest.raises(Refused, match=r"^the only source holds no passage of text"):
        await select(brief, Sources(items=(source("Nothing"),)), sample_passages, WORDS)


async def test_a_near_miss_is_refused_by_meaning() -> None:
    minilm = create("minilm")
    with pytest.raises(Refused):
        await select(Brief(topic="the maps of Mars", sources=("x",)), Sources(items=(KILN,)), sample_passages, minilm)
    found = await select(
        Brief(topic="How is clay fired?", sources=("x",)), Sources(items=(MOON, KILN)), sample_passages, minilm
    )
    assert {item.passage.source_hash for item in found.items} == {KILN.content_hash}


async def test_a_question_that_shares_few_words_with_its_answer_is_answered_and_said_to_need_a_reader() -> None:
    storm = source("Storm", "The ship lay at the quay and her battery fed clinic and cold store for 31 hours.")
    brief = Brief(topic="How did the clinic get power?", sources=("x",))
    found = await select(brief, Sources(items=(storm, KILN)), sample_passages, create("minilm"))
    assert {item.passage.source_hash for item in found.items} == {storm.content_hash}
    assert found.bears_little
    assert "no source is clearly about" in found.notes[0]


async def test_notes_on_sources_do_not_tell_where_a_user_keeps_them() -> None:
    old, new = (one.model_copy(update={"location": f"/home/anna/rules/{one.title}.md"}) for one in (OLD, NEW))
    new = new.model_copy(update={"flags": ("hidden text removed: 9 characters",)})
    brief = Brief(topic="On which day are pots fired?", sources=("/home/anna/rules",))
    found = await select(brief, Sources(items=(old, new)), sample_passages, create("minilm"))
    assert found.bears_little
    assert len(found.notes) == 3
    assert not [note for note in found.notes if "anna" in note or "rules/Kiln rules 2025.md" not in note]


async def test_a_place_that_no_source_names_makes_it_another_topic() -> None:
    minilm = create("minilm")
    sources = Sources(items=FERRIES)
    at_home = await select(Brief(topic="Where ferries sail", sources=("x",)), sources, sample_passages, minilm)
    assert at_home.items
    with pytest.raises(Refused):
        await select(Brief(topic="Where ferries sail in Norway", sources=("x",)), sources, sample_passages, minilm)


async def test_a_topic_in_a_script_without_blanks_is_found_by_its_letters() -> None:
    minilm = create("minilm")
    port = source("斯卡维克港", "斯卡维克港在2024年处理了41.2万吨货物，新的起重机可以吊起63吨。")
    found = await select(
        Brief(topic="斯卡维克港的货物", language="zh", sources=("x",)),
        Sources(items=(KILN, port)),
        sample_passages,
        minilm,
    )
    assert {item.passage.source_hash for item in found.items} == {port.content_hash}
    with pytest.raises(Refused):
        await select(
            Brief(topic="苹果树的修剪", language="zh", sources=("x",)), Sources(items=(port,)), sample_passages, minilm
        )


async def test_what_no_rule_can_read_is_said_not_to_have_been_compared() -> None:
    pages = Sources(
        items=tuple(source(f"港口 {n}", f"斯卡维克港在2024年处理了{n}万吨货物，主要是木材。") for n in (41, 39))
    )
    found = await select(
        Brief(topic="斯卡维克港", sources=("x",), language="zh"), pages, sample_passages, create("hashing:256")
    )
    assert any(note.startswith("not compared: 2 of 2 passages") for note in found.notes)


async def test_the_same_event_in_another_year_is_another_topic() -> None:
    race = source("2023 Harbour Regatta", "The Harbour Regatta of 2023 was won by the Ternen, after a draw in 2021.")
    with pytest.raises(Refused):
        await select(
            Brief(topic="2021 Harbour Regatta", sources=("x",)), Sources(items=(race,)), sample_passages, WORDS
        )
    assert await select(
        Brief(topic="2023 Harbour Regatta", sources=("x",)), Sources(items=(race,)), sample_passages, WORDS
    )


async def test_an_older_version_is_left_out_and_named() -> None:
    evidence = await select(
        Brief(topic="kiln rules", sources=("x",)), Sources(items=(OLD, NEW)), sample_passages, WORDS
    )
    assert evidence.superseded == (OLD.content_hash,)
    assert {item.passage.source_hash for item in evidence.items} == {NEW.content_hash}
    assert any("Kiln rules 2024" in note and "newer version" in note for note in evidence.notes)


async def test_reports_of_two_years_are_no_versions_of_one_another() -> None:
    first = source("Annual report 2023", "The kiln was lit 40 times.", "It burned 900 kg of wood.", day="2024-02-01")
    second = source("Annual report 2024", "The kiln was lit 55 times.", "It burned 980 kg of wood.", day="2025-02-01")
    evidence = await select(
        Brief(topic="the kiln", sources=("x",)), Sources(items=(first, second)), sample_passages, WORDS
    )
    assert evidence.superseded == ()


async def test_one_source_does_not_flood_the_others() -> None:
    loud = source(
        "Kiln diary", *(f"On day {number} the kiln was lit by potter number {number}." for number in range(60))
    )
    evidence = await select(
        Brief(topic="the kiln", sources=("x",)), Sources(items=(loud, KILN)), sample_passages, WORDS, limit=20
    )
    assert sum(item.passage.source_hash == loud.content_hash for item in evidence.items) <= 10
    assert any(item.passage.source_hash == KILN.content_hash for item in evidence.items)


async def test_the_limit_holds_and_equal_input_gives_equal_evidence() -> None:
    brief, sources = Brief(topic="electric ferries", sources=("x",)), Sources(items=FERRIES)
    first = await select(brief, sources, sample_passages, WORDS, limit=3)
    assert len(first.items) == 3
    assert first.fingerprint == (await select(brief, sources, sample_passages, WORDS, limit=3)).fingerprint


async def test_lists_of_references_are_no_evidence() -> None:
    listed = source("Kilns", "The kiln is lit on Monday.", "https://a.example/kiln https://b.example/kiln kiln")
    evidence = await select(Brief(topic="the kiln", sources=("x",)), Sources(items=(listed,)), sample_passages, WORDS)
    assert all("https" not in item.passage.text for item in evidence.items)


async def test_sources_that_disagree_in_a_number_are_named_with_it() -> None:
    one = source("Timetable", "The electric ferry crosses the sound in 4 hours.")
    other = source("Guide", "The electric ferry crosses the sound in 6 hours.")
    brief = Brief(topic="the electric ferry", sources=("x",))
    evidence = await select(brief, Sources(items=(one, other)), sample_passages, WORDS)
    (found,) = evidence.disagreements
    assert {found.one_says, found.other_says} == {"4 hours", "6 hours"}
    assert any("'Timetable' says" in note and "'Guide' says" in note for note in evidence.notes)


MINILM = create("minilm")


async def test_what_shares_words_and_tells_the_opposite_is_no_disagreement_to_an_embedder_that_knows_words() -> None:
    texts = ("The electric ferry's exports rose to 40 tonnes.", "The electric ferry's imports rose to 52 tonnes.")
    sources = Sources(items=tuple(source(f"Paper {n}", text) for n, text in enumerate(texts)))
    brief = Brief(topic="the electric ferry", sources=("x",))
    by_words, by_meaning = [
        (await select(brief, sources, sample_passages, WORDS, words=words)).disagreements for words in (None, MINILM)
    ]
    assert (len(by_words), by_meaning) == (1, ())


async def test_a_copy_with_another_figure_is_no_copy_and_the_disagreement_is_named() -> None:
    rules = "Boats may lie at the pier of Tarn for a night. The fee there is {} crowns a night for boats of 8 metres."
    told = tuple(source("Pier rules of Tarn", rules.format(fee)) for fee in (90, 120, 120))
    brief = Brief(topic="Pier fees of Tarn", sources=("x",))
    evidence = await select(brief, Sources(items=told), sample_passages, MINILM)
    assert len(evidence.items) == 2, "the two that say the same are told once"
    (found,) = evidence.disagreements
    assert {found.one_says, found.other_says} == {"90 crowns", "120 crowns"}


async def test_a_flood_of_copies_each_with_a_figure_of_its_own_gives_no_more_than_three() -> None:
    rules = "Boats may lie at the pier of Tarn for a night. The fee there is {} crowns a night for boats of 8 metres."
    told = tuple(source("Pier rules of Tarn", rules.format(fee)) for fee in range(90, 110))
    brief = Brief(topic="Pier fees of Tarn", sources=("x",))
    assert len((await select(brief, Sources(items=told), sample_passages, MINILM)).items) == 3


async def test_titles_of_sources_tell_of_what_their_sentences_speak() -> None:
    texts = ("It was open all year. It had 740 visitors.", "It was open in summer. It had 610 visitors.")
    brief = Brief(topic="the lighthouse", sources=("x",))

    async def told(*titles: str) -> int:
        items = tuple(source(title, text) for title, text in zip(titles, texts, strict=True))
        return len((await select(brief, Sources(items=items), sample_passages, MINILM, words=MINILM)).disagreements)

    assert await told("The lighthouse of Vell", "Vell and its lighthouse") == 1
    assert await told("The lighthouse of Vell", "The lighthouse of Torholm") == 0


async def test_what_is_asked_is_told_with_the_passages_that_answer_it_and_what_is_missing() -> None:
    ship = source("The ship", "The electric ferry carries 132 passengers.", "The ferry has a battery of 4.6 MWh.")
    brief = Brief(topic="The electric ferry", sources=("x",), keywords=("battery", "ticket prices"))
    evidence = await select(
        brief, Sources(items=(ship,)), sample_passages, MINILM, asked=["the electric ferry's battery"]
    )
    found = {row.question: row for row in evidence.coverage}
    assert list(found) == ["The electric ferry", "The electric ferry: battery", "The electric ferry: ticket prices"]
    battery = found["The electric ferry: battery"]
    passage = evidence.passage(battery.passages[0])
    assert battery.answer == "answered"
    assert passage is not None
    assert "4.6 MWh" in passage.text
    assert found["The electric ferry: ticket prices"].confidence < battery.confidence


async def test_what_answers_a_question_is_taken_up_though_the_topic_alone_would_not_choose_it() -> None:
    crew = "The crew of the ship is eleven people."
    ship = source("The ship", "The electric ferry carries 132 passengers.", crew)
    brief, sources = Brief(topic="The electric ferry", sources=("x",)), Sources(items=(ship,))
    asked = ("How many people are the crew?", "What is for dinner?")
    evidence = await select(brief, sources, sample_passages, MINILM, limit=1, asked=asked)
    assert [item.passage.text for item in evidence.items] == ["The electric ferry carries 132 passengers.", crew]
    _, people, dinner = evidence.coverage
    assert people.passages == (evidence.items[1].passage.id,)
    assert dinner.answer == "missing"


async def test_each_question_of_a_topic_that_asks_several_is_told_with_its_answer() -> None:
    brief = Brief(topic="When is the kiln lit? How many pots does the kiln hold?", sources=("x",))
    evidence = await select(brief, Sources(items=(NEW, MOON)), sample_passages, WORDS)
    texts = {item.passage.id: item.passage.text for item in evidence.items}
    told = {one.question: [texts[key] for key in one.passages] for one in evidence.coverage}
    assert "Tuesday" in told["When is the kiln lit?"][0]
    assert "60 pots" in told["How many pots does the kiln hold?"][0]


async def test_an_answer_is_found_among_more_passages_than_are_embedded_and_few_more_are() -> None:
    counted = Counting()
    days = [f"On day {number} the kiln was lit by potter number {number}." for number in range(MOST_EMBEDDED * 2)]
    diary = source("Kiln diary", *days, "Glaze is mixed from wood ash.")
    brief, sources = Brief(topic="the kiln", sources=("x",)), Sources(items=(diary,))
    evidence = await select(brief, sources, sample_passages, counted, asked=("what glaze is mixed from",))
    passage = evidence.passage(evidence.coverage[1].passages[0])
    assert passage is not None
    assert passage.text == "Glaze is mixed from wood ash."
    assert sum(text.startswith("Kiln diary") for text in counted.texts) <= MOST_EMBEDDED + 3


class Counting:
    """An embedder that keeps what it was given."""

    name, dimensions = WORDS.name, WORDS.dimensions

    def __init__(self) -> None:
        self.texts: list[str] = []

    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.texts += texts
        return await WORDS.embed(texts)


async def test_a_source_for_which_there_was_no_room_is_not_said_to_bear_too_little_on_the_topic() -> None:
    memos = [source(f"Memo {number}", f"The kiln was lit by potter number {number}.") for number in range(4)]
    brief = Brief(topic="the kiln", sources=("x",))
    evidence = await select(brief, Sources(items=(*memos, MOON)), sample_passages, WORDS, limit=3)
    assert evidence.notes == (
        "1 of 5 sources bears too little on the topic and was left out: 'Maps of the moon'",
        "1 of 5 sources gave none of the 3 passages that say most of the topic: 'Memo 3'",
    )


FREMD = source(
    "Regeln für den Ofen",
    "Der Ofen wird am Montag um sieben Uhr angezündet, und die Töpfe stehen bis zum Abend darin. Wer ihn öffnet, bevor "
    "er kalt ist, der verliert die ganze Arbeit einer Woche, denn die Töpfe zerspringen in der kalten Luft. Der Ofen "
    "fasst vierzig Töpfe, und er wird im Winter nur einmal in der Woche geheizt, weil das Holz sonst nicht reicht.",
)


async def test_a_source_in_another_language_is_not_said_to_bear_too_little_on_the_topic() -> None:
    evidence = await select(
        Brief(topic="the kiln", sources=("x",)), Sources(items=(NEW, FREMD)), sample_passages, WORDS
    )
    assert evidence.notes == (
        "1 of 2 sources is written in another language than English and was left out, though it may be about it: "
        "'Regeln für den Ofen'",
    )


async def test_who_asks_in_another_language_than_the_sources_is_told_so() -> None:
    with pytest.raises(Refused) as refused:
        await select(Brief(topic="apple orchards", sources=("x",)), Sources(items=(FREMD,)), sample_passages, WORDS)
    assert refused.value.hint == "the sources are in German: ask in German (--language de), or give others"


async def test_what_a_source_hid_from_its_reader_is_said_of_those_that_are_used() -> None:
    flagged = source("The ship", "The electric ferry carries 132 passengers.").model_copy(
        update={"flags": ("hidden text removed: 214 characters",)}
    )
    silent = MOON.model_copy(update={"flags": ("hidden text removed: 9 characters",)})
    brief = Brief(topic="the electric ferry", sources=("x",))
    evidence = await select(brief, Sources(items=(flagged, silent)), sample_passages, WORDS)
    (note,) = [note for note in evidence.notes if "hidden text" in note]
    assert "The ship" in note
    assert "214 characters" in note
