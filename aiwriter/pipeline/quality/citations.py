"""Do citations lead anywhere, and does every factual sentence have one?

Measures: share of factual sentences (number, date, name, quotation, superlative, cause) with a citation that resolves.
"""

from __future__ import annotations

from collections.abc import Iterator

from aiwriter.documents import Brief, Draft, Evidence, Finding, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.asserting import is_factual
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.statements import statement

PART = "citations"


def check(draft: Draft, evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Resolve every citation and count the factual sentences that have one."""
    known = evidence.origins
    factual = [sentence for sentence in draft.sentences if is_factual(statement(sentence.text, brief.language))]
    cited = [sentence for sentence in factual if any(key in known for key in sentence.citations)]
    findings = [finding for sentence in draft.sentences for finding in _unresolved(sentence, known, evidence)]
    unknown = sum(finding.rule == "citations.unknown" for finding in findings)
    findings += [_missing(sentence) for sentence in factual if not sentence.citations]
    share = len(cited) / len(factual) if factual else 1.0
    return CheckResult(
        PART,
        percent(len(cited), len(factual)) if factual or draft.sentences else None,
        tuple(findings),
        tuple(_refusals(unknown, len(cited), len(factual), fmt.thresholds.refuse_coverage)),
        _revisions(share, fmt.thresholds.coverage_min),
    )


def _unresolved(sentence: Sentence, known: dict[str, str], evidence: Evidence) -> Iterator[Finding]:
    for key in sentence.citations:
        if key not in known:
            yield Finding(
                rule="citations.unknown",
                severity=Severity.ERROR,
                message=f"The citation {key} leads to no passage of the given evidence.",
                sentence_id=sentence.id,
                fix="cite a passage that was given, or take the sentence out",
            )
        elif known[key] in evidence.superseded:
            yield Finding(
                rule="citations.superseded",
                severity=Severity.WARN,
                message="This rests on a version of a source that a newer one replaces.",
                sentence_id=sentence.id,
                fix="use the newer version, or give the date for which this holds",
            )


def _missing(sentence: Sentence) -> Finding:
    return Finding(
        rule="citations.missing",
        severity=Severity.WARN,
        message="This states a fact and cites nothing.",
        sentence_id=sentence.id,
        fix="cite the passage that says it, or take it out",
    )


def _refusals(unknown: int, cited: int, factual: int, limit: float) -> Iterator[str]:
    if unknown:
        yield f"{unknown} citations lead to no passage of the given evidence; none is allowed."
    if factual and cited / factual < limit:
        yield f"Only {cited} of {factual} factual sentences cite a source; at least {limit:.0%} must."


def _revisions(share: float, limit: float) -> tuple[str, ...]:
    return (f"{share:.0%} of the factual sentences cite a source; {limit:.0%} should.",) if share < limit else ()
