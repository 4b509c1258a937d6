"""Elements of our own, as a tree of plain values that the browser builds node by node.

Whatever stands in the tree as text stays text: no HTML, no Markdown, no image and no link can come out of it. This is
how everything is shown that people or sources wrote.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from aiwriter.text.visible import visible

Node: TypeAlias = "dict[str, Any] | str"
_NAMES = ("write", "research", "check", "library", "sources", "runs", "analytics", "budgets", "article", "run")
PAGES = {"" if name == "write" else name: name for name in _NAMES}

_ASSETS = Path(__file__).parents[1] / "assets"


def h(tag: str, *children: Node | None, cls: str = "", **attributes: object) -> Node:
    """An element. Children that are None are left out; `aria_label` becomes `aria-label`; None drops an attribute."""
    named = {"class": cls or None, **attributes}
    return {
        "t": tag,
        "a": {name.replace("_", "-"): str(value) for name, value in named.items() if value is not None},
        "c": [visible(child) if isinstance(child, str) else child for child in children if child is not None],
    }


def coded(text: str) -> Node:
    """A sentence of ours in which what stands between backticks is to be typed."""
    parts = text.split("`")
    return h("span", *(h("code", part) if n % 2 else part for n, part in enumerate(parts) if part))


def many(nodes: Iterable[Node | None]) -> list[Node]:
    """Those that are there, as a list to be spread."""
    return [node for node in nodes if node is not None]


def page_href(page: str, **params: object) -> str:
    """The address of a page of ours; parameters that are None or empty are left out."""
    query = urlencode({name: str(value) for name, value in params.items() if value not in (None, "")})
    return f"{page}?{query}" if query else page


def link(text: str, page: str, cls: str = "", **params: object) -> Node:
    """A link to a page of ours."""
    return h("a", text, cls=cls, href=page_href(page, **params))


def web(text: str, address: str) -> Node:
    """A link to a page elsewhere when the address is http(s); else the text alone."""
    try:
        parts = urlsplit(address)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        usable = False
    return h("a", text, href=address) if usable and visible(address) == address else h("span", text)


def show(*nodes: Node | None, key: str, style: str = "") -> None:
    """Draw the elements here; a click on a link of ours changes the page. `style`: one more file of assets/."""
    styles = ("markup.css", style) if style else ("markup.css",)
    draw(f"markup-{style}".rstrip("-"), ("markup.js", "plain.js"), styles, {"nodes": many(nodes)}, key)


def draw(name: str, scripts: tuple[str, ...], styles: tuple[str, ...], data: Mapping[str, Any], key: str) -> None:
    """Draw a component of ours, made of files in assets/, and follow where its reader went."""
    mount = st.components.v2.component(name, js=_joined(scripts), css=_joined(styles))
    result = mount(data=dict(data), key=key, on_go_change=_nothing)
    if result.go:
        go(str(result.go))


def go(href: str) -> None:
    """Change to the page of ours that the address names; anything else is passed over."""
    parts = urlsplit(href)
    page = PAGES.get(parts.path.strip("/"))
    if page is not None:
        st.switch_page(f"views/{page}.py", query_params=dict(parse_qsl(parts.query)))


def _nothing() -> None:
    """A change is read from the result."""


@lru_cache
def _joined(names: tuple[str, ...]) -> str:
    return "\n".join((_ASSETS / name).read_text("utf-8") for name in names)
