from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from aiwriter.llm.digest.choice import Choice, Material
from aiwriter.llm.digest.lines import Line, facts_of
from aiwriter.text.words import content_words

TEXTS = [
    "The ship cost 21 million crowns.",
    "Its battery cost another three million.",
    "A girl was born on Friday in Ostrel.",
]


def line(text: str, place: int) -> Line:
    return Line(
        text=text,
        passage=place,
        source=place,
        place=place,
        headings=(),
        before=None,
        stems=frozenset(content_words(text, "en")),
        facts=facts_of(text),
        words=len(text.split()),
        sound=True,
        leaning=False,
        weak=False,
    )


@pytest.mark.parametrize(("follows", "chosen"), [(None, [0, 1]), (1, [0, 1, 2])])
def test_what_is_off_the_topic_fills_no_words_unless_it_goes_on(follows: int | None, chosen: list[int]) -> None:
    lines = [line(text, place) for place, text in enumerate(TEXTS)]
    material = Material(
        lines=[*lines[:2], replace(lines[2], before=follows)],
        vectors=dict(enumerate(np.eye(3, dtype=np.float32))),
        topical={0: 0.7, 1: 0.4, 2: 0.0},
        worth={0: 1.0, 1: 0.5, 2: 0.02},
        sharpness=2.5,
        floor=0.05,
        least=0.1,
        newness=[0.0] * 3,
    )
    choice = Choice(material)
    choice.fill([[0, 1, 2]], [100])
    assert sorted(choice.chosen) == chosen
