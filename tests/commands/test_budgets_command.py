"""`budgets` shows and sets what runs may spend together."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from aiwriter.cli import app


def run(*words: str) -> Result:
    return CliRunner().invoke(app, ["budgets", *words])


def test_a_cap_is_shown_until_it_is_taken_away() -> None:
    assert run("set", "openai", "20").exit_code == 0
    assert run("set", "day", "$2.50").exit_code == 0
    told = json.loads(run("list", "--json").stdout)
    assert {one["scope"]: one["cap_usd"] for one in told} == {"workspace": None, "day": "2.5", "provider": "20"}
    assert "$2.5000" in run("list").stdout
    assert run("set", "day", "none").exit_code == 0
    assert "$2.5000" not in run("list").stdout


def test_an_unknown_budget_or_amount_is_refused_with_the_known_ones() -> None:
    unknown = run("set", "opanai", "20")
    assert (unknown.exit_code, "openai" in unknown.stderr) == (2, True)
    assert run("set", "day", "lots").exit_code == 2


@pytest.mark.parametrize(
    ("amount", "said"), [("0.0000001", "a millionth of a dollar"), ("-1", "'-1' must be above zero")]
)
def test_an_amount_that_is_no_cap_is_refused_with_why(amount: str, said: str) -> None:
    refused = run("set", "day", amount)
    assert (refused.exit_code, said in refused.stderr) == (2, True), refused.stderr
