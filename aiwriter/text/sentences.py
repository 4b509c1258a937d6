"""Sentence boundaries: sentencex (Wikimedia, MIT) finds them, a few rules mend what it gets wrong in real pages.

Where in doubt two sentences stay together: half a sentence is never quoted, cited or judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

Span = tuple[int, int]

_SURROGATE = re.compile("[\ud800-\udfff]")
# What a sentence may begin with that belongs to the one before: "[4]", "[note 1]", ": 12" (a page), a lone full stop.
_LEFTOVER = re.compile(
    r"(?:\s*(?:\[(?:\d{1,4}|[a-z]|(?:note|nb|citation needed)[ \d]*)\]|: ?\d+(?:[–-]\d+)?(?=\s|$)|\.))+\s*"
)
_WORD = re.compile(r"\w")
_LIST_MARKER = re.compile(r"\(?(?:\w|\d{1,3}|[ivxIVX]{1,5})[.)]")
_LOWER_START = re.compile(r"[a-zß-öø-ÿа-яα-ω]")
_INNER_CAPITAL = re.compile(r"\w*[A-Z]")
_LAST_WORD = re.compile(r"([\w.]+)\.$")
# "(This is a note.) This is not." ends twice, but only where the bracket held whole sentences.
_BRACKETED = re.compile(r"[(\[][^()\[\]]*[.!?][)\]]\s+(?=[\"'“‘(]?[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω])")

# Words that sentencex takes for abbreviations and that are no less often the last ones of a sentence, and how the next
# one begins then. In German every noun has a capital, so that only such words tell that begin sentences.
_CAPITAL = r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ’']"
_GERMAN = (
    "Aber|Alle|Am|An|Auch|Auf|Bei|Da|Dabei|Damit|Dann|Das|Der|Die|Dies|Diese|Dieser|Dieses|Doch|Dort|Ein|Eine|Er|Es|"
    "Für|Ich|Im|In|Jede|Jeder|Kein|Keine|Mit|Nach|Nicht|Niemand|Seit|Sie|Und|Viele|Von|Vor|Wer|Wie|Wir|Zu|Zum|Zur"
)
_ENDINGS = {
    "de": [(r"Art|etc|usw|\d+\s?mm", rf"(?:{_GERMAN})\b")],
    "en": [(r"etc|ill|may|me|miss|ore|\d+\s?mm", rf"{_CAPITAL}|[AI]\s"), ("art|no", rf"{_CAPITAL}|A\s")],
    "es": [(r"etc|mar|no|\d+\s?mm", rf"{_CAPITAL}|[AYO]\s")],
    "fr": [(r"etc|vol|\d+\s?mm", rf"{_CAPITAL}|[AÀYÔO]\s")],
    "sv": [(r"del|etc|maj|\d+\s?mm", rf"{_CAPITAL}|[IÅÖ]\s")],
}
_ENDED = {
    language: re.compile("|".join(rf"\b(?:{words})\.[\"”’)]?\s+(?=[\"“„‘«(]?(?:{next_}))" for words, next_ in pairs))
    for language, pairs in _ENDINGS.items()
}
_OPEN_BRACKET = re.compile(r"[(\[][^()\[\]]*\Z")

_BEFORE_NUMBER = re.compile(r"(?i)approx|art|ca|cap|cf|ch|est|figs?|max|min|nos?|para|pt|pp?|sect?|ver|vols?")
_TITLES = {"fr": frozenset({"M", "MM"})}
_HOURS = frozenset({"a.m", "p.m"})
_TIME_ZONE = re.compile(r"(?:UTC|GMT|[A-Z]{1,3}[DS]?T)\b")
_ORDINAL = re.compile(r"(?<![\d.,])\d{1,2}\.$")
_ORDINAL_LANGUAGES = frozenset(
    {"cs", "da", "de", "et", "fi", "hr", "hu", "is", "nb", "nn", "no", "pl", "sk", "sl", "sr"}
)


def split_sentences(text: str, language: str = "en") -> list[Span]:
    """Spans (start, end) of the sentences: trimmed, in order, together covering every character but white space.

    A blank line ends a sentence, a single line break does not. Unknown languages are read by general rules.
    """
    from sentencex import get_sentence_boundaries

    found = get_sentence_boundaries(language, _SURROGATE.sub("\ufffd", text))
    spans = _trimmed(text, ((item["start_index"], item["end_index"]) for item in found))
    return _joined(text, _split_words(text, _split_brackets(text, spans), language), language)


def _trimmed(text: str, spans: Iterable[Span]) -> list[Span]:
    kept = []
    for start, end in spans:
        piece = text[start:end]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            kept.append((left, right))
    return kept


def _split_brackets(text: str, spans: list[Span]) -> list[Span]:
    parts: list[Span] = []
    for start, end in spans:
        first = _BRACKETED.match(text, start, end)
        parts += [(start, first.end()), (first.end(), end)] if first else [(start, end)]
    return _trimmed(text, parts)


def _split_words(text: str, spans: list[Span], language: str) -> list[Span]:
    """Each span as the sentences that it is where a word ends one that may be an abbreviation, in no bracket."""
    ended = _ENDED.get(language)
    if ended is None:
        return spans
    parts: list[Span] = []
    for start, end in spans:
        ends = [found.end() for found in ended.finditer(text, start, end)]
        parts += pairwise([start, *(at for at in ends if not _OPEN_BRACKET.search(text[start:at])), end])
    return _trimmed(text, parts)


def _joined(text: str, spans: list[Span], language: str) -> list[Span]:
    mended: list[Span] = []
    for start, end in spans:
        if not mended or text.count("\n", mended[-1][1], start) > 1:
            mended.append((start, end))
            continue
        begin, previous_end = mended[-1]
        leftover = _LEFTOVER.match(text, start, end)
        if leftover:
            mended[-1] = (begin, start + len(leftover.group().rstrip()))
            if leftover.end() < end:
                mended.append((leftover.end(), end))
        elif _continues(text[begin:previous_end], text[start:end], language):
            mended[-1] = (begin, end)
        else:
            mended.append((start, end))
    return mended


def _continues(before: str, after: str, language: str) -> bool:
    """Whether `after` goes on with the sentence of `before`."""
    if not _WORD.search(after) or _LIST_MARKER.fullmatch(before):
        return True
    if language in _ORDINAL_LANGUAGES and _ORDINAL.search(before):
        return True
    last = _LAST_WORD.search(before)
    word = last.group(1) if last else ""
    if _LOWER_START.match(after):  # "$1.5 bn. in 2020", 'Moulin Rouge! was', but not "It rose. iPhone sales fell."
        return (len(word) <= 3 or "." in word) and not _INNER_CAPITAL.match(after)
    if after[0].isdigit():
        return _BEFORE_NUMBER.fullmatch(word) is not None
    return word in _TITLES.get(language, ()) or (word in _HOURS and _TIME_ZONE.match(after) is not None)
