"""Rows of tables told with the names of their columns: "Town: Bergen; People: 291,940".

A row alone says nothing; with the names of its columns it can be found, quoted and cited. Names and values are the
table's own words, in its order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

BETWEEN = " | "  # the cells of a row, in the text of a source
_BETWEEN = re.compile(r" \|(?: |$)")
_MAX_NAME_WORDS = 8
_SAMPLE_ROWS = 50
_NUMBER = re.compile(r"[-+(]?\W{0,2}\d[\d\s.,:/%’'-]*\)?\s?\S{0,3}")

Row = Sequence[str]


def cells(line: str) -> list[str]:
    """The cells of a line in which BETWEEN stands between them; empty ones are kept."""
    return [cell.strip() for cell in _BETWEEN.split(line)]


def names_columns(rows: Sequence[Row]) -> bool:
    """Whether the first row names the columns: distinct short texts, none a number, none a value of its column."""
    if len(rows) < 2:
        return False
    first, sample = rows[0], rows[1 : _SAMPLE_ROWS + 1]
    filled = [name for name in first if name]
    if len(set(filled)) < len(filled) or len(filled) < max(1, len(first) - 1):
        return False
    if any(len(name.split()) > _MAX_NAME_WORDS or _NUMBER.fullmatch(name) for name in filled):
        return False
    return not any(name and name in {row[n] for row in sample if n < len(row)} for n, name in enumerate(first))


def heads_figures(rows: Sequence[Row]) -> bool:
    """The same of a table that does not say which rows are its head, as in PDF, where the first may be as good as any
    other ("Name | Lanternfish"): all rows are equally long, and a column has figures but in the first."""
    if not names_columns(rows) or len({len(row) for row in rows}) > 1:
        return False
    columns = ([cell for cell in column if cell] for column in zip(*rows[1:], strict=True))
    return any(column and all(map(_NUMBER.fullmatch, column)) for column in columns)


def told(row: Row, names: Row | None) -> str:
    """A row with the names of its columns; empty values are left out."""
    if names is None:
        return "; ".join(value for value in row if value)
    named = [*names[: len(row)], *[""] * (len(row) - len(names))]
    return "; ".join(f"{name}: {value}" if name else value for name, value in zip(named, row, strict=True) if value)


def told_lines(text: str, heads: Sequence[str]) -> list[str]:
    """Each line of a table told with the names in the lines that head it.

    A row that has not as many cells as there are names is told without them: which is whose cannot be known. Without a
    head the first of a row's cells names the others ("Length: 54 m").
    """
    names = _names([cells(line) for line in heads])
    return [_told(cells(line), names) for line in text.split("\n")]


def _names(heads: Sequence[Row]) -> list[str] | None:
    """Of several rows as long as the last one: "Passengers 2024" of "Passengers" above "2024"."""
    if not heads:
        return None
    above = [row for row in heads if len(row) == len(heads[-1])]
    return [" ".join(dict.fromkeys(name for name in column if name)) for column in zip(*above, strict=True)]


def _told(row: Row, names: Row | None) -> str:
    if names:
        return told(row, names if len(names) == len(row) else None)
    first, *others = row
    return f"{first}: {'; '.join(filter(None, others))}" if first and any(others) else told(row, None)
