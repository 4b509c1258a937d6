"""Does the text say so where its sources disagree?

Measures: share of the sentences with a contested figure (a number or date that another source gives otherwise, as the
evidence has it) that do not tell it as undisputed. It is told as contested when the other figure stands in the same
section beside the same words; when the sentence cites both sources and has a wording of disagreement
(contradictions.toml); or when sources of two years disagree and it names the year of its own. What a newer version of a
source replaces disagrees with nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from aiwriter.documents import (
    Brief,
    Disagreement,
    Draft,
    Evidence,
    Finding,
    PassageId,
    Section,
    Sentence,
    Severity,
    SourceRef,
)
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.agreement import same_date, same_quantity
from aiwriter.pipeline.quality.patterns import groups
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.statements import Statement, statement
from aiwriter.text.counted import counted
from aiwriter.text.facts import DateFact, Quantity
from aiwriter.text.rarity import rarity

PART = "contradictions"
RULE = "contradictions.untold"
PATTERNS = "contradictions.toml"
TITLE_SHOWN = 60
_SHARED = 0.5  # of the telling words of the shorter sentence: then it tells of the same
_CITING = 0.25  # the same, when it cites one of the two passages


@dataclass(frozen=True)
class Side:
    """One of two sources that disagree: the sentence of its passage, and its figure there."""

    passage: PassageId
    source: SourceRef
    sentence: Statement
    says: str

    @cached_property
    def figure(self) -> Quantity | DateFact | None:
        return next((figure for figure in self.sentence.figures if figure.text == self.says), None)

    @property
    def year(self) -> int | None:
        return self.source.published_at.year if self.source.published_at else None

    @property
    def told(self) -> str:
        """Such as “9 knots” in “Timetable” (2024)."""
        dated, title = f" ({self.year})" if self.year else "", self.source.title
        if len(title) > TITLE_SHOWN:
            title = f"{title[:TITLE_SHOWN].rsplit(' ', 1)[0]}…"
        return f"“{self.says}” in “{title}”{dated}"


@dataclass(frozen=True, slots=True)
class Contested:
    """A figure of a sentence at [start, end): the side that it repeats, and the other one."""

    sentence: Sentence
    span: tuple[int, int]
    own: Side
    other: Side


def check(draft: Draft, evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Find the contested figures of every section; nothing to measure where none stands."""
    told = [pair for section in draft.sections for pair in _told(section, evidence, brief.language)]
    if not told:
        return CheckResult(PART, None)
    sentences = {one.sentence.id for one, _ in told}
    silent = {one.sentence.id for one, named in told if not named}
    most = fmt.thresholds.contested_max
    tell = f"{counted(len(silent), 'sentence')} {'tells' if len(silent) == 1 else 'tell'}"
    reason = f"{tell} a figure on which sources disagree as undisputed; the format allows {most or 'none'}."
    return CheckResult(
        PART,
        percent(len(sentences) - len(silent), len(sentences)),
        tuple(_finding(one) for one, named in told if not named),
        revisions=(reason,) if len(silent) > most else (),
    )


def untold(section: Section, evidence: Evidence, language: str) -> dict[UUID, tuple[PassageId, PassageId]]:
    """Sentences that tell a contested figure as undisputed, each with the two passages that disagree."""
    found = [one for one, named in _told(section, evidence, language) if not named]
    return {one.sentence.id: (one.own.passage, one.other.passage) for one in reversed(found)}


def _told(section: Section, evidence: Evidence, language: str) -> list[tuple[Contested, bool]]:
    """The contested figures of a section, and whether readers learn of each that it is one."""
    pairs = _pairs(evidence, language)
    return [(one, _names_it(one, section, language)) for one in _contested(section, pairs, language)]


def _pairs(evidence: Evidence, language: str) -> list[tuple[Side, Side]]:
    """Each disagreement from both sides."""
    sources = {source.content_hash: source for source in evidence.sources}
    home = {
        item.passage.id: sources[item.passage.source_hash]
        for item in evidence.items
        if item.passage.source_hash in sources and item.passage.source_hash not in evidence.superseded
    }
    sides = [
        _sides(found, home, language) for found in evidence.disagreements if found.one in home and found.other in home
    ]
    return [pair for one, other in sides for pair in ((one, other), (other, one))]


def _sides(found: Disagreement, home: dict[PassageId, SourceRef], language: str) -> tuple[Side, Side]:
    return (
        Side(found.one, home[found.one], statement(found.one_sentence, language), found.one_says),
        Side(found.other, home[found.other], statement(found.other_sentence, language), found.other_says),
    )


def _contested(section: Section, pairs: Sequence[tuple[Side, Side]], language: str) -> list[Contested]:
    """The contested figures of a section's sentences, each once."""
    found: dict[tuple[UUID, tuple[int, int]], Contested] = {}
    for sentence in section.sentences:
        mine = statement(sentence.text, language)
        for own, other in pairs if mine.figures else ():
            figure = _repeated(mine, own, other)
            if figure and _same_subject(mine, sentence, own, other):
                span = (figure.start, figure.end)
                found.setdefault((sentence.id, span), Contested(sentence, span, own, other))
    return list(found.values())


def _repeated(mine: Statement, own: Side, other: Side) -> Quantity | DateFact | None:
    """The figure that a sentence has from one side; one that agrees with both, being rounder, is nobody's."""
    return next((f for f in mine.figures if _equal(f, own.figure) and not _equal(f, other.figure)), None)


def _equal(figure: Quantity | DateFact, given: Quantity | DateFact | None) -> bool:
    if isinstance(figure, DateFact):
        return isinstance(given, DateFact) and same_date(figure, given, {figure.year})
    return isinstance(given, Quantity) and same_quantity(figure, given)


def _same_subject(mine: Statement, sentence: Sentence, own: Side, other: Side) -> bool:
    """Whether it shares the telling words of one of the two, fewer when it cites their passage."""
    least = _CITING if {own.passage, other.passage} & set(sentence.citations) else _SHARED
    return max(_shared(mine, own.sentence), _shared(mine, other.sentence)) >= least


def _shared(mine: Statement, theirs: Statement) -> float:
    """Share of the telling words of the shorter one that both have."""
    both = sum(rarity(stem) for stem in mine.bare_stems if theirs.holds(stem))
    fewer = min(sum(map(rarity, mine.bare_stems)), sum(map(rarity, theirs.bare_stems)))
    return both / fewer if fewer else 0.0


def _names_it(one: Contested, section: Section, language: str) -> bool:
    """Whether readers learn that another source says otherwise."""
    return (
        any(_tells(sentence, one, language) for sentence in section.sentences)
        or _worded(one, language)
        or _dated(one, language)
    )


def _tells(sentence: Sentence, one: Contested, language: str) -> bool:
    text = statement(sentence.text, language)
    return _repeated(text, one.other, one.own) is not None and (
        sentence.id == one.sentence.id or _same_subject(text, sentence, one.other, one.own)
    )


def _worded(one: Contested, language: str) -> bool:
    cites_both = {one.own.passage, one.other.passage} <= set(one.sentence.citations)
    return cites_both and any(True for group in groups(PATTERNS, language) for _ in group.spans(one.sentence.text))


def _dated(one: Contested, language: str) -> bool:
    if one.own.year is None or one.other.year is None or one.own.year == one.other.year:
        return False
    return any(date.year == one.own.year for date in statement(one.sentence.text, language).dates)


def _finding(one: Contested) -> Finding:
    said = one.sentence.text[slice(*one.span)]
    return Finding(
        rule=RULE,
        severity=Severity.WARN,
        message=f"Sources disagree on “{said}”: {one.own.told}, {one.other.told}.",
        sentence_id=one.sentence.id,
        span=one.span,
        fix=f"say both “{one.own.says}” and “{one.other.says}” and cite both sources, or take the figure out",
    )
