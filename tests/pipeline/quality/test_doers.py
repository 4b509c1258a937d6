"""Support: of whom the passages tell what the claim tells."""

from __future__ import annotations

import pytest

from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import judge_claim

PASSAGE = (
    "Chair Ann Ferris accepted all of the auditor's advice but one: she would not publish the contract. Nils Aune, who "
    "had written the report, said that the county knew nothing. A study by Ida Vell argues that the nights are too "
    "long; Aune does not go so far."
)


def told_of_another(claim: str, passage: str = PASSAGE) -> list[str]:
    faults = judge_claim(claim, [Ground("0" * 16, passage)], known_names([passage])).faults
    return [fault.message for fault in faults if fault.message.startswith("The passage tells this of")]


@pytest.mark.parametrize(
    ("claim", "doer"),
    [
        ("Aune would not publish the contract.", "Ann Ferris"),
        ("Aune accepted the advice of the auditor.", "Ann Ferris"),
        ("Aune argues that the nights are too long.", "Ida Vell"),
    ],
)
def test_what_another_does_in_the_passage_is_doubtful(claim, doer):
    faults = judge_claim(claim, [Ground("0" * 16, PASSAGE)], known_names([PASSAGE])).faults
    assert [doer in fault.message for fault in faults if fault.rule == "support.name"] == [True]


@pytest.mark.parametrize(
    "claim",
    [
        "Ferris would not publish the contract.",
        "Ferris accepted the advice of the auditor.",
        "Ida Vell argues that the nights are too long.",
        "Nils Aune said that the county knew nothing.",
    ],
)
def test_what_the_same_one_does_has_no_fault(claim):
    assert told_of_another(claim) == []


def test_somebody_s_predecessor_is_somebody_else():
    passage = "Die Leiterin Jana Kroll führt den Chor. Ihr Vorgänger Horst Wendt war im Streit gegangen."
    ground = Ground("0" * 16, passage, language="de")
    faults = judge_claim("Jana Kroll ist im Streit gegangen.", [ground], known_names([passage]), "de").faults
    assert [fault.rule for fault in faults] == ["support.name"]


def test_a_word_that_many_names_have_tells_none_from_others():
    passage = "Lake Orsova is a deep lake in the north of Tarvia. It rained. Lake Meder has a larger surface."
    assert len(told_of_another("Lake Meder lies in the north of Tarvia.", passage)) == 1


def test_a_name_behind_the_same_preposition_is_another():
    passage = "On Veldar 15 the watcher misses renames. It is new on Osthus."
    assert len(told_of_another("On Osthus the watcher misses renames.", passage)) == 1
