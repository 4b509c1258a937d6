"""Support: two names or figures in each other's places."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import Judgement, judge_claim


def judged(claim: str, passage: str) -> Judgement:
    return judge_claim(claim, [Ground("0" * 16, passage)], known_names([passage]))


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("In 2019 Germany defeated Spain in the final.", "In 2019 Spain defeated Germany in the final."),
        ("Germany defeated Spain in the final of 2019.", "Spain defeated Germany in the final of 2019."),
        ("Alice Smith sued Robert Jones over the novel.", "Robert Jones sued Alice Smith over the novel."),
        ("He was born in Paris and died in Rome.", "He was born in Rome and died in Paris."),
        (
            "The trial found that 30 patients died and 12 recovered.",
            "The trial found that 12 patients died and 30 recovered.",
        ),
        ("In 2010, 500 people lived there; in 2020, 300 did.", "In 2010, 300 people lived there; in 2020, 500 did."),
        (
            "The tower in Sallow Bay delivers 600 kW and the mast in Port Cassin delivers 900 kW.",
            "The tower in Sallow Bay delivers 900 kW; the mast in Port Cassin delivers 600 kW.",
        ),
    ],
)
def test_two_in_each_others_places_are_unsupported(claim, passage):
    judgement = judged(claim, passage)
    assert (judgement.outcome, [fault.certain for fault in judgement.faults]) == (Support.UNSUPPORTED, [True])


def test_a_swap_beside_other_changes_is_doubtful():
    judgement = judged(
        "Then Alice Smith sued Robert Jones over that novel.", "Robert Jones sued Alice Smith over the novel."
    )
    assert (judgement.outcome, [fault.certain for fault in judgement.faults]) == (Support.UNSURE, [False])


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Germany and Spain reached the final of 2019.", "Spain and Germany reached the final of 2019."),
        ("Members came from Rome, Paris and Torvick.", "Members came from Torvick, Paris and Rome."),
        ("Spain was defeated by Germany in the final.", "Germany defeated Spain in the final."),
        ("Alice Smith married Robert Jones in May.", "Robert Jones married Alice Smith in May."),
        ("In 2020, 300 people lived there; in 2010, 500 did.", "In 2010, 500 people lived there; in 2020, 300 did."),
        (
            "Robert Jones was born in Rome and Alice Smith in Paris.",
            "Alice Smith was born in Paris and Robert Jones in Rome.",
        ),
    ],
)
def test_what_may_be_told_in_either_order_is_no_swap(claim, passage):
    assert judged(claim, passage).faults == ()


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Foxes reduced the number of geese on the island.", "Geese reduced the number of foxes on the island."),
        (
            "Weak demand for coal offset brisk sales of oil.",
            "He said that weak demand for oil offset brisk sales of coal.",
        ),
    ],
)
def test_common_words_in_each_others_places_are_doubtful(claim, passage):
    assert [(fault.rule, fault.certain) for fault in judged(claim, passage).faults] == [("support.role", False)]


def test_what_is_preferred_the_other_way_round_is_certainly_wrong():
    judgement = judged("The crews now burn diesel rather than gas.", "The crews now burn gas rather than diesel.")
    assert ("support.role", True) in [(fault.rule, fault.certain) for fault in judgement.faults]


def test_phrases_that_only_moved_are_no_swap():
    passage = "In winter the ferry carries letters for the islanders."
    assert judged("For the islanders the ferry carries letters in winter.", passage).faults == ()


def test_a_figure_of_another_clause_of_the_sentence_is_doubtful():
    passage = "The charging tower in Sallow Bay delivers 900 kW; the shore connection in Port Cassin delivers 600 kW."
    wrong, right = (judged(f"The tower in Sallow Bay delivers {power} kW.", passage) for power in (600, 900))
    assert [(fault.rule, fault.certain) for fault in wrong.faults] == [("support.number", False)]
    assert right.faults == ()


def test_a_part_of_a_sum_is_no_sum():
    passage = "The county paid the coaches 9.4 million, of which 2.6 million was for quiet routes."
    messages = [fault.message for fault in judged("The county paid the coaches 2.6 million.", passage).faults]
    assert ["9.4 million" in message for message in messages] == [True]


def test_a_figure_is_no_rival_of_itself():
    passage = (
        "Buses run every two hours between 8.10 and 16.10; the ride takes 50 minutes and costs 14 francs, half that "
        "for children under 16."
    )
    messages = [fault.message for fault in judged("The ride costs half for children over 16.", passage).faults]
    assert messages != []
    assert [message for message in messages if "16” stands in another part" in message] == []


def test_a_vote_the_other_way_round_is_found():
    judgement = judged("The council voted by 158 to 171 to go on.", "The council voted by 171 to 158 to go on.")
    assert judgement.outcome is Support.UNSUPPORTED
