"""What of a source can be found: the passages that can be quoted, and blocks of code, which never are.

Code stays out of `chunk`, whose passages become evidence: half a program would be quoted as if it were sentences.
"""

from __future__ import annotations

from collections.abc import Iterator

from aiwriter.documents import Block, BlockKind, Passage, Source
from aiwriter.knowledge.chunking import MAX_WORDS, chunk
from aiwriter.text.words import count_words


def findable(source: Source) -> list[Passage]:
    """The passages of `chunk`, unchanged, and those of code, in the order of the source."""
    return sorted([*chunk(source), *_code(source)], key=lambda passage: passage.start)


def _code(source: Source) -> Iterator[Passage]:
    path: list[tuple[int, str]] = []
    for block in source.blocks:
        if block.kind is BlockKind.HEADING:
            path = [(level, name) for level, name in path if level < block.level]
            path.append((block.level, source.text[block.start : block.end]))
        elif block.kind is BlockKind.CODE:
            for start, end in _cut(source, block):
                yield Passage.of(source, start, end, tuple(name for _, name in path))


def _cut(source: Source, block: Block) -> Iterator[tuple[int, int]]:
    """Whole lines together, up to the limit of words; nothing for lines without a letter."""
    start, end, words = block.start, block.start, 0
    for line in source.text[block.start : block.end].splitlines(keepends=True):
        more = count_words(line)
        if words and words + more > MAX_WORDS:
            yield from _said(source, start, end)
            start, words = end, 0
        end, words = end + len(line), words + more
    yield from _said(source, start, end)


def _said(source: Source, start: int, end: int) -> Iterator[tuple[int, int]]:
    text = source.text[start:end]
    if any(letter.isalnum() for letter in text):
        yield start + len(text) - len(text.lstrip("\r\n")), start + len(text.rstrip())
