"""What the stored archive says: as a source of `aiwriter check`, and before writing."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aiwriter.bootstrap import open_tools
from aiwriter.cli import app
from aiwriter.publishing import provenance_json
from aiwriter.services import articles
from aiwriter.settings import Settings
from aiwriter.testing import sample_article
from aiwriter.testing.terminal import ROOT


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A home with one accepted article."""
    monkeypatch.setenv("AIWRITER_EMBEDDER", "hashing:64")

    async def store() -> None:
        settings = Settings()
        async with open_tools(settings) as tools:
            name = settings.embedder
            given = (tools.publisher(None), tools.vectors(name), tools.embedder(name))
            await articles.store(tools.database, tools.principal, sample_article(), *given)

    asyncio.run(store())


@pytest.mark.usefixtures("stored")
def test_a_text_is_checked_against_the_archive_and_an_article_not_against_itself(tmp_path: Path) -> None:
    text = tmp_path / "text.md"
    said = next(one.text for one in sample_article().sentences if "decibels" in one.text)
    text.write_text(f"# Electric ferries of Kestrel Sound\n\n{said}\n")
    checked = CliRunner().invoke(app, ["check", str(text), "-s", "archive:", "--json"])
    assert json.loads(checked.stdout)["counts"] == {"supported": 1}
    export = tmp_path / "article.json"
    export.write_text(provenance_json.render(sample_article()))
    later = CliRunner().invoke(app, ["check", str(text), "-s", "archive:", "--since", "2100-01-01"])
    assert "nothing was found that can be used from 2100-01-01 on: archive" in later.stderr
    itself = CliRunner().invoke(app, ["check", str(export), "-s", "archive:"])
    assert itself.exit_code == 3
    assert "nothing was found that can be used: archive" in itself.stderr


SOURCE = "The ferry carries 132 passengers. Patients with a clinic letter travel free. She sails at nine knots."


def checked(folder: Path, text: str, *words: str, source: str = SOURCE) -> Result:
    (folder / "text.md").write_text(text)
    (folder / "source.txt").write_text(source)
    return CliRunner().invoke(app, ["check", str(folder / "text.md"), "-s", str(folder / "source.txt"), *words])


def test_what_was_not_judged_is_listed_and_has_no_probability(tmp_path: Path) -> None:
    text = "The ferry carries 132 passengers. The galley smells of coffee. Gulls follow her."
    said = checked(tmp_path, text).stdout
    assert "2 sentences were not judged: they state no figure" in said
    assert "    Gulls follow her.\n" in said
    assert "1 supported, 2 not judged; 1 source" in said
    told = json.loads(checked(tmp_path, text, "--json").stdout)
    assert told["counts"] == {"supported": 1, "not_judged": 2}
    assert told["sentences"][1]["probability"] is None


KEY = "sk-" + "proj-abcdEFGH1234567890abcdEFGH1234567890abcd"
GIVEN_AWAY = f"The ferry carries 132 passengers. The key is {KEY}. The key is {KEY}."


def test_a_text_that_is_refused_ends_with_one_and_says_why_at_its_end(tmp_path: Path) -> None:
    done = checked(tmp_path, GIVEN_AWAY)
    assert done.exit_code == 1
    *_, verdict, reason = done.stdout.splitlines()
    assert verdict.startswith("Refused: score ")
    assert "must not be published" in reason
    told = json.loads(checked(tmp_path, GIVEN_AWAY, "--json").stdout)
    assert (told["verdict"], told["score"] < 100, told["reasons"]) == ("refuse", True, [reason.split("because    ")[1]])


def test_a_text_that_passes_says_so_and_ends_with_zero(tmp_path: Path) -> None:
    done = checked(tmp_path, "The ferry carries 132 passengers. Her speed at night is nine knots.")
    assert (done.exit_code, done.stdout.splitlines()[-1].partition(":")[0]) == (0, "Passes")


def test_a_text_of_which_nothing_was_judged_does_not_pass_and_ends_with_three(tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = checked(tmp_path, "x", "--report", str(page))
    assert (done.exit_code, "Passes" in done.stdout + page.read_text()) == (3, False)
    assert done.stdout.splitlines()[-1].startswith("Nothing was judged, so the text does not pass: ")
    told = json.loads(checked(tmp_path, "The galley smells of coffee.", "--json").stdout)
    assert (told["verdict"], told["reasons"][0][:11]) == ("not_judged", "No sentence")


def test_an_exported_article_is_told_by_its_citations_and_names_its_language_itself(tmp_path: Path) -> None:
    export = provenance_json.render(sample_article())
    done = checked(tmp_path, export)
    assert (done.exit_code, "Refused: score " in done.stdout) == (1, True)
    assert "NOT SUPPORTED: A ferry that makes no noise takes some getting used to.\n    support.uncited:" in done.stdout
    assert checked(tmp_path, export, "--language", "de").exit_code == 2


def test_a_text_can_come_from_standard_input(tmp_path: Path) -> None:
    (tmp_path / "source.txt").write_text(SOURCE)
    words = ["check", "-", "-s", str(tmp_path / "source.txt"), "--json"]
    done = CliRunner().invoke(app, words, input="\ufeff---\nlang: en\n---\nThe ferry carries 132 passengers.")
    assert json.loads(done.stdout)["counts"] == {"supported": 1}
    assert CliRunner().invoke(app, words, input="").exit_code == 2


@pytest.mark.parametrize("source", ["", "# Only a heading\n"])
def test_without_a_source_that_can_be_used_nothing_is_called_unsupported(tmp_path: Path, source: str) -> None:
    (tmp_path / "source.md").write_text(source)
    (tmp_path / "text.md").write_text("The ferry carries 132 passengers.")
    done = CliRunner().invoke(app, ["check", str(tmp_path / "text.md"), "-s", str(tmp_path / "source.md")])
    assert (done.exit_code, done.stdout) == (3, "")
    assert "nothing was checked" in done.stderr
    assert "next:" in done.stderr


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_secret_is_legible_neither_on_the_terminal_nor_in_the_report(tmp_path: Path, words: tuple[str, ...]) -> None:
    report = tmp_path / "report.html"
    done = checked(tmp_path, GIVEN_AWAY, "--report", str(report), *words, source=f"{SOURCE} The key is {KEY} today.")
    for shown in (done.stdout, done.stderr, report.read_text()):
        assert KEY[8:20] not in shown
    assert "sk-•••" in done.stdout


def test_no_finding_gives_an_account_away_piece_by_piece(tmp_path: Path) -> None:
    done = checked(tmp_path, "The account of the ferry is DE89 3704 0044 0532 0130 00 at the bank of Torvick.")
    assert "private.iban" in done.stdout
    assert not [part for part in ("DE89", "3704", "0044", "0532", "0130") if part in done.stdout]


@pytest.mark.parametrize(("option", "value"), [("--since", "yesterday"), ("--domain", "no site")])
def test_a_limit_of_searches_that_cannot_be_used_is_named(tmp_path: Path, option: str, value: str) -> None:
    text = tmp_path / "text.md"
    text.write_text("The ferry left at noon.")
    refused = CliRunner().invoke(app, ["check", str(text), "-s", "web:", option, value])
    assert (refused.exit_code, option.strip("-") in refused.stderr) == (2, True)
    assert value in refused.stderr


def test_a_search_that_nobody_knows_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    text = tmp_path / "text.md"
    text.write_text("The ferry left at noon.")
    refused = CliRunner().invoke(app, ["check", str(text), "-s", "archives:ferries"])
    assert refused.exit_code == 2
    assert "did you mean archive:?" in refused.stderr


@pytest.mark.usefixtures("stored")
def test_an_estimate_names_the_article_that_answers_the_topic_already() -> None:
    article = sample_article()
    notes = str(ROOT / "examples" / "sources" / "faq.md")
    told = CliRunner().invoke(app, ["write", article.brief.topic, "-s", notes, "--estimate"]).stdout
    assert article.title in told
    assert f"archive://{article.id}/1" in told
    other = CliRunner().invoke(app, ["write", "Growing apples", "-s", notes, "--estimate", "--json"]).stdout
    assert json.loads(other)["answered"] == []
