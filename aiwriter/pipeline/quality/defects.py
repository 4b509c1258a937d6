"""What has no place in a finished text: boilerplate, placeholders, markup, a model's or a prompt's own words, sentences
that are cut in the middle or belong to another text.

Measures: share of sentences without such a defect. The patterns are data (defects.toml).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator

from aiwriter.documents import Brief, Draft, Evidence, Finding, Paragraph, ParagraphKind, Section, Sentence, Severity
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.patterns import groups
from aiwriter.pipeline.quality.result import CheckResult, lines, percent, warning
from aiwriter.pipeline.quality.statements import statement
from aiwriter.text.counted import counted
from aiwriter.text.facts import names
from aiwriter.text.orders import orders
from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words, is_stop_word, stem

PART = "defects"
PATTERNS = "defects.toml"
_OWN = {
    "defects.cut_off": (
        "This is no whole sentence: it begins or ends in the middle, or has no full stop.",
        "finish it, or take it out",
    ),
    "defects.fragment": (
        "This is a name and no sentence: it says nothing.",
        "say what is to be told of it, or take it out",
    ),
    "defects.order": (
        "This reads like an order to a model, and a source may have slipped it in.",
        "take it out, or dismiss this where the text is about such orders",
    ),
    "defects.off_topic": (
        "This shares no word with its heading, its neighbours or the topic.",
        "move it to where it belongs, say what it has to do with the topic, or take it out",
    ),
}
# What a reader stumbles over, of whatever check: together at most `defects_max` a thousand words.
STUMBLES = ("defects.", "openings.", "repetition.", "length.")
MIN_STEMS = 8  # fewer content words may well be shared with nobody
MIN_AROUND = 40  # of the section and the topic: among fewer a sentence that belongs there may well stand alone
# Thai and Lao have no full stop
_ENDED = re.compile(r"[.!?…:;。．｡！？：；។။][\"'”’»)\]*」』）】》]*$|[\u0e01-\u0edf]$")
_DANGLING = {
    "en": re.compile(r"(?i)\b(?:the|a|an|and|or|because|whose|our|every|into|than|such as|including)[.…]*$"),
    "de": re.compile(
        r"(?i)\b(?:und|oder|weil|dass|ein|eine|einen|einem|einer|des|dem|im|zum|zur|vom|beim|sowie)[.…]*$"
    ),
}
_LOWER = re.compile(r"[\"'“‘«(]?[a-zà-ÿ]+(?:['’][a-z]+)?(?=[\s,])")
_PARTICLES = frozenset({"van", "von", "de", "da", "di", "du", "la", "le", "al", "el", "bin", "ibn", "ter", "zu", "af"})
TELLING = 0.6  # rarity of a word that says what a text is about
# Words by which a sentence hangs on the one before, whatever else it says.
_POINTS_BACK = re.compile(
    r"(?i)\b(?:s?he|him|his|hers?|it|its|they|them|their|th[ei]se?|those|this|also|another|er|ihn|ihm|sein\w*|ihr\w*|dies\w*|auch)\b"
)
_BETWEEN_NAMES = frozenset({"the", "and", "or", "of", "der", "die", "das", "und", "von", "le", "la", "les", "et"})
_FORMULA = re.compile(r"\w = .*[\w)]$")  # it needs no full stop
_PAIRS = (("(", ")"), ("[", "]"))


def check(draft: Draft, evidence: Evidence, brief: Brief, _fmt: Format) -> CheckResult:
    """Look at every sentence, and at title, description and headings for what the patterns know."""
    findings, vocabulary = list(_in_head(draft, brief.language)), _Vocabulary(draft, evidence, brief)
    for section in draft.sections:
        for paragraph in section.paragraphs:
            for sentence in paragraph.sentences:
                findings += _defects(sentence, paragraph, section, vocabulary)
    bad = {one.sentence_id for one in findings if one.sentence_id and one.severity is not Severity.INFO}
    score = percent(len(draft.sentences) - len(bad), len(draft.sentences)) if draft.sentences else None
    return CheckResult(PART, score, tuple(findings))


def too_many(findings: Collection[Finding], draft: Draft, fmt: Format) -> tuple[str, ...]:
    """Why to revise, when a reader would stumble more often than the format allows; a shorter text counts as one of a
    thousand words."""
    open_ones = (f for f in findings if f.dismissed is None and f.severity is not Severity.INFO)
    stumbles = [f for f in open_ones if f.rule.startswith(STUMBLES)]
    words, limit = max(1000, draft.words), fmt.thresholds.defects_max
    if len(stumbles) * 1000 <= limit * words:
        return ()
    return (
        f"A reader stumbles {counted(len(stumbles), 'time')} in {counted(draft.words, 'word')}; "
        f"{limit:g} a thousand is allowed.",
    )


def _in_head(draft: Draft, language: str) -> Iterator[Finding]:
    for line in lines(draft):
        for group in groups(PATTERNS, language) if line.sentence is None else ():
            if next(group.spans(line.text), None):
                message = f"In the {line.place} “{line.text[:60]}”: {group.message}"
                yield Finding(rule=f"defects.{group.name}", severity=Severity.WARN, message=message, fix=group.fix)


def _defects(sentence: Sentence, paragraph: Paragraph, section: Section, vocabulary: _Vocabulary) -> Iterator[Finding]:
    """The first defect of each kind; a sentence that holds what no text should is not measured any further."""
    text, language, known = sentence.text, vocabulary.language, False
    for group in groups(PATTERNS, language):
        span = next(group.spans(text), None)
        if span:
            known = True
            yield warning(f"defects.{group.name}", group.message, group.fix, sentence, span)
    if orders(text):  # what a page wanted of a model: no share of a thousand words makes it fit to be read
        found = warning("defects.order", *_OWN["defects.order"], sentence, (0, len(text)))
        yield found.model_copy(update={"severity": Severity.ERROR})
        return
    if known:
        return
    if is_cut_off(text, language, is_item=paragraph.kind is ParagraphKind.LIST_ITEM):
        yield warning("defects.cut_off", *_OWN["defects.cut_off"], sentence, (0, len(text)))
    elif paragraph.kind is ParagraphKind.TEXT and is_bare_name(text, language):
        yield warning("defects.fragment", *_OWN["defects.fragment"], sentence, (0, len(text)))
    elif paragraph.kind is ParagraphKind.TEXT and vocabulary.is_stray(sentence, section):
        found = warning("defects.off_topic", *_OWN["defects.off_topic"], sentence, (0, len(text)))
        yield found.model_copy(update={"severity": Severity.INFO})  # right too seldom to be more than a note


def is_cut_off(text: str, language: str = "en", *, is_item: bool = False) -> bool:
    """Whether a sentence begins or ends in mid-thought; an item of a list needs no full stop and no capital."""
    stripped = text.strip()
    dangling = _DANGLING.get(language)
    if dangling and dangling.search(stripped.rstrip("\"'”’»)]")):
        return True
    if "://" in stripped.split()[-1]:  # an address ends as it likes
        return False
    if stripped.endswith((",", "-", "–", "—", "(", "/")):
        return True
    if is_item:
        return False
    if _FORMULA.search(stripped):
        return _is_open(stripped)
    return not _ENDED.search(stripped) or _begins_late(stripped, language) or _is_open(stripped)


def is_bare_name(text: str, language: str = "en") -> bool:
    """Whether a sentence is nothing but a name or a row of names: "Sallow Bay."; a question or a cry is none."""
    if not text.strip().endswith("."):
        return False
    found = names(text, language=language)
    for one in reversed(found):
        text = text[: one.start] + text[one.end :]
    return bool(found) and all(word.lower() in _BETWEEN_NAMES for word in re.findall(r"\w+", text))


def _begins_late(text: str, language: str) -> bool:
    """A small letter at the start, but for names: "van Gogh", "iPhone" and, in English, "pytest", no common word."""
    first = _LOWER.match(text)
    word = first[0].strip("\"'“‘«(") if first else ""
    if not word or word in _PARTICLES:
        return False
    return language != "en" or is_stop_word(word, language) or rarity(stem(word)) < 1


def _is_open(text: str) -> bool:
    """A bracket that is opened and never closed; quotation marks are left to what may run over sentences."""
    return any(text.count(opened) > text.count(closed) for opened, closed in _PAIRS)


class _Vocabulary:
    """The words of a draft, to tell a sentence that shares none of them."""

    def __init__(self, draft: Draft, evidence: Evidence, brief: Brief) -> None:
        self.language = brief.language
        self._about = frozenset(content_words(" ".join([draft.title, brief.topic, *brief.keywords]), brief.language))
        telling = (stem for sentence in draft.sentences for stem in self._telling(sentence))
        self._times = Counter(telling)
        self._sources = evidence.origins

    def is_stray(self, sentence: Sentence, section: Section) -> bool:
        """Whether it has words enough, none akin to one of its section, heading or topic, no telling one that stands
        anywhere else in the draft, and cites no source that its section cites besides."""
        mine = statement(sentence.text, self.language).stem_set
        if len(mine) < MIN_STEMS or _POINTS_BACK.search(sentence.text):
            return False
        others = [other for other in section.sentences if other.id != sentence.id]
        if any(self._cited(sentence) & self._cited(other) for other in others):
            return False
        if any(self._times[stem] > 1 for stem in self._telling(sentence)):
            return False
        around = self._about.union(content_words(section.heading, self.language))
        around = around.union(*map(self._stems, others))
        return len(around) >= MIN_AROUND and not any(_akin(stem, other) for stem in mine for other in around)

    def _stems(self, sentence: Sentence) -> frozenset[str]:
        return frozenset(statement(sentence.text, self.language).stem_set)

    def _cited(self, sentence: Sentence) -> set[str]:
        return {self._sources[key] for key in sentence.citations if key in self._sources}

    def _telling(self, sentence: Sentence) -> list[str]:
        return [stem for stem in self._stems(sentence) if rarity(stem) >= TELLING]


def _akin(one: str, other: str) -> bool:
    """Whether two stems are of one word: equal, five letters in common at the start, or one within the other, as in
    compounds."""
    if one == other:
        return True
    if min(len(one), len(other)) < 5:
        return False
    return one[:5] == other[:5] or one in other or other in one
