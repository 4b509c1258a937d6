"""The table of docs/quality_checks.md and the code name the same rules and thresholds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from aiwriter.pipeline.formats import Thresholds, names
from aiwriter.text.identifiers import Identifier

ROW = re.compile(r"^\| ([a-z_]+\.[a-z_]+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
LITERAL = re.compile(r'"([a-z_]+\.[a-z_]+)"')
DATA = {"defects": "defects.toml", "phrases": "phrases.toml"}  # parts whose rules are tables of a file


@pytest.fixture(scope="module")
def table(root: Path) -> dict[str, str]:
    """Rule → threshold."""
    rows = ROW.findall((root / "docs" / "quality_checks.md").read_text("utf-8"))
    return {rule: threshold for rule, _, threshold in rows}


def test_the_table_has_every_rule_of_its_parts_and_no_other(root, table):
    folder = root / "aiwriter" / "pipeline" / "quality"
    parts = {rule.partition(".")[0] for rule in table}
    known = {f"private.{kind}" for kind in Identifier}
    known |= {
        f"{part}.{name}" for part, file in DATA.items() for name in tomllib.loads((folder / file).read_text("utf-8"))
    }
    for file in folder.glob("*.py"):
        literals = LITERAL.findall(file.read_text("utf-8"))
        known |= {rule for rule in literals if rule.partition(".")[0] in parts and not rule.endswith(".toml")}
    assert set(table) == known


def test_every_threshold_it_names_is_one(table):
    named = {name for text in table.values() for name in re.findall(r"`([a-z_]+)`", text)} - {"parts"}
    assert named <= set(Thresholds.model_fields)


@pytest.mark.parametrize("name", names())
def test_every_format_that_ships_names_every_threshold(root, name):
    told = tomllib.loads((root / "aiwriter" / "pipeline" / "formats" / f"{name}.toml").read_text("utf-8"))["thresholds"]
    assert set(told) == set(Thresholds.model_fields)
