"""How hard is the text to read?

Measures, in English, Flesch reading ease = 206.835 − 1.015 · words/sentences − 84.6 · syllables/words (R. Flesch, "A
new readability yardstick", 1948), syllables as hyphenation points of pyphen; in other languages LIX = words/sentences +
100 · words of more than six letters/words (C.-H. Björnsson, "Läsbarhet", 1968). The target range is the format's.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from aiwriter.documents import Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.language import language_told
from aiwriter.pipeline.quality.result import CheckResult, within

PART = "readability"
MIN_WORDS = 50  # fewer say nothing about a text
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def check(draft: Draft, _evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Measure reading ease, by the language that the text has, against the range of the format; nothing for fewer than
    fifty words."""
    sentences = [sentence.text for sentence in draft.sentences]
    if sum(len(_WORD.findall(text)) for text in sentences) < MIN_WORDS:
        return CheckResult(PART, None)
    english, limits = language_told(draft, brief.language) == "en", fmt.thresholds
    value = reading_ease(sentences) if english else lix(sentences)
    low, high = (limits.reading_ease_min, limits.reading_ease_max) if english else (limits.lix_min, limits.lix_max)
    measure = "Flesch reading ease" if english else "LIX"
    inside = low <= value <= high
    hard = (value < low) if english else (value > high)
    shown, place = _told(value, low, high), "within" if inside else "outside"
    finding = Finding(
        rule="readability.range" if inside else "readability.hard" if hard else "readability.plain",
        severity=Severity.INFO if inside else Severity.WARN,
        message=f"{measure} is {shown}, {place} the {low:.0f} to {high:.0f} that the format asks for.",
        fix=None if inside else "shorten sentences and choose shorter words" if hard else "join the shortest sentences",
    )
    return CheckResult(PART, within(max(value, 0.0), low, high), (finding,))


def _told(value: float, low: float, high: float) -> str:
    """A value as people read it, so that what is outside does not look as if it were inside."""
    if low - 0.5 <= value < low:
        return f"just below {low:.0f}"
    return f"just above {high:.0f}" if high < value <= high + 0.5 else f"{value:.0f}"


def reading_ease(sentences: list[str]) -> float:
    """Flesch reading ease of English sentences: 100 very easy, below 30 very hard."""
    found = [word for text in sentences for word in _WORD.findall(text)]
    return 206.835 - 1.015 * len(found) / len(sentences) - 84.6 * sum(map(syllables, found)) / len(found)


def lix(sentences: list[str]) -> float:
    """LIX of sentences in any language with words: below 30 very easy, above 60 very hard."""
    found = [word for text in sentences for word in _WORD.findall(text)]
    return len(found) / len(sentences) + 100 * sum(len(word) > 6 for word in found) / len(found)


@lru_cache(maxsize=20_000)
def syllables(word: str) -> int:
    """Syllables of an English word, at least one."""
    return len(_hyphenation().positions(word.lower())) + 1


@lru_cache(maxsize=1)
def _hyphenation() -> Any:
    import pyphen  # reads its dictionaries' folder when imported

    return pyphen.Pyphen(lang="en_US")
