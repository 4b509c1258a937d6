"""What a check returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from aiwriter.documents import Brief, Draft, Evidence, Finding, Sentence, SentenceVerdict, Severity
from aiwriter.pipeline.formats import Format


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One part of the score. `score` is 0–100, or None when there was nothing to measure: it then weighs nothing.

    `refusals` are reasons for people why the text must not go out, `revisions` why it should not yet; both by
    thresholds of the format. `verdicts` come from the support check alone.
    """

    part: str
    score: float | None
    findings: tuple[Finding, ...] = ()
    refusals: tuple[str, ...] = ()
    revisions: tuple[str, ...] = ()
    verdicts: tuple[SentenceVerdict, ...] = ()


Check = Callable[[Draft, Evidence, Brief, Format], CheckResult]


@dataclass(frozen=True, slots=True)
class Line:
    """Something a reader sees: a sentence, or a line of the head ("title", "description", "heading") without one."""

    text: str
    place: str
    sentence: Sentence | None = None


def lines(draft: Draft) -> Iterator[Line]:
    """Everything of a draft that a reader sees and that is not empty, in reading order."""
    yield from (
        Line(text, place) for text, place in ((draft.title, "title"), (draft.description, "description")) if text
    )
    for section in draft.sections:
        if section.heading:
            yield Line(section.heading, "heading")
        yield from (Line(sentence.text, "sentence", sentence) for sentence in section.sentences)


def warning(rule: str, message: str, fix: str, sentence: Sentence, span: tuple[int, int] | None = None) -> Finding:
    """What somebody should mend in a sentence; it refuses nothing by itself."""
    return Finding(rule=rule, severity=Severity.WARN, message=message, sentence_id=sentence.id, span=span, fix=fix)


def percent(part: float, whole: float) -> float:
    """part ÷ whole as 0–100; nothing of nothing is 100."""
    return 100.0 if whole == 0 else max(0.0, min(100.0, 100.0 * part / whole))


def within(value: float, low: float, high: float) -> float:
    """100 inside [low, high], falling in a straight line to 0 at half of `low` and at twice `high`."""
    if value < low:
        return max(0.0, 100.0 * (value - low / 2) / (low / 2)) if low > 0 else 0.0
    if value <= high:
        return 100.0
    return max(0.0, 100.0 * (2 * high - value) / high) if high > 0 else 0.0


def below(value: float, good: float, worst: float) -> float:
    """100 up to `good`, falling in a straight line to 0 at `worst`."""
    if value <= good:
        return 100.0
    return max(0.0, 100.0 * (worst - value) / (worst - good)) if worst > good else 0.0
