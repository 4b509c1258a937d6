"""Two sources that tell the same with different figures are found, and what merely looks alike is not."""

from __future__ import annotations

import pytest

from aiwriter.documents import EvidenceItem, Passage
from aiwriter.embeddings.hashing import HashingEmbedder
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.ids import content_hash, passage_id
from aiwriter.pipeline.disagreements import disagreements, meant_alike
from aiwriter.pipeline.relevance import Scale


def item(text: str, source: str) -> EvidenceItem:
    key = content_hash(source)
    return EvidenceItem(
        passage=Passage(id=passage_id(key, 0, len(text)), source_hash=key, start=0, end=len(text), text=text),
        relevance=1.0,
    )


def said(one: str, other: str) -> list[tuple[str, str]]:
    found = disagreements([item(one, "one"), item(other, "other")])
    return [(d.one_says, d.other_says) for d in found]


def test_rows_of_tables_do_not_disagree():
    one, other = (item(f"The full charge of the ferry takes {n} minutes", str(n)) for n in (38, 83))
    row = other.passage.model_copy(update={"is_table": True})
    assert disagreements([one, other])
    assert not disagreements([one, other.model_copy(update={"passage": row})])


@pytest.mark.parametrize(
    ("one", "other", "figures"),
    [
        ("The ferry sails at 9 knots at night.", "At night the ferry sails at 11 knots.", ("9 knots", "11 knots")),
        (
            "The ship cost 21 million crowns.",
            "The ship cost 24 million crowns.",
            ("21 million crowns", "24 million crowns"),
        ),
        ("An average crossing takes 2.7 MWh.", "An average crossing takes 6.5 MWh.", ("2.7 MWh", "6.5 MWh")),
        ("The Bantu Education Act passed in 1950.", "In 1953 they passed the Bantu Education Act.", ("1950", "1953")),
        ("In 2024 patients made 2,112 trips.", "Patients made 3,803 trips in 2024.", ("2,112", "3,803")),
        (
            "The ferry cooperative of Ostrel was founded by 908 people.",
            "The ferry cooperative of Ostrel was founded by 412 islanders.",
            ("908", "412"),
        ),
        (
            "The battery has held 4.6 MWh since February 2025.",
            "Since the refit of February 2025 the Lanternfish has a battery capacity of 4.8 MWh.",
            ("4.6 MWh", "4.8 MWh"),
        ),
        (
            "The turbine Grindle of the Vey Trust has 1.1 megawatts and started in April 2011.",
            "In April 2018 at last the Vey Trust, with all its neighbours, was able to see that Grindle, its turbine "
            "of 1.1 megawatts, turned.",
            ("April 2011", "April 2018"),
        ),
    ],
)
def test_what_is_told_with_another_figure_is_found(one: str, other: str, figures: tuple[str, str]) -> None:
    assert said(one, other) == [figures]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The ferry sails at 9 knots at night.", "At night the ferry sails at nine knots."),
        ("The battery holds 4.6 MWh.", "The battery holds about 4,600 kWh."),
        ("In 2023 the ferry carried 20,100 people.", "In 2024 the ferry carried 24,800 people."),
        ("The bridge at Ostrel is 40 metres long.", "The bridge at Torvick is 60 metres long."),
        ("The ferry has 132 seats.", "The ferry has 12 cabins."),
        ("We fell short by 1.1 percentage points of the payment.", "We fell short by two per cent of the payment."),
        ("The ferry was delivered on 3 June 2022.", "The ferry was delivered in 2022."),
        ("The loan must be repaid by 2038.", "The cooperative was founded by 212 people."),
    ],
)
def test_what_agrees_or_tells_of_something_else_is_not(one: str, other: str) -> None:
    assert said(one, other) == []


def test_one_source_does_not_disagree_with_itself() -> None:
    text = "The ferry sails at 9 knots at night."
    assert disagreements([item(text, "same"), item(text.replace("9", "11"), "same")]) == []


async def test_what_only_shares_words_and_not_meaning_is_left_out_by_an_embedder_that_tells_it() -> None:
    timetable = (
        "The ferry Heron links the harbours of Vell and Torvick and crosses the sound in 40 minutes by day. At night "
        "the ferry Heron sails at 9 knots to save its batteries."
    )
    log = (
        "At night the ferry Heron sails at 11 knots, which saves its batteries as well. The batteries of the Heron are "
        "charged at Torvick for 38 minutes after each crossing of the sound."
    )
    found = disagreements([item(timetable, "timetable"), item(log, "log")])
    assert len(found) == 2
    minilm, hashing = MiniLM(), HashingEmbedder(64)
    kept = await meant_alike(found, minilm, await Scale.of(minilm))
    assert [(one.one_says, one.other_says) for one in kept] == [("9 knots", "11 knots")]
    assert await meant_alike(found, hashing, await Scale.of(hashing)) == tuple(found)
