"""Checking a text that somebody else wrote, and an exported article."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest

from aiwriter.documents import Article, ArticleKind, Block, BlockKind, Passage, Support, Verdict
from aiwriter.embeddings.minilm import MiniLM
from aiwriter.errors import BadInput
from aiwriter.ids import content_hash
from aiwriter.pipeline import checking, formats
from aiwriter.pipeline.marked_text import read
from aiwriter.pipeline.quality.scorer import MEANING
from aiwriter.publishing import RENDERERS
from aiwriter.testing import sample_article, sample_passages, sample_sources

SOURCES = sample_sources().items
PASSAGES = [passage for source in SOURCES for passage in sample_passages(source)]
FORMAT = formats.load("blog_post")
RIVAL = "A study of the harbour says that complaints about noise fell from 43 to 9 within a year."


async def check(text: str, embedder=None):
    return await checking.check_text(text, PASSAGES, SOURCES, embedder, FORMAT)


def outcomes(checked):
    texts = {sentence.id: sentence.text for sentence in checked.draft.sentences}
    return {texts[verdict.sentence_id]: verdict.support for verdict in checked.report.sentences}


def errors(checked):
    return [finding.rule for finding in checked.report.findings if finding.severity == "error"]


async def test_a_foreign_text_is_judged_sentence_by_sentence():
    checked = await check(
        "# Ferries\n\nA full charge takes 38 minutes. A full charge takes 83 minutes.\n\nThe moon is cheese in 2031."
    )
    assert outcomes(checked) == {
        "A full charge takes 38 minutes.": Support.SUPPORTED,
        "A full charge takes 83 minutes.": Support.UNSUPPORTED,
        "The moon is cheese in 2031.": Support.UNSUPPORTED,
    }


@pytest.mark.parametrize(
    ("claim", "outcome"),
    [
        ("A visitor pays 96 crowns.", Support.SUPPORTED),
        ("A resident pays 38 crowns and a visitor 96 crowns.", Support.SUPPORTED),
        ("A visitor pays 38 crowns.", Support.UNSUPPORTED),  # the figure of another row
        ("A visitor pays 69 crowns.", Support.UNSUPPORTED),
    ],
)
async def test_a_table_is_evidence_row_by_row(claim, outcome):
    text = " | Single\nResident | 38 crowns\nVisitor | 96 crowns"
    table = Block(kind=BlockKind.TABLE, start=0, end=len(text), heads=1)
    source = SOURCES[0].model_copy(update={"text": text, "blocks": (table,), "content_hash": content_hash(text)})
    rows = Passage.of(source, text.index("Resident"), len(text), ("Fares",))
    checked = await checking.check_text(claim, [rows], [source], None, FORMAT)
    assert outcomes(checked) == {claim: outcome}


async def test_our_own_digest_as_markdown_passes_unchanged():
    checked = await check(RENDERERS["md"](sample_article(ArticleKind.DIGEST)))
    assert set(outcomes(checked).values()) == {Support.SUPPORTED}
    assert checked.report.verdict is Verdict.PASS


async def test_a_changed_number_in_an_export_is_caught():
    text = RENDERERS["md"](sample_article(ArticleKind.DIGEST)).replace("58 decibels", "85 decibels")
    assert {"support.number", "quotations.altered"} <= set(errors(await check(text)))


async def test_a_citation_swapped_to_another_source_is_caught():
    text = RENDERERS["md"](sample_article()).replace("timetable. [1]", "timetable. [3]")
    checked = await check(text)
    swapped = [finding for finding in checked.report.findings if finding.rule == "citations.swapped"]
    assert "annual report" in (swapped[0].fix or "")
    sentence = next(s for s in checked.draft.sentences if "11,480" in s.text)
    assert outcomes(checked)[sentence.text] is Support.UNSUPPORTED


class OneDirection:
    """Finds everything equally similar; counts what it was asked for."""

    name, dimensions = "one:direction", 2

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def embed(self, texts):
        self.asked += texts
        return np.tile(np.array([[1.0, 0.0]], dtype=np.float32), (len(texts), 1))


async def test_meaning_is_asked_only_for_what_words_leave_unsupported():
    idle, busy = OneDirection(), OneDirection()
    await check("A full charge takes 38 minutes.", idle)
    await check("Porpoises sang for 12 hours in Torvick.", busy)
    assert idle.asked == []
    assert busy.asked[0] == "Porpoises sang for 12 hours in Torvick."


async def test_with_an_embedder_that_knows_words_a_text_is_judged_by_meaning_as_a_run_is():
    text = "It takes 38 minutes until the batteries are full again."
    by_words, by_meaning = [
        (await checking.check_text(text, PASSAGES, SOURCES, None, FORMAT, words=words)).report.sentences[0]
        for words in (None, MiniLM())
    ]
    assert by_words.meaning == ()
    assert len(by_meaning.meaning) == len(MEANING)
    assert by_meaning.probability != by_words.probability


async def test_a_figure_on_which_the_given_sources_disagree_is_named_in_anybodys_text():
    texts = ("The ferry Heron sails at 9 knots at night.", "At night the ferry Heron sails at 11 knots.")
    sources = [SOURCES[0].model_copy(update={"text": text, "content_hash": content_hash(text)}) for text in texts]
    passages = [Passage.of(source, 0, len(source.text)) for source in sources]
    checked = await checking.check_text("By night the Heron sails at 9 knots.", passages, sources, None, FORMAT)
    assert [finding.rule for finding in checked.report.findings if finding.span] == ["contradictions.untold"]
    both = "By night the Heron sails at 9 knots, or at 11 knots."
    told = await checking.check_text(both, passages, sources, None, FORMAT)
    assert "contradictions.untold" not in [finding.rule for finding in told.report.findings]


async def test_where_sources_disagree_in_other_words_a_text_is_told_as_a_run_is():
    texts = (
        "The ferry's owner has hired 64 sailors since the new timetable began.",
        "Since it changed its timetable the ferry company has taken on 81 seamen.",
    )
    sources = [SOURCES[0].model_copy(update={"text": text, "content_hash": content_hash(text)}) for text in texts]
    passages = [Passage.of(source, 0, len(source.text)) for source in sources]
    claim = "Since the new timetable began the owner of the ferry has hired 64 sailors."
    checked = await checking.check_text(claim, passages, sources, None, FORMAT, words=MiniLM())
    assert "contradictions.untold" in [finding.rule for finding in checked.report.findings]


OLD_AND_NEW = (
    ("Fact sheet 2024", 2024, "The battery of the ferry holds 3.6 MWh. She carries 148 passengers at most."),
    ("Fact sheet 2025", 2025, "This replaces the sheet of 2024. The battery of the ferry holds 4.8 MWh."),
)


@pytest.mark.parametrize("mark", ["", " [1]"])
async def test_what_a_newer_given_version_replaces_is_no_evidence_and_is_named(mark):
    sources = [
        SOURCES[0].model_copy(
            update={
                "title": title,
                "location": f"{year}.md",
                "published_at": datetime(year, 1, 1, tzinfo=UTC),
                "text": text,
                "content_hash": content_hash(text),
            }
        )
        for title, year, text in OLD_AND_NEW
    ]
    passages = [Passage.of(source, 0, len(source.text)) for source in sources]
    text = f"The battery of the ferry holds 3.6 MWh{mark}. The battery of the ferry holds 4.8 MWh{mark}."
    text += "\n\n## Sources\n\n1. Fact sheet 2024\n" if mark else ""
    checked = await checking.check_text(text, passages, sources, OneDirection(), FORMAT)
    assert list(outcomes(checked).values()) == [Support.UNSUPPORTED, Support.SUPPORTED]
    (note,) = checked.evidence.notes
    assert "'Fact sheet 2024' (2024.md, 2024-01-01) was left out: 2025.md" in note


@pytest.mark.parametrize("text", ["", "# Only a heading", "```\ncode\n```", "## Sources\n\n1. A list"])
async def test_a_text_without_sentences_is_refused(text):
    with pytest.raises(BadInput, match="no sentence"):
        await check(text)


def test_an_export_is_read_back_and_other_text_is_not_taken_for_one():
    article = sample_article()
    assert checking.read_article(RENDERERS["json"](article)) == article
    assert checking.read_article("# Text") is None
    assert checking.read_article('{"some": "json"}') is None
    assert checking.read_article("{broken") is None


def test_a_damaged_export_is_refused_with_the_place():
    with pytest.raises(BadInput, match="kind: Field required"):
        checking.read_article(json.dumps({"document": "article", "article": {}}))


def test_an_article_is_judged_by_its_own_citations_against_the_sources_of_today():
    article = sample_article(ArticleKind.DIGEST)
    article = article.model_copy(update={"brief": article.brief.model_copy(update={"words": 200})})
    evidence = checking.article_evidence(article, SOURCES)
    assert evidence.notes == ()
    assert checking.check_article(article, evidence, FORMAT).verdict is Verdict.PASS


async def test_a_figure_of_an_export_that_another_given_source_tells_otherwise_is_named():
    article = sample_article()
    other = SOURCES[0].model_copy(update={"text": RIVAL, "content_hash": content_hash(RIVAL), "title": "Other ears"})
    evidence = checking.article_evidence(article, [*SOURCES, other])
    assert await checking.beside_rivals(article, evidence, PASSAGES, None) == evidence
    told = await checking.beside_rivals(article, evidence, [*PASSAGES, Passage.of(other, 0, len(RIVAL))], None)
    report = checking.check_article(article, told, FORMAT)
    assert any("“Other ears”" in finding.message for finding in report.findings if "untold" in finding.rule)


async def test_an_older_version_of_a_source_disagrees_with_no_export():
    cited = next(source for source in SOURCES if "4.1 per cent" in source.text)
    text = cited.text.replace("4.1 per cent", "6.3 per cent")
    copied = {"text": text, "content_hash": content_hash(text)}
    for year, superseded in ((2019, True), (2026, False)):
        rival = cited.model_copy(update=copied | {"published_at": datetime(year, 5, 4, tzinfo=UTC)})
        evidence = checking.article_evidence(sample_article(), [*SOURCES, rival])
        told = await checking.beside_rivals(sample_article(), evidence, [*PASSAGES, *sample_passages(rival)], None)
        findings = checking.check_article(sample_article(), told, FORMAT).findings
        assert (rival.content_hash in evidence.superseded) is superseded
        assert any("6.3 per cent" in finding.message for finding in findings) is not superseded


def test_swapped_citations_and_changed_passages_of_an_export_are_caught():
    article = sample_article(ArticleKind.DIGEST)
    report = checking.check_article(_swapped(article), checking.article_evidence(article, SOURCES), FORMAT)
    unsupported = [verdict for verdict in report.sentences if verdict.support is Support.UNSUPPORTED]
    assert len(unsupported) == 2


def _swapped(article: Article) -> Article:
    """The first two sentences with each other's citations."""
    data = article.model_dump(mode="json")
    sentences = [s for section in data["sections"] for p in section["paragraphs"] for s in p["sentences"]]
    one, other = sentences[0], next(s for s in sentences if s["citations"] != sentences[0]["citations"])
    one["citations"], other["citations"] = other["citations"], one["citations"]
    return Article.model_validate(data)


def test_a_source_that_is_missing_or_has_changed_is_named():
    evidence = checking.article_evidence(sample_article(ArticleKind.DIGEST), SOURCES[1:])
    assert "annual report 2025" in evidence.notes[0]
    report = checking.check_article(sample_article(ArticleKind.DIGEST), evidence, FORMAT)
    assert report.verdict is Verdict.REFUSE


def test_numbers_footnotes_and_lists_of_sources_are_understood():
    found = read(
        "---\ntitle: A title\nlanguage: de\n---\n\nEins steht da. [1, 3–4] Zwei auch.[^2]\n\n"
        "## Quellen\n\n1. Erste\n2. Zweite\n\n[^2]: Die Fußnote\n"
    )
    (section,) = found.sections
    assert [sentence.text for sentence in section.sentences] == ["Eins steht da.", "Zwei auch."]
    assert [found.numbers[sentence.id] for sentence in section.sentences] == [(1, 3, 4), (2,)]
    assert (found.title, found.language) == ("A title", "de")
    assert found.listed == {1: "Erste", 2: "Die Fußnote"}


def test_raised_numbers_are_footnotes_and_powers_are_none():
    found = read(
        "It fed the island¹ for 31 hours.² It is hers.^3 It has 40 km² and 10³ gulls.\n\n¹ Courier, p. 3.\n² Note 7.\n"
    )
    (section,) = found.sections
    texts = [sentence.text for sentence in section.sentences]
    assert texts == ["It fed the island for 31 hours.", "It is hers.", "It has 40 km² and 10³ gulls."]
    assert [found.numbers[sentence.id] for sentence in section.sentences] == [(1, 2), (3,), ()]
    assert found.listed == {1: "Courier, p. 3.", 2: "Note 7."}


@pytest.mark.parametrize("text", ["> **Note:** It is limited to 250 kW.", "> [!TIP]\n> It is limited to 250 kW."])
def test_a_notice_that_is_set_apart_is_no_quotation(text):
    (paragraph,) = read(text).sections[0].paragraphs
    assert paragraph.kind == "text"
    assert paragraph.sentences[0].text.endswith("It is limited to 250 kW.")
    assert "!" not in paragraph.sentences[0].text


async def test_sources_in_another_language_than_the_text_are_named():
    checked = await checking.check_text(GERMAN, PASSAGES, SOURCES, None, FORMAT)
    assert any("another language than the text, which is in German" in note for note in checked.evidence.notes)
    assert not any("language" in note for note in (await check("A full charge takes 38 minutes.")).evidence.notes)


async def test_a_passage_that_has_the_figure_is_held_against_a_sentence_before_those_that_share_more_words():
    others = [
        f"The battery of the ferry and battery room {name} were painted." for name in ("one", "two", "six", "ten")
    ]
    texts = [*others, "The refit raised the capacity of her battery by a third, from 3.6 to 4.8 MWh."]
    sources = [SOURCES[0].model_copy(update={"content_hash": content_hash(text), "text": text}) for text in texts]
    passages = [Passage.of(source, 0, len(source.text), ()) for source in sources]
    checked = await checking.check_text("The ferry battery grew by a third.", passages, sources, None, FORMAT)
    assert not errors(checked)


GERMAN = "Sie wurde am 3. Juni 2020 ausgeliefert. Der Umsatz war rund 1,2 Millionen Euro, und das ist nicht viel."


@pytest.mark.parametrize("head", ["", "---\nlang: de-AT\n---\n", "\ufeff---\nlanguage: de\n---\n"])
def test_a_text_tells_its_language_or_its_words_do(head):
    found = read(head + (GERMAN if not head else "Am 3. Juni 2020."))
    assert found.language == "de"
    first = found.sections[0].paragraphs[0].sentences[0]
    assert "3. Juni 2020" in first.text


def test_a_language_that_is_given_goes_before_all():
    assert read(GERMAN, "nl").language == "nl"
    assert read("132 passengers.").language == "en"


LINKS = (
    "A full charge [takes 38](http://evil.example.com/x?d=1) minutes. [1] See <https://evil.example.com/steal> today. "
    "It was [written](faq.md) down, and [the rest](javascript:alert(1)) stands there. Ask [us](mailto:a@b.example)."
)


async def test_targets_of_links_are_looked_at_though_no_word_shows_them():
    found = read(LINKS)
    texts = [sentence.text for section in found.sections for sentence in section.sentences]
    assert texts[0] == "A full charge takes 38 minutes."
    checked = await check(LINKS)
    order = {sentence.id: place for place, sentence in enumerate(checked.draft.sentences)}
    told = [(order[f.sentence_id], f.rule, f.severity) for f in checked.report.findings if f.rule.startswith("links.")]
    assert told == [
        (0, "links.foreign", "warn"),
        (1, "links.foreign", "warn"),
        (2, "links.active", "error"),
        (3, "links.active", "warn"),
    ]
    assert outcomes(checked)["A full charge takes 38 minutes."] is Support.SUPPORTED
    assert "links" in [part.name for part in checked.report.parts]


async def test_a_link_to_a_given_source_and_a_list_of_sources_are_no_finding():
    page = SOURCES[0].model_copy(update={"location": "https://ferries.example/annual-report"})
    text = (
        "[Annual report](https://ferries.example/annual-report): a full charge takes 38 minutes. [1]\n\n## Sources\n\n"
        "1. [The report](https://ferries.example/annual-report)\n2. [Others](https://elsewhere.example/)\n"
    )
    checked = await checking.check_text(text, PASSAGES, [page, *SOURCES[1:]], None, FORMAT)
    assert not [f for f in checked.report.findings if f.rule.startswith("links.")]


async def test_an_image_or_a_heading_that_leads_elsewhere_is_named_without_a_sentence():
    checked = await check("![](http://evil.example.com/pixel.png)\n\nA full charge takes 38 minutes.\n")
    (finding,) = [f for f in checked.report.findings if f.rule.startswith("links.")]
    assert (finding.sentence_id, "pixel.png" in finding.message) == (None, True)


def test_code_tables_and_images_are_no_prose():
    found = read("Text with `code` and a [link](http://a.example).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n![x](y.png)\n")
    assert [s.text for section in found.sections for s in section.sentences] == ["Text with code and a link."]
