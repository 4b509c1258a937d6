"""Is the text our own, and not one that we have already? Copies of sources (`near_copy`) and of the own archive.

Measures, beside near_copy, how much of its wording a stored article has, as the draft carries it (`Draft.neighbours`):
the sequences of five words that both have, divided by those that either has (Jaccard index). A digest is put together
from quotations, and the same sources make the same one again: it is told, not refused, since a person reads it anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Finding, Neighbour, Severity
from aiwriter.pipeline.formats import Format, Thresholds
from aiwriter.pipeline.quality import near_copy
from aiwriter.pipeline.quality.result import CheckResult, below

FIX = "say what that article does not say, or bring that one up to date instead"


def check(draft: Draft, evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Hold the text against its sources, then against the articles of ours that stand nearest to it."""
    copied = near_copy.check(draft, evidence, brief, fmt)
    limits, most = fmt.thresholds, max(draft.neighbours, key=lambda one: one.wording, default=None)
    if most is None:
        return copied
    is_digest = draft.kind is ArticleKind.DIGEST
    refused = most.wording > limits.refuse_archive_wording and not is_digest
    over = most.wording > limits.archive_wording_max
    score = below(most.wording, limits.archive_wording_max, limits.refuse_archive_wording)
    return replace(
        copied,
        score=None if copied.score is None else min(copied.score, score),
        findings=(*copied.findings, *_findings(draft.neighbours, limits, is_digest=is_digest)),
        refusals=(*copied.refusals, *([_reason(most, limits.refuse_archive_wording)] if refused else [])),
        revisions=(*copied.revisions, *([_reason(most, limits.archive_wording_max)] if over and not refused else [])),
    )


def _findings(neighbours: Sequence[Neighbour], limits: Thresholds, *, is_digest: bool) -> Iterator[Finding]:
    for one in neighbours:
        who = f"“{one.title}” of {one.created_at:%Y-%m-%d} ({one.location})"
        if one.wording > limits.archive_wording_max:
            is_error = one.wording > limits.refuse_archive_wording and not is_digest
            yield Finding(
                rule="originality.archive",
                severity=Severity.ERROR if is_error else Severity.WARN,
                message=f"An article of ours says this nearly word for word: {who}.",
                fix=FIX,
            )
        elif one.meaning is not None and one.meaning > limits.archive_meaning_max:
            yield Finding(
                rule="originality.meaning",
                severity=Severity.WARN,
                message=f"An article of ours says much the same in other words: {who}.",
                fix=FIX,
            )


def _reason(one: Neighbour, limit: float) -> str:
    return (
        f"{one.wording:.0%} of the 5-word sequences are those of our own “{one.title}” ({one.location}); "
        f"{limit:.0%} is the limit."
    )
