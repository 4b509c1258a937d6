"""Several sources that disagree on one thing are one dispute with its parties."""

from __future__ import annotations

from aiwriter.documents import Disagreement, disputes


def pair(one: str, says: str, other: str, other_says: str) -> Disagreement:
    return Disagreement(
        one=one * 16,
        one_sentence=f"It cost {says}.",
        one_says=says,
        other=other * 16,
        other_sentence=f"It cost {other_says}.",
        other_says=other_says,
    )


def told(*found: Disagreement) -> list[list[tuple[str, str]]]:
    return [
        [(party.says, "".join(key[0] for key in party.passages)) for party in parties] for parties in disputes(found)
    ]


def test_four_sources_with_three_figures_are_one_dispute() -> None:
    found = [
        pair("b", "17", "c", "19"),
        pair("a", "14", "c", "19"),
        pair("d", "14", "c", "19"),
        pair("a", "14", "b", "17"),
        pair("d", "14", "b", "17"),
    ]
    assert told(*found) == [[("17", "b"), ("19", "c"), ("14", "ad")]]


def test_another_figure_of_the_same_passages_is_another_dispute() -> None:
    assert told(pair("a", "14", "b", "17"), pair("a", "3 May", "b", "5 May")) == [
        [("14", "a"), ("17", "b")],
        [("3 May", "a"), ("5 May", "b")],
    ]


def test_what_is_joined_later_stands_where_its_first_pair_stood() -> None:
    assert told(
        pair("a", "1", "b", "2"), pair("c", "8", "d", "9"), pair("e", "3", "f", "4"), pair("b", "2", "e", "3")
    ) == [
        [("1", "a"), ("2", "b"), ("3", "e"), ("4", "f")],
        [("8", "c"), ("9", "d")],
    ]
