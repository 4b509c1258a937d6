"""What sources speak of and ask is told from their own words."""

from __future__ import annotations

import pytest

from aiwriter.documents import Brief, SearchRecord, Source, Sources
from aiwriter.embeddings import create
from aiwriter.errors import Refused
from aiwriter.knowledge.chunking import chunk
from aiwriter.pipeline.keywords import asked_in, keywords
from aiwriter.pipeline.study import study
from aiwriter.sources import create_finder
from aiwriter.testing import sample_passages
from aiwriter.testing.corpus import TinyCorpus

PAGES = {
    "one.md": "# The night ferry\n\nThe night ferry has a charging tower. The charging tower stands on the quay.\n\n"
    "How long does the night ferry need? It needs four hours.",
    "two.md": "# Charging\n\nA charging tower works in both directions. The night ferry is charged in four hours.\n\n"
    "What does a ticket cost? How long does the Night Ferry need?",
}


async def read(texts: dict[str, str]) -> list[Source]:
    corpus = TinyCorpus(texts)
    return [await corpus.read(name) for name in texts]


async def test_phrases_that_return_are_told_once_in_their_commonest_spelling_and_not_their_parts() -> None:
    found = keywords(await read(PAGES))
    told = {one.phrase.lower(): (one.times, one.sources) for one in found}
    assert told["charging tower"] == (3, 2)
    assert told["night ferry"][1] == 2
    assert "tower" not in told  # never without "charging"
    assert [one.weight for one in found] == sorted((one.weight for one in found), reverse=True)


async def test_no_half_of_a_name_and_no_verb_is_told() -> None:
    pages = {
        "one.md": "# Skarvik\n\nThe harbour master Ida Vell spoke. Skarvik handled cargo. Solar panels gave power.",
        "two.md": "# Cargo\n\nNine crowns are paid, and nine crowns are enough. "
        "Harbour master Ida Vell was there. Skarvik handled timber. Solar panels gave light.",
    }
    told = {one.phrase.lower() for one in keywords(await read(pages))}
    assert {"harbour master ida vell", "solar panels", "skarvik"} <= told
    assert "crowns" in told
    assert not {
        phrase
        for phrase in told
        if "nine" in phrase or phrase.endswith((" ida", "handled", "gave")) or phrase.startswith("master")
    }


async def test_no_phrase_ends_in_a_verb_and_each_source_is_read_in_its_language() -> None:
    english = {f"{n}.md": f"The new quay of Skarvik cost {n} million euros, the dockers say at noon." for n in (14, 17)}
    german = {f"{n}.md": f"# Hafen\n\nDer neue Kai kostete {n} Millionen Euro." for n in (14, 17)}
    french = {
        f"{n}.md": f"Le port de Skarvik a traité {n} tonnes de marchandises en 2024. "
        "Le quai est de bois et il a été ouvert par le maire de la ville, qui est aussi le chef du port."
        for n in (4, 5)
    }
    told = {one.phrase.lower() for one in keywords(await read(english))}
    assert "skarvik" in told
    assert not {one for one in told if one.endswith(("cost", "say"))}
    assert {one.phrase for one in keywords(await read(german), "de")} >= {"neue Kai", "Hafen"}
    assert not [one for one in keywords(await read(german), "de") if "kostete" in one.phrase]
    undeclared = [one.model_copy(update={"language": None}) for one in await read(french)]
    assert not [one for one in keywords(undeclared) if {"de", "en"} & set(one.phrase.split())]


async def test_questions_are_told_once_those_about_the_topic_first() -> None:
    assert asked_in(await read(PAGES), "the night ferry") == (
        "How long does the night ferry need?",
        "What does a ticket cost?",
    )


async def test_a_study_asks_the_sources_their_own_questions() -> None:
    sources = Sources(items=tuple(await read(PAGES)))
    found = await study(Brief(topic="the night ferry", sources=("x",)), sources, sample_passages, create("minilm"))
    assert [row.question for row in found.evidence.coverage] == ["the night ferry", *found.questions]
    assert found.evidence.coverage[1].answer == "answered"


async def test_a_study_says_what_came_of_each_search_and_how_its_query_is_answered() -> None:
    searches = (
        SearchRecord(engine="one", query="charging tower on the quay", hits=2, used=1),
        SearchRecord(engine="down", query="charging tower on the quay", error="down: no connection"),
    )
    sources = Sources(items=tuple(await read(PAGES)), searches=searches)
    found = await study(Brief(topic="the night ferry", sources=("x",)), sources, sample_passages, create("minilm"))
    assert found.searches == searches
    asked = [row.question for row in found.evidence.coverage]
    assert asked == ["the night ferry", "charging tower on the quay", *found.questions]


async def test_what_stands_below_a_question_of_a_source_answers_it_whatever_the_topic() -> None:
    finder = create_finder()
    sources = Sources(items=(await finder.read("examples/sources/faq.md"),))
    brief = Brief(topic="Is it really electric?", sources=("x",))
    found = await study(brief, sources, chunk, create("minilm"))
    assert [row.question for row in found.evidence.coverage if row.answer == "missing"] == []


async def test_what_a_source_asks_that_is_left_out_is_told_but_not_called_missing() -> None:
    kiln = {"kiln.md": "# Firing clay\n\nHow hot is the kiln of the potters? It is heated to 900 degrees on Mondays."}
    sources = Sources(items=tuple(await read(PAGES | kiln)))
    found = await study(Brief(topic="the night ferry", sources=("x",)), sources, sample_passages, create("minilm"))
    assert "How hot is the kiln of the potters?" in found.questions
    assert "How hot is the kiln of the potters?" not in [row.question for row in found.evidence.coverage]


async def test_a_study_of_what_no_source_mentions_is_refused() -> None:
    sources = Sources(items=tuple(await read(PAGES)))
    with pytest.raises(Refused):
        await study(
            Brief(topic="apple orchards of Brittany", sources=("x",)), sources, sample_passages, create("minilm")
        )


async def test_phrases_of_real_articles_are_about_them() -> None:
    finder = create_finder()
    sources = [await finder.read(place) for place in finder.expand("examples/sources")]
    assert {"sallow bay", "port cassin"} <= {one.phrase.lower() for one in keywords(sources)[:12]}
