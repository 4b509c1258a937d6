"""Figures that contradict each other are found though they are told in other words, and no others."""

from __future__ import annotations

import pytest

from aiwriter.embeddings.minilm import MiniLM
from aiwriter.pipeline.counterparts import find
from aiwriter.pipeline.disagreements import contested
from tests.pipeline.test_disagreements import item


@pytest.fixture(scope="module")
def minilm() -> MiniLM:
    return MiniLM()


async def said(one: str, other: str, embedder: MiniLM) -> list[tuple[str, str]]:
    found = await find([item(one, "one"), item(other, "other")], embedder)
    return [(d.one_says, d.other_says) for d in found]


@pytest.mark.parametrize(
    ("one", "other", "figures"),
    [
        (
            "The ferry's owner has hired 64 sailors since the new timetable began.",
            "Since it changed its timetable the ferry company has taken on 81 seamen.",
            ("64", "81"),
        ),
        (
            "Divers found the wreck of the Anselm in 1987, forty miles off the coast.",
            "The Anselm's wreck was discovered by divers in 1991.",
            ("1987", "1991"),
        ),
        (
            "The lighthouse at Vell was first lit on 4 May 1861.",
            "Keepers lit the lighthouse of Vell for the first time in June 1861.",
            ("4 May 1861", "June 1861"),
        ),
        (
            "Each crossing uses 2.7 MWh of the battery's energy.",
            "A crossing takes 2.7 kWh from the battery.",
            ("2.7 MWh", "2.7 kWh"),
        ),
        (
            "The new quay of Vell cost the province 14 million euros.",
            "The province paid 14 million crowns for the new quay of Vell.",
            ("14 million euros", "14 million crowns"),
        ),
    ],
)
async def test_what_is_told_in_other_words_with_another_figure_is_found(
    one: str, other: str, figures: tuple[str, str], minilm: MiniLM
) -> None:
    assert await said(one, other, minilm) == [figures]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The harbour's exports rose to 40,000 tonnes.", "The harbour's imports rose to 52,000 tonnes."),
        ("In 2022 the clinic treated 310 patients.", "In 2023 the clinic treated 287 patients."),
        ("The clinic of Vell treated 310 patients.", "The school of Torvick teaches 287 children."),
        ("The Hooligan Act is told in chapter 4.", "The Hooligan Act is told in chapter 9."),
        ("[2] https://a.example/the-ferries-of-vell-sound", "[5] https://a.example/the-ferries-of-vell-sound"),
        ("A ferry of the Vell line cost 3 million crowns.", "The ferries of the Vell line cost 90 million crowns."),
        (
            "The cooperative of Vell has replaced the boilers in 38 of its 52 houses with heat pumps.",
            "The cooperative of Vell asked 412 tenants about their new heat pumps last winter.",
        ),
        ("The clinic of Vell treated about 300 patients.", "The clinic of Vell treated 302 patients."),
    ],
)
async def test_what_agrees_or_tells_of_something_else_is_not(one: str, other: str, minilm: MiniLM) -> None:
    assert await said(one, other, minilm) == []


COOPERATIVE = "The Ostrel Night Ferry Cooperative was founded in that same fish hall on 14 November 2015."
CARRIED = "In 2024 the Ostrel Night Ferry Cooperative carried more people and kept fewer promises."
CANCELLED = "Nineteen is the number of sailings the Ostrel Night Ferry Cooperative cancelled in 2024, up from eleven."


@pytest.mark.parametrize("one", [CARRIED, CANCELLED])
async def test_another_event_in_the_life_of_the_same_name_has_another_date(one: str, minilm: MiniLM) -> None:
    assert await said(one, COOPERATIVE, minilm) == []


async def test_a_number_that_ends_a_name_counts_nothing(minilm: MiniLM) -> None:
    one = "“Nineteen nights without a boat is a lot,” says Bastian Ulloa of the shellfish boat."
    other = "Bastian Ulloa (shellfish boat HELGA TWO) asked why the ship could not sail at half speed."
    assert await said(one, other, minilm) == []


async def test_what_is_counted_on_a_day_is_not_what_is_counted_in_a_year(minilm: MiniLM) -> None:
    one = "Two sailings of the night ferry Heron were cancelled on Thursday and Friday."
    other = "The night ferry Heron cancelled nineteen sailings in 2024."
    assert await said(one, other, minilm) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The old quay of Vell is 310 metres long.", "The new quay of Vell is 480 metres long."),
        ("The quay of Vell handled 9,000 crates of cod.", "The quay of Vell handled 4,000 crates of herring."),
        ("A ticket to Vell costs 30 crowns by ferry.", "A ticket to Vell costs 55 crowns by aeroplane."),
        (
            "The quay of Vell needed 90 days of planning last year.",
            "The quay of Vell needed 40 days of repair last year.",
        ),
        (
            "The bridge of Vell is 310 metres long and has two lanes.",
            "The tunnel of Vell is 480 metres long and has two lanes.",
        ),
    ],
)
async def test_one_sentence_told_of_two_things_contradicts_nobody(one: str, other: str, minilm: MiniLM) -> None:
    assert await said(one, other, minilm) == []


async def test_a_figure_has_one_counterpart_in_a_passage_the_one_that_fits_it_best(minilm: MiniLM) -> None:
    one = "The library of Vell lends 900 films to its readers."
    other = "The library of Vell lends 700 films. It lends 5,200 novels to readers of Vell."
    assert await said(one, other, minilm) == [("900", "700")]


async def test_what_would_not_stand_with_the_figure_of_the_other_is_another_event(minilm: MiniLM) -> None:
    one = "The council of Vell voted for the new quay by 318 votes to 97."
    other = "The council of Vell voted against the new quay by 290 votes to 104."
    assert await said(one, other, minilm) == []


async def test_only_what_concerns_the_passages_asked_about_is_told(minilm: MiniLM) -> None:
    items = [item(f"At night the ferry Heron sails at {n} knots.", f"source {n}") for n in (9, 11, 13)]
    chosen = {items[0].passage.id}
    assert len(await contested(items, None, words=minilm)) == 3
    assert len(await contested(items, None, about=chosen, words=minilm)) == 2
