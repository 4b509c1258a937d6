"""A command line of one verb alone is that verb as it is among all."""

from __future__ import annotations

import pytest
import typer
from typer.core import TyperGroup
from typer.testing import CliRunner

from aiwriter import __version__
from aiwriter.cli import app
from aiwriter.commands.options import alone


def group(of: typer.Typer) -> TyperGroup:
    command = typer.main.get_command(of)
    assert isinstance(command, TyperGroup)
    return command


VERBS = sorted(group(app).commands)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_found_alone_and_says_of_itself_what_it_says_among_all(verb: str) -> None:
    one = alone(app, verb)
    assert set(group(one).commands) == {verb}
    said, among_all = (CliRunner().invoke(each, [verb, "--help"]) for each in (one, app))
    assert (said.exit_code, said.output) == (0, among_all.output)
    assert [word for word in ("list[", "range>", "Path]") if word in said.output] == []  # no types of Python


def test_it_says_which_version_it_is() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert (said.exit_code, said.output) == (0, f"aiwriter {__version__}\n")


def test_no_summary_of_a_verb_is_cut_in_a_terminal_of_80_columns() -> None:
    verbs = group(app).commands.values()
    words = [[], *([one.name or ""] for one in verbs if isinstance(one, TyperGroup))]
    said = [CliRunner().invoke(app, [*each, "--help"], terminal_width=80).output for each in words]
    assert [line for help_ in said for line in help_.splitlines()[1:] if line.endswith("...")] == []


@pytest.mark.parametrize("words", [[], ["--help"], ["wirte"], ["write", "--nonsense"]])
def test_what_is_no_verb_is_answered_as_by_all(words: list[str]) -> None:
    said, by_all = (CliRunner().invoke(one, words) for one in (alone(app, words[0] if words else ""), app))
    assert (said.exit_code, said.output) == (by_all.exit_code, by_all.output)
