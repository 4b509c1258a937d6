"""What a page says to one who crawls: where it leads, what it is called in truth, and what may be done with it.

A pure function of bytes: it runs where parsers run.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urljoin

from aiwriter.ids import content_hash
from aiwriter.sources.decoding import decode
from aiwriter.sources.html_page import parse

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MOST_LINKS = 2_000
_US = ("robots", "ai-writer")
_UNSEEN = ("script", "style", "template", "noscript", "head")


@dataclass(frozen=True, slots=True)
class PageLinks:
    """`links` are full addresses without fragments, in the page's order; `digest` is that of its words."""

    links: tuple[str, ...]
    canonical: str | None
    noindex: bool
    nofollow: bool
    digest: str


def read_links(data: bytes, charset: str | None, url: str) -> PageLinks:
    """What an HTML page at `url` says. Raises UnreadableSource when there is nothing in it."""
    tree = parse(decode(data, charset))
    base = next((_joined(url, element.get("href")) or url for element in tree.iter("base")), url)
    said = _directives(tree)
    canonical = next((element.get("href") for element in tree.iter("link") if "canonical" in _rels(element)), None)
    return PageLinks(
        links=_links(tree, base),
        canonical=_joined(base, canonical),
        noindex=not said.isdisjoint({"noindex", "none"}),
        nofollow=not said.isdisjoint({"nofollow", "none"}),
        digest=_digest(tree),
    )


def _links(tree: HtmlElement, base: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for element in tree.iter("a", "area"):
        if "nofollow" not in _rels(element) and (address := _joined(base, element.get("href"))):
            found.setdefault(address)
        if len(found) >= MOST_LINKS:
            break
    return tuple(found)


def _rels(element: HtmlElement) -> list[str]:
    words: list[str] = element.get("rel", "").lower().split()
    return words


def _joined(base: str, href: str | None) -> str | None:
    with suppress(ValueError):  # brackets that are no IPv6 address
        address = urldefrag(urljoin(base, (href or "").strip())).url
        if href and address.lower().startswith(("http://", "https://")):
            return address
    return None


def _directives(tree: HtmlElement) -> set[str]:
    said = (meta.get("content", "") for meta in tree.iter("meta") if meta.get("name", "").lower().strip() in _US)
    return {word.strip().lower() for content in said for word in content.split(",")}


def _digest(tree: HtmlElement) -> str:
    """Of the words a reader sees; read last, since it takes away what is not seen."""
    for element in [*tree.iter(*_UNSEEN)]:
        if element.getparent() is not None:
            element.drop_tree()
    return content_hash(" ".join(tree.text_content().split()))
