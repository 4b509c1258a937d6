"""HTML pages. trafilatura decides where the main text is; the page's own structure there becomes the blocks.

Measured on 24 pages of documentation (benchmarks/extraction.py, docs/measurements/reading.md): trafilatura alone finds
the text (F1 0.955) but loses captions and, on pages without an <article>, lists and headings; readability loses
sections (0.942), jusText whatever is no running prose (0.674). So trafilatura's paragraphs serve to find the element
that holds them, which is then read in full, boilerplate left out (0.999).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import TYPE_CHECKING

from aiwriter.errors import UnreadableSource
from aiwriter.source_kinds import BlockKind, SourceKind
from aiwriter.sources import no_document
from aiwriter.sources.decoding import decode
from aiwriter.sources.extracted import Extracted, Piece, as_table, hidden_text
from aiwriter.sources.html_page import PageFacts, parse, remove_hidden

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_TITLE_SUFFIX = re.compile(r"\s+[|·•–—»-]\s+(?!.*\s[|·•–—»-]\s).*$")

_SKIPPED = {
    "nav", "aside", "footer", "button", "select", "input", "textarea", "dialog", "menu", "label", "audio",
    "video", "img", "rp", "rt",
}  # fmt: skip
_BOILERPLATE = {
    "ad", "ads", "advert", "advertisement", "banner", "breadcrumb", "breadcrumbs", "catlinks", "comment",
    "comments", "consent", "cookie", "cookiebar", "cookies", "disqus", "editsection", "footer", "gdpr",
    "hatnote", "headerlink", "login", "masthead", "menu", "modal", "navbar", "navbox", "navigation",
    "newsletter", "noprint", "pagination", "paywall", "popup", "promo", "related", "share", "sharing",
    "sidebar", "signup", "skip", "social", "sponsored", "subscribe", "subscription", "toc", "toolbar", "topbar",
    "widget",
}  # fmt: skip
_SMALL = {"p", "span", "em", "strong", "b", "i"}  # their names say how they look, not what they are
_LINK_HOLDERS = {"ul", "ol", "div", "section", "td"}
_SMALL_BOILERPLATE = {"advertisement", "headerlink", "mw-editsection", "paywall", "skip-link"}
_PERMALINKS = {"¶", "#", "§", "🔗", "[edit]", "edit"}
_TEXTS = {"blockquote", "dl", "li", "ol", "p", "pre", "ul"}  # never all of a page, however much of it they hold
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = {
    "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "form", "header", "hgroup", "hr", "li", "main", "ol", "p", "pre",
    "search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", *_HEADINGS,
}  # fmt: skip
_OF_A_LIST = {"dd", "div", "dl", "dt"}
_KINDS = {
    "dt": BlockKind.LIST_ITEM,
    "li": BlockKind.LIST_ITEM,
    "dd": BlockKind.LIST_ITEM,
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
}
_INSIDE_LAYOUT = {"p", "div", "ul", "ol", "table", "article", "section", "blockquote", *_HEADINGS}
_LINE_BREAK = "\0br"  # cannot come from a page: the parser drops NUL
_RECOGNISED = 0.5  # share of trafilatura's text that must be found again in the page
_COVER = 0.9  # share of the main text that the chosen element must hold
_CONTENT_SHARE = 0.25  # an element with more than this of the main text is no boilerplate, whatever its name
_MAX_LINK_SHARE = 0.7
MAX_TAGS = 250_000  # opening and closing ones
MAX_ATTRIBUTES = 2_000  # of one tag: libxml2 compares each with all others
_MAX_JUDGED = 20_000  # elements; of longer pages trafilatura would take a minute
_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")


def extract(data: bytes, charset: str | None = None) -> Extracted:
    """The main text of a page as seen by a reader. Raises UnreadableSource when there is none."""
    _check_size(data)
    declared = _DECLARED.search(data[:4096])
    tree = parse(decode(data, charset or (declared.group(1).decode() if declared else None)))
    no_document.refuse_frames(tree)
    facts, next_page = PageFacts(tree), no_document.leads_on(tree)
    hidden = remove_hidden(tree)
    body = tree.find(".//body")
    if body is None:
        raise UnreadableSource("the page has no text", hint="give a page that holds text")
    shares = _main_text_shares(body)
    pieces = tuple(_Reader(shares).read(_container(body, shares)))
    no_document.refuse(body, pieces, facts.declared_title, next_page)
    if not any(any(character.isalnum() for character in piece.text) for piece in pieces):
        raise UnreadableSource(
            "the page has no text in it; it may be drawn by scripts, or be only images",
            hint="save the page as PDF or HTML from a browser and give that file",
        )
    return Extracted(
        kind=SourceKind.HTML,
        pieces=pieces,
        title=_title(facts.declared_title, pieces),
        author=facts.author,
        published_at=facts.published_at,
        language=facts.language,
        licence=facts.licence,
        flags=hidden_text(hidden),
    )


def _check_size(data: bytes) -> None:
    """Refuse what would keep the parser busy for minutes, by what it looks like before it is parsed."""
    if data.count(b"<") > MAX_TAGS:
        raise UnreadableSource(f"the page has more than {MAX_TAGS:,} tags", hint="give a part of it")
    tags = data.split(b"<")
    long = (_QUOTED.sub(b"", tag) for tag in tags if len(tag) > MAX_ATTRIBUTES and b">" in tag)
    if any(len(tag.partition(b">")[0].split()) > MAX_ATTRIBUTES for tag in long):
        raise UnreadableSource(
            f"a tag of the page has more than {MAX_ATTRIBUTES:,} attributes", hint="save the page again from a browser"
        )


def pieces_of_fragment(text: str) -> tuple[Piece, ...]:
    """All visible pieces of an HTML fragment that is main text throughout."""
    tree = parse(f"<body>{text}</body>")
    remove_hidden(tree)
    body = tree.find(".//body")
    return tuple(_Reader({body: 1.0}).read(body))


def _title(declared: str | None, pieces: tuple[Piece, ...]) -> str | None:
    """The main heading where the text begins with one, else the declared title without the site's name."""
    heading = next((piece.text for piece in pieces[:5] if piece.level == 1), None)
    return heading or (_TITLE_SUFFIX.sub("", declared.strip()) if declared else None)


# ── where the main text is ───────────────────────────────────────────────────────────────────────────────────────────


def _squeezed(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def _main_text_shares(body: HtmlElement) -> dict[HtmlElement, float]:
    """For each element above a piece of the main text: the share (0–1) of that text which it holds."""
    everything = _paragraphs_of_main_text(body)
    wanted = set(everything)
    weights: dict[HtmlElement, float] = {}
    for element in body.iter("p", "li", "dd", "td", "blockquote", "pre", "div", *_HEADINGS):
        if element.tag == "div" and any(child.tag in _BLOCKS for child in element):
            continue
        text = _squeezed(element.text_content())
        if text in wanted:
            wanted.discard(text)
            for above in (element, *element.iterancestors()):
                weights[above] = weights.get(above, 0.0) + len(text)
    total = weights.get(body, 0.0)
    if total < _RECOGNISED * sum(map(len, everything)):
        return {}  # too little was found again to tell where the main text is: all of the page is read
    return {element: weight / total for element, weight in weights.items()}


def _paragraphs_of_main_text(body: HtmlElement) -> set[str]:
    from copy import deepcopy

    from trafilatura import bare_extraction

    if sum(1 for _ in islice(body.iter(), _MAX_JUDGED + 1)) > _MAX_JUDGED:
        return set()  # documentation on one page is this long, and has little beside its text
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it warns of pages without text; we say it ourselves
    found = bare_extraction(deepcopy(body.getroottree().getroot()), include_comments=False, with_metadata=False)
    main = getattr(found, "body", None)
    if main is None:
        return set()
    pieces = {_squeezed("".join(element.itertext())) for element in main.iter("p", "item", "head", "cell", "quote")}
    pieces |= {_squeezed(line) for element in main.iter("p") for line in "".join(element.itertext()).splitlines()}
    return {piece for piece in pieces if len(piece) > 10}


def _container(body: HtmlElement, shares: dict[HtmlElement, float]) -> HtmlElement:
    """The innermost element with nearly all of the main text, or the <article> or <main> around it."""
    element = body
    while (
        inner := next(
            (child for child in element if shares.get(child, 0.0) >= _COVER and child.tag not in _TEXTS), None
        )
    ) is not None:
        element = inner
    around = next((above for above in element.iterancestors() if above.tag in ("article", "main")), element)
    return element if element.tag in ("article", "main") else around


# ── reading it ───────────────────────────────────────────────────────────────────────────────────────────────────────


class _Reader:
    """Turns an element into pieces: inline text collects until a block begins or ends."""

    def __init__(self, shares: dict[HtmlElement, float]) -> None:
        self._shares = shares

    def read(self, element: HtmlElement, kind: BlockKind = BlockKind.PARAGRAPH) -> Iterator[Piece]:
        inline: list[str] = [element.text or ""]
        for child in element:
            if not isinstance(child.tag, str) or self._is_boilerplate(child):
                pass
            elif child.tag in _BLOCKS or (child.tag != "br" and any(below.tag in _BLOCKS for below in child.iter())):
                yield from _piece(inline, kind)
                yield from self._block(child, kind)
                inline = []
            elif child.tag == "br":
                inline.append(_LINE_BREAK)
            else:
                inline.append(self._inline(child))
            inline.append(child.tail or "")
        yield from _piece(inline, kind)

    def _block(self, element: HtmlElement, kind: BlockKind) -> Iterator[Piece]:
        if level := _HEADINGS.get(element.tag):
            if text := self._inline(element).strip():
                yield Piece(BlockKind.HEADING, text, level)
        elif element.tag == "pre":
            yield Piece(BlockKind.CODE, element.text_content())
        elif element.tag == "table" and not _is_layout(element):
            yield from self._table(element)
        elif element.tag == "blockquote":
            yield from self.read(element, BlockKind.QUOTE)
        elif element.tag == "dl" and not any(below.tag in _BLOCKS - _OF_A_LIST for below in element.iterdescendants()):
            yield from self._definitions(element)
        else:
            yield from self.read(element, _KINDS.get(element.tag, kind))

    def _definitions(self, element: HtmlElement) -> Iterator[Piece]:
        """Terms with what is said of them: "Hull: the body of a ship"; alone neither says anything."""
        terms: list[str] = []
        for child in element.iter("dt", "dd"):
            text = " ".join(self._inline(child).split())
            if child.tag == "dt" and text:
                terms.append(text.rstrip(":"))
            elif text:
                yield Piece(BlockKind.LIST_ITEM, f"{', '.join(terms)}: {text}" if terms else text)
                terms = []
        if terms:
            yield Piece(BlockKind.LIST_ITEM, ", ".join(terms))

    def _table(self, table: HtmlElement) -> Iterator[Piece]:
        for caption in table.iterfind("caption"):
            yield Piece(BlockKind.CAPTION, self._inline(caption))
        rows = [[*row.iter("td", "th")] for row in table.iter("tr")]
        texts = [[" ".join(self._inline(cell).split()) for cell in row] for row in rows]
        yield as_table(texts, _heads(rows))

    def _inline(self, element: HtmlElement) -> str:
        return "" if self._is_boilerplate(element) else self._text(element)

    def _text(self, element: HtmlElement) -> str:
        parts = [element.text or ""]
        for child in element:
            if isinstance(child.tag, str):
                parts.append("\n" if child.tag == "br" else self._inline(child))
            parts.append(child.tail or "")
        return "".join(parts)

    def _is_boilerplate(self, element: HtmlElement) -> bool:
        tag = element.tag
        if tag in _SKIPPED:
            return True
        if self._shares.get(element, 0.0) > _CONTENT_SHARE:
            return False
        if tag in _SMALL:
            return not _SMALL_BOILERPLATE.isdisjoint(element.get("class", "").lower().split())
        described = " ".join(element.get(name, "") for name in ("class", "id", "role")).lower()
        if not _BOILERPLATE.isdisjoint(re.split(r"[\s_-]+", described)):
            return True
        if tag == "a":
            return element.text_content().strip() in _PERMALINKS
        return tag in _LINK_HOLDERS and _is_link_list(element)


def _piece(inline: list[str], kind: BlockKind) -> Iterator[Piece]:
    """The collected text; two line breaks in a row begin a new piece (pages that use <br><br> for paragraphs)."""
    parts = "".join(inline).split(_LINE_BREAK * 2) if _LINE_BREAK in inline else ["".join(inline)]
    yield from (Piece(kind, part.replace(_LINE_BREAK, " ")) for part in parts if part.strip())


def _heads(rows: list[list[HtmlElement]]) -> int | None:
    """How many of the first rows of a table are its head; None when the page does not tell heads from values."""
    if not any(cell.tag == "th" for row in rows for cell in row):
        return None
    heads = sum(1 for _ in takewhile(lambda row: row and all(cell.tag == "th" for cell in row), rows))
    return heads if heads < len(rows) else 0


def _is_layout(table: HtmlElement) -> bool:
    """Whether a table only places things on the page: then its cells are read one after the other."""
    if table.get("role") in ("presentation", "none"):
        return True
    cells = [*table.iter("td", "th")]
    if any(cell.tag == "th" for cell in cells):
        return False
    blocks = sum(1 for cell in cells for child in cell if child.tag in _INSIDE_LAYOUT)
    return len(cells) <= 1 or blocks > len(cells) / 2


def _is_link_list(element: HtmlElement) -> bool:
    links = [*element.iter("a")]
    if len(links) < 3:
        return False
    text = _squeezed(element.text_content())
    linked = sum(len(_squeezed(link.text_content())) for link in links)
    return linked >= _MAX_LINK_SHARE * max(len(text), 1)
