"""Groups of patterns that ship as data: one TOML file a check, one table a group, its patterns by language.

A pattern is a regular expression over a sentence, written without regard to case; "any" holds for every language. A
group says in `source` where its patterns come from when somebody else gathered them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_FIELDS = ("message", "told", "fix", "least", "distinct", "weight", "human", "running")  # of a group
_TABLE = {*_FIELDS, "source"}  # what is no list of patterns


@dataclass(frozen=True, slots=True)
class Group:
    """Patterns with one message and one fix. A hit counts only in company: at least `least` of the group in a section,
    `distinct` ones if so said; `human` is how often people write so, hits per 1,000 words. `running`: only in running
    text, not in lists."""

    name: str
    message: str
    fix: str
    shape: re.Pattern[str]
    least: int = 1
    distinct: bool = False
    weight: float = 1.0
    human: float = 0.0
    running: bool = False
    told: str = ""  # what to avoid, in a few words, for prompts and screens

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the group's patterns match."""
        return (match.span() for match in self.shape.finditer(text) if match[0].strip())


@lru_cache(maxsize=32)
def groups(file: str, language: str) -> tuple[Group, ...]:
    """The groups of a shipped file that have patterns for this language."""
    tables = tomllib.loads((files(__package__ or "") / file).read_text("utf-8"))
    return tuple(
        _group(name, table, shapes)
        for name, table in tables.items()
        if (shapes := [*table.get("any", ()), *table.get(language, ())])
    )


def languages(file: str) -> frozenset[str]:
    """Languages a shipped file has patterns of its own for."""
    tables = tomllib.loads((files(__package__ or "") / file).read_text("utf-8"))
    return frozenset(name for table in tables.values() for name in table) - _TABLE - {"any"}


def _group(name: str, table: dict[str, object], shapes: list[str]) -> Group:
    fields = {key: table[key] for key in _FIELDS if key in table}
    return Group(name=name, shape=re.compile("|".join(f"(?:{shape})" for shape in shapes), re.IGNORECASE), **fields)  # type: ignore[arg-type]
