"""A text is checked against what was given with it and what is elsewhere; what cannot be checked is refused before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from html import escape
from pathlib import Path

import pytest

from aiwriter.bootstrap import Tools, open_tools
from aiwriter.documents import (
    Brief,
    CheckAsked,
    CheckedText,
    GivenSource,
    KeptStudy,
    RunStatus,
    SourceKind,
    Stage,
    StudyKind,
)
from aiwriter.errors import BadInput, Refused
from aiwriter.pipeline.marked_text import read
from aiwriter.publishing import provenance_json
from aiwriter.services import checking, studies
from aiwriter.settings import load
from aiwriter.testing import Text, pdf_of, sample_article
from aiwriter.testing.docx import HEADINGS, docx_of, paragraph

CARRIES = "The ferry carries 132 passengers."


@pytest.fixture
async def tools(tmp_path: Path, sqlite_url: str) -> AsyncIterator[Tools]:
    async with open_tools(load(home=tmp_path / "home", database_url=sqlite_url, embedder="hashing:64")) as opened:
        yield opened


async def checked(tools: Tools, text: str, *given: GivenSource, places: tuple[str, ...] = ()) -> CheckedText:
    asked = CheckAsked(name="text.md", text=text, given=given)
    known = await checking.understood(asked)
    brief = Brief.model_validate({**checking.topic_of(asked, known), "sources": places})
    sources = await checking.gather(tools.desk(), brief, asked, known.article)
    return await checking.examine(tools.desk(), asked, known.article, sources)


async def test_what_is_given_and_what_lies_elsewhere_count_alike(tools: Tools, tmp_path: Path) -> None:
    file = tmp_path / "speed.md"
    file.write_text("She sails at nine knots.", encoding="utf-8")
    text = f"{CARRIES} She sails at nine knots."
    found = await checked(tools, text, GivenSource(name="crew.txt", text=CARRIES), places=(str(file),))
    assert (found.read, found.result.counts) == (2, {"supported": 2})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.html", f"<html><body><h1>Ferry</h1><p>{CARRIES}</p><script>no</script></body></html>"),
        ("table.csv", "vessel,passengers\nThe ferry,132\n"),
        ("notes.md", f"# Ferry\n\n- {CARRIES}\n"),
        ("no ending", CARRIES),
        ("strange.xyz", CARRIES),
        ("named.pdf", CARRIES),
    ],
)
async def test_a_given_text_is_read_as_its_name_says(tools: Tools, name: str, text: str) -> None:
    found = await checked(tools, CARRIES, GivenSource(name=name, text=text))
    assert found.result.counts == {"supported": 1}
    assert "script" not in found.model_dump_json()


@pytest.mark.parametrize(
    "name", ["web: notes", "archive:", "feed:https://ferries.example/a", "/etc/hostname", "https://x.example"]
)
async def test_whatever_a_given_text_is_called_it_is_no_search_and_no_place(tools: Tools, name: str) -> None:
    found = await checked(tools, CARRIES, GivenSource(name=name, text=CARRIES))
    assert [one.kind for one in found.reviewed.sources] == [SourceKind.TEXT]
    assert [one.text for one in found.result.evidence] == [CARRIES]
    assert found.result.counts == {"supported": 1}


async def test_a_given_file_is_read_as_one_in_a_folder_is(tools: Tools) -> None:
    pdf = pdf_of([[Text(72, 700, CARRIES)]])
    found = await checked(tools, CARRIES, GivenSource.file("crew.pdf", pdf), GivenSource.file("b.docx", b"PK broken"))
    assert found.result.counts == {"supported": 1}
    assert [problem.location for problem in found.problems] == ["b.docx"]
    sent = GivenSource.file("crew.pdf", pdf)
    assert GivenSource.model_validate_json(sent.model_dump_json()) == sent
    for both in ({}, {"text": "a", "data": b"YQ=="}):
        with pytest.raises(ValueError, match="either its text or its data"):
            GivenSource(name="a", **both)


async def test_the_text_of_a_word_file_keeps_headings_and_lists_and_leaves_tables_out(tools: Tools) -> None:
    table = f"<w:tbl><w:tr><w:tc>{paragraph('132')}</w:tc></w:tr></w:tbl>"
    said = (paragraph("The ferry", "Heading2"), paragraph(CARRIES), table, paragraph("Nine knots", "ListBullet"))
    word = docx_of("".join(said), others=HEADINGS)
    text = await checking.text_in(GivenSource.file("a.docx", word), tools.desk().read_given)
    assert text == f"## The ferry\n\n{CARRIES}\n\n- Nine knots"


async def test_a_given_text_that_cannot_be_used_is_named_and_one_of_ours_confirms_nothing(tools: Tools) -> None:
    ours = '<html><head><meta name="generator" content="AI-Writer: written from sources"></head><p>132</p></html>'
    given = [GivenSource(name=name, text=text) for name, text in {"a": "–", "b": ours, "c": CARRIES}.items()]
    found = await checked(tools, CARRIES, *given)
    assert [problem.location for problem in found.problems] == ["a", "b"]
    assert found.problems[0].said == "a: no text is in it"
    assert found.problems[0].location == "a"
    assert found.problems[1].said.startswith("b: it was written by AI-Writer")
    with pytest.raises(Refused, match="nothing was checked: no source could be used: “a”: no text is in it"):
        await checked(tools, CARRIES, *given[:2])


@pytest.mark.parametrize("first", ["# ?!", "7", "–"])
async def test_a_text_that_begins_with_no_word_is_called_by_its_name(tools: Tools, first: str) -> None:
    asked = CheckAsked(name="text.md", text=f"{first}\n\n{CARRIES}")
    assert checking.topic_of(asked, checking.Understood(None, "en"))["topic"] == "text text.md"
    assert (await checked(tools, asked.text, GivenSource(name="crew", text=CARRIES))).result.counts["supported"] == 1


@pytest.mark.parametrize(
    "line",
    [
        "The deck is 5*3*2 metres large.",
        "12. März 1990 wurde das Schiff getauft.",
        "1990. That was the year of the flood.",
        "The crew of <Lanternfish> has [six] members, she_says_so.",
    ],
)
async def test_the_text_of_a_word_file_is_judged_as_it_stands_there(tools: Tools, line: str) -> None:
    text = await checking.text_in(GivenSource.file("a.docx", docx_of(paragraph(escape(line)))), tools.read_given)
    (section,) = read(text).sections
    assert " ".join(sentence.text for sentence in section.sentences) == line


async def test_a_text_is_searched_for_in_its_own_language() -> None:
    asked = CheckAsked(name="a", text="Die Fähre hat zwölf Kabinen und fährt jede Nacht von Torvick nach Ostrel.")
    assert checking.topic_of(asked, await checking.understood(asked))["language"] == "de"


async def test_the_evidence_of_an_export_is_what_the_sources_say_and_not_what_it_says_they_do(tools: Tools) -> None:
    article = sample_article()
    forged = tuple(one.model_copy(update={"text": "FORGED"}) for one in article.passages)
    export = provenance_json.render(article.model_copy(update={"passages": forged}))
    found = await checked(tools, export, GivenSource(name="a", text="The ferry of Kestrel Sound makes no noise."))
    assert "FORGED" not in found.model_dump_json()


@pytest.mark.parametrize("text", ['{"a":' * 30_000, '{"x": ' + "7" * 5_000 + "} The ferry sails at night."])
async def test_what_only_looks_like_an_export_is_a_text_like_any_other(text: str) -> None:
    assert (await checking.understood(CheckAsked(name="a", text=text))).article is None


@pytest.mark.parametrize("text", ["", "![a](b.png)", "```\ncode\n```", '{"document": "article", "article": {}}'])
async def test_what_cannot_be_checked_is_refused_before_any_source_is_read(text: str) -> None:
    with pytest.raises(BadInput):
        await checking.understood(CheckAsked(name="text.md", text=text))


async def test_an_article_is_known_by_its_export(tools: Tools) -> None:
    export = provenance_json.render(sample_article())
    found = await checked(tools, export, GivenSource(name="a", text="The ferry of Kestrel Sound makes no noise."))
    assert found.reviewed.title == sample_article().title
    with pytest.raises(BadInput, match="its own language"):
        await checking.understood(CheckAsked(name="a.json", text=export, language="de"))


async def test_a_stored_check_tells_how_far_it_is_and_ends_done_or_refused(tools: Tools) -> None:
    stages: list[tuple[Stage, int]] = []

    async def told(stage: Stage, done: int, _total: int, _what: str) -> None:
        stages.append((stage, done))

    async def carried(*given: GivenSource) -> KeptStudy:
        asked = CheckAsked(name="text.md", text=CARRIES, given=given)
        check = KeptStudy(kind=StudyKind.TEXT, topic="text", brief=Brief(topic="text"), asked=asked)
        async with tools.unit_of_work() as work:
            await studies.add(work, tools.principal, check)
            await work.commit()
        with suppress(Refused):
            await studies.carry(tools.database, tools.principal, check.id, tools.desk(), told)
        return await studies.get(tools.database, tools.principal, check.id)

    done = await carried(GivenSource(name="crew", text=CARRIES))
    assert (done.status, done.questions, done.answered) == (RunStatus.DONE, 1, 1)
    assert stages == [(Stage.RESEARCH, 1), (Stage.QUALITY, 0)]
    refused = await carried(GivenSource(name="crew", text="–"))
    assert (refused.status, refused.checked) == (RunStatus.REFUSED, None)
