"""Text as Markdown that says just what the text does."""

from __future__ import annotations

import re

# Inline markup of CommonMark and GFM, and what template languages of site generators look for.
_INLINE = re.compile(r"[\\`*_{}\[\]<>&~|$^@]|:(?=//)|(?<=www)\.|!(?=\[)", re.IGNORECASE)
# Block markup at the beginning of a line: headings, lists, rules, definition lists, numbered lists.
_BULLET = re.compile(r"^[#+\-=:%]")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])")


def escaped(line: str) -> str:
    """One line of text, as CommonMark that shows exactly its characters."""
    inline = _INLINE.sub(r"\\\g<0>", line)
    return _BULLET.sub(r"\\\g<0>", _NUMBERED.sub(r"\1\\\2", inline))
