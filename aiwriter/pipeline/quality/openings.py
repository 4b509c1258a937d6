"""What a reader stumbles over: a section that begins in mid-thought, a shard of a table, a line of references.

Measures: share of sections without such a defect.
"""

from __future__ import annotations

import re

from aiwriter.documents import Brief, Draft, Evidence, Finding, Section, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.text.quotable import leans
from aiwriter.text.words import content_words

PART = "openings"
_TABLE = re.compile(r"\|.*\||\t.*\t|(?:\S+\s{3,}){2,}\S|(?:^|\s)(?:[\d.,%–-]+\s+){5,}")
_REFERENCES = re.compile(
    r"\b(?:doi:|ISBN[ :]|arXiv:|Retrieved \w+ \d|et al\.,? \(?\d{4}|Vol\. ?\d+.*pp?\. ?\d)|https?://\S+.*https?://|"
    r"^\^|^\[\d+\]\s",
    re.IGNORECASE,
)


def check(draft: Draft, _evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Look at how sections begin, and for sentences that are none."""
    sections = [section for section in draft.sections if section.sentences]
    found = [_defects(section, draft, brief) for section in sections]
    clean = sum(not defects for defects in found)
    score = percent(clean, len(sections)) if sections else None
    return CheckResult(PART, score, tuple(finding for defects in found for finding in defects))


def _defects(section: Section, draft: Draft, brief: Brief) -> list[Finding]:
    first = section.sentences[0]
    known = frozenset(content_words(f"{draft.title} {section.heading} {brief.topic}", brief.language))
    found = []
    if not first.text.rstrip().endswith("?") and leans(first.text, brief.language, known):
        message = "The section begins with words that lean on a sentence before."
        found.append(_finding("openings.leaning", message, first, "name what is meant"))
    for sentence in section.sentences:
        if _TABLE.search(sentence.text):
            found.append(_finding("openings.table", "This is a piece of a table.", sentence, "say it in a sentence"))
        elif _REFERENCES.search(sentence.text):
            found.append(
                _finding("openings.reference", "This is a line of a list of references.", sentence, "take it out")
            )
    return found


def _finding(rule: str, message: str, sentence: Sentence, fix: str) -> Finding:
    return Finding(rule=rule, severity=Severity.WARN, message=message, sentence_id=sentence.id, fix=fix)
