"""Which sources are older versions of others: cautious, since leaving a source out on a guess loses facts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from aiwriter.documents import Source
from aiwriter.text.dates import dates
from aiwriter.text.words import words

# What tells two versions of one document apart in their titles.
_VERSION = re.compile(
    r"(?i)\b(?:v(?:er(?:sion)?)?\.? ?\d+(?:\.\d+)*|rev(?:ision)?\.? ?\d+|edition \d+|\d+(?:st|nd|rd|th) edition|"
    r"(?:19|20)\d\d(?:[-/]\d{2,4})?|draft|final|old|new|current|updated|superseded|archived?|q[1-4])\b"
)
# Documents that come in series: each number stands for itself.
_SERIES = re.compile(
    r"(?i)\b(?:minutes|report|accounts|newsletter|bulletin|digest|diary|journal|proceedings|issue|episode|news|results|"
    r"season|cup|final|championships?|contest|tournament|"
    r"elections?|census|review|summary of|agenda|week|month|quarter)\b"
)
_REPLACES = re.compile(
    r"(?i)\b(?:replaces|supersedes|superseding|replacing|revision of|updates|"
    r"(?:revised|updated|new|current) (?:version|edition)"
    r"|no longer valid|takes the place of)\b"
)
_SHARED_RUNS = 0.30  # of the older text's 4-word runs that the newer one still holds
_OPENING = 1500  # characters in which a document says what it replaces


def superseded_by(sources: Sequence[Source]) -> dict[str, Source]:
    """Content hash of each older version → the newest version of it among `sources`.

    Two sources are versions of one document when their titles are equal but for years, versions and dates, both say
    when they were published, and the newer says that it replaces something or repeats much of the older one. An article
    of ours repeats its sources: it takes nobody's place.
    """
    families: dict[str, list[Source]] = {}
    for source in sources:
        if source.published_at is not None and source.own is None and _stem_of_title(source.title):
            families.setdefault(_stem_of_title(source.title), []).append(source)
    return {older.content_hash: newer for family in families.values() for older, newer in _pairs(family)}


def left_out(replaced: Mapping[str, Source], sources: Sequence[Source]) -> Iterator[str]:
    """What people are told of each source that a newer one takes the place of."""
    for older in sources:
        newest = replaced.get(older.content_hash)
        if newest is not None:
            yield (
                f"{older.title!r} ({older.place}, {_day(older)}) was left out: "
                f"{newest.place} of {_day(newest)} is a newer version of it"
            )


def _day(source: Source) -> str:
    return f"{source.published_at:%Y-%m-%d}" if source.published_at else "no date"


def _pairs(family: list[Source]) -> list[tuple[Source, Source]]:
    newest = max(family, key=_when)
    return [(source, newest) for source in sorted(family, key=_when) if _is_older(source, newest)]


def _when(source: Source) -> tuple[datetime, str]:
    return source.published_at or datetime.min.replace(tzinfo=UTC), source.content_hash


def _is_older(source: Source, newest: Source) -> bool:
    same = source.content_hash == newest.content_hash
    return not same and _when(source)[0] < _when(newest)[0] and _replaced(source, newest)


def _replaced(older: Source, newer: Source) -> bool:
    if _REPLACES.search(newer.text[:_OPENING]):
        return True
    return not _SERIES.search(newer.title) and _repeated(older.text, newer.text) >= _SHARED_RUNS


def _repeated(older: str, newer: str) -> float:
    before, after = _runs(older), _runs(newer)
    return len(before & after) / len(before) if before else 0.0


def _runs(text: str) -> set[tuple[str, ...]]:
    tokens = words(text)
    return set(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False))


def _stem_of_title(title: str) -> str:
    for date in reversed(dates(title)):
        title = title[: date.start] + " " + title[date.end :]
    return " ".join(words(_VERSION.sub(" ", title)))
