"""Plain text files: paragraphs re-joined from wrapped lines, headings and lists recognised by how they are typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aiwriter.errors import UnreadableSource
from aiwriter.source_kinds import BlockKind, SourceKind
from aiwriter.sources.decoding import decode
from aiwriter.sources.extracted import Extracted, Piece, as_table
from aiwriter.sources.wrapped import HYPHEN_END, is_bullet, join_lines, vocabulary, without_bullet

_RULE = re.compile(r"\s*([=~*#_-])\1{2,}\s*$")
_NUMBER = re.compile(r"\A\s*(?:\d+(?:\.\d+)*\.?|[IVX]+\.)\s+(?=\S)")
_COLUMNS = re.compile(r"\S {3,}\S.* {3,}\S|\S *\t+ *\S.*\t|\|.*\|")
_FIELD = re.compile(r"\S[^:]{0,24}:(?:\s{2,}|\t| )\S")
_MAX_HEADING_WORDS = 12
_LONGEST_WORD = 1_000_000
_FULL = 0.72  # a line at least this share of the text's width was broken by wrapping, a shorter one on purpose


def extract(data: bytes, charset: str | None = None) -> Extracted:
    """Headings are lines in capitals, underlined or numbered, and the opening line; runs of columns are tables."""
    text = decode(data, charset).replace("\r\n", "\n").replace("\r", "\n")
    if max(map(len, text.split()), default=0) > _LONGEST_WORD:
        raise UnreadableSource(f"a word in it has more than {_LONGEST_WORD:,} characters", hint="give a text of words")
    lines = text.expandtabs(8).split("\n")
    reader = _Reader(known=vocabulary(lines), width=_width(lines))
    groups = [tuple(reader.read(group)) for group in _groups(lines)]
    pieces = tuple(piece for group in groups for piece in group)
    return Extracted(kind=SourceKind.TEXT, pieces=pieces, title=_title(groups))


def _title(groups: list[tuple[Piece, ...]]) -> str | None:
    """A headline that stands alone near the top, else the lines of the opening heading."""
    headlines = (group[0] for group in groups[:4] if len(group) == 1)
    headline = next((x.text for x in headlines if x.kind is BlockKind.HEADING and len(x.text.split()) >= 4), None)
    opening = [piece.text for piece in (groups[0] if groups else ()) if piece.kind is BlockKind.HEADING]
    return headline or ": ".join(opening) or None


def _groups(lines: list[str]) -> Iterator[list[str]]:
    """Runs of lines between blank lines."""
    group: list[str] = []
    for line in [*lines, ""]:
        if line.strip():
            group.append(line.rstrip())
        elif group:
            yield group
            group = []


def _width(lines: list[str]) -> int:
    """The width the text is wrapped to: that of its longer lines (95th of 100)."""
    lengths = sorted(len(line.rstrip()) for line in lines if line.strip())
    return lengths[int(len(lengths) * 0.95)] if lengths else 0


@dataclass
class _Reader:
    known: frozenset[str]
    width: int
    _begun: bool = field(default=False)

    def read(self, group: list[str]) -> Iterator[Piece]:
        first, self._begun = not self._begun, True
        if sum(1 for line in group if _COLUMNS.search(line)) > len(group) / 2 and len(group) > 1:
            yield as_table([re.split(r" {3,}", line.strip()) for line in group])
            return
        heading = self._heading(group, first)
        if heading:
            yield heading
            rest = group[1 + (len(group) > 1 and _RULE.match(group[1]) is not None) :]
            if rest and not (len(rest) == 1 and _is_capitals(rest[0])):
                yield from self._paragraphs(rest)
            elif rest:
                yield Piece(BlockKind.HEADING, rest[0].strip(), 2)
            return
        yield from self._paragraphs([line for line in group if not _RULE.match(line)])

    def _heading(self, group: list[str], first: bool) -> Piece | None:
        line = _NUMBER.sub("", group[0].strip().strip("=#* "))
        if len(line.split()) > _MAX_HEADING_WORDS or not line[:1].isalnum():
            return None
        if len(group) > 1 and (rule := _RULE.match(group[1])):
            return Piece(BlockKind.HEADING, line, 1 if rule.group(1) == "=" else 2)
        if _is_capitals(line):
            return Piece(BlockKind.HEADING, line, 1 if first else 2)
        alone = len(group) == 1 and not line.endswith((".", "!", "?", ":", ";", ",", "”", '"', ")"))
        numbered = _NUMBER.match(group[0]) is not None
        if alone and (first or numbered) and line[0].isupper():
            return Piece(BlockKind.HEADING, line, 1 if first else 2)
        return None

    def _paragraphs(self, group: list[str]) -> Iterator[Piece]:
        current: list[str] = []
        for line in group:
            if current and self._begins_anew(current[-1], line):
                yield self._piece(current)
                current = []
            current.append(line)
        if current:
            yield self._piece(current)

    def _begins_anew(self, before: str, line: str) -> bool:
        if is_bullet(line) or _FIELD.match(line):
            return not (self._is_full(before, line) and line.lstrip()[0].isalpha())
        return not self._is_full(before, line)

    def _is_full(self, line: str, following: str) -> bool:
        """Whether `line` ends where it does because there was no room for more."""
        room = len(line) + 1 + len(following.split(maxsplit=1)[0])
        return HYPHEN_END.search(line) is not None or (room >= self.width * _FULL and self.width <= 200)

    def _piece(self, lines: list[str]) -> Piece:
        if is_bullet(lines[0]):
            return Piece(BlockKind.LIST_ITEM, join_lines([without_bullet(lines[0]), *lines[1:]], self.known))
        return Piece(BlockKind.PARAGRAPH, join_lines(lines, self.known))


def _is_capitals(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    return len(letters) > 2 and all(letter.isupper() for letter in letters)
