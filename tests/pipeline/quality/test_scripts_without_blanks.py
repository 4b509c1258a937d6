"""Support: what is written without blanks cannot be compared by words, and is not judged as if it were."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality.defects import is_cut_off
from aiwriter.pipeline.quality.statements import Ground
from aiwriter.pipeline.quality.support import findings, judge_claim


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("该国人口为1400万。", "该国人口为1300万。"),
        ("東京の人口は1400万人である。", "東京の人口は1300万人である。"),
        ("서울의 인구는 940만명이다.", "서울의 인구는 930만명이다."),
        ("ประชากร 14 ล้านคน", "ประชากร 13 ล้านคน"),
        ("这艘渡轮可载一百三十二人。", "该船获准搭载132名乘客。"),
        ("该船获准搭载132名乘客。", "该船获准搭载132名乘客的说法是错误的。"),
    ],
)
def test_a_sentence_without_blanks_is_unsure_and_says_why(claim, passage):
    judgement = judge_claim(claim, [Ground("0" * 16, passage)])
    assert (judgement.outcome, [found.rule for found in findings(claim, judgement)]) == (
        Support.UNSURE,
        ["support.script"],
    )


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("该船获准搭载132名乘客。", "渡轮于2020年交付。该船获准搭载132名乘客。"),
        ("서울의 인구는 940.5만명이다.", "서울의 인구는 940.5만명이다."),
    ],
)
def test_a_sentence_without_blanks_that_stands_in_its_passage_is_supported(claim, passage):
    assert judge_claim(claim, [Ground("0" * 16, passage)]).outcome is Support.SUPPORTED


def test_an_english_sentence_with_a_foreign_name_is_judged_as_ever():
    passage = "The city of Beijing (北京市) has 21 million people."
    assert (
        judge_claim("Beijing (北京市) has 25 million people.", [Ground("0" * 16, passage)]).outcome
        is Support.UNSUPPORTED
    )


@pytest.mark.parametrize("text", ["该船获准搭载132名乘客。", "「船は夜に出る。」", "ประชากร 14 ล้านคน"])
def test_a_sentence_with_the_full_stop_of_its_script_is_not_cut_off(text):
    assert not is_cut_off(text, "zh")
