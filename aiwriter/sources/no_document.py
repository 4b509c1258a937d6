"""Pages that stand where a document should be: a login, an error told as a page, a check of the browser, a question
about cookies, or a hint where to go on. They are short; read as a source they would be cited as if they said something.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from aiwriter.errors import UnreadableSource
from aiwriter.source_kinds import BlockKind
from aiwriter.sources.extracted import Piece

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FEW_WORDS = 100  # a page with more of them says something, whatever stands around it
_FEWER_WORDS = 60  # beside a login
_LONGEST = 200  # characters of an address of the page that are told
_REFRESH = re.compile(r"\s*(\d{1,4})[\s;,]+url\s*=\s*['\"]?([^'\"\s]+)", re.IGNORECASE)
_SOON = 10  # seconds
_AROUND = {"header", "nav", "aside", "footer", "dialog"}  # a login there belongs to the whole site
_BY_BROWSER = "save the page from a browser as HTML or PDF and give that file"
_NO_SUCH_PAGE = (
    r"\W*(?:error\s*)?(?:404|410)\W*(?:error|(?:page )?not found|$)",
    r"(?:the |this )?page (?:was |could |can)? ?(?:not|n['’]t) (?:be )?(?:found|exist)",
    r"not found\W*$",
    r"seite (?:wurde )?nicht gefunden",
    r"page (?:introuvable|non trouvée)",
    r"página n(?:o|ão) encontrada",
    r"pagina (?:non trovata|niet gevonden)",
    r"sidan (?:kunde inte hittas|hittades inte|finns inte)",
)
_FOR_PEOPLE = (
    r"just a moment\b",
    r"one moment, please",
    r"checking (?:if the site|your browser)",
    r"attention required",
    r"verify(?:ing)? (?:that )?you are (?:a )?human",
    r"are you (?:a )?(?:robot|human)",
    r"(?:access denied|security check)\W*$",
    r"ddos protection",
)
_COOKIES = (
    r"we (?:value|respect|care about) your privacy",
    r"before you continue",
    r"cookie (?:consent|settings|preferences)\W*$",
    r"(?:wir (?:schätzen|respektieren) )?ihre privatsphäre",
    r"nous respectons votre vie privée",
)
_KINDS = [
    (re.compile("|".join(begin_with), re.IGNORECASE), reason, hint)
    for begin_with, reason, hint in (
        (_NO_SUCH_PAGE, "the page says that there is no such page", "check the address in a browser"),
        (_FOR_PEOPLE, "the site asks first whether a robot reads it", _BY_BROWSER),
        (_COOKIES, "the page only asks about cookies", _BY_BROWSER),
    )
]


def leads_on(tree: HtmlElement) -> str | None:
    """Where a page sends its reader at once by `<meta http-equiv="refresh">`, if it does."""
    for element in tree.iter("meta"):
        is_refresh = (element.get("http-equiv") or "").lower() == "refresh" and not _is_within(element, {"noscript"})
        found = _REFRESH.match(element.get("content") or "") if is_refresh else None
        if found and int(found[1]) <= _SOON:
            return found[2][:_LONGEST]
    return None


def refuse_frames(tree: HtmlElement) -> None:
    """Raises UnreadableSource for a page whose text lies in frames."""
    frames = [(frame.get("src") or "").strip() for frame in tree.iter("frame")]
    if told := ", ".join(filter(None, frames))[:_LONGEST]:
        raise UnreadableSource(f"the page is made of frames: {told}", hint="give the page that holds the text")


def refuse(body: HtmlElement, pieces: Sequence[Piece], title: str | None, next_page: str | None) -> None:
    """Raises UnreadableSource, with what it is, for a short page that is no document."""
    words = sum(len(piece.text.split()) for piece in pieces)
    if words >= _FEW_WORDS:
        return
    if next_page:
        raise UnreadableSource(f"the page only leads to {next_page!r}", hint="give that address")
    if words < _FEWER_WORDS and _asks_for_login(body):
        raise UnreadableSource("the page asks for a login", hint=_BY_BROWSER)
    headings = [piece for piece in pieces if piece.kind is BlockKind.HEADING]
    highest = min(headings, key=lambda one: one.level).text if headings else ""
    for pattern, reason, hint in _KINDS:
        if any(pattern.match(name.strip()) for name in (title or "", highest)):
            raise UnreadableSource(reason, hint=hint)


def _asks_for_login(body: HtmlElement) -> bool:
    fields = (field for field in body.iter("input") if field.get("type", "").lower() == "password")
    return any(not _is_within(field, _AROUND) for field in fields)


def _is_within(element: HtmlElement, tags: Collection[str]) -> bool:
    return any(above.tag in tags for above in element.iterancestors())
