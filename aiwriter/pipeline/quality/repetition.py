"""Is a fact told twice?

Measures: share of sentences that tell something no earlier one has told. Two sentences tell the same when they share
most content words, and all numbers of the shorter one; or when they share two figures, one of them telling, have no
other, and half of their content words.
"""

from __future__ import annotations

from aiwriter.documents import Brief, Draft, Evidence, Finding, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.statements import Statement, statement
from aiwriter.text.facts import DateFact

PART = "repetition"
MIN_STEMS = 5
SAME = 0.75  # of the content words of the shorter sentence
ALIKE = 0.45  # the same, between sentences with the same figures
COUNTABLE = 12  # a small number stands in many sentences


def check(draft: Draft, _evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Compare every sentence with all before it."""
    told: list[tuple[Sentence, Statement]] = []
    findings = []
    for sentence in draft.sentences:
        mine = statement(sentence.text, brief.language)
        if len(mine.stem_set) < MIN_STEMS:
            continue
        earlier = next((other for other, theirs in told if _same(mine, theirs)), None)
        if earlier is None:
            told.append((sentence, mine))
        else:
            findings.append(_finding(sentence, earlier))
    measured = len(told) + len(findings)
    return CheckResult(PART, percent(len(told), measured) if measured else None, tuple(findings))


def _same(mine: Statement, theirs: Statement) -> bool:
    shorter, longer = sorted((mine.stem_set, theirs.stem_set), key=len)
    if _same_figures(mine, theirs) and len(shorter & longer) >= ALIKE * len(shorter):
        return True
    if len(shorter & longer) < SAME * len(shorter) or len(shorter) < 0.5 * len(longer):
        return False
    numbers, others = ({quantity.value for quantity in text.quantities} for text in (mine, theirs))
    return numbers <= others or others <= numbers


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
