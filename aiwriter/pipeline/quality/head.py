"""Does what stands above the text say what the text says?

Title, description and headings cite nothing: they are held against the text itself, which is checked, by the rules of
the support check. Measures nothing for the score; a line with a figure, date, name or denial that certainly does not
fit is a finding. A description with one needs a person; title and headings are warned of alone, for they may count what
the text lists ("Seven lessons"), and a title may repeat what was asked for. Digests are left out: no model wrote their
lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from uuid import UUID

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, lines
from aiwriter.pipeline.quality.statements import Ground, known_names
from aiwriter.pipeline.quality.support import judge_claim
from aiwriter.text.sentences import split_sentences

PART = "head"
RULE = "head.untrue"
_SHOWN = 60


def check(draft: Draft, _evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Hold title, description and headings against the text below them."""
    found = list(_findings(draft, brief)) if draft.kind is not ArticleKind.DIGEST else []
    described = any(place == "description" for place, _ in found)
    revisions = ("The description says what the text does not.",) if described else ()
    return CheckResult(PART, None, tuple(finding for _, finding in found), revisions=revisions)


def vouched_for(draft: Draft, brief: Brief, most: int, supported: Set[UUID]) -> str:
    """The description, or, where the text does not bear it, the first of the `supported` sentences that has at most
    `most` characters; empty when none has."""
    if draft.kind is ArticleKind.DIGEST or not any(_untold(draft.description, _grounds(draft, brief), brief.language)):
        return draft.description
    return next((one.text for one in draft.sentences if one.id in supported and len(one.text) <= most), "")


def _findings(draft: Draft, brief: Brief) -> Iterator[tuple[str, Finding]]:
    """The first of each line, with the line's place."""
    below = _grounds(draft, brief)
    asked = Ground("asked", " · ".join([brief.topic, *brief.keywords]), language=brief.language)
    for line in lines(draft) if below else ():
        given = [*below, asked] if line.place == "title" else below
        what = next(_untold(line.text, given, brief.language), None) if line.sentence is None else None
        if what:
            message = f"In the {line.place} “{line.text[:_SHOWN]}”: the text does not say “{what[:_SHOWN]}”."
            yield line.place, Finding(rule=RULE, severity=Severity.WARN, message=message, fix="say what the text says")


def _grounds(draft: Draft, brief: Brief) -> list[Ground]:
    """The paragraphs of the text."""
    paragraphs = [paragraph.sentences for section in draft.sections for paragraph in section.paragraphs]
    texts = (" ".join(sentence.text for sentence in sentences) for sentences in paragraphs if sentences)
    return [Ground(str(number), text, language=brief.language) for number, text in enumerate(texts)]


def _untold(line: str, given: Sequence[Ground], language: str) -> Iterator[str]:
    """What of a line certainly does not stand so in these paragraphs."""
    known = known_names(ground.text for ground in given)
    for start, end in split_sentences(line, language):
        piece = line[start:end]
        yield from (
            piece[slice(*fault.span)] for fault in judge_claim(piece, given, known, language).faults if fault.certain
        )
