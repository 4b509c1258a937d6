"""What a person has dismissed counts neither in the score nor in the verdict, and stays in the report.

A part of the score lost its points by its findings; a dismissed one gives its share back, an error four times that of
a note. Support is counted anew: a sentence of which every finding is dismissed is vouched for by a person. It counts as
much as a supported one and is never called so. Where one finding of a part is still open, reasons for a refusal that
was not counted anew stay: in doubt nothing goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from aiwriter.documents import Dismissal, Finding, SentenceVerdict, Severity, Support
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality import support
from aiwriter.pipeline.quality.result import CheckResult

_COST = {Severity.INFO: 1, Severity.WARN: 2, Severity.ERROR: 4}


def settle(result: CheckResult, dismissed: Mapping[str, Dismissal], fmt: Format) -> CheckResult:
    """The result of a check without what its dismissed findings (id → dismissal) took from it."""
    findings = tuple(_marked(finding, dismissed) for finding in result.findings)
    if findings == result.findings:
        return result
    if result.verdicts:
        return support.counted(tuple(_accepted(result.verdicts, findings)), findings, fmt)
    still = [finding for finding in findings if finding.dismissed is None]
    share = _cost(still) / _cost(findings)
    score = None if result.score is None else 100 - (100 - result.score) * share
    if still:
        return replace(result, findings=findings, score=score)
    return replace(result, findings=findings, score=score, refusals=(), revisions=())


def _marked(finding: Finding, dismissed: Mapping[str, Dismissal]) -> Finding:
    found = dismissed.get(finding.id)
    return finding.model_copy(update={"dismissed": found}) if found else finding


def _cost(findings: tuple[Finding, ...] | list[Finding]) -> int:
    return sum(_COST[finding.severity] for finding in findings)


def _accepted(verdicts: tuple[SentenceVerdict, ...], findings: tuple[Finding, ...]) -> list[SentenceVerdict]:
    still = {finding.sentence_id for finding in findings if finding.dismissed is None}
    cleared = {finding.sentence_id for finding in findings} - still
    return [_vouched(verdict) if verdict.sentence_id in cleared else verdict for verdict in verdicts]


def _vouched(verdict: SentenceVerdict) -> SentenceVerdict:
    doubted = verdict.support in (Support.UNSURE, Support.UNSUPPORTED)
    return verdict.model_copy(update={"support": Support.VOUCHED}) if doubted else verdict
