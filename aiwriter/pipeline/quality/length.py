"""Is the text as long as was asked?

Measures: words of headings and sentences, divided by the words of the brief.
"""

from __future__ import annotations

from aiwriter.documents import Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, within

PART = "length"


def check(draft: Draft, _evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Count the words against the brief."""
    limits, found = fmt.thresholds, draft.words
    ratio = found / brief.words
    score = within(ratio, limits.length_ok_low, limits.length_ok_high)
    if limits.length_ok_low <= ratio <= limits.length_ok_high:
        return CheckResult(PART, score)
    short = ratio < limits.length_ok_low
    finding = Finding(
        rule="length.short" if short else "length.long",
        severity=Severity.WARN,
        message=f"The text has {found} words; the brief asks for {brief.words}.",
        fix="give more sources, or ask for fewer words" if short else "cut what is said twice or matters least",
    )
    refused = ratio < limits.refuse_length
    limit = f"at least {limits.refuse_length:.0%} are needed"
    reason = f"The text has only {found} of the {brief.words} words asked for; {limit}: {finding.fix}."
    if refused:
        return CheckResult(PART, score, (finding,), (reason,))
    far = not limits.revise_length_low <= ratio <= limits.revise_length_high
    limit = f"{limits.revise_length_low:.0%} to {limits.revise_length_high:.0%} may pass without a person"
    told = f"The text has {found} of the {brief.words} words asked for, {ratio:.0%}; {limit}."
    return CheckResult(PART, score, (finding,), revisions=(told,) if far else ())
