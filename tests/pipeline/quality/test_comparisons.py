"""Support: two figures compared as the passages have them, or the wrong way round."""

from __future__ import annotations

import pytest

from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import judge_claim

PASSAGES = {
    "en": "The board had two offers, £18,400 from Vell Heating and £21,750 from Ostrel. Night crews sleep 5.9 hours a "
    "day, against 7.1 hours for colleagues on fixed days.",
    "de": "Für die Brücke gab das Land 8,2 Millionen Euro, der Kreis 1,8 Millionen.",
    "fr": "La directrice attend 60 000 visiteurs par an ; l'ancien musée en recevait 25 000.",
}


def compared(claim: str, language: str) -> list[bool]:
    passage = PASSAGES[language]
    faults = judge_claim(claim, [Ground("0" * 16, passage, language=language)], known_names([passage]), language).faults
    return [fault.certain for fault in faults if "for the other" in fault.message]


@pytest.mark.parametrize(
    ("claim", "language"),
    [
        ("Ostrel's offer was lower than that of Vell Heating.", "en"),
        ("Crews on fixed days sleep less than those on nights.", "en"),
        ("Der Kreis gab mehr für die Brücke als das Land.", "de"),
        ("L'ancien musée recevait plus de visiteurs que la directrice n'en attend.", "fr"),
    ],
)
def test_a_comparison_that_the_figures_contradict_is_doubtful(claim, language):
    assert compared(claim, language) == [False]


@pytest.mark.parametrize(
    ("claim", "language"),
    [
        ("Ostrel's offer was higher than that of Vell Heating.", "en"),
        ("Crews on fixed days sleep longer than those on nights.", "en"),
        ("Das Land gab mehr für die Brücke als der Kreis.", "de"),
        ("Ostrel's offer was no lower than that of Vell Heating.", "en"),
        ("The offers were made in less than a week.", "en"),
    ],
)
def test_a_comparison_that_they_bear_out_has_no_fault(claim, language):
    assert compared(claim, language) == []
