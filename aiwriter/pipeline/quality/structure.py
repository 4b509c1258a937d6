"""Has the text the parts that its format asks for?

Measures: share of the format's requirements that are met.
"""

from __future__ import annotations

from collections.abc import Iterator

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Finding, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.text.counted import counted

PART = "structure"
LONGEST_HEADING = 14  # words


def check(draft: Draft, _evidence: Evidence, _brief: Brief, fmt: Format) -> CheckResult:
    """Hold the draft against the requirements of the format."""
    checked = list(_requirements(draft, fmt))
    findings = tuple(
        Finding(rule=rule, severity=Severity.WARN, message=message) for rule, met, message in checked if not met
    )
    score = percent(len(checked) - len(findings), len(checked))
    return CheckResult(PART, score, findings, revisions=tuple(_far_off(draft, fmt)))


def _far_off(draft: Draft, fmt: Format) -> Iterator[str]:
    """Why a person must look at it: far fewer or more sections than the format has."""
    found, share = len(_named(draft)), fmt.thresholds.revise_sections
    low, high = fmt.sections.min, fmt.sections.max
    if found < share * low or found * share > high:
        yield _told(found, fmt)


def _told(found: int, fmt: Format) -> str:
    there = f"There {'is' if found == 1 else 'are'} {counted(found, 'section')}"
    return f"{there} with a heading; the format asks for {fmt.sections.min} to {fmt.sections.max}."


def _named(draft: Draft) -> list[str]:
    """The headings there are."""
    return [heading for section in draft.sections if (heading := section.heading.strip())]


def _requirements(draft: Draft, fmt: Format) -> Iterator[tuple[str, bool, str]]:
    """(rule, whether it is met, message when it is not)"""
    headings = [section.heading.strip() for section in draft.sections]
    named = _named(draft)
    yield "structure.title", bool(draft.title.strip()), "There is no title."
    low, high = fmt.sections.min, fmt.sections.max
    yield "structure.sections", low <= len(named) <= high, _told(len(named), fmt)
    yield "structure.headings", "" not in headings[1:], "A section after the first has no heading."
    repeated = len(named) - len({heading.lower() for heading in named})
    yield "structure.repeated", not repeated, "Two sections have the same heading."
    long = [heading for heading in named if len(heading.split()) > LONGEST_HEADING]
    yield "structure.long_heading", not long, f"A heading has more than {LONGEST_HEADING} words."
    if "introduction" in fmt.parts and draft.kind is ArticleKind.ARTICLE:
        yield "structure.introduction", headings[:1] == [""], "There is no introduction before the first heading."
