"""What the words before a number say about it: "at least", "about", "no more than"."""

from __future__ import annotations

import re
from enum import StrEnum


class Bound(StrEnum):
    """What the words before a number say about it."""

    EXACT = "exact"
    ABOUT = "about"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"


# English, German, French, Spanish and Swedish; "über" and "unter" are too often said of what a number is about.
_WORDS = {
    Bound.AT_LEAST: r"at least|no (?:fewer|less) than|not less than|minimum of|mindestens|au moins|al menos|minst",
    Bound.AT_MOST: (
        r"at most|no more than|not more than|up to|maximum of|as many as|höchstens|bis zu|au plus|como máximo|högst"
    ),
    Bound.MORE_THAN: (
        r"more than|older than|mayores de|älter als|over|above|"
        r"exceed\w*|greater than|upwards of|just over|mehr als|gut|plus de|más de|mer än|drygt"
    ),
    Bound.LESS_THAN: (
        r"(?:less|fewer|lower|younger) than|menores de|jünger als|"
        r"under|below|nearly|almost|just under|close to|weniger als|knapp|fast|moins de|"
        r"menos de|casi|mindre än|knappt|nästan"
    ),
    Bound.ABOUT: (
        r"about|around|approximately|approx\.?|roughly|some|circa|ca?\.|an estimated|rund|etwa|ungefähr|environ|"
        r"près de|cerca de|unos|unas|alrededor de|omkring|cirka"
    ),
}
_SIGNS = {
    Bound.AT_LEAST: r"≥\s?$",
    Bound.AT_MOST: r"≤\s?$",
    Bound.MORE_THAN: r"(?<=[^\s>]\s)>\s?$",
    Bound.LESS_THAN: r"<\s?$",
    Bound.ABOUT: r"[~≈]\W*$",
}
_BOUNDS = {bound: re.compile(rf"\b(?:{words})\W*$|{_SIGNS[bound]}", re.IGNORECASE) for bound, words in _WORDS.items()}
_LOOK_BACK = 32
_MAY_NOT = re.compile(r"\b(?:not|never|cannot|\w+n['’]t) (?:\w+ ){1,2}(?:more|less|fewer) than\W*$", re.IGNORECASE)
_DENIED = {Bound.MORE_THAN: Bound.AT_MOST, Bound.LESS_THAN: Bound.AT_LEAST}  # "should not take more than 10 mg"


def bound_before(text: str, start: int) -> Bound:
    """What is said of the number that begins at `start`."""
    before = text[max(0, start - _LOOK_BACK) : start]
    found = next((bound for bound, cue in _BOUNDS.items() if cue.search(before)), Bound.EXACT)
    return _DENIED.get(found, found) if _MAY_NOT.search(before) else found
