"""`aiwriter formats`: which there are, and by what their texts are judged, as the API and the Write page tell it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from aiwriter.cli import app
from aiwriter.pipeline import demands, formats


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["formats", *words])


def test_all_formats_are_listed_with_their_lengths() -> None:
    assert [one["name"] for one in json.loads(run("--json").stdout)] == formats.names()
    assert "150 to 1,500" in run().stdout


@pytest.mark.parametrize("own", [False, True])
def test_one_is_told_with_everything_that_is_demanded(own: bool, tmp_path: Path) -> None:
    given = "how_to"
    if own:
        shipped = Path(formats.__file__).with_name("how_to.toml").read_text(encoding="utf-8")
        given = str(tmp_path / "recipe.toml")
        Path(given).write_text(shipped.replace("copied_run_max = 12", "copied_run_max = 9"), encoding="utf-8")
    told = demands.told(formats.load(given))
    assert any(f"At most {9 if own else 12} words in a row" in text for _, text in told)
    assert [(one["part"], one["text"]) for one in json.loads(run(given, "--json").stdout)["demands"]] == told
    assert all(text in run(given).stdout for _, text in told)


def test_an_unknown_one_is_refused_with_one_that_is_like_it() -> None:
    refused = run("how-to")
    assert (refused.exit_code, "did you mean 'how_to'?" in refused.stderr) == (2, True)
