"""Is the text copied from its sources? Judged for articles; a digest is quotations, so it is only told.

Measures, outside quotations, the longest run of words shared with a source, and how many of the text's 5-word
sequences one source holds (containment, A. Broder 1997); those of quoted paragraphs are only counted among all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Finding, ParagraphKind, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, below
from aiwriter.text.facts import quotations
from aiwriter.text.words import words

PART, RUN = "originality", "originality.run"
GRAM = 5


@dataclass(frozen=True, slots=True)
class _Run:
    """A run of words shared with a source: how many, in which sentence it begins, and which have a good part of it."""

    length: int
    sentence: Sentence
    text: str
    held_by: frozenset[UUID]


def check(draft: Draft, evidence: Evidence, _brief: Brief, fmt: Format) -> CheckResult:
    """Compare the text with the passages of each source; nothing is judged for a digest."""
    limits, titles = fmt.thresholds, evidence.titles
    if draft.kind is ArticleKind.DIGEST:
        message = "A digest is put together from quotations; copying is not judged."
        return CheckResult(PART, None, (Finding(rule="originality.digest", severity=Severity.INFO, message=message),))
    own = _own_words(draft)
    quoted = _quoted_grams(draft)
    measured = {key: _compare(own, text, quoted) for key, text in _source_words(evidence).items()}
    findings = [
        _finding(run, titles.get(key, "a source"), limits.copied_run_max)
        for key, (runs, _) in measured.items()
        for run in runs
        if run.length > limits.copied_run_max
    ]
    longest = max((run.length for runs, _ in measured.values() for run in runs), default=0)
    share, where = max(((share, key) for key, (_, share) in measured.items()), default=(0.0, ""))
    score = min(
        below(longest, limits.copied_run_max, limits.refuse_copied_run),
        below(share, limits.copied_share_max, limits.refuse_copied_share),
    )
    source = titles.get(where, "one source")
    over = f"{share:.0%} of the 5-word sequences stand in “{source}”"
    refusals = []
    if longest > limits.refuse_copied_run:
        refusals.append(f"{longest} words in a row are copied; above {limits.refuse_copied_run} nothing passes.")
    if share > limits.refuse_copied_share:
        refusals.append(f"{over}; {limits.refuse_copied_share:.0%} is the limit.")
    asked = f"{over}; {limits.copied_share_max:.0%} is the limit."
    revisions = (asked,) if limits.copied_share_max < share <= limits.refuse_copied_share else ()
    return CheckResult(PART, score, tuple(findings), tuple(refusals), revisions)


def copied(draft: Draft, evidence: Evidence, fmt: Format) -> frozenset[UUID]:
    """The sentences that stand in runs longer than `copied_run_max`, of a text that would be refused for what it
    copies; of any other, none."""
    limits, own = fmt.thresholds, _own_words(draft)
    measured = [_compare(own, text, _quoted_grams(draft)) for text in _source_words(evidence).values()]
    runs = [run for found, _ in measured for run in found if run.length > limits.copied_run_max]
    much = any(share > limits.refuse_copied_share for _, share in measured)
    if not much and all(run.length <= limits.refuse_copied_run for run in runs):
        return frozenset()
    return frozenset(key for run in runs for key in run.held_by)


def _finding(run: _Run, title: str, limit: int) -> Finding:
    return Finding(
        rule=RUN,
        severity=Severity.WARN,
        message=f"{run.length} words in a row stand in “{title}” (limit {limit}): “{run.text}…”.",
        sentence_id=run.sentence.id,
        fix="say it in other words, or quote it",
    )


def _own_words(draft: Draft) -> list[tuple[str, Sentence]]:
    """Words outside quotations, each with its sentence; an empty word where a quotation or paragraph ends a run."""
    own: list[tuple[str, Sentence]] = []
    for section in draft.sections:
        for paragraph in section.paragraphs:
            if paragraph.kind is ParagraphKind.QUOTE:
                continue
            for sentence in paragraph.sentences:
                own += [(word, sentence) for word in _outside_quotations(sentence.text)]
            own.append(("", paragraph.sentences[-1]))
    return own


def _quoted_grams(draft: Draft) -> int:
    """How many 5-word sequences stand in quoted paragraphs."""
    paragraphs = (one for section in draft.sections for one in section.paragraphs if one.kind is ParagraphKind.QUOTE)
    sizes = (sum(len(words(sentence.text)) for sentence in one.sentences) for one in paragraphs)
    return sum(max(0, size - GRAM + 1) for size in sizes)


def _outside_quotations(text: str) -> Iterator[str]:
    start = 0
    for span in quotations(text):
        yield from words(text[start : span.start])
        yield ""
        start = span.end
    yield from words(text[start:])


def _source_words(evidence: Evidence) -> dict[str, list[str]]:
    """The words of each source's passages, in their order, passages apart."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in sorted(evidence.items, key=lambda item: item.passage.start):
        found[item.passage.source_hash] += [*words(item.passage.text), "\0"]
    return dict(found)


def _compare(own: list[tuple[str, Sentence]], source: list[str], quoted: int) -> tuple[list[_Run], float]:
    """Shared runs of at least GRAM words, longest at each place, and the share that own 5-word sequences which the
    source holds have of all; `quoted` are those in quoted paragraphs."""
    tokens = [word for word, _ in own]
    grams = _grams(tokens)
    mine, places = set(grams), defaultdict[tuple[str, ...], list[int]](list)
    for place, gram in enumerate(_grams(source)):
        if gram in mine:  # of a long source few are
            places[gram].append(place)
    whole = [gram for gram in grams if "" not in gram]
    share = sum(gram in places for gram in whole) / (len(whole) + quoted) if whole else 0.0
    runs, index = [], 0
    while index < len(grams):
        length = max((_shared(tokens, index, source, place) for place in places.get(grams[index], ())), default=0)
        if length:
            text = " ".join(tokens[index : index + 8])
            times = Counter(sentence.id for _, sentence in own[index : index + length])
            held_by = frozenset(key for key, number in times.items() if number >= GRAM)
            runs.append(_Run(length, own[index][1], text, held_by))
        index += max(length, 1)
    return runs, share


def _grams(tokens: list[str]) -> list[tuple[str, ...]]:
    return list(zip(*(tokens[start:] for start in range(GRAM)), strict=False))


def _shared(mine: list[str], i: int, theirs: list[str], j: int) -> int:
    length = 0
    while i + length < len(mine) and j + length < len(theirs) and mine[i + length] == theirs[j + length] != "":
        length += 1
    return length
