"""A sentence that does not name its subject is compared by title, headings and the sentence before it."""

from __future__ import annotations

import pytest

from aiwriter.embeddings.minilm import MiniLM
from aiwriter.pipeline.disagreements import contested
from aiwriter.pipeline.leaning import leans, points
from aiwriter.pipeline.quality.statements import statement
from tests.pipeline.test_disagreements import item


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


async def said(
    one: tuple[str, str], other: tuple[str, str], embedder: MiniLM, *more: tuple[str, str]
) -> list[tuple[str, str]]:
    """What is found between sources of a title and a text each."""
    sources = (one, other, *more)
    items = [item(text, title) for title, text in sources]
    titles = {side.passage.source_hash: title for side, (title, _) in zip(items, sources, strict=True)}
    return [(d.one_says, d.other_says) for d in await contested(items, embedder, titles=titles)]


TITLED = ("The lighthouse of Vellholm", "Ships have steered by it since the days of sail. The tower is 34 metres high.")


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("Vellholm has a lighthouse. Its tower is 41 metres high.", ("34 metres", "41 metres")),
        ("The lighthouse of Vellholm has a height of 41 metres.", ("34 metres", "41 metres")),
    ],
)
async def test_a_title_or_the_sentence_before_names_the_subject(
    text: str, figures: tuple[str, str], minilm: MiniLM
) -> None:
    assert await said(TITLED, ("Beacons of the western coast", text), minilm) == [figures]


async def test_what_many_sources_are_about_brings_no_two_sentences_together(minilm: MiniLM) -> None:
    other = ("Beacons of the western coast", "The lighthouse of Vellholm rises 41 metres above the rocks.")
    more = [
        (f"The lighthouse of Vellholm by {time}", "Its light reaches 19 miles.") for time in ("day", "dusk", "night")
    ]
    assert await said(TITLED, other, minilm, *more[:2])
    assert await said(TITLED, other, minilm, *more) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The lighthouse of Vellholm", "The lighthouse of Torholm"),
        ("The lighthouse in 2018", "The lighthouse in 2021"),
    ],
)
async def test_titles_of_two_things_or_years_tell_their_sentences_apart(one: str, other: str, minilm: MiniLM) -> None:
    texts = ("It was open all year. It had 740 visitors.", "It was open in summer. It had 610 visitors.")
    assert await said((one, texts[0]), (other, texts[1]), minilm) == []


async def test_a_subject_in_common_is_not_enough(minilm: MiniLM) -> None:
    one = ("The ferry Heron", "The Heron is new. The ship cost 14 million crowns.")
    other = ("The ferry Heron", "The Heron left at dawn. She lost 11 million crowns.")
    assert await said(one, other, minilm) == []


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("It cost 14 million crowns.", True),
        ("The ship cost 14 million crowns.", True),
        ("The ship of the Vell Trust cost 14 million crowns.", True),
        ("Since then she has made 900 trips to Torvick.", True),
        ("In Vell they say that it cost 14 million crowns.", False),
    ],
)
def test_a_sentence_leans_when_its_subject_is_a_pronoun_or_a_bare_noun(text: str, does: bool) -> None:
    assert leans(statement(text)) is does


def test_a_sentence_without_name_and_pronoun_may_be_said_of_anything() -> None:
    assert not points(statement("Some 1,100 pickers work there during a season."))
    assert points(statement("Some 1,100 pickers work in it."))
