"""Tables as text (CSV, TSV): each row becomes a line that says what its values are, "Town: Bergen; People: 291,940"."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from aiwriter.errors import UnreadableSource
from aiwriter.source_kinds import BlockKind, SourceKind
from aiwriter.sources.decoding import decode
from aiwriter.sources.extracted import Extracted, Piece
from aiwriter.text.rows import names_columns, told

MAX_ROWS = 5_000
MAX_COLUMNS = 200
MAX_LINE = 1_000_000  # characters of a line, and of a value
_SAMPLE_ROWS = 50
_DELIMITERS = ",;\t|"

Row = list[str]


def extract(data: bytes, charset: str | None = None) -> Extracted:
    """A list item a row, its values after the names of their columns where the first row names them; empty values are
    left out. Rows beyond MAX_ROWS and columns beyond MAX_COLUMNS are counted in `flags`. Raises UnreadableSource."""
    text = decode(data, charset).lstrip("\ufeff")
    if max(map(len, io.StringIO(text)), default=0) > MAX_LINE:
        raise UnreadableSource(f"a line is longer than {MAX_LINE:,} characters", hint="give a table with shorter rows")
    text, declared = _declared(text)
    delimiter = declared or _delimiter(text)
    reader = _rows(text, delimiter)
    rows = [*islice(reader, MAX_ROWS + 1)]
    names = rows[0][:MAX_COLUMNS] if names_columns(rows) else None
    body = (rows[1:] if names else rows)[:MAX_ROWS]
    left_out = len(rows) - len(body) - bool(names) + sum(1 for _ in reader)
    width = max(map(len, rows), default=0)
    return Extracted(
        kind=SourceKind.CSV,
        pieces=tuple(Piece(BlockKind.LIST_ITEM, told(row[:MAX_COLUMNS], names)) for row in body),
        flags=tuple(_left_out(left_out, "rows") + _left_out(width - MAX_COLUMNS, "columns")),
    )


def _left_out(number: int, what: str) -> list[str]:
    return [f"{what} left out: {number:,}"] if number > 0 else []


def _declared(text: str) -> tuple[str, str | None]:
    """Excel's "sep=;" in the first line: the text without it, and the delimiter."""
    match = re.match(r"sep=(.)\r?\n", text)
    return (text[match.end() :], match[1]) if match else (text, None)


def _rows(text: str, delimiter: str) -> Iterator[Row]:
    """Rows with something in them, values on one line."""
    limit = csv.field_size_limit()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for values in reader:
            row = [" ".join(value.split()) for value in values]
            if any(row):
                yield row
    except csv.Error as error:
        raise UnreadableSource(
            f"line {reader.line_num} is no row of a table ({error}; a value may have {limit:,} characters)",
            hint="save it again as CSV from a spreadsheet",
        ) from error


def _delimiter(text: str) -> str:
    """The one by which most rows have the same number of values, more than one; a comma if there is none."""
    sample = text[: 2 * MAX_LINE]

    def score(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(row) for row in islice(_rows(sample, delimiter), _SAMPLE_ROWS)]
        except UnreadableSource:
            return 0.0, 0
        [(width, times)] = Counter(widths).most_common(1) or [(0, 0)]
        return (times / len(widths), width) if width > 1 else (0.0, 0)

    return max(_DELIMITERS, key=score)
