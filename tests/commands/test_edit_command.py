"""`edit` and `dismiss` say first how the version stands, then what was found, then what can be done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiwriter.documents import Article, ArticleKind
from aiwriter.pipeline.editable import to_editable
from aiwriter.testing import sample_article, sound_article
from tests.commands.test_publish_command import keep, run


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    """The sound article with one figure that its source does not have."""
    file = tmp_path / "wrong.md"
    file.write_text(to_editable(sound_article()).replace("38 minutes", "58 minutes"), encoding="utf-8")
    return file


def kept(article: Article) -> str:
    provenance = article.provenance.model_copy(update={"embedder": "hashing:64"})
    keep(article.model_copy(update={"provenance": provenance}))
    return str(article.id)


def test_an_edit_with_an_open_error_is_said_to_be_not_accepted_and_what_helps(wrong: Path) -> None:
    article = kept(sound_article())
    done = run("edit", article, "--from", str(wrong))
    first, error, place, *_, last = done.stdout.splitlines()
    assert done.exit_code == 1
    assert first.startswith("version 2: not accepted, 1 error is open; score ")
    assert error.startswith("  error ")
    assert "58" in error
    assert "58 minutes" in place
    assert f"aiwriter edit {article}" in last
    assert f"aiwriter dismiss {article}" in last
    assert "cannot be approved before that" in last


def test_json_of_an_edit_has_the_verdict_the_reasons_and_the_next_step(wrong: Path) -> None:
    done = run("edit", kept(sound_article()), "--from", str(wrong), "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["verdict"], told["status"], told["open_errors"]) == (
        1,
        "revise",
        "needs_approval",
        1,
    )
    assert told["reasons"][0].startswith("1 error is open.")
    assert "aiwriter dismiss" in told["next_step"]


def test_what_a_dismissal_settles_is_accepted_and_may_be_published(wrong: Path) -> None:
    article = kept(sound_article())
    told = json.loads(run("edit", article, "--from", str(wrong), "--json").stdout)
    (error,) = (one for one in told["findings"] if one["severity"] == "error")
    assert "not accepted, 1 error is open" in run("dismiss", article).stdout
    done = run("dismiss", article, error["id"], "--reason", "Timed it on board.")
    assert done.exit_code == 0
    assert "version 3: accepted" in done.stdout
    assert f"aiwriter publish {article}" in done.stdout


def test_of_a_digest_it_is_said_that_a_person_may_approve_it(tmp_path: Path) -> None:
    digest = sample_article(ArticleKind.DIGEST)
    article, file = kept(digest), tmp_path / "e.md"
    file.write_text(to_editable(digest).replace(f"title: {digest.title}", "title: Another title of it"))
    done = run("edit", article, "--from", str(file))
    assert done.exit_code == 0
    assert "needs approval" in done.stdout
    assert f"aiwriter approve {article}" in done.stdout
