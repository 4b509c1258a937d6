"""Does each sentence belong where it stands, and each section to the subject?

Measures: half, how much more a sentence shares with its own section than with the others (lexical cohesion after
Hearst's TextTiling, words weighed by rarity); half, how near each section is to the brief and the other sections
(cosine of word counts, weighed by rarity), up to what is enough.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from aiwriter.documents import Brief, Draft, Evidence, Finding, Section, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, percent
from aiwriter.pipeline.quality.statements import statement
from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words

PART = "coherence"
ENOUGH = 0.15  # cosine of a section to the rest: 36 encyclopedia articles have 0.13 to 0.45 in the mean,
OFF_TOPIC = 0.05  # and sections of another article put into them 0.03
MIN_SENTENCES = 3  # of a section, to say that it is off the topic

_Stems = frozenset[str]


def check(draft: Draft, _evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Weigh every sentence against its section and every section against the subject; one section has no others."""
    sections = [section for section in draft.sections if section.sentences]
    if len(sections) < 2:
        return CheckResult(PART, None)
    stems = [[statement(one.text, brief.language).stem_set for one in section.sentences] for section in sections]
    held = [Counter(stem for sentence in section for stem in sentence) for section in stems]
    subject = Counter(content_words(f"{draft.title} {brief.topic} {' '.join(brief.keywords)}", brief.language))
    everything = sum(held, subject)
    near = [_cosine(own, everything - own) for own in held]
    total = sum(map(len, stems))
    related = sum(min(1.0, share / ENOUGH) * len(own) for share, own in zip(near, stems, strict=True))
    findings = (
        _off_topic(section)
        for section, share in zip(sections, near, strict=True)
        if share < OFF_TOPIC and len(section.sentences) >= MIN_SENTENCES
    )
    score = (percent(_fitting(stems, held), total) + percent(related, total)) / 2
    return CheckResult(PART, score, tuple(findings))


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    """0–1; the logarithm of a count, so that no word said often decides alone."""
    first, second = (
        {stem: (1 + math.log(times)) * rarity(stem) for stem, times in counts.items()} for counts in (one, other)
    )
    lengths = math.hypot(*first.values()) * math.hypot(*second.values())
    return sum(weight * second.get(stem, 0.0) for stem, weight in first.items()) / lengths if lengths else 0.0


def _fitting(stems: Sequence[Sequence[_Stems]], held: Sequence[Counter[str]]) -> float:
    """How many sentences share at least as much with a sentence of their own section as with one of another; one that
    shares less counts by the ratio."""
    everywhere, total = sum(held, Counter[str]()), sum(map(len, stems))
    fitting = 0.0
    for section, counts in zip(stems, held, strict=True):
        for sentence in section:
            own = sum(rarity(stem) * (counts[stem] - 1) for stem in sentence) / max(len(section) - 1, 1)
            rest = sum(rarity(stem) * (everywhere[stem] - counts[stem]) for stem in sentence)
            other = rest / max(total - len(section), 1)
            fitting += 1.0 if own >= other else own / other
    return fitting


def _off_topic(section: Section) -> Finding:
    return Finding(
        rule="coherence.off_topic",
        severity=Severity.WARN,
        message=f"“{section.heading or 'The introduction'}” shares hardly a word with the subject.",
        sentence_id=section.sentences[0].id,
        fix="say what it has to do with the subject, or take the section out",
    )
