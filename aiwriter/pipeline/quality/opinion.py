"""What a checker thinks of an unsure sentence, and how far that counts.

It moves a sentence out of the grey zone alone: what a rule found certainly false stays unsupported, what is supported
stays so, and a sentence that cites nothing is not lifted by anybody. How sure a checker must be are thresholds of the
format.
"""

from __future__ import annotations

from aiwriter.documents import Finding, Sentence, SentenceVerdict, Severity, Support
from aiwriter.pipeline.formats import Thresholds

RULE = "support.opinion"
_DOUBT = "support.overlap"  # said only because words could not decide


def heard(
    judged: tuple[SentenceVerdict, list[Finding]], sentence: Sentence, opinion: float | None, limits: Thresholds
) -> tuple[SentenceVerdict, list[Finding]]:
    """The verdict and findings on a sentence once a checker was heard; `opinion` None: it was not asked."""
    verdict, findings = judged
    if opinion is None or verdict.support is not Support.UNSURE:
        return judged
    kept = verdict.model_copy(update={"opinion": opinion})
    if opinion >= limits.opinion_supported and sentence.citations:
        lifted = {"support": Support.SUPPORTED, "probability": opinion}
        return kept.model_copy(update=lifted), [one for one in findings if one.rule != _DOUBT]
    if opinion <= limits.opinion_unsupported:
        sunk = {"support": Support.UNSUPPORTED, "probability": opinion}
        return kept.model_copy(update=sunk), [*findings, _denied(sentence, opinion)]
    return kept, findings


def _denied(sentence: Sentence, opinion: float) -> Finding:
    return Finding(
        rule=RULE,
        severity=Severity.ERROR,
        message=f"A second opinion finds that the cited passages do not say this (probability {opinion:.2f}).",
        sentence_id=sentence.id,
        span=(0, len(sentence.text)),
        fix="say only what the passages say, or take it out",
    )
