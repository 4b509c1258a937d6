"""Personal data and secrets are found by shape and checksum, and what only looks so is left alone."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from aiwriter.testing.personal import lines_with, ordinary_lines
from aiwriter.text.identifiers import Identifier, concealed, identifiers


def kinds(text: str) -> list[str]:
    return [found.kind.value for found in identifiers(text)]


def test_at_least_95_of_100_are_found_of_every_kind():
    lines = list(lines_with(random.Random(7), 40))
    asked = Counter(line.kind for line in lines)
    hits = Counter(
        line.kind
        for line in lines
        if (line.kind, True) in {(f.kind, line.value in f.text or f.text in line.value) for f in identifiers(line.line)}
    )
    assert {kind: hits[kind] / asked[kind] >= 0.95 for kind in asked} == dict.fromkeys(asked, True)


def test_of_300_ordinary_lines_hardly_any_raises_an_alarm():
    alarms = [line.line for line in ordinary_lines(random.Random(7), 300) if identifiers(line.line)]
    assert len(alarms) <= 3, alarms


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Pay to DE89 3704 0044 0532 0130 00.", "iban"),
        ("Pay to DE88 3704 0044 0532 0130 00.", None),
        ("The card 4111 1111 1111 1111 was used.", "card"),
        ("The card 4111 1111 1111 1112 was used.", None),
        ("Seine Steuer-ID ist 86095742719.", "national_id"),
        ("Seine Steuer-ID ist 86095742718.", None),
        ("El DNI es 12345678Z.", "national_id"),
        ("Il codice RSSMRA85T10A562S è suo.", "national_id"),
        ("PESEL 44051401359.", "national_id"),
        ("PESEL 44051401358.", None),
        ("His number is AB 12 34 56 C.", "national_id"),
        ("Rufnummer 030/1234567.", "phone"),
        ("Die Rufnummer 110 ist frei.", None),
        ("Write to a.person@post.invalid today.", None),
    ],
)
def test_a_checksum_that_fails_and_a_reserved_name_are_nobodys(text, kind):
    assert kinds(text) == ([kind] if kind else [])


def test_what_is_shown_of_a_find_is_not_the_find():
    found = identifiers("password: hunter2hunter3")[0]
    assert found.kind is Identifier.SECRET
    assert found.text == "hunter2hunter3"
    assert found.text not in found.masked
    assert found.masked == "hun… (14 characters)"


def test_secrets_are_dotted_out_without_moving_anything_else():
    key = "sk-" + "proj-abcdEFGH1234567890abcdEFGH1234567890abcd"
    text = f"The key is {key}, write to anna@firma.de."
    shown = concealed(text)
    assert len(shown) == len(text)
    assert key[3:] not in shown
    assert shown.endswith(", write to anna@firma.de.")
    assert concealed(f"told before: “{key[:20]}…”", [key]) == "told before: “sk-•••••••••••••••••…”"
