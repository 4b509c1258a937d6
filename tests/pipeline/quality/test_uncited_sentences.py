"""What a text of ours says without citing anything is held against the evidence too; what only joins is not."""

from __future__ import annotations

import pytest

from aiwriter.documents import Severity, Support
from aiwriter.pipeline import quality
from aiwriter.pipeline.quality import asserting, support
from aiwriter.pipeline.quality.statements import statement

SAID = (
    "A trust of 260 members has owned the house since 1994. About 9,000 visitors come to the point each year. The "
    "trust asks six pounds for a visit to the tower. The museum shows the first lamp. The tower is of granite."
)
CITED = "A trust of 260 members has owned the house and the tower since 1994."
INVENTED = [
    "The trust stole the money of its members.",
    "The food in the museum makes visitors ill.",
    "Women are not welcome in the tower.",
    "The keepers were drunkards and beat their wives.",
    "The granite is radioactive and dangerous to children.",
    "Take the pills of the trust and the pain goes away.",
    "Vote against the council at the next election.",
    "The wardens lie to the police about the deaths.",
    "It is a sad ship that nobody likes and that pollutes the harbour badly.",
    "The captain drinks too much and beats the crew.",
    "Passengers often fall ill on board.",
]


def verdicts(draft, evidence, brief, fmt, *sentences):
    given = evidence(SAID)
    written = draft([(CITED, [given.items[0].passage.id]), *sentences])
    return support.check(written, given, brief, fmt)


@pytest.mark.parametrize("text", INVENTED)
def test_an_invented_sentence_without_figure_or_name_is_unsupported_and_named(draft, evidence, brief, fmt, text):
    result = verdicts(draft, evidence, brief, fmt, text)
    assert result.verdicts[1].support is Support.UNSUPPORTED
    assert [one.rule for one in result.findings if one.severity is Severity.ERROR] == ["support.uncited"]


@pytest.mark.parametrize(
    "text",
    [
        "This matters for three reasons.",
        "The next section tells how.",
        "But that is not the whole story.",
        "Why does the trust ask for money?",
        "The members own the tower.",
        "That is why the first question is an important one.",
        "Here is what the house has to show.",
    ],
)
def test_what_joins_sentences_or_says_again_what_is_cited_beside_it_needs_no_source(draft, evidence, brief, fmt, text):
    result = verdicts(draft, evidence, brief, fmt, text)
    assert result.verdicts[1].support is Support.NOT_NEEDED
    assert result.findings == ()


def test_the_finding_tells_which_words_stand_nowhere(draft, evidence, brief, fmt):
    (finding,) = verdicts(draft, evidence, brief, fmt, "The keepers were drunkards.").findings
    assert "“keepers”, “drunkards”" in finding.message


def test_a_sentence_of_strange_words_has_one_finding_though_it_denies_something_too(draft, evidence, brief, fmt):
    found = verdicts(draft, evidence, brief, fmt, "The museum never shows the first lamp to drunkards.").findings
    assert [one.rule for one in found] == ["support.uncited"]


def test_an_introduction_may_say_what_the_sections_after_it_cite(draft, evidence, brief, fmt):
    trust = [f"The trust owns house number {name} on the point." for name in ("two", "three", "four", "five")]
    given = evidence(*trust, "Gulls breed in the shed.")
    keys = [item.passage.id for item in given.items]
    text = "The trust owns houses on the point, and gulls breed."
    written = draft([text], [(trust[0], keys[:1]), ("Gulls breed in the shed.", keys[4:])])
    opening, after = written.sections
    headed = written.model_copy(update={"sections": (opening.model_copy(update={"heading": "Houses"}), after)})
    outcomes = [support.check(one, given, brief, fmt).verdicts[0].support for one in (headed, written)]
    assert outcomes == [Support.UNSUPPORTED, Support.UNSURE]


def test_what_a_passage_says_but_no_sentence_cites_is_unsure_and_named(draft, evidence, brief, fmt):
    result = verdicts(draft, evidence, brief, fmt, "The museum shows a lamp.")
    assert result.verdicts[1].support is Support.UNSURE
    assert [(one.rule, one.severity) for one in result.findings] == [("support.uncited", Severity.WARN)]


def test_an_article_half_of_which_is_invented_is_refused(draft, evidence, brief, fmt):
    given = evidence(SAID)
    cited = (CITED, [given.items[0].passage.id])
    report = quality.judge(draft([cited, *INVENTED[:1]], [cited, *INVENTED[1:3]]), given, brief, fmt)
    assert report.verdict == "refuse"


@pytest.mark.parametrize(
    ("text", "language", "owed"),
    [
        ("Die Wärter waren Säufer und schlugen ihre Frauen.", "de", True),
        ("Das hat drei Gründe.", "de", False),
        ("Les gardiens battaient leurs femmes.", "fr", True),
        ("Voici pourquoi.", "fr", False),
        ("Los guardianes robaron el dinero.", "es", True),
        ("I custodi erano ubriaconi e picchiavano le mogli.", "it", True),
    ],
)
def test_it_is_asked_in_the_language_of_the_text(text, language, owed):
    assert asserting.owes(statement(text, language), statement("", language)) is owed


def test_another_word_for_the_same_is_no_strange_one():
    said = statement("Energy cost per crossing fell from 214 to 131 kroner.")
    assert asserting.strange(statement("The cost of energy per crossing dropped to 131 kroner."), [said]) == []
    assert asserting.strange(statement("The cost of energy per crossing ruined the town."), [said]) == ["ruin", "town"]
