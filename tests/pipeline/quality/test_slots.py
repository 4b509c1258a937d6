"""Support: a name or figure of the passage that stands beside words which have another one there."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import Judgement, judge_claim


def judged(claim: str, passage: str) -> Judgement:
    return judge_claim(claim, [Ground("0" * 16, passage)], known_names([passage]))


PASSAGE = (
    "The ferry company, based in Torvick, trades its shares in Ostrel. Ida Vell signed the first contract in 2019 and "
    "Nils Aune the second in 2021. Wages grew by 4 percent in May after 6 percent in April. It was the third strike of "
    "the crews; the fifth ship was sold. The plan was praised by nobody. Aune, a former pilot, praised the wages. "
    "Then Ida Vell, who had slept for an hour, left a rope on the quay."
)


@pytest.mark.parametrize(
    ("claim", "found"),
    [
        ("The ferry company is based in Ostrel.", "Ostrel"),
        ("Nils Aune signed the first contract.", "Nils Aune"),
        ("It was the fifth strike of the crews.", "fifth"),
        ("Wages grew by 6 percent in May.", "6 percent"),
        ("Nils Aune left a rope on the quay.", "Nils Aune"),
    ],
)
def test_what_stands_beside_these_words_in_the_passage_is_missed(claim, found):
    judgement = judged(claim, PASSAGE)
    assert judgement.outcome is not Support.SUPPORTED
    assert found in {claim[slice(*fault.span)] for fault in judgement.faults}


@pytest.mark.parametrize(
    "claim",
    [
        "The ferry company is based in Torvick.",
        "Ida Vell signed the first contract.",
        "Wages grew by 6 percent in April.",
        "Wages grew by 4 percent in May.",
        "It was the third strike of the crews.",
    ],
)
def test_what_stands_beside_its_own_words_has_no_fault(claim):
    assert judged(claim, PASSAGE).faults == ()


def test_whom_somebody_chose_is_another_where_all_else_is_told():
    passage = "The board had offers from Vell Heating and Ostrel. It met on Tuesday. The board chose Ostrel."
    assert [fault.rule for fault in judged("The board chose Vell Heating.", passage).faults] == ["support.name"]
    assert judged("The board chose Ostrel.", passage).faults == ()


def test_members_of_one_list_are_no_rivals():
    passage = "The choir sang in Torvick, Ostrel and Vell, and later it sang in Skarvik."
    assert judged("The choir sang in Ostrel.", passage).faults == ()
