"""Word documents. python-docx opens the package and knows styles and properties; the text is read from the XML itself.

python-docx's own paragraphs leave out what is inserted with tracking, in content controls and in notes, and would give
hidden text as text. Whatever the archive says of its sizes is checked before anything of it is unpacked.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from aiwriter.errors import UnreadableSource
from aiwriter.source_kinds import BlockKind, SourceKind
from aiwriter.sources.extracted import Extracted, Piece, as_table, hidden_text

if TYPE_CHECKING:
    from docx.document import Document
    from docx.opc.coreprops import CoreProperties
    from lxml.etree import _Element as Element

MAX_PARTS = 5_000
MAX_UNPACKED = 200_000_000  # bytes of all parts; pictures are most of it
MAX_XML = 40_000_000  # bytes of the parts that are parsed
MAX_RATIO = 200  # of unpacked to packed bytes, beyond a megabyte: office files reach 20
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
_LIST_STYLE = re.compile(r"list\b", re.IGNORECASE)
_BUILT_IN_TITLES = {"", "word document", "document"}
_BUILT_IN_AUTHORS = {"", "python-docx"}
_TEMPLATE_DATE = datetime(2013, 12, 23, 23, 15, tzinfo=UTC)  # of python-docx, whose documents keep it unless told
_DECLARES = ("<!DOCTYPE", "<!ENTITY")
_ENCODINGS = ("ascii", "utf-16-le", "utf-16-be")
_NOTES = {f"{_W}footnoteReference": "footnotes", f"{_W}endnoteReference": "endnotes"}
_NOT_SHOWN = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "fldData")} | {_MC_FALLBACK}
_TINY = 4  # half-points


def extract(data: bytes, charset: str | None = None) -> Extracted:  # noqa: ARG001 - one form for all extractors
    """Headings by style, paragraphs, list items, tables row by row, and notes after the paragraph that refers to them.
    Headers and footers are left out; deleted and hidden text and comments are left out and counted. Raises
    UnreadableSource."""
    _check_archive(data)
    document = _opened(data)
    reader = _Reader(document)
    pieces = tuple(reader.read(document.element.body))
    about = document.core_properties if _says_of_itself(document) else None
    title = about.title.strip() if about else ""
    heading = next((piece.text for piece in pieces[:6] if piece.level == 1), None)
    return Extracted(
        kind=SourceKind.DOCX,
        pieces=pieces,
        title=heading if title.lower() in _BUILT_IN_TITLES else title,
        author=None if about is None or about.author.strip() in _BUILT_IN_AUTHORS else about.author,
        published_at=_published(about) if about else None,
        language=about.language or None if about else None,
        flags=reader.flags,
    )


def _opened(data: bytes) -> Document:
    import docx

    try:
        return docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableSource(
            f"it is no Word document, or a damaged one ({error})", hint="open it in Word and save it again"
        ) from error


def _says_of_itself(document: Document) -> bool:
    """Whether it has a part with title, author and dates: python-docx makes up one of today where there is none."""
    relations = document.part.package.rels.values() if document.part.package else ()
    return any(relation.reltype.endswith("/core-properties") for relation in relations)


def _published(about: CoreProperties) -> datetime | None:
    """When it was last changed; a template's dates are not the document's."""
    dates = [_utc(moment) for moment in (about.modified, about.created) if moment]
    return max((date for date in dates if date and date != _TEMPLATE_DATE), default=None)


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and not moment.tzinfo else moment


# ── the archive ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _check_archive(data: bytes) -> None:
    """Refuse what is no honest office file, by its directory and its XML, before it is opened."""
    if not data.strip():
        raise UnreadableSource("the file is empty", hint="give a document that holds text")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _check_directory(parts)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    _check_xml(part.filename, archive.read(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnreadableSource(
            f"it is no Word document, or a damaged one ({error})", hint="open it in Word and save it again"
        ) from error


def _check_directory(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename for part in parts]
    parsed = sum(part.file_size for part in parts if part.filename.lower().endswith((".xml", ".rels")))
    faults = (
        (len(parts) > MAX_PARTS, f"it holds {len(parts):,} files"),
        (len(set(names)) < len(names), "it holds two files of one name"),
        (any(map(_leads_out, names)), "it holds a file whose name leads out of it"),
        (any(part.external_attr >> 28 == 0xA for part in parts), "it holds a link"),
        (any(part.flag_bits & 1 for part in parts), "it is encrypted"),
        (sum(part.file_size for part in parts) > MAX_UNPACKED, f"unpacked it is over {MAX_UNPACKED // 1_000_000} MB"),
        (parsed > MAX_XML, f"its text is over {MAX_XML // 1_000_000} MB"),
        (any(map(_is_bomb, parts)), f"a part of it is packed more than {MAX_RATIO} to 1"),
    )
    if reason := next((reason for is_so, reason in faults if is_so), None):
        raise UnreadableSource(f"it is no Word document as Word makes them: {reason}", hint="save it again from Word")


def _leads_out(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _is_bomb(part: zipfile.ZipInfo) -> bool:
    return part.file_size > 1_000_000 and part.file_size > MAX_RATIO * part.compress_size


def _check_xml(name: str, content: bytes) -> None:
    if any(word.encode(encoding) in content for word in _DECLARES for encoding in _ENCODINGS):
        raise UnreadableSource(
            f"its part {name} declares entities, which Word never does", hint="save it again from Word"
        )


# ── the text ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Reader:
    """Turns a body, cell or note into pieces; counts what it leaves out."""

    document: Document
    _notes: dict[str, dict[str, Element]] = field(init=False)
    _hidden: int = 0
    _deleted: int = 0
    _comments: int = 0

    def __post_init__(self) -> None:
        parts = self.document.part.rels.values()
        self._notes = {"footnotes": {}, "endnotes": {}}
        for relation in parts:
            name = relation.reltype.rsplit("/", 1)[-1]
            if name in self._notes and not relation.is_external:
                self._notes[name] = _notes_of(relation.target_part.blob)
        self._styles = {style.style_id: style for style in self.document.styles}

    @property
    def flags(self) -> tuple[str, ...]:
        counts = (("deleted text left out", self._deleted, " characters"), ("comments left out", self._comments, ""))
        return (*hidden_text(self._hidden), *(f"{what}: {n:,}{unit}" for what, n, unit in counts if n))

    def read(self, container: Element) -> Iterator[Piece]:
        """The pieces of what holds paragraphs and tables."""
        for child in container:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag not in _NOT_SHOWN and isinstance(child.tag, str):
                yield from self.read(child)  # content controls, tracked insertions, custom XML

    def _paragraph(self, paragraph: Element) -> Iterator[Piece]:
        notes: list[Element] = []
        text = self._text(paragraph, notes).strip()
        if text:
            kind, level = self._kind(paragraph)
            yield Piece(kind, text, level)
        for note in notes:
            yield from self.read(note)
        for box in paragraph.iter(f"{_W}txbxContent"):
            if not any(above.tag == _MC_FALLBACK for above in box.iterancestors()):
                yield from self.read(box)

    def _table(self, table: Element) -> Iterator[Piece]:
        notes: list[Element] = []
        rows = [*table.iter(f"{_W}tr")]
        heads = sum(1 for _ in takewhile(lambda row: row.find(f"{_W}trPr/{_W}tblHeader") is not None, rows))
        cells = [[" ".join(self._text(cell, notes).split()) for cell in row.iter(f"{_W}tc")] for row in rows]
        yield as_table(cells, heads or None)
        for note in notes:
            yield from self.read(note)

    def _text(self, element: Element, notes: list[Element]) -> str:
        """The shown text of an element, its notes collected; text boxes stand apart from their paragraph."""
        parts: list[str] = []
        for child in element:
            tag = child.tag
            if tag in _NOT_SHOWN or tag == f"{_W}txbxContent":
                self._deleted += _length(child) if tag in (f"{_W}del", f"{_W}moveFrom") else 0
            elif tag == f"{_W}r" and _is_hidden(child):
                self._hidden += _length(child)
            elif tag == f"{_W}t":
                parts.append(child.text or "")
            elif tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
                parts.append(" ")
            elif tag == f"{_W}noBreakHyphen":
                parts.append("-")
            elif tag in _NOTES:
                notes += self._note(child)
            elif isinstance(tag, str):
                self._comments += tag == f"{_W}commentReference"
                parts.append(self._text(child, notes))
                parts.append("\n" if tag == f"{_W}p" else "")
        return "".join(parts)

    def _note(self, reference: Element) -> list[Element]:
        note = self._notes[_NOTES[str(reference.tag)]].pop(str(reference.get(f"{_W}id")), None)
        return [] if note is None else [note]

    def _kind(self, paragraph: Element) -> tuple[BlockKind, int]:
        style = self._styles.get(_value(paragraph, "pStyle"))
        name = str(getattr(style, "name", None) or "")
        if level := self._level(paragraph, style, name):
            return BlockKind.HEADING, level
        if name.lower() == "caption":
            return BlockKind.CAPTION, 0
        if "quote" in name.lower():
            return BlockKind.QUOTE, 0
        is_listed = paragraph.find(f"{_W}pPr/{_W}numPr") is not None or _LIST_STYLE.match(name)
        return (BlockKind.LIST_ITEM if is_listed else BlockKind.PARAGRAPH), 0

    @staticmethod
    def _level(paragraph: Element, style: Any, name: str) -> int:
        """1–6 for headings, by the style's name, or the outline level of the paragraph or of a style it is based on."""
        if name.lower() == "title":
            return 1
        if match := _HEADING.match(name):
            return min(int(match[1]), 6) or 1
        outline = _value(paragraph, "outlineLvl")
        for _ in range(10):  # styles may be based on each other in a circle
            if outline or style is None:
                break
            outline, style = _value(style.element, "outlineLvl"), style.base_style
        return min(int(outline) + 1, 6) if outline in set("012345678") else 0


def _value(element: Element, name: str) -> str:
    found = element.find(f"{_W}pPr/{_W}{name}")
    return "" if found is None else str(found.get(f"{_W}val", ""))


def _notes_of(blob: bytes) -> dict[str, Element]:
    from docx.oxml.parser import parse_xml

    return {str(note.get(f"{_W}id")): note for note in parse_xml(blob) if note.get(f"{_W}type") in (None, "normal")}


def _is_hidden(run: Element) -> bool:
    """Marked as hidden, white on white, or too small to see."""
    looks = run.find(f"{_W}rPr")
    if looks is None:
        return False
    for name in ("vanish", "webHidden", "specVanish"):
        mark = looks.find(f"{_W}{name}")
        if mark is not None and mark.get(f"{_W}val", "true") not in ("0", "false", "off"):
            return True
    colour, size = looks.find(f"{_W}color"), looks.find(f"{_W}sz")
    is_shaded = any(looks.find(f"{_W}{name}") is not None for name in ("shd", "highlight"))
    is_white = colour is not None and str(colour.get(f"{_W}val")).upper() == "FFFFFF" and not is_shaded
    is_white = is_white and not _stands_on_colour(run)
    small = size.get(f"{_W}val", "") if size is not None else ""
    return is_white or (small.isdigit() and int(small) <= _TINY)


def _stands_on_colour(run: Element) -> bool:
    """Whether the paragraph or the cell around a run is shaded: white headers of tables are."""
    above = (element for element in run.iterancestors() if element.tag in (f"{_W}p", f"{_W}tc", f"{_W}tbl"))
    return any(element.find(f"{_W}{element.tag[len(_W) :]}Pr/{_W}shd") is not None for element in above)


def _length(element: Element) -> int:
    return sum(len(text.text or "") for text in element.iter(f"{_W}t", f"{_W}delText"))
