"""Numbers whose thousands are parted by blanks, as in French, Swedish, Russian and the SI: "412 000" is one number."""

from __future__ import annotations

import re
from collections.abc import Container
from itertools import pairwise

from aiwriter.text.words import is_stop_word, word_set

HARD_BLANK = "\u00a0"

# One to three digits and groups of three. Not: behind or before other digits ("in 2024 500 people", "555 123 4567"), a
# dialling code ("+47 123 456", "(212) 555 123"), a zero, or a part of a word or number.
_GROUPS = re.compile(
    r"(?<![\w+])(?<![\w][.,:/])(?<![A-Za-z]-)(?<!\d[ \u00a0\u202f])(?<!\) )"
    r"[1-9]\d{0,2}(?: \d{3})+(?! ?\d)(?!-\d(?!\d{0,2} \d{3}(?!\d)))"
)
_BEFORE = re.compile(r"(?P<start>(?:\A|[.!?:;]\W*|\n\W*))?(?P<word>[^\W\d_]+)\.?,? ?\Z")
_LOOK_BACK = 40
# What is numbered: "room 3 120 people" are two numbers.
_NUMBERED = word_set(
    """no nos nr number position chapter version level phase type series season episode article section page room round
    grade figure table part volume stage step route line flight model kapitel stufe phase typ staffel folge artikel
    abschnitt seite raum runde klasse abbildung tabelle teil"""
)
_OPENING = word_set("about almost approximately around nearly roughly another up close exactly fewer less")


def joined(text: str, language: str, taken: Container[int]) -> str:
    """The text, as long as it was, with a hard blank in the numbers that plain ones part; none that are `taken`."""

    def read(match: re.Match[str]) -> str:
        whole = match.group()
        if match.start() in taken or _is_list(whole) or _names(text[: match.start()], language):
            return whole
        return whole.replace(" ", HARD_BLANK)

    return _GROUPS.sub(read, text)


def _is_list(groups: str) -> bool:
    """Numbers in a row with equal steps ("rooms 101 102 103")."""
    numbers = [int(group) for group in groups.split()]
    steps = {b - a for a, b in pairwise(numbers)}
    return len(numbers) > 2 and len(steps) == 1


def _names(before: str, language: str) -> bool:
    """Whether the word before a number makes its first group a part of a name ("the Boeing 737 800", "room 3").

    A sentence may begin with a word that says little; in languages of which no such words are known, with any. German
    has capitals in front of numbers as well."""
    match = _BEFORE.search(before[-_LOOK_BACK:])
    if match is None:
        return False
    word = match["word"]
    if word.lower() in _NUMBERED:
        return True
    if language == "de" or not word[0].isupper():
        return False
    opens = match["start"] is not None and (match["start"] != "" or len(before) <= _LOOK_BACK)
    plain = word.lower() in _OPENING or is_stop_word(word.lower(), language)
    return not (opens and (plain or language != "en"))
