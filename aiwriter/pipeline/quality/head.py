"""Does what stands above the text say what the text says?

Title, description and headings cite nothing: they are held against the text itself, which is checked, by the rules of
the support check, and their telling words against the sources too. Measures nothing for the score. A line with a
figure, date, name or denial that certainly does not fit is an error and needs a person; one that says of its subject
what neither text, sources nor brief have a word of is warned of. What a text counts itself ("Seven lessons") is no
fault, and a title may repeat what was asked for. What a model wrote is replaced (`pipeline.heading`). The lines of a
digest, which no model wrote but a person may have changed, may say what stands above its passages and how many its
sources are; they are never warned of.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality import asserting
from aiwriter.pipeline.quality.result import CheckResult, Line, lines
from aiwriter.pipeline.quality.statements import Ground, grounds, known_names, statement
from aiwriter.pipeline.quality.support import judge_claim
from aiwriter.text.facts import quantities
from aiwriter.text.sentences import split_sentences

PART = "head"
UNTRUE, STRANGE = "head.untrue", "head.strange"
_PARTS = re.compile(r"[:;–—|.!]\s+|(?<=\?)\s+")  # of a line: "Years of silence: what Ostrel learned"
_SHOWN = 60
_LISTED = 20  # so many things a heading may announce: "Seven lessons"


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` of a line does not stand so in what is below it; `certain`: the text says otherwise, or nothing of it."""

    what: str
    certain: bool


class Head:
    """What the lines above one draft are held against: its paragraphs, its sources and what was asked for."""

    def __init__(self, draft: Draft, evidence: Evidence, brief: Brief) -> None:
        language = brief.language
        paragraphs = [paragraph.sentences for section in draft.sections for paragraph in section.paragraphs]
        texts = (" ".join(sentence.text for sentence in sentences) for sentences in paragraphs if sentences)
        self._language = language
        self._below = [Ground(str(number), text, language=language) for number, text in enumerate(texts)]
        self._asked = Ground("asked", " · ".join([brief.topic, *brief.keywords]), language=language)
        own = _own(draft, evidence, brief)
        self._own = [Ground("own", " · ".join(own), language=language)] if own else []
        sources = [one for ground in grounds(evidence, language).values() for one in (ground.whole, ground.around)]
        self._told = [*(ground.whole for ground in (*self._below, self._asked)), *sources]

    def fault(self, line: str, place: str) -> Fault | None:
        """The gravest fault of a line; None where there is none, or no text to hold it against."""
        given = [*self._below, *self._own, *([self._asked] if place == "title" else [])]
        found = list(self._faults(line, place, given)) if self._below else []
        return next((one for one in found if one.certain), found[0] if found else None)

    def _faults(self, line: str, place: str, given: Sequence[Ground]) -> Iterator[Fault]:
        known = known_names(ground.text for ground in given)
        for start, end in split_sentences(line, self._language):
            piece = line[start:end]
            for fault in judge_claim(piece, given, known, self._language).faults:
                if fault.certain and not _counts(piece, fault.span, self._language):
                    yield Fault(piece[slice(*fault.span)], certain=True)
        for piece in _PARTS.split(line):
            for word in self._strange(piece, place):
                yield Fault(asserting.as_written(piece, word), certain=False)

    def _strange(self, piece: str, place: str) -> list[str]:
        """The words that stand nowhere, of a part that says them of something that does ("The thieving keepers", not
        "Years of silence"); of a description, which is longer, when they are half of what it tells."""
        claim = statement(piece, self._language)
        told, strange = asserting.telling(claim), asserting.strange(claim, self._told)
        said_of_it = len(strange) < len(told) if place != "description" else 2 * len(strange) >= len(told)
        return strange if said_of_it and not asserting.asks(claim) else []


def check(draft: Draft, evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Hold title, description and headings against the text below them."""
    head, digest = Head(draft, evidence, brief), draft.kind is ArticleKind.DIGEST
    found = [
        (line, fault)
        for line in lines(draft)
        if line.sentence is None
        and (fault := head.fault(line.text, line.place)) is not None
        and (fault.certain or not digest)
    ]
    untrue = dict.fromkeys(line.place for line, fault in found if fault.certain)
    revisions = tuple(f"The {place} says what the text does not." for place in untrue)
    return CheckResult(PART, None, tuple(_finding(line, fault) for line, fault in found), revisions=revisions)


def _own(draft: Draft, evidence: Evidence, brief: Brief) -> list[str]:
    """What a digest's lines are made of beside its text: its topic, headings and titles of its sources, and how many
    these are."""
    if draft.kind is not ArticleKind.DIGEST:
        return []
    headings = dict.fromkeys(heading for item in evidence.items for heading in item.passage.headings)
    cited = {key for sentence in draft.sentences for key in sentence.citations}
    sources = {home for key, home in evidence.origins.items() if key in cited}
    return [brief.topic, *evidence.titles.values(), *headings, f"{len(sources)} sources"]


def _finding(line: Line, fault: Fault) -> Finding:
    begin = f"In the {line.place} “{line.text[:_SHOWN]}”"
    told = "the text does not say" if fault.certain else "neither the text nor a source has"
    return Finding(
        rule=UNTRUE if fault.certain else STRANGE,
        severity=Severity.ERROR if fault.certain else Severity.WARN,
        message=f"{begin}: {told} “{fault.what[:_SHOWN]}”.",
        fix="say what the text says",
    )


def _counts(line: str, span: tuple[int, int], language: str) -> bool:
    """Whether it is a small number of things that the text lists itself: "Seven lessons", "5 good reasons"."""
    numbers = quantities(line[slice(*span)], language)
    after = statement(" ".join(line[span[1] :].split()[:1]), language)
    small = bool(numbers) and all(not one.unit and 0 <= one.value <= _LISTED for one in numbers)
    return small and bool(after.stems) and not asserting.telling(after)
