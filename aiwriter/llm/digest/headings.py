"""Names for sections: the sources' own headings where they say something, else a phrase the sentences share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from aiwriter.llm.digest.lines import Line
from aiwriter.llm.digest.sections import Thread
from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words, is_stop_word

MOST_WORDS = 7


def _set_of(spaced: str) -> frozenset[str]:
    return frozenset(spaced.split())


_GENERIC = _set_of(
    """background overview introduction summary response reaction details general conclusion conclusions results
    discussion notes about miscellaneous contents more information home description abstract preamble other others
    further section part chapter questions answers faq facts figures contact press release news article text content
    body item items agenda main topic topics key points highlights brief short intro start end update updates
    aftermath attachment appendix annex remarks comment comments"""
)
_NUMBERING = re.compile(
    r"^\W*(?:(?:item|chapter|section|part|no\.?|step)\s+)?(?:\d+(?:\.\d+)*|[IVX]+|[A-Z])[.):]+\s+", re.IGNORECASE
)
_DATED = re.compile(r"^(?:\d{4}(?:[-–]\d{2,4}|[-–]present)?|\d{4}s)\s*[:–-]\s*")
_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")
_TOKEN = re.compile(r"[\w'’&-]+")
_MONTHS = _set_of("january february march april may june july august september october november december")


def name_sections(
    groups: Sequence[Sequence[Thread]], lines: Sequence[Line], topic: str, titles: Sequence[str], language: str
) -> list[str]:
    """One heading for each group of threads: distinct, two to seven words where that can be."""
    everywhere = Counter(heading for some in groups for thread in some for heading in set(thread.headings))
    known = {frozenset(content_words(text, language)) for text in [topic, *titles]}
    given: list[str] = []
    for some in groups:
        wishes = _from_headings(some, everywhere, known, topic, language)
        wishes += _from_words(some, groups, lines, topic, language)
        given.append(next((wish for wish in wishes if _new(wish, given, language)), f"More on {_short(topic)}"))
    return given


def _new(wish: str, given: Sequence[str], language: str) -> bool:
    stems = set(content_words(wish, language))
    return bool(stems) and all(stems != set(content_words(other, language)) for other in given)


def _from_headings(
    some: Sequence[Thread], everywhere: Counter[str], known: set[frozenset[str]], topic: str, language: str
) -> list[str]:
    weights: dict[str, float] = {}
    total = sum(len(thread.lines) for thread in some)
    here = Counter(heading for thread in some for heading in set(thread.headings))
    for thread in some:
        for depth, heading in enumerate(thread.headings):
            clean = tidy(heading)
            if _says_something(clean, known, language):
                leaf = depth == len(thread.headings) - 1
                share = here[heading] / everywhere[heading]
                weights[clean] = weights.get(clean, 0.0) + len(thread.lines) * share * (1.0 if leaf else 0.9)
    ranked = sorted(weights, key=lambda text: (-weights[text], text))
    wishes = []
    for first in ranked:
        if weights[first] < 0.6 * total:
            wishes += [both for second in ranked if (both := _both(first, second, language))][:1]
        if len(first.split()) > 1:
            wishes.append(first)
        else:
            wishes += [*_widened(first, topic), first]
    return wishes


def tidy(heading: str) -> str:
    """A source's heading without numbering, dates in front and shouting, at most seven words; "" if it cannot be."""
    text = _DATED.sub("", _NUMBERING.sub("", " ".join(heading.split()))).strip(" :.–-*_#")
    if text.isupper() and len(text) > 5:
        text = text.capitalize()
    if len(text.split()) > MOST_WORDS:
        text = _BRACKETS.sub("", text)
    return text[:1].upper() + text[1:] if len(text.split()) <= MOST_WORDS and not text.endswith("?") else ""


def _says_something(heading: str, known: set[frozenset[str]], language: str) -> bool:
    stems = frozenset(content_words(heading, language))
    telling = [
        token
        for token in _TOKEN.findall(heading.lower())
        if not (token in _GENERIC or token in _MONTHS or token[0].isdigit() or is_stop_word(token, language))
    ]
    return bool(telling) and stems not in known


def _both(first: str, second: str, language: str) -> str | None:
    """Two headings in one, when they fit and do not say the same."""
    if set(content_words(first, language)) & set(content_words(second, language)) or first == second:
        return None
    if " and " in f" {first} {second} " or "," in first + second or ":" in first + second:
        return None
    tail = second if second[1:2].isupper() or _is_name(second) else second[:1].lower() + second[1:]
    both = f"{first} and {tail}"
    return both if len(both.split()) <= MOST_WORDS - 1 else None


def _is_name(text: str) -> bool:
    tokens = text.split()
    return len(tokens) > 1 and any(token[:1].isupper() for token in tokens[1:])


def _widened(heading: str, topic: str) -> list[str]:
    """ "Geology" says more as "Geology of Mount Greylock"."""
    short = _short(topic)
    return [f"{heading} of {short}"] if short and len(short.split()) <= 4 else []


def _short(topic: str) -> str:
    """The topic, when it is a name or phrase that can stand inside a heading; else "this subject"."""
    words = topic.strip(" ?.!").split()
    asks = words[:1] and words[0].lower() in {
        "how",
        "why",
        "what",
        "who",
        "when",
        "where",
        "is",
        "are",
        "does",
        "should",
    }
    return " ".join(words) if not asks and len(words) <= 5 else ""


def _from_words(
    some: Sequence[Thread], groups: Sequence[Sequence[Thread]], lines: Sequence[Line], topic: str, language: str
) -> list[str]:
    """Runs of two to four words the group's sentences share, most telling first."""
    own = _runs([lines[index].text for thread in some for index in thread.lines], language)
    all_runs = _runs([lines[index].text for every in groups for thread in every for index in thread.lines], language)
    about = set(content_words(topic, language))
    scores = {
        run: count
        * count
        / all_runs[run]
        * sum(rarity(stem) for stem in content_words(run, language))
        * (0.3 if set(content_words(run, language)) <= about else 1.0)
        for run, count in own.items()
        if count > 1
    }
    return [run[:1].upper() + run[1:] for run in sorted(scores, key=lambda run: (-scores[run], run))[:8]]


def _runs(texts: Sequence[str], language: str) -> Counter[str]:
    runs = Counter[str]()
    for text in texts:
        tokens = text.split()
        for size in (2, 3, 4):
            for start in range(len(tokens) - size + 1):
                run = tokens[start : start + size]
                if _makes_phrase(run, language):
                    runs[" ".join(run).rstrip(",.;:")] += 1
    return runs


def _makes_phrase(run: Sequence[str], language: str) -> bool:
    ends = (run[0].lower(), run[-1].rstrip(",.;:").lower())
    clean = all(_TOKEN.fullmatch(token) for token in run[:-1]) and _TOKEN.fullmatch(run[-1].rstrip(",.;:")) is not None
    small = any(is_stop_word(end, language) or end[:1].isdigit() or end in _MONTHS or len(end) < 3 for end in ends)
    return clean and not small and not ends[1].endswith(("ed", "ly"))
