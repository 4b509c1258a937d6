"""What every text goes through before anything else reads it: one Unicode form, nothing invisible, no reference marks.

Reference marks ("[18]", "[note 2]", Wikipedia's ": 9" page marks) are the one thing visible on a page that is left out:
they number another document's notes, would be mistaken for this article's own citations, and cut quotations in two.
A mark that is a word of its sentence ("as shown in [3]") stays. Code keeps everything.
"""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls, but for tab, line ends, form feed
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\u2800"  # soft hyphen, joiners, blank letters
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # zero width and bidirectional controls
    "\ufe00-\ufe0f\U000e0000-\U000e0fff"  # variation selectors, tag characters
    "\ue000-\uf8ff\U000f0000-\U0010ffff\ud800-\udfff"  # private use, lone surrogates
    "\ufdd0-\ufdef\ufff0-\ufff8\U00013430-\U0001345f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "]"
)
# Of these the ones that honest texts have no use for; a mark after an emoji chooses how it is drawn.
_DECEPTIVE = re.compile(
    "[\u115f\u1160\u2060-\u2064\u206a-\u206f\u3164\uffa0\u2800\u202a-\u202e\u2066-\u2069\u200b\U000e0000-\U000e0fff]"
    "|(?<![\u2000-\u3299\u00a9\u00ae#*0-9\U0001f000-\U0001faff])[\ufe00-\ufe0f]"
)
# Joiners shape words in Arabic and Indic scripts; elsewhere they only hide things.
_STRAY_JOINER = re.compile("(?<![\u0600-\u0dff])[\u200c\u200d]")
_LONG_GAP = re.compile(r"\s{3,}")
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029\x0c]")
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})

_WORD_MARK = r"[a-z]{1,2}(?:; ?[a-z]{2,3})*|(?:note|nb|n) \d{1,3}|citation needed|(?:needs )?update|Wikidata"
_MARK = rf"\[(?:[1-9]\d{{0,2}}(?:\s?[,–-]\s?[1-9]\d{{0,2}})*|{_WORD_MARK})\]"
_PAGE = "\\s*:\u200a[\\w,–-]{1,12}\u200a?"
_MARKS = re.compile(rf"(?:\s*(?:{_MARK}|{_PAGE}))+")
# "as shown in [3]", "the interval [1, 5]": here the mark is a word.
_NEEDS_A_WORD = re.compile(
    r"(?:^|\b(?:and|between|by|from|in|interval|of|on|or|range|see|than|to|with))$", re.IGNORECASE
)
# Punctuation that marks and formulas leave behind when they go: "48 hours: ." and "character ." and "recently..".
_STRANDED = re.compile(r"""(?<=[\w)\]%"”’])\s+([.,;])(?=\s|$)(?!\s*\.)""")
_DOUBLED_STOP = re.compile(r"(?<![.…])([.!?:])\s?\.(?=\s|$)")
_FORMULA_SOURCE = re.compile(r"\{\\(?:displaystyle|textstyle)(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}")


def count_deceptive(text: str) -> int:
    """How many characters of a text nobody sees although they could say something, or turn what is said around."""
    return sum(1 for _ in _DECEPTIVE.finditer(text))


def clean_text(text: str) -> str:
    """NFC, "\\n" as the line end, nothing invisible; other white space is kept. Safe for code and tables."""
    text = _LINE_END.sub("\n", text).translate(_LIGATURES)
    return unicodedata.normalize("NFC", _STRAY_JOINER.sub("", _INVISIBLE.sub("", text)))


def clean_prose(text: str) -> str:
    """One line of clean text with single spaces, without reference marks and the punctuation they leave stranded."""
    text = _LONG_GAP.sub(" ", clean_text(text))  # what follows looks at each blank of a gap from each other one
    text = " ".join(strip_marks(_FORMULA_SOURCE.sub("", text)).split())
    return _DOUBLED_STOP.sub(lambda match: match[1].replace(":", "."), _STRANDED.sub(r"\1", text))


def clean_lines(text: str) -> str:
    """Clean text that keeps its lines: code, table rows. No blank lines at its ends."""
    return "\n".join(line.rstrip() for line in clean_text(text).expandtabs(4).split("\n")).strip("\n")


def strip_marks(text: str) -> str:
    """The text without reference marks and the space before them ("ions [18]." → "ions.")."""
    pieces: list[str] = []
    last = 0
    for match in _MARKS.finditer(text):
        before = text[last : match.start()]
        if _NEEDS_A_WORD.search(before.rstrip()[-12:]) and ":\u200a" not in match.group():
            continue
        pieces.append(before)
        last = match.end()
        if text[last : last + 1].isalnum():
            pieces.append(" ")
    return "".join(pieces) + text[last:]
