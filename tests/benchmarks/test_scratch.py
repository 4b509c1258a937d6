"""A benchmark empties what it built itself, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scratch import emptied


def test_a_folder_with_files_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "article.md").write_text("mine")
    with pytest.raises(SystemExit, match="name a new folder"):
        emptied(tmp_path)
    assert (tmp_path / "article.md").read_text() == "mine"


def test_a_folder_of_an_earlier_run_is_emptied(tmp_path: Path) -> None:
    built = emptied(tmp_path / "new")
    (built / "speed.db").write_text("old")
    assert not (emptied(built) / "speed.db").exists()
