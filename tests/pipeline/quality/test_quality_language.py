"""A text, a section or a sentence in another language than asked for is found; quotations, names and scraps are not."""

from __future__ import annotations

from aiwriter.documents import ArticleKind, Brief, ParagraphKind, Severity, Support, Verdict
from aiwriter.pipeline import quality
from aiwriter.pipeline.quality import language, readability

GERMAN = [
    "Der Leuchtturm am Kap Harle wurde zwischen 1868 und 1871 gebaut.",
    "Der Turm ist 34 Meter hoch und steht auf einem Felsen aus Granit.",
    "Das Licht arbeitet seit 1988 von selbst.",
    "Ein Verein mit 260 Mitgliedern besitzt das Haus seit 1994.",
]
ENGLISH = [
    "The ferry sails by night, and she has carried 132 passengers in a year.",
    "It was built in Torvick for the islands and is owned by their council.",
    "The crossing to Ostrel is the longest of the three that are made by her.",
]


def rules(result):
    return [finding.rule for finding in result.findings]


def test_a_text_in_another_language_than_asked_is_refused_and_each_of_its_sentences_named(draft, evidence, brief, fmt):
    result = language.check(draft(GERMAN), evidence(" ".join(GERMAN)), brief, fmt)
    assert rules(result) == ["language.other"] * 4
    assert {finding.severity for finding in result.findings} == {Severity.ERROR}
    assert result.refusals == ("The text is in German; English was asked for.",)


def test_one_section_in_another_language_refuses_the_text(draft, evidence, brief, fmt):
    result = language.check(draft(ENGLISH, GERMAN), evidence("x"), brief, fmt)
    assert rules(result) == ["language.other"] * 4
    assert result.refusals == ("Section “Heading 1” is in German; English was asked for.",)


def test_one_sentence_in_another_language_does_not_stand_and_refuses_nothing(draft, evidence, brief, fmt):
    given = evidence(" ".join(GERMAN))
    mixed = draft([*ENGLISH, (GERMAN[1], [given.items[0].passage.id])])
    result = language.check(mixed, given, brief, fmt)
    assert (rules(result), result.refusals) == (["language.other"], ())
    judged = quality.judge(mixed, given, brief, fmt).sentences
    assert judged[-1].support is Support.UNSUPPORTED


def test_a_text_in_the_language_that_was_asked_for_has_no_finding_and_no_score(draft, evidence, fmt):
    for texts, asked in ((ENGLISH, "en"), (GERMAN, "de")):
        result = language.check(draft(texts), evidence("x"), Brief(topic="The ferry", language=asked), fmt)
        assert (result.findings, result.refusals, result.score) == ((), (), None)


def test_quotations_names_and_a_few_foreign_words_are_no_error(draft, evidence, brief, fmt):
    texts = [
        *ENGLISH,
        "On the wall stands “Der Turm ist 34 Meter hoch und steht auf einem Felsen aus Granit” in iron letters.",
        "The Gesellschaft der Freunde des Leuchtturms owns it.",
        "Das Boot, Die Welt.",
    ]
    assert language.check(draft(texts), evidence("x"), brief, fmt).findings == ()


def test_what_is_too_short_or_in_a_language_nobody_knows_here_is_unsure(draft, evidence, brief, fmt):
    finnish = ["Lautta kulkee yöllä saarten välillä ja kuljettaa 132 matkustajaa joka vuosi."]
    assert language.check(draft(finnish), evidence("x"), brief, fmt).findings == ()
    asked = Brief(topic="The ferry", language="fi")
    assert language.check(draft(ENGLISH), evidence("x"), asked, fmt).findings == ()
    assert language.check(draft(["Das Licht brennt."]), evidence("x"), brief, fmt).findings == ()


def test_a_digest_quotes_sources_of_another_language_and_says_so(draft, evidence, brief, fmt):
    quoted = draft(GERMAN, kind=ArticleKind.DIGEST, paragraph=ParagraphKind.QUOTE)
    result = language.check(quoted, evidence("x"), brief, fmt)
    assert [(one.rule, one.severity) for one in result.findings] == [("language.quoted", Severity.WARN)]
    assert result.refusals == ()


def test_readability_is_measured_by_the_language_that_the_text_really_has(draft, evidence, brief, fmt):
    (finding,) = readability.check(draft(GERMAN * 3), evidence("x"), brief, fmt).findings
    assert finding.message.startswith("LIX is ")
    french = brief.model_copy(update={"language": "fr"})
    (finding,) = readability.check(draft(ENGLISH * 3), evidence("x"), french, fmt).findings
    assert finding.message.startswith("Flesch reading ease is ")


def test_a_foreign_text_is_refused_by_the_whole_judgement(draft, evidence, brief, fmt):
    given = evidence(" ".join(GERMAN))
    report = quality.judge(draft([(text, [given.items[0].passage.id]) for text in GERMAN]), given, brief, fmt)
    assert report.verdict is Verdict.REFUSE
    assert "The text is in German; English was asked for." in report.reasons
