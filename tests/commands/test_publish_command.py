"""`approve`, `publish`, `publications` and `gate` at the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner, Result

from aiwriter import bootstrap, settings
from aiwriter.cli import app
from aiwriter.documents import Article, ArticleKind
from aiwriter.testing import sample_article, sample_id, sound_article


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def keep(*kept: Article) -> None:
    async def stored() -> None:
        async with bootstrap.open_tools(settings.load()) as tools, tools.unit_of_work() as work:
            for article in kept:
                await work.articles.add_version(article)
            await work.commit()

    asyncio.run(stored())


def test_a_sound_article_is_published_once_listed_and_withdrawn(tmp_path: Path) -> None:
    article = sound_article()
    keep(article)
    target = f"folder:{tmp_path / 'site'}"
    assert "Nothing was published yet" in run("publications", "list").stdout
    made = json.loads(run("publish", article.slug, "--to", target, "--json").stdout)
    assert Path(made["address"]).is_file()
    assert json.loads(run("publish", str(article.id), "--to", target, "--json").stdout)["id"] == made["id"]
    assert "published" in run("publications", "list").stdout
    assert run("publications", "withdraw", made["id"][:13]).exit_code == 0
    assert not Path(made["address"]).exists()
    assert run("publications", "withdraw", "ffff").exit_code == 2


def test_an_article_is_unpublished_by_its_name_and_again_changes_nothing(tmp_path: Path) -> None:
    article, target = sound_article(), f"folder:{tmp_path / 'site'}"
    keep(article)
    made = json.loads(run("publish", article.slug, "--to", target, "--json").stdout)
    (taken,) = json.loads(
        run("unpublish", article.slug, "--from", target, "--reason", "A wrong figure.", "--json").stdout
    )
    assert (taken["id"], taken["status"]) == (made["id"], "withdrawn")
    assert not Path(made["address"]).exists()
    assert article.title not in (tmp_path / "site" / "index.html").read_text()
    (kept,) = json.loads(run("publications", "list", article.slug, "--json").stdout)
    assert (kept["withdrawn_by"], kept["withdrawn_why"]) == (taken["withdrawn_by"], "A wrong figure.")
    assert "UTC by local: A wrong figure." in run("publications", "list").stdout
    again = run("unpublish", article.slug)
    assert (again.exit_code, "nothing to do" in again.stdout) == (0, True)


def test_a_digest_goes_out_after_a_person_has_approved_it_at_its_time() -> None:
    digest = sample_article(ArticleKind.DIGEST)
    keep(digest)
    refused = run("publish", digest.slug)
    assert (refused.exit_code, "No person has approved" in refused.stderr) == (1, True)
    assert run("publish", digest.slug, "--at", "2026-01-01T08:00").exit_code == 0  # that is past: due at once
    held = run("publications", "carry")
    assert (held.exit_code, "waiting" in held.stdout) == (1, True)
    assert "needs approval" in run("articles").stdout
    assert run("approve", digest.slug).exit_code == 0
    assert "needs approval" not in run("articles").stdout
    (told,) = json.loads(run("articles", "--json").stdout)
    assert (told["status"], told["standing"]) == ("needs_approval", "approved")
    carried = run("publications", "carry")
    assert (carried.exit_code, "published" in carried.stdout) == (0, True)
    assert "Nothing is due" in run("publications", "carry").stdout


def test_what_cannot_be_used_is_refused() -> None:
    keep(sound_article())
    for words, told in (
        (("--to", "nowhere"), "site"),
        (("--to", "ftp:x"), "Name a folder"),
        (("--at", "soon"), "2026-12-01"),
    ):
        ended = run("publish", sound_article().slug, *words)
        assert (ended.exit_code, told in ended.stderr) == (2, True), ended.stderr


def test_the_gate_ends_with_1_when_something_fails() -> None:
    """An article that cannot be judged fails without Great Expectations, which the tests of the service use."""
    assert run("gate").exit_code == 0
    brief = sound_article().brief.model_copy(update={"format": "gone.toml"})
    keep(sound_article(id=sample_id("gone"), brief=brief))
    failing = run("gate", "--json")
    report = json.loads(failing.stdout)
    assert (failing.exit_code, report["rows"], report["failing"]) == (1, 1, 1)
    assert "cannot be judged" in run("gate").stdout
    assert run("gate", "--format", "how_to").exit_code == 0
    assert run("gate", "--since", "2999-01-01").exit_code == 0
