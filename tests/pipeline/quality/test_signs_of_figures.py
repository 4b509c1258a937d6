"""Support: word for word means the same signs at the figures as well."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality.statements import Ground
from aiwriter.pipeline.quality.support import judge_claim


@pytest.mark.parametrize(
    ("claim", "passage", "wrong"),
    [
        ("Temperatures fell to -5 degrees in January.", "Temperatures fell to 5 degrees in January.", "-5 degrees"),
        ("Temperatures fell to 5 degrees in January.", "Temperatures fell to –5 degrees in January.", "5 degrees"),
        ("Profit was -3 million euros.", "Profit was 3 million euros.", "-3 million euros"),
        ("The loss came to $5 million in May.", "The loss came to €5 million in May.", "$5 million"),
        ("It moved by -$5 million in May.", "It moved by $5 million in May.", "-$5 million"),
        ("The share rose by 5 in 2020.", "The share rose by 5% in 2020.", "5"),
        ("The share rose by 5% in 2020.", "The share rose by 5‰ in 2020.", "5%"),
        ("The dose was 5 mg a day.", "The dose was .5 mg a day.", "5 mg"),
        ("The risk was > 5 in a thousand.", "The risk was < 5 in a thousand.", "5"),
    ],
)
def test_a_sign_that_was_lost_or_exchanged_is_a_wrong_figure(claim, passage, wrong):
    judgement = judge_claim(claim, [Ground("0" * 16, passage)])
    spans = [claim[slice(*fault.span)] for fault in judgement.faults if fault.rule == "support.number"]
    assert (judgement.outcome, wrong in spans) == (Support.UNSUPPORTED, True)


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Temperatures fell to -5 degrees in January.", "Temperatures fell to −5 degrees in January."),
        ("Temperatures fell to minus 5 degrees in January.", "In January temperatures fell to −5 degrees."),
        ("It lasted from 1990 to 1995.", "It lasted from 1990 to 1995, and cost $5."),
        ("A ticket costs US$5 in winter.", "A ticket costs US$5 in winter."),
        ("The cost indeed fell from 214 to indeed 131 kroner a day.", "The cost fell from 214 to 131 kroner a day."),
    ],
)
def test_the_same_sign_written_otherwise_is_the_same(claim, passage):
    assert judge_claim(claim, [Ground("0" * 16, passage)]).faults == ()
