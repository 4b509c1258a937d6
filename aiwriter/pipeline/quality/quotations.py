"""Are quotations verbatim? A quotation of five words or more must stand word for word in a passage that it cites.

Measures: share of such quotations that do. Quotation marks, dashes, case and punctuation are not compared; what is left
out (… or [...]) splits a quotation in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiwriter.documents import Brief, Draft, Evidence, Finding, Paragraph, ParagraphKind, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality import speakers
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.text.facts import quotations
from aiwriter.text.words import words

PART = "quotations"
MIN_WORDS = 5
_GAP = re.compile(r"\[[^\]]*\]|…|\.\.\.")


@dataclass(frozen=True, slots=True)
class _Quotation:
    sentence: Sentence
    span: tuple[int, int]
    text: str


def check(draft: Draft, evidence: Evidence, _brief: Brief, _fmt: Format) -> CheckResult:
    """Compare every quotation with the passages its sentence cites."""
    texts = {item.passage.id: _row(item.passage.text) for item in evidence.items}
    found = [quotation for section in draft.sections for p in section.paragraphs for quotation in _quotations(p)]
    faults = [fault for quotation in found if (fault := _fault(quotation, texts)) is not None]
    passages = {item.passage.id: item.passage.text for item in evidence.items}
    mouths = [fault for quotation in found if (fault := _of_another_mouth(quotation, passages)) is not None]
    strangers = [
        fault for section in draft.sections for p in section.paragraphs for fault in _misattributed(p, evidence)
    ]
    score = percent(len(found) - len(faults), len(found)) if found else None
    revisions = (f"{len(faults)} of {len(found)} quotations are not verbatim.",) if faults else ()
    return CheckResult(PART, score, tuple(faults + strangers + mouths), revisions=revisions)


def _quotations(paragraph: Paragraph) -> Iterator[_Quotation]:
    """Everything between quotation marks, and whole sentences of a paragraph that is a quotation."""
    for sentence in paragraph.sentences:
        if paragraph.kind is ParagraphKind.QUOTE:
            yield _Quotation(sentence, (0, len(sentence.text)), sentence.text)
        else:
            for span in quotations(sentence.text):
                if len(words(span.text)) >= MIN_WORDS:
                    yield _Quotation(sentence, (span.start, span.end), span.text)


def _row(text: str) -> str:
    return f" {' '.join(words(text))} "


def stands_in(text: str, passage: str) -> bool:
    """Whether a passage has these words in this order, as a quotation of it must."""
    return _is_verbatim(text, [_row(passage)])


def _is_verbatim(quotation: str, rows: Sequence[str]) -> bool:
    pieces = [piece for piece in map(_row, _GAP.split(quotation)) if piece.strip()]
    return any(all(piece in row for piece in pieces) for row in rows)


def _fault(quotation: _Quotation, texts: dict[str, str]) -> Finding | None:
    if _is_verbatim(quotation.text, [texts[key] for key in quotation.sentence.citations if key in texts]):
        return None
    elsewhere = _is_verbatim(quotation.text, list(texts.values()))
    return Finding(
        rule="quotations.elsewhere" if elsewhere else "quotations.altered",
        severity=Severity.ERROR,
        message="These words stand in another passage than the cited one."
        if elsewhere
        else "These words do not stand so in the cited passage.",
        sentence_id=quotation.sentence.id,
        span=quotation.span,
        fix="cite the passage that holds them"
        if elsewhere
        else "quote word for word, or say it without quotation marks",
    )


def _of_another_mouth(quotation: _Quotation, passages: dict[str, str]) -> Finding | None:
    """Words that the sentence puts into somebody's mouth and each passage that it cites into another's."""
    text, (start, end) = quotation.sentence.text, quotation.span
    mine = speakers.speaker(text[:start], text[end:])
    cited = [passages[key] for key in quotation.sentence.citations if key in passages]
    if mine is None:
        return None
    theirs = {speakers.another(mine, passage, words(quotation.text)) for passage in cited}
    named = next(iter(theirs), None) if len(theirs) == 1 else None
    if named is None:
        return None
    return Finding(
        rule="quotations.speaker",
        severity=Severity.ERROR,
        message=f"In the passage these are words of “{named}”, not of “{mine}”.",
        sentence_id=quotation.sentence.id,
        span=quotation.span,
        fix=f"name “{named}”",
    )


def _misattributed(paragraph: Paragraph, evidence: Evidence) -> Iterator[Finding]:
    """Quoted paragraphs whose sentences come from another source than the one they are shown under."""
    if paragraph.kind is not ParagraphKind.QUOTE or paragraph.attribution is None:
        return
    home = evidence.origins
    for sentence in paragraph.sentences:
        origins = {home[key] for key in sentence.citations if key in home}
        if origins and paragraph.attribution not in origins:
            yield Finding(
                rule="quotations.attribution",
                severity=Severity.ERROR,
                message="These are words of another source than the one named under them.",
                sentence_id=sentence.id,
                fix="name the source that is cited",
            )
