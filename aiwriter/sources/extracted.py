"""What an extractor hands over, and how that becomes a `Source` with exact block offsets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING

from aiwriter.errors import UnreadableSource
from aiwriter.ids import content_hash
from aiwriter.source_kinds import BlockKind, SourceKind
from aiwriter.sources.normalise import clean_lines, clean_prose, count_deceptive
from aiwriter.text.rows import BETWEEN, heads_figures

if TYPE_CHECKING:
    from aiwriter.documents import Block, Source

_KEEP_LINES = frozenset({BlockKind.CODE, BlockKind.TABLE})
_LONGEST_LINE = 1_000  # characters of a title or a name
_DATE_FORMATS = ("%Y/%m/%d", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%d.%m.%Y", "%Y-%m", "%B %Y")


@dataclass(frozen=True, slots=True)
class Piece:
    """One structural piece as extracted, not yet cleaned; `level` is 1–6 for headings, `heads` the number of a table's
    first rows that name its columns."""

    kind: BlockKind
    text: str
    level: int = 0
    heads: int = 0


def as_table(rows: Sequence[Sequence[str]], heads: int | None = None) -> Piece:
    """A table of rows of cells, without the rows that say nothing; `heads` of the first are its head, None: the first
    one if it looks like it."""
    said = [any(cell.strip(" |") for cell in row) for row in rows]
    left = [row for row, says in zip(rows, said, strict=True) if says]
    known = int(heads_figures(left)) if heads is None else sum(said[:heads])
    return Piece(BlockKind.TABLE, "\n".join(map(BETWEEN.join, left)), heads=known)


@dataclass(frozen=True, slots=True)
class Extracted:
    """The meaningful content of one document in reading order, with what it says about itself."""

    kind: SourceKind
    pieces: tuple[Piece, ...]
    title: str | None = None
    author: str | None = None
    published_at: datetime | None = None
    language: str | None = None
    licence: str | None = None
    flags: tuple[str, ...] = ()


def cleaned(extracted: Extracted) -> Extracted:
    """The same with all texts cleaned and no empty piece. What was invisible is counted in `flags`."""
    texts = [piece.text for piece in extracted.pieces]
    pieces = tuple(
        replace(piece, text=text)
        for piece in extracted.pieces
        if (text := clean_lines(piece.text) if piece.kind in _KEEP_LINES else clean_prose(piece.text)).strip()
    )
    invisible = sum(map(count_deceptive, texts))
    return replace(
        extracted,
        pieces=pieces,
        title=clean_prose(extracted.title or "")[:_LONGEST_LINE] or None,
        author=clean_prose(extracted.author or "")[:_LONGEST_LINE] or None,
        licence=clean_prose(extracted.licence or "")[:_LONGEST_LINE] or None,
        flags=(*extracted.flags, *_counted("invisible characters removed", invisible)),
    )


def hidden_text(characters: int) -> tuple[str, ...]:
    """The flag of a document from which so much text was taken that a reader would not see."""
    return (f"hidden text removed: {characters:,} characters",) if characters else ()


def _counted(what: str, number: int) -> tuple[str, ...]:
    return (f"{what}: {number:,}",) if number else ()


def to_source(extracted: Extracted, location: str, fallback_title: str, retrieved_at: datetime) -> Source:
    """`text` is the pieces of cleaned content joined by blank lines, and text[block.start:block.end] is each of them.
    What in it reads like an order to a model is among the flags.

    Raises UnreadableSource when no letter is left.
    """
    from aiwriter.documents import Block, Source  # not for whoever parses: to load them takes ten times as long
    from aiwriter.text.languages import language_code
    from aiwriter.text.orders import described

    blocks: list[Block] = []
    position = 0
    for piece in extracted.pieces:
        end = position + len(piece.text)
        blocks.append(Block(kind=piece.kind, start=position, end=end, level=piece.level, heads=piece.heads))
        position += len(piece.text) + 2
    whole = "\n\n".join(piece.text for piece in extracted.pieces)
    if not any(character.isalnum() for character in whole):
        raise UnreadableSource("no text is in it", hint="give a document or page that holds text")
    title = extracted.title or clean_prose(fallback_title) or location
    return Source(
        location=location,
        kind=extracted.kind,
        title=title,
        text=whole,
        blocks=tuple(blocks),
        content_hash=content_hash(whole),
        retrieved_at=retrieved_at,
        published_at=extracted.published_at,
        author=extracted.author,
        language=language_code(extracted.language),
        licence=extracted.licence,
        flags=(*extracted.flags, *described("\n".join([title, extracted.author or "", whole]))),
    )


def parse_date(text: str | None) -> datetime | None:
    """A date as documents write it (ISO 8601, RFC 2822, "6 March 2023"), UTC where no zone is given; else None."""
    text = (text or "").strip()
    readers: list[Callable[[str], datetime]] = [datetime.fromisoformat, parsedate_to_datetime]
    readers += [partial(_by_format, form) for form in _DATE_FORMATS]
    for read in readers:
        try:
            found = read(text)
        except (ValueError, TypeError, IndexError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _by_format(form: str, text: str) -> datetime:
    return datetime.strptime(text, form).replace(tzinfo=UTC)
