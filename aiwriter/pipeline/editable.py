"""The editable form of an article: Markdown, one sentence a line, with citation tokens that survive editing.

    ---
    title: The title
    description: One line
    ---

    A sentence of the introduction. [@0123456789abcdef; @fedcba9876543210]

    ## A heading

    A sentence of a paragraph. [@0123456789abcdef]
    The next sentence of the same paragraph.

    - A list item. [@0123456789abcdef]
      The second sentence of that item.

    > Words of a source. [@0123456789abcdef]
    > — Title of the source [#0123456789abcdef]

A token cites for the sentence it follows. What would be read as structure stands behind a backslash. White space is
no content: a sentence that differs in nothing else is the same sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from aiwriter.documents import Article, Evidence, Paragraph, ParagraphKind, Section, Sentence, SourceRef
from aiwriter.errors import BadInput
from aiwriter.text.sentences import split_sentences

_BREAKS = re.compile(r"\s*[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]\s*")
_STRUCTURE = re.compile(r"#{1,6}(?:\s|$)|-(?:\s|$)|>")
_ESCAPED = re.compile(r"\\([\\\[#>—-])")
_TOKEN = re.compile(r"\\.|(\[@[^\]]*\]?)")
_HEADING = re.compile(r"(#{1,6})(?:\s+(.*))?$")
_CITED = re.compile(r"@([0-9a-f]{16})")
_ATTRIBUTION = re.compile(r"—.*\[#([0-9a-f]{16,64})\]$")
_PREFIXES = {ParagraphKind.TEXT: ("", ""), ParagraphKind.LIST_ITEM: ("- ", "  "), ParagraphKind.QUOTE: ("> ", "> ")}
_SHORT = 16  # hex digits of a source's hash in an attribution


def to_editable(article: Article) -> str:
    """The article for a text editor; sentences and paragraphs without any text are left out."""
    head = f"---\ntitle: {_one_line(article.title)}\ndescription: {_one_line(article.description)}\n---"
    return "\n\n".join([head, *_blocks(article)]) + "\n"


def from_editable(text: str, previous: Article, evidence: Evidence | None = None) -> tuple[Section, ...]:
    """The edited sections. Sentences that stand as they stood, wherever they moved, keep id and citations; all others
    are new. `evidence` may be cited too. Raises BadInput, naming the line, for a token that is neither of this article
    nor of that, and when nothing is left."""
    read = _Reader(previous, evidence or Evidence(items=(), sources=())).read(text)
    pieces = [piece for _, blocks in read for block in blocks for piece in block.pieces]
    if not pieces:
        raise BadInput("The edited text holds no sentence.", hint="Put the text back, or leave the article as it was.")
    found = iter(_identified(pieces, previous))
    return tuple(
        Section(heading=heading, paragraphs=tuple(_paragraph(block, found) for block in blocks))
        for heading, blocks in read
    )


def editable_head(text: str, previous: Article) -> tuple[str, str]:
    """Title and description as edited; a missing one and an empty title stay as they were."""
    lines, _ = _split_head(_lines(text))
    fields = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    title = fields.get("title") or previous.title
    description = fields.get("description", previous.description)
    return (
        previous.title if _same(title) == _same(previous.title) else title,
        previous.description if _same(description) == _same(previous.description) else description,
    )


def _one_line(text: str) -> str:
    return _BREAKS.sub(" ", text).strip()


def _same(text: str) -> str:
    """What two texts must share to count as the same."""
    return " ".join(text.split())


def _attributions(article: Article, others: Sequence[SourceRef] = ()) -> set[str]:
    """Hashes of the sources that a quotation of this article may name."""
    quoted = {paragraph.attribution for section in article.sections for paragraph in section.paragraphs}
    return {source.content_hash for source in (*article.sources, *others)} | {key for key in quoted if key}


# ── writing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _blocks(article: Article) -> Iterator[str]:
    known = _attributions(article)
    titles = {source.content_hash: _one_line(source.title) for source in article.sources}
    for number, section in enumerate(article.sections):
        if number or section.heading or not section.sentences:
            yield f"## {_one_line(section.heading)}".rstrip()
        written = [(p.kind, "\n".join(_written(p, known, titles))) for p in section.paragraphs if p.sentences]
        for kind, group in groupby(written, key=lambda pair: pair[0]):
            yield ("\n" if kind is ParagraphKind.LIST_ITEM else "\n\n").join(block for _, block in group)


def _written(paragraph: Paragraph, known: set[str], titles: dict[str, str]) -> Iterator[str]:
    first, rest = _PREFIXES[paragraph.kind]
    for number, sentence in enumerate(s for s in paragraph.sentences if s.text.strip()):
        tokens = f" [{'; '.join(f'@{key}' for key in sentence.citations)}]" if sentence.citations else ""
        yield (rest if number else first) + _escape(sentence.text, paragraph.kind) + tokens
    if paragraph.kind is ParagraphKind.QUOTE and (key := paragraph.attribution):
        alone = sum(other.startswith(key[:_SHORT]) for other in known) == 1
        yield f"> — {titles.get(key, '')} [#{key[:_SHORT] if alone else key}]"


def _escape(text: str, kind: ParagraphKind) -> str:
    plain = _one_line(text).replace("\\", "\\\\").replace("[@", "\\[@")
    attribution = kind is ParagraphKind.QUOTE and plain.startswith("—")
    return "\\" + plain if attribution or _STRUCTURE.match(plain) else plain


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Piece(NamedTuple):
    """Text up to a token or the line's end, and what the token cites."""

    text: str
    citations: tuple[str, ...]


class _Block(NamedTuple):
    """A paragraph as it was read."""

    kind: ParagraphKind
    pieces: list[_Piece]
    attribution: str | None


def _paragraph(block: _Block, found: Iterator[list[Sentence]]) -> Paragraph:
    sentences = tuple(sentence for _ in block.pieces for sentence in next(found))
    return Paragraph(kind=block.kind, sentences=sentences, attribution=block.attribution)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.removeprefix("\ufeff").split("\n")]


def _split_head(lines: list[str]) -> tuple[list[str], int]:
    """The lines between a `---` at the top and the next, and how many lines that are with both."""
    if lines[0] != "---" or "---" not in lines[1:]:
        return [], 0
    end = lines.index("---", 1)
    return lines[1:end], end + 1


class _Reader:
    """Reads lines one after the other into headings and blocks; `_pieces` are those of the block that is still open."""

    def __init__(self, previous: Article, evidence: Evidence) -> None:
        self._passages = {passage.id for passage in previous.passages} | {item.passage.id for item in evidence.items}
        self._passages.update(key for sentence in previous.sentences for key in sentence.citations)
        self._sources = _attributions(previous, evidence.sources)
        self._sections: list[tuple[str, list[_Block]]] = []
        self._kind: ParagraphKind | None = None
        self._pieces: list[_Piece] = []
        self._attribution: str | None = None

    def read(self, text: str) -> list[tuple[str, list[_Block]]]:
        lines = _lines(text)
        _, first = _split_head(lines)
        for number, line in enumerate(lines[first:], first + 1):
            self._line(number, line)
        self._close()
        return self._sections

    def _line(self, number: int, line: str) -> None:
        heading = _HEADING.match(line)
        if not line.strip():
            self._close()
        elif heading:
            self._heading(number, heading)
        elif line.startswith(">"):
            self._quote(number, line[1:].strip())
        elif re.match(r"-(\s|$)", line):
            self._close()
            self._text(number, ParagraphKind.LIST_ITEM, line[1:].strip())
        elif line.startswith("  ") and self._kind is ParagraphKind.LIST_ITEM:
            self._text(number, ParagraphKind.LIST_ITEM, line.strip())
        else:
            self._text(number, ParagraphKind.TEXT, line.strip())

    def _heading(self, number: int, found: re.Match[str]) -> None:
        if found[1] != "##":
            raise BadInput(
                f"Line {number}: {found[0]!r} is a heading of a level that articles do not have.",
                hint=r"Write '## ' for a heading of a section, or '\#' for a sentence that begins with #.",
            )
        self._close()
        self._sections.append(((found[2] or "").strip(), []))

    def _quote(self, number: int, line: str) -> None:
        if not line.startswith("—"):
            self._text(number, ParagraphKind.QUOTE, line)
            return
        token = _ATTRIBUTION.match(line)
        named = [key for key in self._sources if token and key.startswith(token[1])]
        if len(named) != 1:
            raise BadInput(
                f"Line {number}: the attribution {line!r} names no source of this article.",
                hint=r"End it with the [#…] of a source that is quoted, or write '\—' to begin a sentence so.",
            )
        self._begin(ParagraphKind.QUOTE)
        self._attribution = named[0]

    def _text(self, number: int, kind: ParagraphKind, line: str) -> None:
        self._begin(kind)
        self._pieces.extend(self._cited(number, line))

    def _begin(self, kind: ParagraphKind) -> None:
        if self._kind is not kind:
            self._close()
            self._kind = kind

    def _close(self) -> None:
        if self._pieces and self._kind:
            if not self._sections:
                self._sections.append(("", []))
            self._sections[-1][1].append(_Block(self._kind, self._pieces, self._attribution))
        self._kind, self._pieces, self._attribution = None, [], None

    def _cited(self, number: int, line: str) -> Iterator[_Piece]:
        start = 0
        for token in filter(lambda found: found[1], _TOKEN.finditer(line)):
            text = line[start : token.start()].strip()
            if not text:
                raise BadInput(
                    f"Line {number}: {token[1]} follows no sentence.",
                    hint="Put it behind a sentence; several passages share one token: [@first; @second].",
                )
            yield _Piece(_ESCAPED.sub(r"\1", text), self._citations(number, token[1]))
            start = token.end()
        if rest := line[start:].strip():
            yield _Piece(_ESCAPED.sub(r"\1", rest), ())

    def _citations(self, number: int, token: str) -> tuple[str, ...]:
        found = [_CITED.fullmatch(part.strip()) for part in token[1:-1].split(";")]
        keys = tuple(match[1] for match in found if match and match[1] in self._passages)
        if len(keys) != len(found) or not token.endswith("]"):
            raise BadInput(
                f"Line {number}: {token} cites a passage that this article does not have.",
                hint=r"Copy a token of another line, delete it, or write '\[@' where you mean the characters.",
            )
        return keys


# ── which sentence is which ──────────────────────────────────────────────────────────────────────────────────────────

_Key = tuple[str, tuple[str, ...]]


class _Old:
    """The sentences of the previous version, each handed out once."""

    def __init__(self, article: Article) -> None:
        self._sentences = dict(enumerate(article.sentences))
        self._keys = [(_same(sentence.text), sentence.citations) for sentence in article.sentences]

    def in_place(self, keys: list[_Key]) -> dict[int, Sentence]:
        """Those before the first and behind the last difference to `keys`, by their place there: one edit among
        sentences that say the same changes one of them."""
        shared = min(len(keys), len(self._keys))
        before = next((n for n in range(shared) if keys[n] != self._keys[n]), shared)
        behind = next((n for n in range(shared - before) if keys[-1 - n] != self._keys[-1 - n]), shared - before)
        places = [(n, n) for n in range(before)]
        places += [(len(keys) - n, len(self._keys) - n) for n in range(1, behind + 1)]
        return {new: self._sentences.pop(old) for new, old in places}

    def take(self, key: _Key) -> Sentence | None:
        place = next((n for n in self._sentences if self._keys[n] == key), None)
        return None if place is None else self._sentences.pop(place)


def _identified(pieces: list[_Piece], previous: Article) -> list[list[Sentence]]:
    """The sentences of each piece: those in place first, then those that moved whole, then what is left is split."""
    old = _Old(previous)
    keys = [(_same(text), citations) for text, citations in pieces]
    whole: dict[int, Sentence | None] = dict(old.in_place(keys))
    for n, key in enumerate(keys):
        whole[n] = whole.get(n) or old.take(key)
    return [_kept_or_new(whole[n], piece, old, previous.language) for n, piece in enumerate(pieces)]


def _kept_or_new(whole: Sentence | None, piece: _Piece, old: _Old, language: str) -> list[Sentence]:
    if whole is not None:
        return [whole]
    return [old.take((_same(new.text), new.citations)) or new for new in _split(piece, language)]


def _split(piece: _Piece, language: str) -> list[Sentence]:
    """New sentences from a piece: the last is the one that cites."""
    texts = [piece.text[start:end] for start, end in split_sentences(piece.text, language)] or [piece.text]
    return [*(Sentence(text=text) for text in texts[:-1]), Sentence(text=texts[-1], citations=piece.citations)]
