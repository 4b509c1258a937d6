"""What an HTML page shows and says about itself: hidden parts taken out, title, author, date and language read."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aiwriter.errors import UnreadableSource
from aiwriter.sources.extracted import parse_date
from aiwriter.sources.html_styles import Look, StyleSheet, hides

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
    "noframes",
    "noembed",
    "audio",
    "video",
    "embed",
    "applet",
)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_SCREEN_READER_ONLY = {"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "screen-reader-only"}

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
_LICENCE_NAMES = ("dcterms.license", "dc.rights.license", "license", "licence", "dcterms.rights", "dc.rights", "rights")
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


def remove_hidden(tree: HtmlElement) -> int:
    """Take out, in place, what a reader does not see: scripts and the like, and what attributes or the page's own
    styles hide. The characters of hidden text, without those of scripts and the like."""
    sheet = StyleSheet(tree)
    for element in [*tree.iter(*_NEVER_SHOWN)]:
        _drop(element)
    body = tree.find(".//body")
    if body is None:
        return 0
    base = Look()
    for above in reversed([*body.iterancestors()]):
        base = base.under(sheet.style_of(above), above)
    return _remove_below(body, base, sheet)


def _remove_below(body: HtmlElement, base: Look, sheet: StyleSheet) -> int:
    """Depth first without recursion: a page may be deep."""
    removed = 0
    rest: list[tuple[HtmlElement, Look]] = [(body, base)]
    while rest:
        element, above = rest.pop()
        style = sheet.style_of(element)
        if element is not body and (_is_marked_hidden(element) or hides(style)):
            removed += len("".join(element.text_content().split()))
            _drop(element)
            continue
        look = above.under(style, element)
        if look.hides_text:
            removed += _silence(element)
        rest += [(child, look) for child in element if isinstance(child.tag, str)]
    return removed


def _silence(element: HtmlElement) -> int:
    """Take the element's own text; children may be seen."""
    own = [element.text or "", *(child.tail or "" for child in element)]
    element.text = " " if element.text else None
    for child in element:
        child.tail = " " if child.tail else None
    return sum(len("".join(text.split())) for text in own)


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        element.drop_tree()


def _is_marked_hidden(element: HtmlElement) -> bool:
    attributes = element.attrib
    return bool(
        "hidden" in attributes
        or "popover" in attributes
        or (element.tag == "dialog" and "open" not in attributes)
        or attributes.get("aria-hidden", "").lower() == "true"
        or not _SCREEN_READER_ONLY.isdisjoint(attributes.get("class", "").split())
    )


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
        self._licensed = [
            link for link in tree.iter("a", "link") if "license" in (link.get("rel") or "").lower().split()
        ]
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
    def licence(self) -> str | None:
        """As the page links it (an address, else the words of the link), declares it, or its linked data does."""
        linked = (
            link.get("href") if _WEB.match(link.get("href") or "") else link.text_content() for link in self._licensed
        )
        data = (item.get("license") for item in self._linked)
        named = (entry.get("url") or entry.get("name") if isinstance(entry, dict) else entry for entry in data)
        found = (*linked, self._first(_LICENCE_NAMES), *named)
        return next((value.strip() for value in found if isinstance(value, str) and value.strip()), None)

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
