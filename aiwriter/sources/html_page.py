"""What an HTML page shows and says about itself: hidden parts taken out, title, author, date and language read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiwriter.errors import UnreadableSource
from aiwriter.sources.extracted import parse_date

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]"
    "|&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])(?![0-9])|x0*(?:[0-8bcef]|1[0-9a-f])(?![0-9a-f]));?",
    re.IGNORECASE,
)
_NEVER_SHOWN = (
    "script",
    "style",
    "template",
    "noscript",
    "head",
    "iframe",
    "object",
    "svg",
    "math",
    "canvas",
    "datalist",
)
_HIDING = re.compile(
    r"""display\s*:\s*none | visibility\s*:\s*(?:hidden|collapse) | content-visibility\s*:\s*hidden
    | opacity\s*:\s*0?\.?0+(?![.\d]) | font-size\s*:\s*0(?![.\d]) | (?<![-\w])color\s*:\s*transparent
    | (?:text-indent|left|top|right)\s*:\s*-\d{3,} | clip\s*:\s*rect\(\s*0 | clip-path\s*:\s*inset\(\s*(?:50|100)%
    | (?:height|width)\s*:\s*[01](?:px)?\s*(?:;|$).*overflow\s*:\s*hidden""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_COLOUR = re.compile(r"(?<![-\w])(color|background(?:-color)?)\s*:\s*([^;!]+)", re.IGNORECASE)
_WHITE = {"#fff", "#ffffff", "rgb(255,255,255)", "white"}
_SCREEN_READER_ONLY = {"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only"}
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE_SELECTOR = re.compile(r"([a-zA-Z][\w-]*)?([.#])([\w-]+)")
_MEDIA = re.compile(r"@media\s+print\s*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.IGNORECASE | re.DOTALL)

_DATE_NAMES = (
    "article:published_time", "citation_publication_date", "citation_date", "citation_online_date",
    "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.date", "dcterms.created", "datepublished",
    "publishdate", "pubdate", "parsely-pub-date", "date", "article:modified_time", "dcterms.modified",
    "last-modified",
)  # fmt: skip
_AUTHOR_NAMES = (
    "citation_author",
    "author",
    "dc.creator",
    "dcterms.creator",
    "article:author",
    "parsely-author",
    "byl",
)
_TITLE_NAMES = ("og:title", "citation_title", "dc.title", "twitter:title")


def parse(text: str) -> HtmlElement:
    """The tree of a page, without comments and processing instructions. Raises UnreadableSource when there is none."""
    from lxml import etree, html

    # Bytes, since lxml refuses a str that declares an encoding; no control characters, since lxml will not write them.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(_UNWRITABLE.sub("", text).encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise UnreadableSource("the page is empty", hint="give a page that holds text") from error


def remove_hidden(tree: HtmlElement) -> None:
    """Take out, in place, what a reader does not see: scripts, and what attributes, styles or simple CSS rules hide."""
    hidden_by_rule = _selectors_that_hide(tree)
    for element in [*tree.iter(*_NEVER_SHOWN)]:
        _drop(element)
    for element in [*tree.iterfind(".//body//*")]:
        if _is_hidden(element, hidden_by_rule):
            _drop(element)


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _is_hidden(element: HtmlElement, hidden_by_rule: set[tuple[str, str]]) -> bool:
    attributes = element.attrib
    style = attributes.get("style", "")
    names = attributes.get("class", "").split()
    selectors = [*(f".{name}" for name in names), f"#{attributes.get('id')}"]
    return bool(
        "hidden" in attributes
        or attributes.get("aria-hidden", "").lower() == "true"
        or not _SCREEN_READER_ONLY.isdisjoint(names)
        or (style and (_HIDING.search(style) or _is_white_on_white(style)))
        or any((tag, selector) in hidden_by_rule for tag in (element.tag, "") for selector in selectors)
    )


def _is_white_on_white(style: str) -> bool:
    """White text on white, or on nothing named (pages are white until told otherwise)."""
    colours = {name.lower(): value.strip().lower().replace(" ", "") for name, value in _COLOUR.findall(style)}
    background = colours.get("background", colours.get("background-color", "white"))
    return colours.get("color") in _WHITE and background in _WHITE


def _selectors_that_hide(tree: HtmlElement) -> set[tuple[str, str]]:
    """(tag or "", ".class" or "#id") of the page's own rules that hide; compound selectors are left alone."""
    found = set()
    for style in tree.iter("style"):
        for selectors, body in _RULE.findall(_MEDIA.sub("", style.text or "")):
            if _HIDING.search(body):
                matches = (_SIMPLE_SELECTOR.fullmatch(selector.strip()) for selector in selectors.split(","))
                found |= {(match[1] or "", match[2] + match[3]) for match in matches if match}
    return found


# ── what the page says about itself ──────────────────────────────────────────────────────────────────────────────────


class PageFacts:
    """Title, author, date and language as the page's head declares them; read before anything is removed."""

    def __init__(self, tree: HtmlElement) -> None:
        self._meta: dict[str, list[str]] = {}
        for element in tree.iter("meta"):
            name = element.get("property") or element.get("name") or element.get("itemprop") or ""
            if name and (content := (element.get("content") or "").strip()):
                self._meta.setdefault(name.lower(), []).append(content)
        self._linked = [item for element in tree.iter("script") for item in _linked_data(element)]
        self.language: str | None = tree.get("lang") or next(iter(self._meta.get("language", [])), None)
        self.declared_title = self._first(_TITLE_NAMES) or next((x.text_content() for x in tree.iter("title")), None)

    def _first(self, names: tuple[str, ...]) -> str | None:
        return next((self._meta[name][0] for name in names if name in self._meta), None)

    @property
    def published_at(self) -> datetime | None:
        declared = (value for name in _DATE_NAMES for value in self._meta.get(name, ()))
        linked = (item.get(key) for key in ("datePublished", "dateCreated", "dateModified") for item in self._linked)
        dates = (parse_date(value) for value in [*declared, *linked] if isinstance(value, str))
        return next((date for date in dates if date), None)

    @property
    def author(self) -> str | None:
        for name in _AUTHOR_NAMES:
            people = [value for value in self._meta.get(name, ()) if not value.startswith("http")]
            if people:
                return ", ".join(dict.fromkeys(people))
        names = [name for item in self._linked for name in _names(item.get("author"))]
        return ", ".join(dict.fromkeys(names)) or None


def _linked_data(script: HtmlElement) -> Iterator[dict[str, Any]]:
    if (script.get("type") or "").lower() != "application/ld+json":
        return
    try:
        data = json.loads(script.text or "")
    except (ValueError, RecursionError):
        return
    entries = data if isinstance(data, list) else [data]
    for entry in entries:
        if isinstance(entry, dict):
            yield entry
            yield from (item for item in entry.get("@graph") or () if isinstance(item, dict))


def _names(author: Any) -> list[str]:
    people = author if isinstance(author, list) else [author]
    names = (person.get("name") if isinstance(person, dict) else person for person in people)
    return [name for name in names if isinstance(name, str) and not name.startswith("http")]
