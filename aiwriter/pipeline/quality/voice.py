"""Does the text sound like the samples its brief gives?

Measures: Burrows's Delta (J. Burrows, "Delta: a measure of stylistic difference", 2002): the mean distance of the
little words' frequencies, each in standard deviations. There is no corpus of authors to take deviations from, so one is
taken as a quarter of the frequency, and the error of two samples of these lengths is added; it holds for any language
with a list of little words. Sentence length, word length, marks, persons and short forms are named where they differ.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from aiwriter.documents import ArticleKind, Brief, Draft, Evidence, Finding, Severity, Voice
from aiwriter.errors import BadInput
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.quality.result import CheckResult, below
from aiwriter.text.sentences import split_sentences
from aiwriter.text.words import is_stop_word, words

PART = "voice"
LEAST_WORDS = 300  # of samples, and of a text that is measured
PROFILE = 60  # little words that are compared
BETWEEN = 0.25  # standard deviation between authors, of a frequency: docs/measurements/text_checks.md
TOLD = 1.5  # deviations from which a difference is named
_UNEVEN, _OFTEN, _RARE = 0.55, 8, 0.3  # spread ÷ mean of sentences; per 1,000 words
_MANY = {"commas": 70}  # per 1,000 words; of other marks as of persons
_AVOIDED = ("dashes", "exclamations", "semicolons")
_MARKS = {
    "commas": re.compile(r","),
    "dashes": re.compile(r"[—–]|\s-\s"),
    "colons": re.compile(r":(?!\d)"),
    "semicolons": re.compile(r";"),
    "brackets": re.compile(r"\("),
    "questions": re.compile(r"\?"),
    "exclamations": re.compile(r"!"),
}
_PERSONS = {
    "en": {
        "first person": re.compile(r"(?i)\b(?:i|me|my|mine|we|us|our|ours)\b"),
        "second person": re.compile(r"(?i)\b(?:you|your|yours)\b"),
        "short forms": re.compile(r"(?i)\w(?:n['’]t|['’](?:re|ve|ll|d|m))\b|\b(?:it|that|there|s?he|what|let)['’]s\b"),
    },
    "de": {
        "first person": re.compile(r"\b(?:[Ii]ch|[Mm]ir|[Mm]ich|[Mm]ein\w*|[Ww]ir|[Uu]ns\w*)\b"),
        "second person": re.compile(r"\b(?:[Dd]u|[Dd]ir|[Dd]ich|[Dd]ein\w*|Sie|Ihnen|Ihr\w*|[Ee]uch|[Ee]uer\w*)\b"),
    },
}  # fmt: skip


def learn(texts: Sequence[str], language: str = "en") -> Voice:
    """The voice of some running text. Raises BadInput below 300 words: fewer say nothing about how somebody writes."""
    sentences = [text[a:b] for text in texts for a, b in split_sentences(text, language)]
    voice = _measured(sentences, language)
    if voice.words < LEAST_WORDS:
        raise BadInput(
            f"the samples of the voice have {voice.words} words; at least {LEAST_WORDS} are needed",
            hint="give more or longer texts with --voice",
        )
    commonest = dict(list(voice.function_words.items())[:PROFILE])
    return voice.model_copy(update={"function_words": commonest})


def check(draft: Draft, _evidence: Evidence, brief: Brief, fmt: Format) -> CheckResult:
    """Compare the text with the voice of the brief; nothing without one, for a digest, or for a short text."""
    if brief.voice is None or draft.kind is ArticleKind.DIGEST:
        return CheckResult(PART, None)
    mine, theirs = _measured([sentence.text for sentence in draft.sentences], brief.language), brief.voice
    if mine.words < LEAST_WORDS or mine.language != theirs.language:
        return CheckResult(PART, None)
    distance, limits = delta(mine, theirs), fmt.thresholds
    near = distance <= limits.voice_delta_ok
    message = f"The distance to the voice of the brief is {distance:.2f}; up to {limits.voice_delta_ok:g} is close."
    findings = [
        Finding(
            rule="voice.distance",
            severity=Severity.INFO if near else Severity.WARN,
            message=message,
            fix=None if near else "read a page of the samples aloud, then rewrite the sentences that would not fit in",
        ),
        *differences(mine, theirs),
    ]
    return CheckResult(PART, below(distance, limits.voice_delta_ok, limits.voice_delta_max), tuple(findings))


def delta(mine: Voice, theirs: Voice) -> float:
    """The mean distance of the little words' frequencies in standard deviations; about 1 within one author."""
    names = sorted(theirs.function_words)
    distances = [
        _deviations(mine.function_words.get(name, 0.0), theirs.function_words[name], mine.words, theirs.words)
        for name in names
    ]
    return statistics.fmean(map(abs, distances)) if distances else 0.0


def differences(mine: Voice, theirs: Voice) -> Iterator[Finding]:
    """What is told to a writer: sentences, words, and whatever stands there clearly more or less often."""
    for rule, name, ours, wanted, spread in (
        ("voice.sentences", "words a sentence", mine.sentence_words, theirs.sentence_words, 0.25),
        ("voice.words", "letters a word", mine.word_letters, theirs.word_letters, 0.08),
    ):
        if abs(ours - wanted) > TOLD * spread * wanted:
            yield _told(rule, f"There are {ours:.1f} {name}; the voice has {wanted:.1f}.")
    frequencies = [("voice.marks", mine.marks, theirs.marks), ("voice.persons", mine.persons, theirs.persons)]
    for rule, ours_by, wanted_by in frequencies:
        for name, wanted in wanted_by.items():
            ours = ours_by.get(name, 0.0)
            if abs(_deviations(ours, wanted, mine.words, theirs.words)) > 2 * TOLD:
                yield _told(rule, f"There are {ours:.0f} {name} a thousand words; the voice has {wanted:.0f}.")


def wishes(voice: Voice) -> str:
    """The voice in a few words, for a prompt."""
    told = [f"sentences of about {voice.sentence_words:.0f} words", f"words of {voice.word_letters:.1f} letters"]
    if voice.sentence_spread > _UNEVEN * voice.sentence_words:
        told.append("long ones beside short ones")
    for name, rate in voice.persons.items():
        told.append(f"{name} {'often' if rate > _OFTEN else 'now and then' if rate > 1 else 'never'}")
    told += [f"many {name}" for name, rate in voice.marks.items() if rate > _MANY.get(name, _OFTEN)]
    told += [f"hardly any {name}" for name in _AVOIDED if voice.marks.get(name, 1.0) < _RARE]
    return "; ".join(told)


def _measured(sentences: Sequence[str], language: str) -> Voice:
    tokens = [word for sentence in sentences for word in words(sentence)]
    text, count = " ".join(sentences), max(1, len(tokens))
    lengths = [len(sentence.split()) for sentence in sentences] or [0]
    little = Counter(word for word in tokens if is_stop_word(word, language))
    rates = {name: {n: _rate(len(shape.findall(text)), count) for n, shape in shapes.items()} for name, shapes in
             (("marks", _MARKS), ("persons", _PERSONS.get(language, {})))}  # fmt: skip
    return Voice(
        language=language,
        words=len(tokens),
        sentence_words=round(statistics.fmean(lengths), 2),
        sentence_spread=round(statistics.pstdev(lengths), 2),
        word_letters=round(statistics.fmean([len(word) for word in tokens] or [0]), 3),
        function_words={word: _rate(times, count) for word, times in little.most_common()},
        **rates,
    )


def _rate(times: int, count: int) -> float:
    return round(1000 * times / count, 2)


def _deviations(mine: float, theirs: float, my_words: int, their_words: int) -> float:
    """The difference of two frequencies, per 1,000 words, in standard deviations: between authors, and of chance."""
    level = max((mine * my_words + theirs * their_words) / (my_words + their_words), 0.2)
    chance = level * 1000 * (1 / my_words + 1 / their_words)
    return (mine - theirs) / math.sqrt((BETWEEN * level) ** 2 + chance)


def _told(rule: str, message: str) -> Finding:
    return Finding(rule=rule, severity=Severity.INFO, message=message, fix="write as the samples do")
