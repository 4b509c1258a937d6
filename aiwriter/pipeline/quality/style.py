"""Does the text read as its format wants: sentences and paragraphs not too long, active, calm?

Measures: the mean of five: share of sentences in bounds, share in the active voice, paragraphs in bounds, words in
capitals, exclamation marks; each against the format's limit. The passive is known in English and German by its
auxiliary and participle. Digests are not measured: their words are their sources'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aiwriter.documents import (
    ArticleKind,
    Brief,
    Draft,
    Evidence,
    Finding,
    Paragraph,
    ParagraphKind,
    Sentence,
    Severity,
)
from aiwriter.pipeline.formats import Format, Thresholds
from aiwriter.pipeline.quality.openings import is_table
from aiwriter.pipeline.quality.result import CheckResult, below, warning
from aiwriter.text.rarity import rarity
from aiwriter.text.words import is_stop_word, stem

PART = "style"
MIN_SENTENCES = 5  # shares of fewer say nothing
_IRREGULAR = (
    "been borne begun bitten blown bought bound broken brought built burnt cast caught chosen cut done driven drunk "
    "drawn eaten fallen felt fought found flown forgotten given gone grown heard held hidden hit hung hurt "
    "kept known laid led left lent lit lost made meant met overtaken paid put read ridden risen run said seen sent set "
    "shaken shown shut slain sold spent split spoken spread stolen struck sung sunk sworn swept taken taught thought "
    "thrown told torn undertaken understood won worn woven written"
).replace(" ", "|")
_PASSIVE = {
    "en": re.compile(
        rf"(?i)\b(?:is|are|was|were|be|been|being)\s+(?:(?:not|also|\w+ly|then|now|still|often|always|never|first)\s+){{0,2}}"
        rf"(?:\w{{2,}}ed|{_IRREGULAR})\b(?! (?:about|in|of|with) (?:itself|himself|herself))"
    ),
    "de": re.compile(
        r"(?i)\b(?:wird|werden|wurden?|worden)\b[^.;:!?]*?\b(?:\w*ge\w{2,}(?:t|en)|(?:be|ent|er|ver|zer|miss)\w{3,}(?:t|en)|"
        r"\w{3,}iert)\b(?! (?:wir|ich|du|sie|er|es)\b)"
    ),
}
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{4,}(?: [A-ZÄÖÜ]{2,}){1,}\b")  # one alone is an abbreviation, as those of a list


@dataclass(frozen=True, slots=True)
class _Prose:
    """What a draft says in its own words."""

    paragraphs: list[Paragraph]
    sentences: list[Sentence]
    words: int
    language: str


Measure = tuple[float, list[Finding]]  # 0–100, and what lowers it


def check(draft: Draft, _evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Measure sentences and paragraphs outside quotations."""
    paragraphs = [p for section in draft.sections for p in section.paragraphs if p.kind is not ParagraphKind.QUOTE]
    sentences = [sentence for paragraph in paragraphs for sentence in paragraph.sentences]
    if draft.kind is ArticleKind.DIGEST or len(sentences) < MIN_SENTENCES:
        return CheckResult(PART, None)
    prose = _Prose(paragraphs, sentences, sum(len(s.text.split()) for s in sentences), brief.language)
    measures = [_sentences, _paragraphs, _exclamations, _capitals] + ([_active] if brief.language in _PASSIVE else [])
    measured = [measure(prose, fmt.thresholds) for measure in measures]
    findings = tuple(finding for _, found in measured for finding in found)
    return CheckResult(PART, sum(score for score, _ in measured) / len(measured), findings)


def _sentences(prose: _Prose, limits: Thresholds) -> Measure:
    limit = limits.sentence_words_max
    long = [s for s in prose.sentences if len(s.text.split()) > limit and not is_table(s.text)]
    found = [
        warning(
            "style.long_sentence",
            f"The sentence has {len(s.text.split())} words; {limit} is the most.",
            "make two of it",
            s,
            (0, len(s.text)),
        )
        for s in long
    ]
    return below(len(long) / len(prose.sentences), limits.long_sentences_max, 1.0), found


def _paragraphs(prose: _Prose, limits: Thresholds) -> Measure:
    limit = limits.paragraph_words_max
    long = [p for p in prose.paragraphs if _length(p) > limit]
    found = [
        warning(
            "style.long_paragraph",
            f"The paragraph that begins here has {_length(p)} words; {limit} is the most.",
            "begin a new one where the thought turns",
            p.sentences[0],
            None,
        )
        for p in long
    ]
    return below(len(long) / len(prose.paragraphs), 0.0, 1.0), found


def _active(prose: _Prose, limits: Thresholds) -> Measure:
    passive, limit = passives(prose.sentences, prose.language), limits.passive_max
    share = len(passive) / len(prose.sentences)
    if share <= limit:
        return 100.0, []
    sentence, span = passive[0]
    message = f"{share:.0%} of the sentences are in the passive, such as this one; {limit:.0%} is the most."
    return below(share, limit, 1.0), [warning("style.passive", message, "say who does it", sentence, span)]


def _exclamations(prose: _Prose, limits: Thresholds) -> Measure:
    limit = limits.exclamations_max
    rate = 1000 * sum(s.text.count("!") for s in prose.sentences) / max(prose.words, 1000)
    if rate <= limit:
        return 100.0, []
    message = f"There are {rate:.1f} exclamation marks a thousand words; {limit:g} is the most."
    found = Finding(rule="style.exclamations", severity=Severity.WARN, message=message, fix="use full stops")
    return below(rate, limit, 5 * limit), [found]


def _capitals(prose: _Prose, _limits: Thresholds) -> Measure:
    shouted = [
        (s, match.span())
        for s in prose.sentences
        for match in _CAPITALS.finditer(s.text)
        if _are_words(match[0], prose.language)
    ]
    found = [warning("style.capitals", "Words in capitals shout.", "write them small", s, span) for s, span in shouted]
    return below(1000 * len(shouted) / prose.words, 0.0, 10.0), found


def _are_words(capitals: str, language: str) -> bool:
    """Whether two of the words are common: "HTTPS URL" and "REST API" shout at nobody. Only English has a list."""
    each = capitals.lower().split()
    return language != "en" or sum(is_stop_word(word, language) or rarity(stem(word)) < 1 for word in each) > 1


def passives(sentences: list[Sentence], language: str) -> list[tuple[Sentence, tuple[int, int]]]:
    """Sentences in the passive, each with where it is; none in a language whose passive is not known."""
    shape = _PASSIVE.get(language)
    found = ((sentence, shape.search(sentence.text)) for sentence in sentences) if shape else ()
    return [(sentence, match.span()) for sentence, match in found if match]


def _length(paragraph: Paragraph) -> int:
    return sum(len(sentence.text.split()) for sentence in paragraph.sentences)
