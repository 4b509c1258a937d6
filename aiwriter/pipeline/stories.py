"""Which found sources tell what another tells: of versions the newest is used, of copies the first, and what has other
figures is no copy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aiwriter.documents import Source
from aiwriter.pipeline.versions import superseded_by
from aiwriter.text.figures import MOST_ALIKE, Slots, contradict, slots
from aiwriter.text.words import words

SHINGLE = 5  # words
SAME_STORY = 0.25
FEWEST_SHINGLES = 20  # a text with fewer says too little to be compared
_NEVER = datetime.max.replace(tzinfo=UTC)
_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Repeat:
    """A source that is not used because of another one, and why."""

    source: Source
    first: Source
    reason: str


def distinct(sources: Iterable[Source]) -> tuple[tuple[Source, ...], list[Repeat]]:
    """Each content once, where it was first, as the first source that has a title of its own; and the copies."""
    by_content: dict[str, list[Source]] = {}
    for source in sources:
        by_content.setdefault(source.content_hash, []).append(source)
    kept = {content: max(copies, key=_has_title) for content, copies in by_content.items()}
    repeats = [
        Repeat(one, kept[content], f"it has the same text as {kept[content].location}")
        for content, copies in by_content.items()
        for one in copies
        if one is not kept[content] and one.location != kept[content].location
    ]
    return tuple(kept.values()), repeats


def _has_title(source: Source) -> bool:
    """Whether its title is another than what its file or page is called."""
    called = unquote(PurePosixPath(urlsplit(source.location).path if _site(source) else source.location).stem)
    return words(source.title) != words(called)


def told_once(given: Sequence[Source], found: Sequence[Source]) -> tuple[list[Source], list[Repeat]]:
    """The found sources that tell something else than those given and than one another, in their order, and the others.

    Older versions of a page of the same site go first (`versions.superseded_by`). Of several that tell the same the one
    published first is kept, of those without a day the one ranked first, an article of ours only when nobody else tells
    it; what was given always is. Same: equal content, or at least a quarter of the five-word shingles of the shorter
    text in the other (containment, Broder 1997), and no place that both share has other figures in one. Of those that
    only figures tell apart the three newest are kept. benchmarks/same_story.py measures it: docs/measurements/.
    """
    told = {source.id: _Told(source) for source in (*given, *found)}
    current, repeats = _newest(told, found)
    kept = [told[source.id] for source in given]
    for one in sorted((told[source.id] for source in current), key=_precedence):
        first = next((other for other in kept if one.copies(other)), None)
        if first is None:
            kept.append(one)
        else:
            repeats.append(Repeat(one.source, first.source, f"it tells the same as {first.source.location}"))
    heard, flood = _few_of_each(kept[len(given) :])
    remaining = {one.source.id for one in heard}
    return [source for source in found if source.id in remaining], [*repeats, *flood]


def shingled(text: str, width: int = SHINGLE) -> frozenset[int]:
    """Hashes of all runs of `width` words, whatever their case and punctuation."""
    tokens = words(text)
    return frozenset(hash(tuple(tokens[start : start + width])) for start in range(len(tokens) - width + 1))


def containment(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of the smaller set that is in the other, 0–1; 0 when it is too small to say."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller >= FEWEST_SHINGLES else 0.0


class _Told:
    """A source with what is compared of it, made when it is asked for."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @cached_property
    def _shingles(self) -> frozenset[int]:
        return shingled(self.source.text)

    @cached_property
    def _slots(self) -> Slots:
        return slots(self.source.text)

    def resembles(self, other: _Told) -> bool:
        same = self.source.content_hash == other.source.content_hash
        return same or containment(self._shingles, other._shingles) >= SAME_STORY

    def contradicts(self, other: _Told) -> bool:
        return contradict(self._slots, other._slots)

    def copies(self, other: _Told) -> bool:
        """An article of ours copies whatever it resembles: what it tells otherwise it has from nowhere else."""
        return self.resembles(other) and (self.source.own is not None or not self.contradicts(other))


def _newest(told: Mapping[UUID, _Told], found: Sequence[Source]) -> tuple[list[Source], list[Repeat]]:
    """The found sources without the older versions of others; a copy on another site with the same figures is none."""
    replaced = superseded_by([one.source for one in told.values()])
    repeats = []
    for source in found:
        newer = replaced.get(source.content_hash)
        if newer and (_site(source) == _site(newer) or told[source.id].contradicts(told[newer.id])):
            repeats.append(Repeat(source, newer, f"{newer.location} is a newer version of it"))
    older = {one.source.id for one in repeats}
    return [source for source in found if source.id not in older], repeats


def _site(source: Source) -> str:
    try:
        return (urlsplit(source.location).hostname or "") if "://" in source.location else ""
    except ValueError:
        return source.location


def _few_of_each(kept: Sequence[_Told]) -> tuple[list[_Told], list[Repeat]]:
    """The newest few of those that resemble one another but for figures."""
    heard: list[_Told] = []
    flood = []
    for one in sorted(kept, key=lambda told: told.source.published_at or _EVER, reverse=True):
        alike = [other for other in heard if one.resembles(other)]
        if len(alike) < MOST_ALIKE:
            heard.append(one)
        else:
            reason = f"but for figures it tells the same as {alike[0].source.location} and {MOST_ALIKE - 1} others"
            flood.append(Repeat(one.source, alike[0].source, reason))
    return heard, flood


def _precedence(told: _Told) -> tuple[bool, datetime]:
    return told.source.own is not None, told.source.published_at or _NEVER
