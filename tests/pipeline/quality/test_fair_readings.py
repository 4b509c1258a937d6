"""What a fair reader lets pass, the rules let pass; and what only looks like it is still found."""

from __future__ import annotations

import pytest

from aiwriter.documents import Support
from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import judge_claim


def rules(claim: str, passage: str) -> list[tuple[str, bool]]:
    """Each fault's rule and whether it is certain."""
    faults = judge_claim(claim, [Ground("0" * 16, passage)], known_names([passage])).faults
    return [(fault.rule.removeprefix("support."), fault.certain) for fault in faults]


FAIR = {
    "more may be so than is said of many": (
        "Many high-income regions are outside the tropics.",
        "All of the high-income regions, North America among them, are outside the tropics.",
    ),
    "a condition denies nothing": (
        "Colic can be dangerous and even fatal if not treated promptly.",
        "Colic can be dangerous and even fatal in horses, and it is treated by vets.",
    ),
    "a question denies nothing": (
        "To retrain a cat to use the litter box, first understand why they are not using it.",
        "The first step in retraining your cat to use the litter box is to understand why it goes outside the box.",
    ),
    "a denial may stand in another sentence": (
        "The blisters should be covered with a bandage, and those who have not had chickenpox should avoid contact.",
        "Adults with shingles can transmit the virus to people who have not had chickenpox before. Nothing is worse in "
        "spring. The rash and the blisters should be covered with a bandage, and contact with them should be avoided.",
    ),
    "an abbreviation is the claim's own": (
        "Cardiomegaly is measured by the cardiothoracic ratio (CTR) on a chest film in the clinic.",
        "In the clinic cardiomegaly is measured by the cardiothoracic ratio on a chest film, says Ann Ferris.",
    ),
    "an acronym stands for words in small letters": (
        "In medicine AI has been used for the reading of test results by the laboratory in Torvick.",
        "The laboratory in Torvick has used artificial intelligence in medicine for the reading of test results.",
    ),
    "a common word in a title names nothing": (
        "Milira sings the song “I Want to Go Outside in the Rain” on her debut.",
        "“Go Outside in the Rain” is a song that Milira sings on her debut.",
    ),
    "words that point back name nothing": (
        "The Act separated the schools and was meant to keep people in Torvick apart.",
        "The law separated the schools and was meant to keep people in Torvick apart.",
    ),
    "two dates on which sources disagree may both be told": (
        "The quay of Vell was rebuilt by the council in 1950; another source says 1953.",
        "The quay of Vell was rebuilt by the council in 1950. The chronicle has 1953 for it.",
    ),
    "the denial that was left out was of something else": (
        "Keeping a balance at work involves having the freedom to shift when it is needed so that you can meet what "
        "life brings without burning out.",
        "Keeping a balance at work isn't a static goal that one reaches but means having the freedom to shift when it "
        "is needed so that you can meet what life brings without burning out.",
    ),
    "a name is told in short where this is told": (
        "Ada Marit Lindqvist repaired the harbour crane in the spring.",
        "Ada Marit Lindqvist lives in Torvick. It rained. It snowed. It rained again. In the spring Lindqvist repaired "
        "the harbour crane with Ken Ishida.",
    ),
    "a label names nobody else": (
        "Lindqvist repaired the harbour crane in the spring.",
        "The engineer Lindqvist lives in Torvick. It rained. It snowed. It rained again.\n\n"
        "TITLE: How she repaired the harbour crane in the spring",
    ),
    "not only denies nothing": (
        "A healthy balance is important for the crews.",
        "A healthy balance is not only important for the crews, it is the law.",
    ),
    "pounds may be a weight": (
        "The cook boils two pounds of potatoes in their skins.",
        "The cook boils 0.9 kg of potatoes in their skins.",
    ),
    "a limit denies nothing": (
        "For children the limit is 50 micrograms a day.",
        "Children should not have more than 50 micrograms a day, which is the limit.",
    ),
    "initials name the same person": (
        "Ada Lindqvist repaired the crane of the harbour.",
        "AL repaired the crane of the harbour. Ada Lindqvist lives in Torvick.",
    ),
    "what was done is told as what does it": (
        "It linked school costs to a direct tax on farms.",
        "School costs were linked to a direct tax on farms.",
    ),
    "short millions of people are no metres": (
        "The ferry line carried 2.1m people last year.",
        "The ferry line carried 2.1 million passengers last year.",
    ),
    "what was halved is half": (
        "After the strike the toll on salt was half of what it was.",
        "The toll on salt was halved after the strike.",
    ),
    "a second may be a time": (
        "She beat him by less than a second in the third race.",
        "She beat him by 0.8 seconds in the third race.",
    ),
    "a day of the week in the plural": (
        "The market in the old harbour is open on Saturday.",
        "The market in the old harbour is open on Saturdays at nine.",
    ),
    "each day of a week is what is so on that day": (
        "The market in the old harbour is open every Saturday.",
        "The market in the old harbour is open on Saturdays at nine.",
    ),
    "every two years is every other year": (
        "The race round the harbour is held every other year.",
        "The race round the harbour is held every two years.",
    ),
    "a day of the week may be cut short": (
        "The market in the old harbour is open on Tue and Sat.",
        "The market in the old harbour is open on Tuesdays and Saturdays.",
    ),
    "a month may be cut short": (
        "The board meets again on Tuesday 11 Feb at nine.",
        "Next meeting of the board: Tuesday 11 February at nine.",
    ),
    "only the one that is excepted": (
        "Aune was the only member who voted against the new quay.",
        "All of the members voted for the new quay except Aune, who voted against it.",
    ),
    "degrees of Fahrenheit for Celsius": (
        "The oven should be at about 350 degrees Fahrenheit.",
        "The oven should be at 175 °C on the middle shelf.",
    ),
    "a share in percent": (
        "Beer without alcohol is about 17% of the sales of Humle.",
        "Beer without alcohol, a sixth of the sales of Humle, was the reason.",
    ),
    "a bound in another unit": (
        "The lake of Vell is more than 50 miles long.",
        "The lake of Vell is 84 kilometres long.",
    ),
    "not more than is at most": (
        "Adults should stay below 0.1 milligrams a day.",
        "Adults should not take more than 100 micrograms a day.",
    ),
}
DOUBTFUL = {
    "another day of the week": (
        "The race round the harbour was held on Saturday.",
        "The race round the harbour was held in rain on Sunday.",
        "date",
    ),
    "born before the year after which they were": (
        "The new pension is paid to those born before 1970.",
        "Only those who were born after 1970 get the new pension paid.",
        "date",
    ),
    "a difference that a reader can work out": (
        "The council delayed the plan by a margin of 13 votes.",
        "The council voted by 171 to 158 votes to delay the plan.",
        "number",
    ),
    "a share that a reader can work out": (
        "Two thirds of the council voted to delay the plan.",
        "Six of the nine members of the council voted to delay the plan.",
        "number",
    ),
    "every one where all are but one": (
        "The chair accepted every one of the eight pieces of advice.",
        "The chair accepted all eight pieces of advice but one.",
        "quantifier",
    ),
    "a part of a figure": (
        "About 340 of the objects are shown in the museum.",
        "The museum has 3,400 objects; a tenth of them is shown.",
        "number",
    ),
    "what was doubled": (
        "Before that the museum had 900 square metres.",
        "The museum has doubled to 1,800 square metres.",
        "number",
    ),
    "a sum of which one part leaves out the unit": (
        "They paid 10 million euros together for the quay.",
        "For the quay the county paid 8.2 million euros, the town 1.8 million.",
        "number",
    ),
    "a share that is more than a quarter": (
        "More than a quarter of the money went to the quay.",
        "Of the money, 9.4 million, 2.6 million went to the quay.",
        "number",
    ),
    "a denial of which only the words are shared": (
        "Around thirty minutes go by before the medicine takes effect.",
        "Children should not take this medicine. It starts to work after half an hour.",
        "negation",
    ),
    "a difference of which one part leaves out the unit": (
        "They wanted to work six hours a week less.",
        "They wanted to work a week of 54 hours instead of 60.",
        "number",
    ),
    "a share of a figure that leaves out its unit": (
        "The sync takes less than a quarter of the time.",
        "The sync of all notes now takes 11 seconds instead of 48.",
        "number",
    ),
    "years from one sentence to another": (
        "The number of trout has risen within ten years.",
        "In 2024 there were 24 trout. It rained. It snowed. In 2014 the number of trout had been 13.",
        "number",
    ),
    "how long it was from one year to another": (
        "The salt war over the toll lasted seven years.",
        "The salt war over the toll lasted from 1641 to 1648.",
        "number",
    ),
    "a year so many years after another": (
        "She moved the studio to Ostrel in 1904.",
        "She opened the studio in Torvick in 1899 and moved it to Ostrel five years later.",
        "date",
    ),
    "not since then where it is the first time": (
        "No rain had fallen on the race since 1998.",
        "It was the first time since 1998 that rain fell on the race.",
        "negation",
    ),
    "a name that stands elsewhere where another is told": (
        "Ada Marit Lindqvist repaired the rusty harbour crane in the spring.",
        "Ada Marit Lindqvist lives in Torvick. It rained. It snowed. It rained again. In the spring Ken Ishida "
        "repaired the harbour crane.",
        "name",
    ),
    "a name of which a part is told": (
        "It is based at Hamamatsu in Shizuoka Prefecture with forty crews.",
        "Hamamatsu, Shizuoka: it is based here with forty crews, says Ken Ishida.",
        "name",
    ),
    "a year where the passage tells only the day": (
        "It was shown on 18 October as part of the 2018 festival in London.",
        "It was shown on 18 October as part of the festival in London.",
        "date",
    ),
    "the year before, in a comparison": (
        "In 2024 the ferry carried 24,906 passengers, 7.4 per cent more than in 2023.",
        "In 2024 the ferry was late. The number of passengers rose by 7.4 per cent to 24,906.",
        "date",
    ),
}
FALSE = {
    "every week where it is every other": (
        "The club rows in the harbour every week.",
        "The club rows in the harbour every other week.",
        "quantifier",
    ),
    "all where some are": (
        "All regions lie outside the tropics.",
        "Some regions lie outside the tropics.",
        "quantifier",
    ),
    "a name that stands elsewhere where all else is told of another": (
        "Ada Marit Lindqvist repaired the harbour crane in the spring.",
        "Ada Marit Lindqvist lives in Torvick. It rained. It snowed. It rained again. In the spring Ken Ishida "
        "repaired the harbour crane.",
        "name",
    ),
    "a number that does not follow from two others": (
        "The council delayed the plan by a margin of 31 votes.",
        "The council voted by 171 to 158 votes to delay the plan.",
        "number",
    ),
    "few where most people are": (
        "Few people drank water in the towns.",
        "Most people drank water every day in the towns.",
        "quantifier",
    ),
    "many where there are only two": (
        "Many other mills on the river are open.",
        "Only two other mills on the river are open.",
        "quantifier",
    ),
    "few where all are": ("Few regions are outside the tropics.", "All regions are outside the tropics.", "quantifier"),
    "a denial of the main clause": (
        "Colic is not dangerous in horses, and it is treated by vets.",
        "Colic is dangerous in horses, and vets treat it.",
        "negation",
    ),
    "a strange name": (
        "It is based at Hamamatsu in Sallow Bay with forty crews.",
        "It is based at Hamamatsu in Shizuoka with forty crews, says Ken Ishida.",
        "name",
    ),
    "another year where one is told": (
        "It was shown on 18 October as part of the 2018 festival in London.",
        "It was shown on 18 October as part of the 2016 festival in London.",
        "date",
    ),
    "a year without a comparison": (
        "In 2023 the ferry carried 24,906 passengers.",
        "In 2024 the ferry carried 24,906 passengers.",
        "date",
    ),
}


@pytest.mark.parametrize(("claim", "passage"), FAIR.values(), ids=FAIR)
def test_a_fair_reading_has_no_fault(claim, passage):
    assert rules(claim, passage) == []


@pytest.mark.parametrize(("claim", "passage", "rule"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_a_reader_may_know_is_doubtful_and_not_false(claim, passage, rule):
    assert rules(claim, passage) == [(rule, False)]


@pytest.mark.parametrize(("claim", "passage", "rule"), FALSE.values(), ids=FALSE)
def test_what_only_looks_like_a_fair_reading_is_found(claim, passage, rule):
    judged = judge_claim(claim, [Ground("0" * 16, passage)], known_names([passage]))
    assert judged.outcome is Support.UNSUPPORTED
    assert (rule, True) in rules(claim, passage)


@pytest.mark.parametrize("digits", [28, 29, 60])
def test_years_of_any_length_are_judged(digits):
    claim = f"The pier of Vell was rebuilt after {10 ** (digits - 1)} years."
    assert ("number", True) in rules(claim, "The pier of Vell was built in 1950. The council rebuilt it in 1975.")


def test_among_many_figures_two_can_be_found_for_anything_and_nothing_is_worked_out():
    told = ", ".join(str(number) for number in range(100, 100 + 9 * 31, 9))
    few = "The council voted by 171 to 158 votes to delay the plan."
    claim = "The council delayed the plan by a margin of 13 votes."
    assert rules(claim, few) == [("number", False)]
    assert ("number", True) in rules(claim, f"The council voted by 171 to 158 votes to delay the plan: {told}.")
