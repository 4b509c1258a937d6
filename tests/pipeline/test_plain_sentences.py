"""Sentences of a stranger's text without a figure, date or name: judged, or named as not judged."""

from __future__ import annotations

import pytest

from aiwriter.documents import Passage, Support
from aiwriter.ids import content_hash
from aiwriter.pipeline import checking, formats
from aiwriter.pipeline.quality import asserting
from aiwriter.pipeline.quality.statements import statement
from aiwriter.testing import sample_sources

SAID = (
    "Children under the age of school do not pay the full fare on deck. Anybody may bring a dog if it stays on the car "
    "deck. The ship belongs to a cooperative of the people who use her. Patients with a clinic letter travel free."
)


async def outcomes(text: str) -> dict[str, tuple[Support, list[str]]]:
    source = sample_sources().items[0].model_copy(update={"text": SAID, "content_hash": content_hash(SAID)})
    passages = [Passage.of(source, 0, len(SAID))]
    checked = await checking.check_text(text, passages, [source], None, formats.load("blog_post"))
    verdicts = {verdict.sentence_id: verdict.support for verdict in checked.report.sentences}
    errors = [finding for finding in checked.report.findings if finding.severity == "error"]
    return {
        sentence.text: (verdicts[sentence.id], [one.rule for one in errors if one.sentence_id == sentence.id])
        for sentence in checked.draft.sentences
    }


async def test_a_denial_or_a_generalisation_is_judged_without_any_figure():
    found = await outcomes("Patients with a clinic letter never travel free. Only sailors may enter the galley.")
    assert [outcome for outcome, _ in found.values()] == [Support.UNSUPPORTED, Support.UNSUPPORTED]
    assert found["Patients with a clinic letter never travel free."][1] == ["support.negation"]


async def test_of_a_plain_assertion_only_what_a_passage_denies_is_told():
    found = await outcomes("Children pay the full fare on deck. The galley smells of coffee.")
    assert found["Children pay the full fare on deck."] == (Support.UNSUPPORTED, ["support.negation"])
    assert found["The galley smells of coffee."] == (Support.NOT_NEEDED, [])


async def test_a_plain_assertion_that_stands_word_for_word_is_supported():
    found = await outcomes("The ship belongs to a cooperative of the people who use her.")
    assert list(found.values()) == [(Support.SUPPORTED, [])]


@pytest.mark.parametrize(
    ("text", "language", "judged"),
    [
        ("Nobody smokes on board.", "en", True),
        ("Each member has a vote.", "en", True),
        ("Alle Kinder fahren mit.", "de", True),
        ("Sie fahren gern mit.", "de", False),
        ("Why does nobody smoke on board?", "en", False),
        ("Q: Do you sail on Saturdays?", "en", False),
        ("Captain, are nine knots not too slow?", "en", False),
        ("Did you know that 4,000 people sail each night?", "en", True),
        ("A: No.", "en", False),
        ("No, never.", "en", False),
        ("No dogs.", "en", True),
        ("Please do not feed the gulls.", "en", False),
        ("The gulls are fed.", "en", False),
    ],
)
def test_what_denies_or_generalises_is_told_from_what_asks_or_only_says(text: str, language: str, judged: bool):
    assert asserting.is_judged(statement(text, language)) is judged
