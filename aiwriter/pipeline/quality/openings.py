"""What a reader stumbles over: a section that begins in mid-thought, a shard of a table, a line of references.

Measures: share of sections without such a defect.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from aiwriter.documents import Brief, Draft, Evidence, Finding, Section
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, percent, warning
from aiwriter.text.quotable import points_back
from aiwriter.text.words import content_words

PART = "openings"
_TABLE = re.compile(
    r"\|\s.*\||\t.*\t|(?:\S+\s{3,}){2,}\S|(?:^|\s)(?:[\d.,%–-]*[\d%–-]\s+){5,}"
)  # "401, 403, 500" is none
_REFERENCES = re.compile(
    r"\b(?:doi:|ISBN[ :]|arXiv:|Retrieved \w+ \d|Vol\. ?\d+.*pp?\. ?\d)|https?://\S+(?:\s+\S+){0,3}\s+https?://|"
    r"^\W*[\w’'-]+ et al\.,? \(?\d{4}[a-z]?\W*$|^[\w’'-]+, (?-i:[A-Z])\.[^:]* et al\.,? \(?\d{4}|^\^|^\[\d+\]\s",
    re.IGNORECASE,
)


def check(draft: Draft, _evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Look at how sections begin, and for sentences that are none."""
    sections = [section for section in draft.sections if section.sentences]
    known, found = set(content_words(f"{draft.title} {brief.topic}", brief.language)), []
    for section in sections:  # what an earlier section told of is known
        found.append(_defects(section, known | set(content_words(section.heading, brief.language)), brief))
        known.update(stem for one in section.sentences for stem in content_words(one.text, brief.language))
    clean = sum(not defects for defects in found)
    score = percent(clean, len(sections)) if sections else None
    return CheckResult(PART, score, tuple(finding for defects in found for finding in defects))


def _defects(section: Section, known: Collection[str], brief: Brief) -> list[Finding]:
    first = section.sentences[0]
    found = []
    if not first.text.rstrip().endswith("?") and points_back(first.text, brief.language, known):
        message = "The section begins with words that lean on a sentence before."
        found.append(warning("openings.leaning", message, "name what is meant", first))
    for sentence in section.sentences:
        if is_table(sentence.text):
            found.append(warning("openings.table", "This is a piece of a table.", "say it in a sentence", sentence))
        elif _REFERENCES.search(sentence.text):
            found.append(
                warning("openings.reference", "This is a line of a list of references.", "take it out", sentence)
            )
    return found


def is_table(text: str) -> bool:
    """Whether what was taken for a sentence is a row of a table, or several."""
    return _TABLE.search(text) is not None
