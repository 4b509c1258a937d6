"""Support: causes and purposes that the passages do not give."""

from __future__ import annotations

import pytest

from aiwriter.pipeline.quality.statements import Ground
from aiwriter.pipeline.quality.support import judge_claim


def causes(claim: str, passage: str, language: str = "en") -> list[bool]:
    """Of each fault of cause, whether it is certain."""
    faults = judge_claim(claim, [Ground("0" * 16, passage, language=language)], (), language).faults
    return [fault.certain for fault in faults if fault.rule == "support.cause"]


@pytest.mark.parametrize(
    ("claim", "passage", "language"),
    [
        ("The quay was closed because the paint was wet.", "The quay was closed because a crane had sunk.", "en"),
        ("The quay was closed in order to save money.", "In May the council had the quay closed.", "en"),
        ("Der Kai wurde gesperrt, weil Geld fehlte.", "Der Kai wurde gesperrt, weil ein Kran umgefallen war.", "de"),
        ("Le quai a été fermé à cause du vent.", "Le quai a été fermé en mai à cause de la grue.", "fr"),
        ("Le quai a été fermé parce qu'il pleuvait.", "Le quai a été fermé en mai parce qu'une grue a coulé.", "fr"),
        ("Cerraron el muelle porque faltaba dinero.", "Cerraron el muelle porque se hundió una grúa.", "es"),
        ("Kajen stängdes eftersom pengarna tog slut.", "Kajen stängdes eftersom en kran hade sjunkit.", "sv"),
    ],
)
def test_a_cause_that_the_passage_does_not_give_is_doubtful(claim, passage, language):
    assert causes(claim, passage, language) == [False]


def test_a_cause_read_into_two_sentences_is_doubtful_though_one_tells_since_when_something_is():
    passage = "Holm will not start on Thursday. It was the first win since his knee operation."
    assert causes("Holm will not start because of a knee operation.", passage) == [False]


def test_a_cause_that_the_passage_denies_is_certainly_wrong():
    passage = "Why did the crew leave the ship? Not because of the captain, whatever was written."
    assert causes("The crew left the ship because of the captain.", passage) == [True]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("The quay was closed because the crane sank.", "The quay was closed because a crane had sunk."),
        ("Since the crane sank the quay is closed.", "A crane has sunk, so the quay is closed."),
        ("The crew left the ship, though not because of the captain.", "The crew left, not because of the captain."),
    ],
)
def test_the_cause_of_the_passage_has_no_fault(claim, passage):
    assert causes(claim, passage) == []
