"""A title as the last part of an address."""

from __future__ import annotations

import pytest

from aiwriter.text.slugs import slug


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Three years of silence: what we learned!", "three-years-of-silence-what-we-learned"),
        ("Die Straße nach Åre — à la carte", "die-strasse-nach-are-a-la-carte"),
        ("日本", "article"),
        ("word " * 40, "-".join(["word"] * 16)),
    ],
)
def test_a_slug_is_plain_and_short(title, expected):
    assert slug(title) == expected
