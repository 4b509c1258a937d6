"""Paragraphs out of lines that were broken to a width: shared by plain text and PDF."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

BULLET = re.compile(r"\s*(?:[-*+•‣◦▪●–—·]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)])\s+(?=\S)")
HYPHEN_END = re.compile(r"[^\W\d_][-\u00ad\u2010]$")
_LONGEST_WORD = 200  # characters: a paragraph may be as long as a book, and is looked at for each of its lines
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """Lower-cased words, hyphenated ones whole: tells "auc-tion" from "battery-electric" at a line's end."""
    return frozenset(word.lower() for text in texts for word in _WORD.findall(text))


def join_lines(lines: Sequence[str], known: frozenset[str]) -> str:
    """One paragraph from its lines. A hyphen at a line's end goes unless the document writes the word with it."""
    text = ""
    for line in (line.strip() for line in lines):
        if not HYPHEN_END.search(text[-2:]):
            text = f"{text} {line}" if text else line
        elif _keeps_hyphen(text, line, known):
            text += line
        else:
            text = text[:-1] + line
    return text


def _keeps_hyphen(text: str, line: str, known: frozenset[str]) -> bool:
    left, right = _WORD.findall(text[-_LONGEST_WORD:]), _WORD.match(line)
    if not left or not right or not line[0].islower():
        return True
    parts = (left[-1].lower(), right.group().lower())
    return "-".join(parts) in known and "".join(parts) not in known


def is_bullet(line: str) -> bool:
    return BULLET.match(line) is not None


def without_bullet(line: str) -> str:
    return BULLET.sub("", line, count=1)
