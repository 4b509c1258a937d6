"""Markdown files (CommonMark with tables), with YAML-like or TOML front matter."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable

from aiwriter.source_kinds import BlockKind, SourceKind
from aiwriter.sources.decoding import decode
from aiwriter.sources.extracted import Extracted, parse_date
from aiwriter.sources.html import pieces_of_fragment

_FRONT = re.compile(r"\A\ufeff?(---|\+\+\+)[ \t]*\r?\n(.*?)\r?\n(?:\1|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LINE = re.compile(r"([A-Za-z_][\w-]*):[ \t]*(.*)")
_LIST_LINE = re.compile(r"\s*-\s+(.+)")
_HEADING_ID = re.compile(r"(?m)^(#{1,6} .*?)\s*\{#[\w.-]+\}\s*$")


def extract(data: bytes, charset: str | None = None) -> Extracted:
    """Blocks in reading order, raw HTML as its visible text, images as nothing. Rendered and then read as a page is,
    so that both follow the same rules. The title is the front matter's, else the first heading of level 1."""
    from markdown_it import MarkdownIt

    front, body = _front_matter(decode(data, charset))
    rendered = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(_HEADING_ID.sub(r"\1", body))
    pieces = pieces_of_fragment(rendered)
    dates = (parse_date(front.get(name)) for name in ("date", "published", "updated"))
    heading = next((piece.text for piece in pieces if piece.kind is BlockKind.HEADING and piece.level == 1), None)
    return Extracted(
        kind=SourceKind.MARKDOWN,
        pieces=pieces,
        title=front.get("title") or heading,
        author=front.get("author") or front.get("authors"),
        published_at=next((date for date in dates if date), None),
        language=front.get("lang") or front.get("language"),
        licence=front.get("license") or front.get("licence"),
    )


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """Simple "key: value" pairs (nested YAML is passed over), or TOML between "+++"; and the rest of the text."""
    match = _FRONT.match(text)
    if not match:
        return {}, text
    fence, inner = match.group(1), match.group(2)
    found = _toml(inner) if fence == "+++" else _key_values(inner)
    if fence == "---" and not found:  # a thematic break, not front matter
        return {}, text
    return found, text[match.end() :]


def _toml(text: str) -> dict[str, str]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    return {key.lower(): _joined(value) if isinstance(value, list) else str(value) for key, value in values.items()}


def _key_values(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    key = ""
    for line in text.splitlines():
        if match := _LINE.fullmatch(line):
            key, value = match.group(1).lower(), match.group(2).strip()
            found[key] = _joined(value.strip("[]").split(",")) if value.startswith("[") else value.strip("\"'")
        elif key and (item := _LIST_LINE.fullmatch(line)):
            found[key] = _joined([found[key], item.group(1)])
    return found


def _joined(values: Iterable[object]) -> str:
    return ", ".join(part for value in values if (part := str(value).strip(" \"'")))
