"""Sources cut into passages: what is searched, quoted and cited.

A passage is running text that a reader could be shown: whole sentences under one heading, at most about 120 words.
Left out, since half of them would be quoted as if they were sentences: code, lines that are no sentences (bylines,
contact lines, image credits), lists of references and the sections that hold them.
Whole rows of a table are passages of their own, which are evidence and are never quoted as sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from aiwriter.documents import Block, BlockKind, Passage, Source
from aiwriter.text.quotable import fault
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import count_words

MAX_WORDS = 120
_MIN_SENTENCE_WORDS = 4
_LOWEST = 6  # level of heading
_MAX_LABEL_WORDS = 14
_MIN_UNFINISHED_WORDS = 26  # a paragraph without a full stop is a label until it is this long
_MAX_NAMING_WORDS = 30
_MAX_ROW_WORDS = 240
_MIN_LOOSE_ITEM_WORDS = 4  # items of a list that nothing introduces: menus and tables of contents have fewer

_REFERENCE_HEADING = re.compile(
    r"""(?:\d+(?:\.\d+)*\.?\s+)?(?:
    references | notes\ and\ references | footnotes | citations | works\ cited | bibliography | further\ reading
    | external\ links | see\ also | related\ (?:articles|pages|links) | sources\ and\ notes
    | literatur(?:verzeichnis)? | einzelnachweise | weblinks | siehe\ auch | quellen
    | références | bibliographie | liens\ externes | voir\ aussi
    | referencias | bibliografía | enlaces\ externos | véase\ también
    | 参考文献 | 参考资料 | 参考資料 | 脚注 | 外部链接 | 外部連結 | 外部リンク | 参见 | 関連項目
    )\s*:?""",
    re.IGNORECASE | re.VERBOSE,
)
_CONTENTS_HEADING = re.compile(r"(?:table of )?contents|index|inhalt(?:sverzeichnis)?|sommaire|índice", re.IGNORECASE)
_REFERENCE_LINE = re.compile(
    r"""^(?:\[\d+\]|\^|↑|\d{1,3}\.?\s*\^)\s* | ^\W*https?://\S+\W*$
    | \b(?:ISBN|ISSN|OCLC|doi):?\s*[\d(] | \bdoi\.org/ | \barXiv:\d | \bRetrieved\s+(?:on\s+)?\d{1,2}\s+\w+\s+\d{4}
    | \bArchived\s+(?:from|on)\b | \bRetrieved\s+\w+\s+\d{1,2},\s+\d{4} | \bpp?\.\s*\d+[–-]\d+\.?$""",
    re.IGNORECASE | re.VERBOSE,
)
_CREDIT = re.compile(
    r"""\W*(?:(?:press\ |media\ )?contact | photo(?:graph)?s? | image | tel(?:ephone)? | e-?mail | credits? | by)\s*:
    | \W*(?:© | copyright\b | reporting\ by\b)""",
    re.VERBOSE | re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…。！？｡؟।][\"'”’»)\]」』）】]*$")
_LEAD_IN = re.compile(r"[:：][\"'”’»)\]]*$")
_PROSE = frozenset({BlockKind.PARAGRAPH, BlockKind.QUOTE, BlockKind.LIST_ITEM, BlockKind.CAPTION})


@dataclass(frozen=True, slots=True)
class _Part:
    """A span that stays together: sentences of a paragraph, or a list with its lead-in."""

    start: int
    end: int
    words: int


def chunk(source: Source) -> list[Passage]:
    """The passages of a source in order; none overlap, no sentence and no row is divided. Equal content gives equal
    ids."""
    passages: list[Passage] = []
    for headings, blocks in _stretches(source):
        spans = _rows(source, blocks[0]) if blocks[0].kind is BlockKind.TABLE else _sentences_together(source, blocks)
        passages += [Passage.of(source, start, end, headings) for start, end in spans]
    return passages


# ── which blocks ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _stretches(source: Source) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Runs of adjoining prose blocks under one heading, and tables, with the path of headings above them."""
    path: list[tuple[int, str]] = []
    skipping: int | None = None  # headings of this level or above end the section that is left out
    run: list[Block] = []
    for before, block in zip((None, *source.blocks), source.blocks, strict=False):
        if block.kind is BlockKind.HEADING:
            yield from _run(path, run)
            run = []
            text = source.text[block.start : block.end]
            path = [(level, name) for level, name in path if level < block.level] + [(block.level, text)]
            if skipping is None or block.level <= skipping:
                skipping = _section_to_skip(text, block.level)
        elif skipping is None and _is_prose(source, block):
            run.append(block)
        else:
            yield from _run(path, run)
            run = []
            if skipping is None and block.kind is BlockKind.TABLE:
                yield from _run([*path, *_named(source, before)], [block])
    yield from _run(path, run)


def _section_to_skip(heading: str, level: int) -> int | None:
    """References go with their subsections; under "Contents" some documents keep all of theirs, so only a list goes."""
    if _REFERENCE_HEADING.fullmatch(heading):
        return level
    return _LOWEST if _CONTENTS_HEADING.fullmatch(heading.strip(" :")) else None


def _run(path: Sequence[tuple[int, str]], blocks: list[Block]) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    if blocks:
        yield tuple(name for _, name in path), blocks


def _is_prose(source: Source, block: Block) -> bool:
    text = source.text[block.start : block.end]
    words = count_words(text)
    if block.kind not in _PROSE or (_REFERENCE_LINE.search(text) and words < 60):
        return False
    if words <= _MAX_LABEL_WORDS and (block.kind is BlockKind.CAPTION or _CREDIT.match(text)):
        return False
    if block.kind is BlockKind.QUOTE and source.text.count(text.strip("\"'“”‘’«» ")) > 1:
        return False  # a pull quote repeats what the text says
    if block.kind is BlockKind.LIST_ITEM or _LEAD_IN.search(text):
        return True
    if _SENTENCE_END.search(text):
        return words >= _MIN_SENTENCE_WORDS or "?" in text
    is_text = words >= _MIN_UNFINISHED_WORDS or _holds_sentence(source, block)
    return is_text and block.kind is not BlockKind.CAPTION


def _holds_sentence(source: Source, block: Block) -> bool:
    """Whether a sentence that can be quoted stands before an unfinished end, such as "Read more"."""
    language = source.language or "en"
    return any(fault(source.text[start:end], language) is None for start, end in _sentences(source, block))


def _named(source: Source, before: Block | None) -> list[tuple[int, str]]:
    """What the block before a table says of it: its caption, or a line that ends in a colon."""
    text = source.text[before.start : before.end] if before else ""
    if before is None or len(text.split()) > _MAX_NAMING_WORDS:
        return []
    leads_in = before.kind is BlockKind.PARAGRAPH and _LEAD_IN.search(text)
    return [(_LOWEST, text)] if leads_in or before.kind is BlockKind.CAPTION else []


# ── which sentences together ─────────────────────────────────────────────────────────────────────────────────────────


def _sentences_together(source: Source, blocks: list[Block]) -> Iterator[tuple[int, int]]:
    return _packed([part for group in _units(source, blocks) for part in _parts(source, group)])


def _units(source: Source, blocks: list[Block]) -> Iterator[list[Block]]:
    """Single paragraphs, and lists with the paragraph that introduces them. A lead-in to nothing is left out."""
    pending: Block | None = None
    for is_list, group in groupby(blocks, key=lambda block: block.kind is BlockKind.LIST_ITEM):
        members = list(group)
        if is_list:
            if pending or _says_something(source, members):
                yield [pending, *members] if pending else members
            pending = None
            continue
        for block in members:
            if pending and _is_more_than_lead_in(source, pending):
                yield [pending]
            pending = block if _LEAD_IN.search(source.text[block.start : block.end]) else None
            if not pending:
                yield [block]
    if pending and _is_more_than_lead_in(source, pending):
        yield [pending]


def _is_more_than_lead_in(source: Source, block: Block) -> bool:
    return len([*_sentences(source, block)]) > 1


def _says_something(source: Source, items: list[Block]) -> bool:
    return _words(source, items[0].start, items[-1].end) >= _MIN_LOOSE_ITEM_WORDS * len(items)


def _parts(source: Source, unit: list[Block]) -> list[_Part]:
    whole = _part(source, unit[0].start, unit[-1].end)
    if whole.words <= MAX_WORDS:
        return [whole]
    if len(unit) == 1:
        return _evenly([_part(source, *span) for span in _sentences(source, unit[0])], whole.words)
    blocks = [part for block in unit for part in _parts(source, [block])]  # a long list: between its items
    return _evenly(blocks, whole.words)


def _part(source: Source, start: int, end: int) -> _Part:
    return _Part(start, end, _words(source, start, end))


def _sentences(source: Source, block: Block) -> Iterator[tuple[int, int]]:
    for start, end in split_sentences(source.text[block.start : block.end], source.language or "en"):
        yield block.start + start, block.start + end


def _evenly(sentences: list[_Part], words: int) -> list[_Part]:
    """A long paragraph in parts of about equal length, none above the limit unless one sentence is."""
    target = words / -(-words // MAX_WORDS)
    parts: list[_Part] = []
    for sentence in sentences:
        last = parts[-1] if parts else None
        together = last.words + sentence.words if last else 0
        if last and together <= MAX_WORDS and (last.words + sentence.words / 2 <= target):
            parts[-1] = _Part(last.start, sentence.end, together)
        else:
            parts.append(sentence)
    return parts


def _packed(parts: list[_Part]) -> Iterator[tuple[int, int]]:
    """Neighbouring short parts joined up to the limit."""
    current: _Part | None = None
    for part in parts:
        if current and current.words + part.words <= MAX_WORDS:
            current = _Part(current.start, part.end, current.words + part.words)
        else:
            if current:
                yield current.start, current.end
            current = part
    if current:
        yield current.start, current.end


def _rows(source: Source, table: Block) -> Iterator[tuple[int, int]]:
    """The rows of a table below its head, short ones together, but for those that are pages of text."""
    lines = re.finditer(r"[^\n]+", source.text[table.start : table.end])
    rows = [_part(source, table.start + line.start(), table.start + line.end()) for line in lines]
    return (span for span in _packed(rows[table.heads :]) if _words(source, *span) <= _MAX_ROW_WORDS)


def _words(source: Source, start: int, end: int) -> int:
    return count_words(source.text[start:end])
