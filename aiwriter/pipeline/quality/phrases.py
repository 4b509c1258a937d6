"""Is it written in worn-out phrases?

Measures: hits per 1,000 words by cluster, less what people write of each, times the cluster's weight; the sum is the
wear of the text. The clusters are data (phrases.toml): every hit has its span, a reason and a plain fix. One phrase
never asks for a revision, and no single word is a hit. Digests are not measured: their words are their sources'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Finding, ParagraphKind, Section, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.patterns import Group, groups
from aiwriter.pipeline.quality.result import CheckResult, below
from aiwriter.text.facts import quotations

PART = "phrases"
PATTERNS = "phrases.toml"
MIN_HITS, MIN_CLUSTERS = 3, 2  # fewer never ask for a revision
SHORTEST = 300  # words: a shorter text is counted as one of so many, or one phrase would be a flood


@dataclass(frozen=True, slots=True)
class Hit:
    cluster: Group
    sentence: Sentence
    span: tuple[int, int]


def check(draft: Draft, _evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Count the clusters; nothing where a text quotes or its language has no list."""
    clusters, words = groups(PATTERNS, brief.language), sum(len(s.text.split()) for s in draft.sentences)
    if draft.kind is ArticleKind.DIGEST or not any(c.name == "contrast" for c in clusters) or not words:
        return CheckResult(PART, None)
    found = [hit for section in draft.sections for hit in hits(section, clusters)]
    wear = wear_of(found, words)
    limits = fmt.thresholds
    several = len(found) >= MIN_HITS and len({hit.cluster.name for hit in found}) >= MIN_CLUSTERS
    reason = f"Its phrases are worn: {wear:.1f} points a thousand words; {limits.worn_max:g} is the most."
    return CheckResult(
        PART,
        below(wear, limits.worn_ok, 2 * limits.worn_max),
        tuple(map(_finding, found)),
        revisions=(reason,) if several and wear > limits.worn_max else (),
    )


def hits(section: Section, clusters: Iterable[Group]) -> Iterator[Hit]:
    """The hits of a section outside quotations, cluster by cluster; of a cluster that needs company, all or none."""
    for cluster in clusters:
        found = [
            Hit(cluster, sentence, span)
            for paragraph in section.paragraphs
            if paragraph.kind is not ParagraphKind.QUOTE
            and not (cluster.running and paragraph.kind is ParagraphKind.LIST_ITEM)
            for sentence in paragraph.sentences
            for span in cluster.spans(sentence.text)
            if not _is_quoted(sentence.text, span)
        ]
        said = {hit.sentence.text[slice(*hit.span)].lower() for hit in found}
        if (len(said) if cluster.distinct else len(found)) >= cluster.least:
            yield from found


def wear_of(found: Iterable[Hit], words: int) -> float:
    """Weighted hits per 1,000 words beyond the human rate of each cluster."""
    by_cluster = Counter(hit.cluster for hit in found)
    rates = ((cluster, 1000 * count / max(words, SHORTEST)) for cluster, count in by_cluster.items())
    return sum(cluster.weight * max(0.0, rate - cluster.human) for cluster, rate in rates)


def _is_quoted(text: str, span: tuple[int, int]) -> bool:
    return any(quote.start <= span[0] and span[1] <= quote.end for quote in quotations(text))


def _finding(hit: Hit) -> Finding:
    said = hit.sentence.text[slice(*hit.span)].strip()
    return Finding(
        rule=f"phrases.{hit.cluster.name}",
        severity=Severity.INFO,
        message=f"{hit.cluster.message} “{said[:80]}”",
        sentence_id=hit.sentence.id,
        span=hit.span,
        fix=hit.cluster.fix,
    )
