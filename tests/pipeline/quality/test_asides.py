"""What states nothing counts neither for nor against a claim, and every place stays where it was."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality import asides
from aiwriter.pipeline.quality.statements import Ground
from aiwriter.pipeline.quality.support import examine, judge_claim

PASSAGE = "The ferry reached Torvick in 2020, and its crew of nine looks after a battery of 4.8 MWh."
CLAIM = "The battery of the ferry, of 4.8 MWh, is looked after by a crew of nine."


@pytest.mark.parametrize(
    "dressed",
    [
        "However, the battery of the ferry, of 4.8 MWh, is looked after by a crew of nine.",
        "  For example, the battery of the ferry, of 4.8 MWh, is looked after by a crew of nine.",
        "No, the battery of the ferry, of 4.8 MWh, is looked after by a crew of nine.",
        "It is important to note that the battery of the ferry, of 4.8 MWh, is looked after by a crew of nine.",
        "7. The battery of the ferry, of **4.8 MWh**, is looked after by a crew of nine.[2]",
    ],
)
def test_a_claim_is_judged_as_without_its_lead_in_and_marks(dressed):
    bare, found = (examine(text, [Ground("0" * 16, PASSAGE)]) for text in (CLAIM, dressed))
    assert (found.words, found.faults) == (bare.words, bare.faults)


def test_the_number_of_a_line_counts_nothing():
    passage = "Agenda.\n3. The boiler is to be fitted in six days.\n4. The lift has been repaired."
    judged = judge_claim("The boiler is to be fitted in four weeks.", [Ground("0" * 16, passage)])
    assert "support.number" in [fault.rule for fault in judged.faults]


def test_a_name_after_a_lead_in_is_still_a_name():
    judged = judge_claim("However, Sallow has a ferry with a battery of 4.8 MWh.", [Ground("0" * 16, PASSAGE)])
    assert [fault.rule for fault in judged.faults] == ["support.name"]


def test_the_span_of_a_fault_is_a_place_in_the_claim_as_it_was_given():
    text = "- Additionally, the ferry has a **crew of eleven**[1] since 2020."
    (fault,) = judge_claim(text, [Ground("0" * 16, PASSAGE)]).faults
    assert "eleven" in text[slice(*fault.span)]


def test_the_number_of_a_reference_in_a_passage_is_no_number_that_it_tells():
    passage = "The ferry has a crew of nine.[14] See https://ferry.example/2020/14 for more."
    judged = judge_claim("The ferry has a crew of 14.", [Ground("0" * 16, passage)])
    assert judged.outcome is Support.UNSUPPORTED


@pytest.mark.parametrize("text", ["", "[1]", "1. ", "However, ", "**", "Yes, no, however, also, **x**"])
def test_nothing_changes_its_length(text):
    assert [len(asides.claimed(text)), len(asides.told(text))] == [len(text)] * 2


def test_a_mark_of_a_list_or_a_lead_in_that_is_all_there_is_stays_what_it_is():
    assert asides.claimed("However, ") == "However, "


def test_lead_ins_are_known_of_english_alone():
    assert asides.claimed("Also, das Schiff fährt.", "de") == "Also, das Schiff fährt."


def test_a_full_stop_after_an_address_ends_its_sentence():
    assert asides.told("See https://ferry.example. It sails.").endswith(". It sails.")
