"""Text that somebody else wrote, read from Markdown: sections and sentences, and the numbers with which they cite.

Understood as citations are "[1]", "[1, 3]", "[^2]" after what they stand for, with a numbered list under a heading
like "Sources" or with footnotes: the forms that our own exports and most others have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from uuid import UUID

from aiwriter.documents import ArticleKind, Paragraph, ParagraphKind, Section, Sentence
from aiwriter.text.languages import language_code, language_of, likely_language
from aiwriter.text.sentences import split_sentences

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\s*\n", re.DOTALL)
_FOOTNOTE = re.compile(r"^\[\^?(\w+)\]:[ \t]*(.+(?:\n[ \t]+\S.*)*)", re.MULTILINE)
_ASIDES = re.compile(  # references, and marks of our exports
    r"\s*(?:\[\^?(\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*)\]|\((?:unsure|not supported|citation needed)\))"
)
_RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISED_NUMBER = str.maketrans(_RAISED, "0123456789")
# Numbers of notes that are raised or written so, "island¹", "members.^3"; "km²" and "10³" are none. A line that begins
# with one is its note.
_RAISED_NOTE = re.compile(rf"^([{_RAISED}]{{1,2}}|\^\d{{1,2}}) +(?=\S)", re.MULTILINE)
_RAISED_MARK = re.compile(
    rf"(?<=[^\W\d]{{3}})[{_RAISED}]{{1,2}}(?!\w)|(?<=[.,;:!?”\"’)])(?:[{_RAISED}]{{1,2}}|\^\d{{1,2}})(?!\w)"
)
_LISTS = frozenset({"sources", "references", "bibliography", "notes", "footnotes", "literature", "quellen", "fuentes"})
_ASIDE = re.compile(r"[—–]|(?:Digest|Refused)\.\s")  # the line under a quotation; notices of our exports
# A block that is set apart like a quotation and is none.
_NOTICE = re.compile(
    r"\[!\w+\]\s*|(?=(?:Notes?|N\.?B\.?|Tips?|Important|Warning|Caution|Hinweis|Tipp|Achtung|Wichtig|Remarque|Attention"
    r"|Conseil|Nota|Aviso|Atención|Consejo)\s?[:!.])",
    re.IGNORECASE,
)


@dataclass
class MarkedText:
    """What was read: `numbers` are the citations of a sentence by its id, `listed` the text of each numbered source,
    `targets` where links and images lead by the sentence they stand in, None for those in none."""

    title: str = ""
    description: str = ""
    language: str = ""
    kind: ArticleKind = ArticleKind.ARTICLE
    sections: tuple[Section, ...] = ()
    numbers: dict[UUID, tuple[int, ...]] = field(default_factory=dict)
    listed: dict[int, str] = field(default_factory=dict)
    targets: dict[UUID | None, tuple[str, ...]] = field(default_factory=dict)


def read(text: str, language: str | None = None) -> MarkedText:
    """Read a Markdown (or plain) text; what is no prose (code, tables, images, the list of sources) is no sentence.

    Its language is the given one, else that of its front matter ("language" or "lang"), else what its words tell, else
    English.
    """
    from markdown_it import MarkdownIt

    class Reader(MarkdownIt):
        def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002  what runs as a program is a link, too
            return True

    found = MarkedText()
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    text = _FRONT_MATTER.sub(lambda match: _read_front_matter(match[1], found), text, count=1)
    found.language = language or found.language or language_of(text) or likely_language(text) or "en"
    text = _RAISED_NOTE.sub(lambda match: f"[^{_raised(match[1])}]: ", text)
    text = _RAISED_MARK.sub(lambda match: f"[^{_raised(match[0])}]", text)
    for match in _FOOTNOTE.finditer(text):
        if match[1].isdigit():
            found.listed[int(match[1])] = match[2]
    tokens = Reader("commonmark").enable("table").parse(_FOOTNOTE.sub("", text))
    sections: list[tuple[str, list[Paragraph]]] = [("", [])]
    for block in _blocks(tokens):
        _take(block, sections, found)
    found.sections = tuple(
        Section(heading=heading, paragraphs=tuple(paragraphs)) for heading, paragraphs in sections if paragraphs
    )
    return found


def _raised(number: str) -> str:
    return number.removeprefix("^").translate(_RAISED_NUMBER)


def _read_front_matter(head: str, found: MarkedText) -> str:
    fields = dict(line.partition(":")[::2] for line in head.splitlines() if ":" in line)
    values = {name.strip(): _bare(value.strip()) for name, value in fields.items()}
    found.title, found.description = values.get("title", ""), values.get("description", "")
    found.language = language_code(values.get("language")) or language_code(values.get("lang")) or ""
    if values.get("kind") == ArticleKind.DIGEST.value:
        found.kind = ArticleKind.DIGEST
    return ""


def _bare(value: str) -> str:
    try:
        return str(json.loads(value))
    except json.JSONDecodeError:
        return value.strip("'\"")


@dataclass(frozen=True, slots=True)
class _Block:
    """`number` in an ordered list, or heading level; `links` are (place in the text, target)."""

    kind: str
    text: str
    number: int
    links: Sequence[tuple[int, str]]


def _blocks(tokens: Sequence[Token]) -> Iterator[_Block]:
    """Everything that holds text."""
    around: list[Token] = []
    counters: list[int] = []  # a list's last number; far below zero for bullets
    for token in tokens:
        if token.nesting == 1:
            around.append(token)
            _count(token, counters)
        elif token.nesting == -1:
            if around.pop().type.endswith("list_open"):
                counters.pop()
        elif token.type == "inline" and (kind := _kind({opened.type for opened in around})):
            number = int(around[-1].tag[1:]) if kind == "heading" else counters[-1] if counters else 0
            text, links = _text(token)
            yield _Block(kind, text, number, links)


def _count(opened: Token, counters: list[int]) -> None:
    if opened.type == "ordered_list_open":
        counters.append(int(opened.attrs.get("start", 1)) - 1)
    elif opened.type == "bullet_list_open":
        counters.append(-1000)
    elif opened.type == "list_item_open":
        counters[-1] += 1


_KINDS = (("table_open", ""), ("heading_open", "heading"), ("blockquote_open", "quote"), ("list_item_open", "item"))


def _kind(around: set[str]) -> str:
    return next((kind for name, kind in _KINDS if name in around), "paragraph")


def _text(inline: Token) -> tuple[str, list[tuple[int, str]]]:
    """What is read of it, and (place, target) of its links and images."""
    text, links = "", []
    for child in inline.children or ():
        if child.type in ("text", "code_inline"):
            text += child.content
        elif child.type in ("softbreak", "hardbreak"):
            text += " "
        links += [(len(text), target) for target in _targets(child)]
    lead = len(text) - len(text.lstrip())
    return text.strip(), [(max(0, place - lead), target) for place, target in links]


_ATTRIBUTE = re.compile(r"(?i)\b(?:href|src)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")


def _targets(child: Token) -> Iterator[str]:
    if child.type == "html_inline":
        yield from (match[match.lastindex or 0] for match in _ATTRIBUTE.finditer(child.content))
    elif target := child.attrs.get("href") or child.attrs.get("src"):
        yield str(target)


_PARAGRAPHS = {"item": ParagraphKind.LIST_ITEM, "quote": ParagraphKind.QUOTE}


def _take(block: _Block, sections: list[tuple[str, list[Paragraph]]], found: MarkedText) -> None:
    if block.kind == "quote" and (notice := _NOTICE.match(block.text)):
        links = [(max(0, place - notice.end()), target) for place, target in block.links]
        block = replace(block, kind="paragraph", text=block.text[notice.end() :], links=links)
    heading, text = sections[-1][0], block.text
    if block.kind == "heading":
        if block.number == 1 and len(sections) == 1 and not sections[0][1]:
            found.title = text
        else:
            sections.append((text, []))
        _keep(None, (target for _, target in block.links), found)
    elif heading.strip(" :").lower() in _LISTS:
        place = block.number if block.number > 0 else len(found.listed) + 1
        found.listed.setdefault(place, " ".join([text, *(target for _, target in block.links)]))
    elif not (text and text == found.description) and not (block.kind == "quote" and _ASIDE.match(text)):
        paragraph_kind = _PARAGRAPHS.get(block.kind, ParagraphKind.TEXT)
        sentences = tuple(_sentences(block, found))
        if sentences:
            sections[-1][1].append(Paragraph(kind=paragraph_kind, sentences=sentences))


def _keep(sentence: UUID | None, targets: Iterable[str], found: MarkedText) -> None:
    if kept := tuple(targets):
        found.targets[sentence] = found.targets.get(sentence, ()) + kept


def _sentences(block: _Block, found: MarkedText) -> Iterator[Sentence]:
    bare, cited, gone = _without_references(block.text)
    links = [
        (place - sum(min(end, place) - start for start, end in gone if start < place), t) for place, t in block.links
    ]
    begin = 0
    for start, end in split_sentences(bare, found.language):
        if re.search(r"\w", bare[start:end]):
            sentence = Sentence(text=bare[start:end])
            found.numbers[sentence.id] = tuple(number for place, number in cited if begin < place <= end)
            _keep(sentence.id, (target for place, target in links if begin <= place < end), found)
            links = [(place, target) for place, target in links if not begin <= place < end]
            yield sentence
        begin = end
    _keep(None, (target for _, target in links), found)


def _without_references(text: str) -> tuple[str, list[tuple[int, int]], list[tuple[int, int]]]:
    """The text without its references and marks, (place in that text, number) of each reference, and the spans that
    are gone."""
    pieces, cited, gone, start, length = [], [], [], 0, 0
    for match in _ASIDES.finditer(text):
        pieces.append(text[start : match.start()])
        length += match.start() - start
        cited += [(length, number) for number in _numbers(match[1] or "")]
        gone.append(match.span())
        start = match.end()
    return "".join([*pieces, text[start:]]), cited, gone


def _numbers(inside: str) -> Iterator[int]:
    """ "1, 3–5" → 1, 3, 4, 5"""
    for part in filter(None, re.split(r"[,;]", inside)):
        first, _, last = (piece.strip() for piece in part.replace("–", "-").partition("-"))
        yield from range(int(first), int(last or first) + 1)
