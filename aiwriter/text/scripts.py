"""Scripts without blanks between words, or not between all: Thai and its kin, kana, Chinese characters; Korean."""

from __future__ import annotations

import re

# Letters of Thai, Lao, Burmese, Khmer, kana and Chinese characters.
_LETTERS = (
    r"\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u103f\u1050-\u109f\u1780-\u17d3\u3005-\u3007\u3041-\u30fa"
    r"\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
LEAST_LETTERS = 3
_HANGUL = r"\uac00-\ud7af"
_PERHAPS = re.compile(r"[\u0e01-\u17ff\u3005-\U0003ffff]")  # told sooner: two ranges that hold them all
RUN = re.compile(f"([{_LETTERS}]+)")  # of letters without a blank
_UNREAD = re.compile(f"[{_LETTERS}{_HANGUL}]")
_LETTER = re.compile(r"[^\W\d_]")


def has_unspaced(text: str) -> bool:
    """Whether some of a text has no blanks between words."""
    return not text.isascii() and _PERHAPS.search(text) is not None and RUN.search(text) is not None


def has_word(text: str) -> bool:
    """Whether a text has as many letters as a word may have: three, or one sign of a script whose signs are syllables,
    words, or letters without blanks between words."""
    return len(text) >= LEAST_LETTERS or _UNREAD.search(text) is not None


def is_unreadable(text: str) -> bool:
    """Whether what compares words cannot read a text: half of its letters, or more, are of words that no blanks tell
    apart, or, in Korean, to which particles cling."""
    found = 0 if text.isascii() else len(_UNREAD.findall(text))
    return found > 0 and 2 * found >= len(_LETTER.findall(text))
