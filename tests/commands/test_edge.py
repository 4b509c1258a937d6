"""Where a command meets the terminal."""

from __future__ import annotations

import os
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, edge


def test_a_reader_that_goes_ends_a_command_without_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(_tools: Tools) -> int:
        console.say("x" * 1_000_000)
        return 0

    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as out, redirect_stdout(out):
        assert edge.run(work, as_json=False, needs_database=False) == edge.UNHEARD
    assert capsys.readouterr().err == ""
    assert not (Path(os.environ["AIWRITER_HOME"]) / "logs" / "defects.log").exists()
