"""Support: what a sentence says against what it cites."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality import scorer, support
from aiwriter.pipeline.quality.alignment import align
from aiwriter.pipeline.quality.faults import Fault
from aiwriter.pipeline.quality.scorer import FEATURES, MEANING, cuts, features, weights
from aiwriter.pipeline.quality.statements import Ground, known_names, statement

PASSAGE = (
    "The Lanternfish was built in Torvick and delivered on 3 June 2020. Since the refit of February 2025 she has a "
    "battery of 4.8 MWh and is licensed for 132 passengers. She does not sail on Saturday. Complaints about noise fell "
    "from 43 to 6 in a year, and all members were told. Marit Adeyo has been general manager since 2019; Sunniva "
    "Prakash chairs the board. The limit is set by the quay because the wind pushes the ship against it."
)
GROUND = Ground("0" * 16, PASSAGE)
KNOWN = known_names([PASSAGE])


def judge(text: str):
    return support.judge_claim(text, [GROUND], KNOWN)


@pytest.mark.parametrize(("worst", "outcome"), [(0.7, Support.UNSURE), (0.9, Support.SUPPORTED)])
def test_a_word_in_the_place_of_another_is_doubtful_where_nothing_like_it_is_meant(worst, outcome):
    examined = support.examine(
        "The broken door in Block C has been repaired at last.",
        [Ground("0" * 16, "The broken lift in Block C has been repaired at last.")],
    )
    assert support.decide(examined, (0.9, 0.9, worst, 0.1, 0.95)).outcome is outcome


def test_a_verbatim_sentence_is_supported_and_highlighted():
    judged = judge("She does not sail on Saturday.")
    start, end = judged.highlight[GROUND.key]
    assert (judged.outcome, judged.faults, PASSAGE[start:end]) == (
        Support.SUPPORTED,
        (),
        "She does not sail on Saturday.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "Delivered on 3 June 2020, the Lanternfish was built in Torvick.",
        "Since February 2025 the Lanternfish has been licensed for 132 passengers.",
        "The battery has held 4,800 kWh since the refit of February 2025.",
        "Within a year complaints about noise dropped from 43 to 6.",
        "The general manager since 2019 is Marit Adeyo.",
        "On Saturday she does not sail.",
    ],
)
def test_a_fair_paraphrase_is_supported(text):
    assert judge(text).outcome is Support.SUPPORTED, judge(text)


@pytest.mark.parametrize(
    ("text", "rule", "span"),
    [
        ("Since February 2025 the ship has been licensed for 148 passengers.", "support.number", "148"),
        ("The battery has held 4.8 GWh since the refit of February 2025.", "support.number", "4.8 GWh"),
        ("Complaints about noise fell from 6 to 43 in a year.", "support.number", "6 to 43"),
        ("The Lanternfish was built in Torvick and delivered on 3 July 2020.", "support.date", "3 July 2020"),
        ("The Lanternfish was built in Sallow Bay and delivered on 3 June 2020.", "support.name", "Sallow Bay"),
        ("The Lanternfish was not built in Torvick.", "support.negation", "not"),
        ("Complaints about noise fell from 43 to 6, and few members were told.", "support.quantifier", "few"),
    ],
)
def test_a_planted_error_is_unsupported_and_its_place_is_shown(text, rule, span):
    judged = judge(text)
    assert judged.outcome is Support.UNSUPPORTED
    fault = next(fault for fault in judged.faults if fault.rule == rule)
    assert text[fault.span[0] : fault.span[1]] == span


def test_a_denied_sentence_told_as_true_is_unsupported():
    assert judge("She does sail on Saturday.").outcome is Support.UNSUPPORTED


@pytest.mark.parametrize(
    "text",
    [
        "She cannot carry 132 passengers since the refit of February 2025, which was not finished.",
        "Marit Adeyo has never been general manager, though she does not say so.",
    ],
)
def test_a_denial_of_something_else_in_the_passage_does_not_excuse_one(text):
    assert "support.negation" in [fault.rule for fault in judge(text).faults]


def test_a_name_in_other_words_is_no_fault():
    said = Ground("1" * 16, "The Dutch government of the U.S. subsidiary met in Britain on 3 May 2020.")
    text = "On 3 May 2020 the government of the Netherlands met in the UK about the US subsidiary."
    assert support.judge_claim(text, [said], known_names([said.text])).faults == ()


def test_cause_and_effect_turned_round_is_unsupported():
    judged = judge("The wind pushes the ship against it because the limit is set by the quay.")
    assert "support.cause" in [fault.rule for fault in judged.faults]


def test_a_sentence_about_something_else_is_unsupported():
    assert judge("Porpoises were heard more often in the summer after the change.").outcome is Support.UNSUPPORTED


def test_a_certain_fault_keeps_the_probability_below_the_cut():
    assert judge("Since February 2025 the ship has been licensed for 148 passengers.").probability < 0.2


def test_what_is_certainly_false_keeps_its_score_where_that_is_low_already():
    examined = support.examine("Since February 2025 the ship has been licensed for 148 passengers.", [GROUND], KNOWN)
    low, high = (support.judged(examined, score).probability for score in (0.08, 0.9))
    assert (low, high) == (0.08, cuts().unsure - 0.01)


def test_a_doubtful_fault_makes_a_sentence_unsure_and_leaves_its_probability_to_the_score():
    examined = support.examine("Only since February 2025 has the Lanternfish a battery of 4.8 MWh.", [GROUND], KNOWN)
    assert [fault.certain for fault in examined.faults] == [False]
    judged = support.judged(examined, 0.8)
    assert (judged.outcome, judged.probability) == (Support.UNSURE, 0.8)


def test_a_certain_fault_weighs_more_than_a_doubtful_one():
    alignment = align(statement("The Lanternfish has a battery of 4.8 MWh."), [GROUND])
    for rule in ("support.number", "support.name", "support.negation"):
        none, doubtful, certain = (
            weights().probability(features(alignment, found))
            for found in ([], [Fault(rule, "", (0, 1), certain=False)], [Fault(rule, "", (0, 1), certain=True)])
        )
        assert certain < doubtful < none


@pytest.mark.parametrize(("part", "names"), [("words", FEATURES), ("meaning", FEATURES + MEANING)])
def test_the_shipped_coefficients_are_those_of_the_features_in_their_order(part, names):
    shipped = tomllib.loads((files(scorer.__package__) / "support_weights.toml").read_text("utf-8"))
    assert tuple(shipped[part]) == ("intercept", *names)


def test_the_date_of_a_heading_or_of_publication_counts_as_said():
    dated = Ground("1" * 16, "The ship used 791 MWh.", context="Annual report 2024", published="11 April 2025")
    assert support.judge_claim("In 2024 the ship used 791 MWh.", [dated]).outcome is Support.SUPPORTED


def test_several_passages_support_together():
    one, other = (
        Ground("1" * 16, "Income was 11.62 million crowns."),
        Ground("2" * 16, "Expenditure was 11.19 million."),
    )
    judged = support.judge_claim("Income was 11.62 million crowns and expenditure 11.19 million.", [one, other])
    assert judged.outcome is Support.SUPPORTED
    assert set(judged.highlight) == {one.key, other.key}


def test_a_factual_sentence_without_citation_is_never_better_than_unsure(draft, evidence, brief, fmt):
    written = draft(["She was built in Torvick in 2020.", "Now to the ferry.", "The crew numbers 512 acrobats."])
    verdicts = support.check(written, evidence(PASSAGE), brief, fmt).verdicts
    assert [verdict.support for verdict in verdicts] == [Support.UNSURE, Support.NOT_NEEDED, Support.UNSUPPORTED]
    assert verdicts[0].probability < cuts().supported


def test_what_an_embedder_compared_is_heard_and_without_it_words_decide(draft, evidence, brief, fmt):
    given = evidence(PASSAGE)
    written = draft([("The vessel came from a yard at Torvick in 2020.", [given.items[0].passage.id])])
    (one,) = support.examine_draft(written, given, brief)
    assert one == written.sentences[0].id
    apart, alike, words = (
        support.check(written.model_copy(update={"meant": meant}), given, brief, fmt).verdicts[0].probability
        for meant in ({one: (0.1, 0.1, 0.1, 1.0, 0.1)}, {one: (0.9, 0.9, 0.9, 0.0, 0.9)}, {})
    )
    assert apart < words < alike


def test_numbers_of_meaning_that_an_older_version_stored_leave_it_to_the_words():
    examined = support.examine("The vessel came from a yard at Torvick in 2020.", [Ground("1" * 16, PASSAGE)])
    assert support.decide(examined, (0.1, 0.1, 0.1, 1.0)) == support.decide(examined)


def test_a_draft_with_too_little_support_is_refused(draft, evidence, brief, fmt):
    given = evidence(PASSAGE)
    key = given.items[0].passage.id
    lies = [(f"The ship carries {n} elephants to Mars.", [key]) for n in (13, 14, 15)]
    result = support.check(draft([*lies, ("She does not sail on Saturday.", [key])]), given, brief, fmt)
    assert result.score == 25
    assert "Only 1 of 4" in result.refusals[0]


def test_a_number_with_a_contrary_bound_is_told_with_both_bounds():
    judgement = support.judge_claim(
        "Fewer than 100 people came to the concert.", [Ground("0" * 16, "More than 100 people came to the concert.")]
    )
    messages = [fault.message for fault in judgement.faults if fault.rule == "support.number"]
    assert messages == ["“100” is less than that here, and more than that in the passage."]


def test_what_is_said_of_few_shared_words_names_no_probability_beside_that_of_the_verdict():
    claim = "Its crew of twenty speaks several languages fluently."
    assert "probability" not in support.findings(claim, judge(claim))[0].message


@pytest.mark.parametrize(
    ("passage", "doubts"),
    [
        ("The ship sank in 1900. A storm came two days later.", ["support.cause"]),
        ("The ship sank in 1900 in a storm.", []),
        ("The ship sank in 1900. The reason was a storm.", []),
    ],
)
def test_a_cause_that_is_read_into_two_sentences_is_doubtful(passage, doubts):
    judgement = support.judge_claim("The ship sank because of a storm.", [Ground("0" * 16, passage)])
    assert [(fault.rule, fault.certain) for fault in judgement.faults] == [(rule, False) for rule in doubts]


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Der Umsatz stieg um 12,5 Prozent.", "Um 12,5 % ist der Umsatz gestiegen."),
        ("Der Umbau kostete 3,15 Millionen Kronen.", "Die Kosten des Umbaus: 3.150.000 Kronen."),
        ("Die Fahrt dauert sieben Stunden.", "Eine Überfahrt dauert 7 Stunden."),
        ("Der Ausschuss für Technik tagte im Mai.", "Im Mai tagte der Ausschuss."),
        ("Neue Kabinen kamen 2025 an Bord.", "Im Jahr 2025 kamen Kajüten an Bord."),
    ],
)
def test_german_nouns_and_units_are_no_names(claim, passage):
    faults = support.judge_claim(claim, [Ground("0" * 16, passage, language="de")], (), "de").faults
    assert [fault.message for fault in faults if fault.rule == "support.name"] == []


def test_a_german_name_of_two_words_that_was_exchanged_is_found():
    passage = Ground("0" * 16, "Das Schiff wurde von Sunniva Prakash getauft.", language="de")
    found = support.judge_claim("Das Schiff wurde von Marit Adeyo getauft.", [passage], (), "de")
    assert [(fault.rule, fault.certain) for fault in found.faults] == [("support.name", True)]


LIGHT = Ground(
    "1" * 16,
    "The lighthouse of Cape Harle was built between 1868 and 1871. Its lens weighs 2.3 tonnes, the lamp 0.4 tonnes.",
)


@pytest.mark.parametrize(
    ("text", "said", "instead"),
    [
        ("They built Cape Harle's lighthouse in the years 1868 to 1878.", "1878", "1871"),
        ("The lighthouse of Cape Harle was built from 1870 on, until 1871.", "1870", "1868"),
        ("The lens of Cape Harle weighs 0.5 tonnes.", "0.5 tonnes", "0.4 tonnes"),
    ],
)
def test_of_the_figures_that_the_passage_has_the_nearest_is_named_that_the_sentence_does_not_tell(text, said, instead):
    judged = support.judge_claim(text, [LIGHT], known_names([LIGHT.text]))
    message = f"“{said}” does not stand in the cited passage; it says “{instead}”."
    assert message in [fault.message for fault in judged.faults]


def test_of_a_sentence_that_cites_nothing_no_finding_speaks_of_a_cited_passage(draft, evidence, brief, fmt):
    given = evidence("The keepers left the tower in 1988, and the light has worked by itself since 1988.")
    result = support.check(draft(["The tower was poisoned by Anna Weber in 2019."]), given, brief, fmt)
    told = [(finding.message, finding.fix) for finding in result.findings]
    fix = "cite the passage that says it, or take it out"
    assert ("“2019” stands in no passage near to this, and nothing is cited.", fix) in told
    assert not any("cited passage" in message or "it says" in message for message, _ in told)


def test_a_claim_without_figure_or_name_that_lacks_words_must_be_likelier_to_be_supported():
    said = (
        "A trust of 260 members has owned the house since 1994. About 9,000 visitors come to the point each year. The "
        "trust asks six pounds for a visit to the tower. The museum shows the first lamp and the weather diary."
    )
    judged = support.judge_claim("The trust stole the money of its members.", [Ground("p", said)])
    assert judged.probability > cuts().supported
    assert judged.outcome is Support.UNSURE
