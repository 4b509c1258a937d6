"""Two figures compared the wrong way round: "A paid more than B" where the passages have less for A."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from aiwriter.pipeline.quality.alignment import Alignment
from aiwriter.pipeline.quality.faults.fault import Fault
from aiwriter.pipeline.quality.statements import Statement, statement
from aiwriter.text.facts import Bound, Quantity, QuantityKind

_UP = {
    "en": r"more|higher|larger|bigger|greater|longer|taller|wider|deeper|heavier|older|faster|dearer|costlier|further",
    "de": r"mehr|höher\w*|größer\w*|länger\w*|breiter\w*|tiefer\w*|schwerer\w*|älter\w*|teurer\w*",
    "fr": r"plus|davantage",
    "es": r"más|mayor(?:es)?",
    "sv": r"mer|fler|högre|större|längre|bredare|djupare|tyngre|äldre|dyrare",
}
_DOWN = {
    "en": r"less|fewer|lower|smaller|shorter|narrower|shallower|lighter|younger|cheaper",
    "de": r"weniger|niedriger\w*|kleiner\w*|kürzer\w*|geringer\w*|leichter\w*|jünger\w*|billiger\w*",
    "fr": r"moins",
    "es": r"menos|menor(?:es)?",
    "sv": r"mindre|färre|lägre|kortare|lättare|yngre|billigare",
}
_THAN = {"en": "than", "de": "als", "fr": "qu[e'’]", "es": "que", "sv": "än"}
_COMPARES = {
    language: re.compile(
        rf"\b(?:(?P<up>{up})|(?:{_DOWN[language]}))\b(?P<what>[^.;:]{{0,60}}?)\b{_THAN[language]}\b(?P<other>[^.;:]*)",
        re.IGNORECASE,
    )
    for language, up in _UP.items()
}
_PART = re.compile(
    r".+?(?:[;,] (?!wh(?:ere|ich|o)\b)|\b(?:and|while|whereas|but|against|und|et|y|och)\b|$)", re.IGNORECASE | re.DOTALL
)


def comparisons(alignment: Alignment) -> Iterator[Fault]:
    """A comparison that the figures which the passages have for its two sides contradict."""
    claim = alignment.claim
    pattern = _COMPARES.get(claim.language)
    found = pattern.search(claim.text) if pattern else None
    if found is None or claim.negations:
        return
    if any(figure.start >= found.start() and figure.bound is not Bound.EXACT for figure in claim.quantities):
        return  # "less than a second"
    one = frozenset(statement(claim.text[: found.start()] + found["what"], claim.language).stems)
    other = frozenset(statement(found["other"], claim.language).stems)
    parts = [statement(m[0], s.language) for s in alignment.near for m in _PART.finditer(s.text)]
    one, other = (frozenset(stem for stem in side if any(part.holds(stem) for part in parts)) for side in (one, other))
    mine, theirs = (
        _figures_of(*sides, parts, claim) for sides in ((one - other, other - one), (other - one, one - other))
    )
    pairs = [(a, b) for a in mine for b in theirs if _comparable(a, b)]
    if pairs and all(_is_more(a, b) != bool(found["up"]) for a, b in pairs):
        message = f"The passage has “{pairs[0][0].text}” for the first and “{pairs[0][1].text}” for the other."
        yield Fault("support.number", message, found.span(), certain=False, fix="compare them as the passage does")


def _figures_of(
    own: frozenset[str], others: frozenset[str], parts: Sequence[Statement], claim: Statement
) -> list[Quantity]:
    """The figures of the parts of the passages that speak of one side more than of the other."""
    speaking = (part for part in parts if _share(own, part) > _share(others, part))
    return [figure for part in speaking for figure in part.quantities if not claim.says(figure)]


def _share(stems: frozenset[str], part: Statement) -> float:
    return sum(map(part.holds, stems)) / len(stems) if stems else 0.0


def _comparable(one: Quantity, other: Quantity) -> bool:
    """Whether one is more than the other in the same unit, which may be left out of one ("14 %, Humle's 9")."""
    bare = any(q.kind is QuantityKind.COUNT and not q.noun for q in (one, other))
    return one.value != other.value and (one.dimension == other.dimension or bare)


def _is_more(one: Quantity, other: Quantity) -> bool:
    return one.base > other.base if one.dimension == other.dimension else one.value > other.value
