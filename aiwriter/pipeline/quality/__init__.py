"""Quality: the list of checks, the score and the verdict.

Every check is `(Draft, Evidence, Brief, Format) -> CheckResult`, pure computation over the documents, and says in its
module what it measures. The score is their weighted mean; it says how well a text meets these measures, and nothing
about whether it is worth reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from aiwriter.documents import (
    Brief,
    Dismissal,
    Draft,
    Evidence,
    Finding,
    QualityReport,
    ScorePart,
    SentenceVerdict,
    Severity,
    Support,
    Verdict,
    concealing,
)
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality import (
    citations,
    coherence,
    contradictions,
    defects,
    dismissing,
    head,
    language,
    length,
    links,
    openings,
    originality,
    phrases,
    private,
    quotations,
    readability,
    repetition,
    seo,
    structure,
    style,
    support,
    voice,
)
from aiwriter.pipeline.quality.result import Check, CheckResult

CHECKS: tuple[Check, ...] = (
    citations.check,
    support.check,
    quotations.check,
    contradictions.check,
    language.check,
    length.check,
    readability.check,
    originality.check,
    repetition.check,
    coherence.check,
    openings.check,
    structure.check,
    defects.check,
    phrases.check,
    private.check,
    links.check,
    style.check,
    head.check,
    seo.check,
    voice.check,
)
# An error of these rules means that the sentence does not stand, whatever its words share with a passage.
_VOIDING = ("citations.", "quotations.", "links.", "language.")
_SHOWN = 3  # open errors that are told one by one


def judge(
    draft: Draft,
    evidence: Evidence,
    brief: Brief,
    fmt: Format,
    checks: Sequence[Check] = CHECKS,
    dismissals: Iterable[Dismissal] = (),
) -> QualityReport:
    """Run the checks and give the verdict: refuse by a threshold, revise for what should be mended, be it one error
    that is open, else pass.

    What is in `dismissals` counts no more. Where no embedder was heard (`meaning.heard`) support is judged by words.
    """
    dismissed = {dismissal.finding: dismissal for dismissal in dismissals}
    results = [dismissing.settle(check(draft, evidence, brief, fmt), dismissed, fmt) for check in checks]
    results = _concealed(results, draft)
    findings = tuple(finding for result in results for finding in result.findings)
    parts = _parts(results, fmt)
    score = _mean(parts)
    refusals = [reason for result in results for reason in result.refusals]
    revisions = [*errors_told(findings), *(reason for result in results for reason in result.revisions)]
    revisions += defects.too_many(findings, draft, fmt)
    if score < fmt.thresholds.score_min:
        revisions.append(f"The score is {score:.0f}; {fmt.thresholds.score_min:.0f} is the least that passes.")
    verdict = Verdict.REFUSE if refusals else Verdict.REVISE if revisions else Verdict.PASS
    return QualityReport(
        verdict=verdict,
        reasons=tuple(refusals or revisions),
        score=score,
        parts=parts,
        findings=findings,
        sentences=_verdicts(results, findings),
        neighbours=draft.neighbours,
    )


def errors_told(findings: Iterable[Finding]) -> Iterator[str]:
    """One reason that names the errors that are open; none when there is none."""
    errors = [finding for finding in findings if finding.is_open_error]
    if errors:
        told = " ".join(f"{finding.rule}: {finding.message}" for finding in errors[:_SHOWN])
        more = f" … and {len(errors) - _SHOWN} more." if len(errors) > _SHOWN else ""
        yield f"{len(errors)} error{'s are' if len(errors) > 1 else ' is'} open. {told}{more}"


def _concealed(results: list[CheckResult], draft: Draft) -> list[CheckResult]:
    """The results without secrets of the text in what they say of it."""
    hidden = concealing.hidden_in(draft)
    if not hidden:
        return results
    texts = {sentence.id: sentence.text for sentence in draft.sentences}
    return [replace(one, findings=concealing.told(one.findings, texts, hidden)) for one in results]


def _parts(results: Iterable[CheckResult], fmt: Format) -> tuple[ScorePart, ...]:
    """What was measured, with weights that sum to one."""
    measured = [(result.part, result.score, fmt.weights.get(result.part, 0.0)) for result in results]
    total = sum(weight for _, score, weight in measured if score is not None) or 1.0
    return tuple(
        ScorePart(name=name, score=round(score, 1), weight=round(weight / total, 4))
        for name, score, weight in measured
        if score is not None
    )


def _mean(parts: Sequence[ScorePart]) -> float:
    total = sum(part.weight for part in parts)
    return round(sum(part.score * part.weight for part in parts) / total, 1) if total else 0.0


def _verdicts(results: Iterable[CheckResult], findings: Iterable[Finding]) -> tuple[SentenceVerdict, ...]:
    """The verdicts of the support check, less those whose citation or quotation is false; where a person says that it
    is not, that person vouches for the sentence."""
    voiding = [one for one in findings if one.severity is Severity.ERROR and one.rule.startswith(_VOIDING)]
    void = {finding.sentence_id for finding in voiding if finding.is_open_error}
    freed = {finding.sentence_id for finding in voiding} - void
    return tuple(_beside(verdict, void, freed) for result in results for verdict in result.verdicts)


def _beside(verdict: SentenceVerdict, void: set[UUID | None], freed: set[UUID | None]) -> SentenceVerdict:
    if verdict.sentence_id in void:
        return verdict.model_copy(update={"support": Support.UNSUPPORTED, "probability": 0.0})
    if verdict.sentence_id in freed and verdict.support is Support.SUPPORTED:
        return verdict.model_copy(update={"support": Support.VOUCHED})
    return verdict
