"""Is a fact told twice?

Measures: share of sentences that tell something no earlier one has told. Two sentences tell the same when they share
most content words, and all numbers of the shorter one; or when they share two figures, one of them telling, have no
other, and half of their content words. Sentences that each name something else do not.
"""

from __future__ import annotations

import re

from aiwriter.documents import Brief, Draft, Evidence, Finding, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.statements import Statement, statement
from aiwriter.text.facts import DateFact, names

PART = "repetition"
MIN_STEMS = 5
SAME = 0.75  # of the content words of the shorter sentence
ALIKE = 0.45  # the same, between sentences with the same figures
COUNTABLE = 12  # a small number stands in many sentences
_IDENTIFIER = re.compile(r"@\w+|\w+_\w+|(?<=['\"])\w+(?=['\"])")
_ANOTHER = re.compile(r"(?i)another\b|noch ein")


def check(draft: Draft, _evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Compare every sentence with all before it."""
    told: list[tuple[Sentence, Statement]] = []
    findings = []
    for sentence in draft.sentences:
        mine = statement(sentence.text, brief.language)
        if len(mine.stem_set) < MIN_STEMS or _is_none(sentence.text):
            continue
        earlier = next((other for other, theirs in told if _same(mine, theirs)), None)
        if earlier is None:
            told.append((sentence, mine))
        else:
            findings.append(_finding(sentence, earlier))
    measured = len(told) + len(findings)
    return CheckResult(PART, percent(len(told), measured) if measured else None, tuple(findings))


def _is_none(text: str) -> bool:
    """Whether it tells no fact for later ones to repeat, or says itself that it tells another."""
    return text.rstrip().endswith("?") or _ANOTHER.match(text) is not None


def _same(mine: Statement, theirs: Statement) -> bool:
    shorter, longer = sorted((mine.stem_set, theirs.stem_set), key=len)
    if _same_figures(mine, theirs) and len(shorter & longer) >= ALIKE * len(shorter):
        return True
    if len(shorter & longer) < SAME * len(shorter) or len(shorter) < 0.5 * len(longer):
        return False
    if _differ_in_names(mine.text, theirs.text):
        return False
    numbers, others = ({quantity.value for quantity in text.quantities} for text in (mine, theirs))
    return numbers <= others or others <= numbers


def _differ_in_names(mine: str, theirs: str) -> bool:
    """Whether each names somebody or something that the other does not: alike, but of another."""
    one, other = ({word for name in names(text) for word in name.text.split()} for text in (mine, theirs))
    one, other = one | set(_IDENTIFIER.findall(mine)), other | set(_IDENTIFIER.findall(theirs))
    return bool(one - other) and bool(other - one)


def _same_figures(mine: Statement, theirs: Statement) -> bool:
    """Whether each has two figures or more and says all of the other's, however written, one of them a telling one."""
    if min(len(mine.figures), len(theirs.figures)) < 2:
        return False
    telling = any(isinstance(figure, DateFact) or figure.unit or figure.value > COUNTABLE for figure in mine.figures)
    return telling and all(map(theirs.says, mine.figures)) and all(map(mine.says, theirs.figures))


def _finding(sentence: Sentence, earlier: Sentence) -> Finding:
    return Finding(
        rule="repetition.fact",
        severity=Severity.WARN,
        message=f"This has been told before: “{earlier.text[:80]}{'…' if len(earlier.text) > 80 else ''}”.",
        sentence_id=sentence.id,
        fix="take one of the two out",
    )
