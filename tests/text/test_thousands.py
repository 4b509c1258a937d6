"""Thousands that a blank parts are one number, where nothing else can be meant."""

from __future__ import annotations

import pytest

from aiwriter.text.facts import quantities


def read(text: str, language: str = "en") -> list[int]:
    return [int(one.value) for one in quantities(text, language)]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("Le port a traité 412 000 tonnes de marchandises.", "fr", 412_000),
        ("Hamnen kostade 3 400 000 kronor.", "sv", 3_400_000),
        ("Befolkningen var 12 500 personer.", "sv", 12_500),
        ("Totalt 12 500 personer kom.", "sv", 12_500),
        ("Порт обработал 412 000 тонн грузов.", "ru", 412_000),
        ("There were 12 500 people.", "en", 12_500),
        ("Some 12 500 people came.", "en", 12_500),
        ("There were 12\u00a0500 people, or 12\u202f500.", "en", 12_500),
        ("Die Kosten von 12 500 Euro, im Hafen 12 500 Tonnen.", "de", 12_500),
        ("It cost €12 500.", "en", 12_500),
        ("Of Russia's 146 447 424 people", "en", 146_447_424),
    ],
)
def test_a_number_in_groups_of_three_is_one(text: str, language: str, value: int) -> None:
    assert set(read(text, language)) == {value}


def test_a_range_of_them_has_both_ends() -> None:
    assert read("12 500–13 000 people, 12 500-13 000 people") == [12_500, 13_000, 12_500, 13_000]


def test_its_text_and_unit_are_those_that_are_written() -> None:
    (found,) = quantities("a load of 12 500,5 kg", "sv")
    assert (found.text, found.unit, float(found.value)) == ("12 500,5 kg", "kg", 12_500.5)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("In 2024 500 people came.", [500]),
        ("On May 24 500 people came.", [500]),
        ("On 24 May 2024 500 people came.", [500]),
        ("A Boeing 737 800 landed.", [737, 800]),
        ("Boeing 737 800 planes were built.", [737, 800]),
        ("Call 555 123 4567.", [555, 123, 4567]),
        ("Call +47 123 456.", [47, 123, 456]),
        ("In room 3 120 people sat.", [3, 120]),
        ("Rooms 101 102 103 are shut.", [101, 102, 103]),
        ("They sat in rows of 12, 500 in all.", [12, 500]),
        ("Of 1,200 300 came.", [1200, 300]),
        ("12 50 and 12 5000", [12, 50, 12, 5000]),
    ],
)
def test_what_may_be_two_numbers_stays_two(text: str, values: list[int]) -> None:
    assert read(text) == values
