"""Does each sentence belong where it stands, and each section to the subject?

Measures: half, how much more a sentence shares with its own section than with the others (lexical cohesion after
Hearst's TextTiling, words weighed by rarity); half, how near each section is to the brief and the other sections
(cosine of word counts, weighed by rarity), up to what is enough, cut for every section that stands apart from the rest:
in its words, and by citing no source that another cites.
"""

from __future__ import annotations

import math
import statistics
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
TYPICAL = 0.2  # cosine of a section that stands apart from nothing: nine of ten of 96 sections have 0.17 or more
APART = 1 / 3  # what a section without a shared word leaves of the half for nearness, however short beside the rest

_Stems = frozenset[str]


def check(draft: Draft, evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
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
    nearness = percent(related, total) * _together(near, stems, _islands(sections, evidence))
    score = (percent(_fitting(stems, held), total) + nearness) / 2
    return CheckResult(PART, score, tuple(findings))


def _together(near: Sequence[float], stems: Sequence[Sequence[_Stems]], islands: Sequence[bool]) -> float:
    """1 when every section is as near to the others as is usual, in this text too; less for each that is not, however
    many others dilute it. A section of few sentences counts less: it can hardly share many words."""
    usual, left = min(TYPICAL, statistics.median(near)), 1.0
    for share, own, apart in zip(near, stems, islands, strict=True):
        missing = max(0.0, 1 - share / usual) if apart and usual else 0.0
        left *= 1 - (1 - APART) * missing * min(1.0, len(own) / MIN_SENTENCES)
    return left


def _islands(sections: Sequence[Section], evidence: Evidence) -> list[bool]:
    """Of each section, whether it cites no source that another section cites."""
    home = evidence.origins
    cited = [{home[key] for s in section.sentences for key in s.citations if key in home} for section in sections]
    times = Counter(source for sources in cited for source in sources)
    return [all(times[source] == 1 for source in sources) for sources in cited]


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
