"""The mark of the files that we write, by which we know them again: what we have written is no source of ours."""

from __future__ import annotations

import re

MARK = "AI-Writer: written from sources"

_BEGINNING = 8_000  # bytes in which the mark stands
_HTML = re.compile(rb'<meta name="generator" content="AI-Writer: ')
_MARKDOWN = re.compile(rb'\A(?:\xef\xbb\xbf)?---\r?\n(?:[^\n]*\n){0,20}?generator: "AI-Writer: ')


def is_ours(data: bytes) -> bool:
    """Whether a file bears the mark: as the generator of a page, or in the front matter of Markdown."""
    beginning = data[:_BEGINNING]
    return bool(_HTML.search(beginning) or _MARKDOWN.match(beginning))
