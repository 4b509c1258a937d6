"""From characters with places to blocks: lines, columns, running heads, paragraphs, headings, tables.

Coordinates are points from a page's lower left corner; "size" is the type size in points.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from statistics import median
from typing import NamedTuple

from aiwriter.source_kinds import BlockKind
from aiwriter.sources.extracted import Piece, as_table
from aiwriter.sources.wrapped import is_bullet, join_lines, vocabulary, without_bullet

_CELL_GAP = 1.7  # type sizes between two words that belong to different cells or columns
_PARAGRAPH_GAP = 1.3  # line distances that part paragraphs
_HEADING_SIZE = 1.12  # times the body's size
_NOTE_SIZE = 0.9
_MAX_HEADING_WORDS = 20
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*[\divxlc]+$")
_PAGE_NUMBER = re.compile(
    r"(?:page|seite|p\.)?\s*[-–—]?\s*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:of|von|/|\|)\s*\d{1,4})?\s*[-–—]?", re.IGNORECASE
)
_CAPTION = re.compile(r"(?:figure|fig\.|table|abbildung|tabelle)\s+\d+(?:\.\d+)*\s*[.:–-]", re.IGNORECASE)
_ENDS = (".", "!", "?", ":", ";", ".”", '."', ".)", "!”", "?”", '?"')
_DIGITS = re.compile(r"\d+")


class Glyph(NamedTuple):
    """One character; a blank has no place of its own. `y` is the baseline."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    fixed: bool


class Page(NamedTuple):
    number: int
    glyphs: tuple[Glyph, ...]


@dataclass(slots=True)
class Cell:
    """A run of words on one line; a line of a table or of two columns has several."""

    page: int
    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    fixed: bool
    column: int = 0


@dataclass(slots=True)
class Line:
    """Cells side by side, and the edges of the column they stand in."""

    cells: list[Cell]
    left: float = 0.0
    right: float = 0.0

    @property
    def first(self) -> Cell:
        return self.cells[0]

    @property
    def x1(self) -> float:
        return self.cells[-1].x1

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    @property
    def place(self) -> tuple[int, int]:
        return (self.first.page, self.first.column)


def pieces_of(pages: Iterable[Page], count: int) -> Iterator[Piece]:
    """The blocks of a document of `count` pages in reading order."""
    lines = [line for page in pages for line in _lines_of(page)]
    lines = [line for line in _without_running_lines(lines, count) if not _LEADERS.search(line.text)]
    if lines:
        yield from _Assembler(lines).pieces()


# ── characters → lines ───────────────────────────────────────────────────────────────────────────────────────────────


def _lines_of(page: Page) -> list[Line]:
    cells = [cell for run in _runs(page.glyphs) if (cell := _cell(page.number, run))]
    cells = _in_columns(cells)
    lines: list[Line] = []
    for cell in cells:
        last = lines[-1].cells[-1] if lines else None
        beside = last and last.column == cell.column and abs(last.y - cell.y) < 0.5 * cell.size and cell.x0 >= last.x1
        if beside:
            lines[-1].cells.append(cell)
        else:
            lines.append(Line([cell]))
    for _, group in groupby(lines, key=lambda line: line.first.column):
        members = list(group)
        left = min(line.first.x0 for line in members)
        right = max(line.x1 for line in members)
        for line in members:
            line.left, line.right = left, right
    return lines


def _runs(glyphs: Iterable[Glyph]) -> Iterator[list[Glyph]]:
    """Glyphs in one run stand on one baseline and close together; raised and lowered ones stay with their word."""
    run: list[Glyph] = []
    edge = 0.0
    for glyph in glyphs:
        if glyph.text == " ":
            run.append(glyph)
            continue
        last = next((member for member in reversed(run) if member.text != " "), None)
        if last:
            size = max(glyph.size, last.size)
            apart = (
                abs(glyph.y - last.y) > 0.55 * size or glyph.x0 < edge - 2 * size or glyph.x0 > edge + _CELL_GAP * size
            )
            if apart:
                yield run
                run, edge = [], 0.0
        run.append(glyph)
        edge = max(edge, glyph.x1)
    yield run


def _cell(page: int, run: list[Glyph]) -> Cell | None:
    inked = [glyph for glyph in run if glyph.text != " "]
    text = " ".join("".join(glyph.text for glyph in run).split())
    if not inked or not text:
        return None
    return Cell(
        page=page,
        text=text,
        x0=min(glyph.x0 for glyph in inked),
        x1=max(glyph.x1 for glyph in inked),
        y=Counter(round(glyph.y, 1) for glyph in inked).most_common(1)[0][0],
        size=round(median(glyph.size for glyph in inked) * 2) / 2,
        bold=sum(glyph.bold for glyph in inked) > 0.8 * len(inked),
        fixed=sum(glyph.fixed for glyph in inked) > 0.8 * len(inked),
    )


# ── columns ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _in_columns(cells: list[Cell]) -> list[Cell]:
    """Two columns read one after the other between the lines that span them; otherwise the file's own order."""
    gutter = _gutter(cells)
    if gutter is None:
        return cells
    ordered: list[Cell] = []
    band: list[Cell] = []
    column = 0
    for cell in [*sorted(cells, key=lambda cell: -cell.y), None]:
        if cell is not None and not cell.x0 < gutter < cell.x1:
            band.append(cell)
            continue
        for side in ([c for c in band if c.x1 <= gutter], [c for c in band if c.x0 >= gutter]):
            column += 1
            for member in sorted(side, key=lambda c: (-c.y, c.x0)):
                member.column = column
                ordered.append(member)
        band = []
        if cell is not None:
            column += 1
            cell.column = column
            ordered.append(cell)
    return ordered


def _gutter(cells: list[Cell]) -> float | None:
    """The x between two columns of running text, None when the page has no two such columns."""
    if len(cells) < 10:
        return None
    left, right = min(cell.x0 for cell in cells), max(cell.x1 for cell in cells)
    width = right - left
    candidates = [left + width * share / 100 for share in range(35, 66)]
    crossing = {x: sum(1 for cell in cells if cell.x0 < x < cell.x1) for x in candidates}
    fewest = min(crossing.values())
    narrowest = [x for x in candidates if crossing[x] == fewest]
    gutter = narrowest[len(narrowest) // 2]
    if fewest > len(cells) * 0.3:
        return None
    for low, high in ((left, gutter), (gutter, right)):
        side = [cell.x1 - cell.x0 for cell in cells if cell.x0 >= low - 1 and cell.x1 <= high + 1]
        if len(side) < 5 or median(side) < 0.6 * (high - low):
            return None
    return gutter


# ── running heads, page numbers ──────────────────────────────────────────────────────────────────────────────────────


def _without_running_lines(lines: list[Line], pages: int) -> list[Line]:
    """Lines at the edge of a page that come back on others at the same height, and lone page numbers, are left out."""
    by_page = {number: list(group) for number, group in groupby(lines, key=lambda line: line.first.page)}
    edges: dict[int, list[Line]] = {}
    for number, members in by_page.items():
        by_height = sorted(members, key=lambda line: line.first.y)
        edges[number] = [*by_height[:2], *by_height[-2:]] if len(members) > 4 else by_height
    times = Counter(key for group in edges.values() for key in {_recurring(line) for line in group})
    heights = Counter(key for group in edges.values() for key in {_height(line) for line in (group[:1] + group[-1:])})
    often = max(2, round(0.4 * pages))
    dropped = {
        id(line)
        for group in edges.values()
        for line in group
        if times[_recurring(line)] >= often
        or _PAGE_NUMBER.fullmatch(line.text)
        or (pages >= 4 and heights[_height(line)] >= 0.6 * pages and _is_numbered_edge(line))
    }
    return [line for line in lines if id(line) not in dropped]


def _recurring(line: Line) -> tuple[str, int]:
    return (_DIGITS.sub("#", line.text), _height(line))


def _height(line: Line) -> int:
    return round(line.first.y / 4)


def _is_numbered_edge(line: Line) -> bool:
    words = line.text.split()
    return len(words) <= 12 and any(_PAGE_NUMBER.fullmatch(word) for word in (words[0], words[-1]))


# ── lines → paragraphs ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Assembler:
    """Collects lines to paragraphs. Notes set smaller than the body wait until the paragraph around them has ended."""

    lines: list[Line]
    body: float = field(init=False)
    pitch: float = field(init=False)
    known: frozenset[str] = field(init=False)
    levels: dict[tuple[float, bool], int] = field(init=False)

    def __post_init__(self) -> None:
        sizes: Counter[float] = Counter()
        for line in self.lines:
            sizes[line.first.size] += len(line.text)
        self.body = sizes.most_common(1)[0][0]
        self.pitch = self._pitch()
        self.known = vocabulary(line.text for line in self.lines)
        styles = {self._style(line) for line in self.lines if self._looks_like_heading([line])}
        self.levels = {style: min(rank, 6) for rank, style in enumerate(sorted(styles, reverse=True), start=1)}

    def _pitch(self) -> float:
        """The usual distance of two lines of the body."""
        steps: Counter[float] = Counter()
        for above, below in zip(self.lines, self.lines[1:], strict=False):
            step = above.first.y - below.first.y
            if above.place == below.place and above.first.size == self.body and 0 < step < 3 * self.body:
                steps[round(step * 2) / 2] += 1
        return steps.most_common(1)[0][0] if steps else 1.2 * self.body

    @staticmethod
    def _style(line: Line) -> tuple[float, bool]:
        return (line.first.size, line.first.bold)

    def pieces(self) -> Iterator[Piece]:
        notes: list[list[Line]] = []
        current: list[Line] = []
        for group in self._groups():
            if current and group[0].first.size < _NOTE_SIZE * self.body:
                notes.append(group)
            elif current and self._goes_on_elsewhere(current[-1], group[0]):
                current += group
            else:
                yield from self._flush(current, notes)
                current, notes = group, []
        yield from self._flush(current, notes)

    def _flush(self, current: list[Line], notes: list[list[Line]]) -> Iterator[Piece]:
        for lines in filter(None, [current, *notes]):
            yield self._piece(lines)

    def _groups(self) -> Iterator[list[Line]]:
        """Lines that belong together within one column of one page."""
        group: list[Line] = []
        for line in self.lines:
            if group and self._parts(group[-1], line, len(group)):
                yield group
                group = []
            group.append(line)
        if group:
            yield group

    def _parts(self, above: Line, line: Line, count: int) -> bool:
        """Whether a new paragraph begins with `line`."""
        if above.place != line.place or self._is_table(above) != self._is_table(line):
            return not self._is_wrapped_cell(above, line)
        step = above.first.y - line.first.y
        if self._is_table(line) or (above.first.fixed and line.first.fixed):
            return not 0 <= step < 3 * self.pitch
        if (
            self._style_differs(above, line)
            or is_bullet(line.text)
            or not 0 < step <= _PARAGRAPH_GAP * self._leading(line)
        ):
            return True
        if self._looks_like_heading([line]):
            return False
        indented = line.first.size * 0.8 < line.first.x0 - above.first.x0 < line.first.size * 5
        return (indented and count > 1) or self._next_word_would_fit(above, line)

    def _leading(self, line: Line) -> float:
        return max(self.pitch, 1.35 * line.first.size)

    def _style_differs(self, above: Line, line: Line) -> bool:
        return abs(above.first.size - line.first.size) > 0.06 * self.body or (
            above.first.bold != line.first.bold and (above.first.bold or len(line.text) > 3)
        )

    @staticmethod
    def _next_word_would_fit(above: Line, line: Line) -> bool:
        """A line that had room for the next word was ended on purpose. Room is reckoned generously for ragged text."""
        word = line.text.split(maxsplit=1)[0]
        width = (line.x1 - line.first.x0) / max(len(line.text), 1) * (len(word) + 1)
        return above.right - above.x1 > 1.5 * width + line.first.size and above.text.endswith((*_ENDS, ",")) is True

    @staticmethod
    def _is_table(line: Line) -> bool:
        return len(line.cells) > 1

    def _is_wrapped_cell(self, above: Line, line: Line) -> bool:
        """A second line of a cell between rows of a table: short, and close to the row."""
        if above.place != line.place or abs(above.first.y - line.first.y) > 1.5 * self.pitch:
            return False
        single = line if self._is_table(above) else above
        return single.x1 - single.first.x0 < 0.5 * (single.right - single.left) and not self._looks_like_heading(
            [single]
        )

    def _goes_on_elsewhere(self, last: Line, line: Line) -> bool:
        """A paragraph cut by the end of a column or page."""
        if last.place == line.place or self._style_differs(last, line) or self._is_table(last) or self._is_table(line):
            return False
        if is_bullet(line.text) or self._looks_like_heading([last]) or last.first.fixed:
            return False
        return not last.text.endswith(_ENDS) or (line.text[0].islower() and last.right - last.x1 < 2 * last.first.size)

    def _looks_like_heading(self, lines: list[Line]) -> bool:
        first = lines[0].first
        text = " ".join(line.text for line in lines)
        stands_out = first.size >= _HEADING_SIZE * self.body or (first.bold and first.size >= 0.95 * self.body)
        return (
            stands_out
            and all(len(line.cells) == 1 for line in lines)
            and len(text.split()) <= _MAX_HEADING_WORDS
            and not text.endswith((".", ";", ","))
            and any(character.isalpha() for character in text)
        )

    def _piece(self, lines: list[Line]) -> Piece:
        if sum(self._is_table(line) for line in lines) > len(lines) / 2 and len(lines) > 1:
            return as_table([[cell.text for cell in line.cells] for line in lines])
        if all(line.first.fixed for line in lines):
            return Piece(BlockKind.CODE, "\n".join(line.text for line in lines))
        text = join_lines([line.text for line in lines], self.known)
        if self._looks_like_heading(lines):
            return Piece(BlockKind.HEADING, text, self.levels.get(self._style(lines[0]), 6))
        if _CAPTION.match(text):
            return Piece(BlockKind.CAPTION, text)
        if is_bullet(lines[0].text):
            return Piece(BlockKind.LIST_ITEM, without_bullet(text))
        return Piece(BlockKind.PARAGRAPH, text)
