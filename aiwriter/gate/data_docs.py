"""Pages of Data Docs as pages that stand alone: they come with styles, scripts, fonts and pictures of other hosts, and
go without them, in a style of ours, under a policy that lets nothing be loaded and nothing act."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
# What loads or acts, and what is of no use without: menus, pop-ups, invitations to read elsewhere, names not given.
_GONE = (
    "//script|//link|//style|//iframe|//object|//embed|//form|//button|//input|//img|//svg|//nav|//footer|//base|//meta"
    "|//tr[td[normalize-space()='__none__']]"
    "|//span[.='Expectation Suite:']|//span[.='Expectation Suite:']/following-sibling::a"
    "|//*[contains(@id, '-subheader')]//br"
)
_MACHINERY = {"Batch Markers", "Batch Parameters", "Batch Spec"}  # of the library, not of the articles
_USELESS = ("modal", "navbar", "cooltip", "dropdown-menu", "toast", "sticky")
_SIGNS = {"fa-check": "✓", "fa-times": "✗", "fa-exclamation": "!"}  # what icons of a font stood for
_ROWS = "//table[thead/tr/th[normalize-space()='Title']]/tbody//*"  # whose texts are people's
# The library's words, and what an editor understands.
_WORDS = {
    r"Evaluates whether a batch .*": "What the gate asks of each article, and which fail it.",
    r"Expectation Validation Result|Data asset: None": "",
    r"Overview": "In all",
    r"Statistics": "What was asked",
    r"Evaluated Expectations": "Demands",
    r"Successful Expectations": "Met by all",
    r"Unsuccessful Expectations": "Not met by all",
    r"Success Percent": "Share met by all",
    r"Expectation": "Demand",
    r"Observed Value": "Found",
    r"Unexpected Value": "Value",
    r"(\d+) unexpected values found\. \S+ of (\d+) total rows\.": r"\1 of \2 fail:",
    r"(\S+%) unexpected": r"\1 fail",
}
_FOLDED = re.compile(r"\b(?:collapse|d-none)\b")


def offline(page: str, title: str) -> bytes:
    """The page's contents, without anything that asks another host or acts, in UTF-8."""
    from lxml import html

    tree = html.document_fromstring(page)
    _drop_machinery(tree)
    of_articles = set(tree.xpath(_ROWS))
    for element in tree.iter():
        _make_harmless(element)
        if element not in of_articles:
            element.text, element.tail = _in_our_words(element.text), _in_our_words(element.tail)
    _head(tree, title)
    made: bytes = html.tostring(tree, encoding="utf-8", doctype="<!doctype html>")
    return made


def _drop_machinery(tree: Any) -> None:
    """What acts, leads elsewhere or tells of the library itself."""
    for element in tree.xpath(_GONE):
        element.drop_tree()
    for element in tree.xpath("//a[@data-toggle]"):
        element.drop_tree()
    for head in tree.xpath("//*[contains(@id, '-collapse-item-') and contains(@id, '-header')]"):
        if head.text_content().strip() in _MACHINERY:
            for part in (head.getnext(), head):
                part.drop_tree()
    for name in _USELESS:
        for element in tree.xpath("//*[contains(concat(' ', @class, ' '), $name)]", name=f" {name} "):
            if element.getparent() is not None:
                element.drop_tree()


def _make_harmless(element: Any) -> None:
    """No handlers, no addresses but places on the page itself; what was folded away is shown."""
    for name, value in list(element.attrib.items()):
        leads = name in ("href", "src", "srcset", "action", "background", "poster")
        if name.startswith("on") or name == "style" or (leads and not value.startswith("#")):
            del element.attrib[name]
    if element.tag == "i":
        element.text = next((sign for name, sign in _SIGNS.items() if name in element.get("class", "")), element.text)
    if "class" in element.attrib:
        element.attrib["class"] = _FOLDED.sub("", element.attrib["class"])


def _in_our_words(text: str | None) -> str | None:
    for theirs, ours in _WORDS.items():
        if text and (found := re.fullmatch(theirs, text.strip())):
            return found.expand(ours)
    return text


def _head(tree: Any, title: str) -> None:
    from lxml.html import builder as e

    for old in tree.xpath("//head"):
        old.drop_tree()
    head = e.HEAD(
        e.META(charset="utf-8"),
        e.META({"http-equiv": "Content-Security-Policy", "content": POLICY}),
        e.META(name="viewport", content="width=device-width, initial-scale=1"),
        e.META(name="referrer", content="no-referrer"),
        e.TITLE(title),
        e.STYLE(_style()),
    )
    tree.insert(0, head)
    tree.find("body").insert(0, e.H1(title))


@lru_cache(maxsize=1)
def _style() -> str:
    return files("aiwriter.gate").joinpath("data_docs.css").read_text(encoding="utf-8")
