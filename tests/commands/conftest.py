"""The command line within this process, which has imported all that a new one would be seconds importing."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from aiwriter import bootstrap, settings
from aiwriter.bootstrap import Tools
from aiwriter.cli import app
from aiwriter.testing.terminal import Ended, Terminal


class TerminalHere(Terminal):
    """Runs `aiwriter …` with the same environment, but without a process of its own; `start` still makes one."""

    def run(self, *words: str, seconds: float = 180) -> Ended:
        ended = CliRunner().invoke(app, words, env=self.environment())
        return Ended(ended.exit_code, ended.stdout, ended.stderr)


@pytest.fixture(autouse=True)
def _a_home_with_tables(_apart_from_the_world: None, migrated_sqlite: Path) -> None:
    """To make them takes longer than most of what is tested; that a first command makes them, README's blocks and
    e2e/test_demo_cut_off.py test."""
    home = Path(os.environ["AIWRITER_HOME"])
    home.mkdir()
    shutil.copy(migrated_sqlite, home)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return TerminalHere(tmp_path / "home")


@pytest.fixture
async def tools(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Tools]:
    """Tools over the home of the test."""
    monkeypatch.setenv("AIWRITER_EMBEDDER", "hashing:64")
    async with bootstrap.open_tools(settings.load()) as opened:
        yield opened
