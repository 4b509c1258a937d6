"""What sources speak of and what they ask: their telling phrases, and the questions that stand in them."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from aiwriter.documents import BlockKind, Keyword, Source
from aiwriter.text.languages import language_of
from aiwriter.text.rarity import rarity
from aiwriter.text.sentences import split_sentences
from aiwriter.text.spelled import NUMBER_WORDS
from aiwriter.text.topic import Topic
from aiwriter.text.words import content_words, is_stop_word, stem, word_spans

LONGEST_PHRASE = 4  # words
FEWEST_TIMES = 2
_BETWEEN = re.compile(r"[ \u00a0-]")  # what may stand between the words of a phrase
_UNITS = frozenset({"cent", "percent", "million", "billion"})  # what stands after "8 per" and "three"
_PAST_FORMS = (  # no noun among them
    "became began bought broke brought came caught chose drew drove fell felt flew fought found gave got grew held "
    "kept knew lost made met paid ran rose said saw sent sold sought spent spoke stood taught thought threw told took "
    "went won wore wrote"
)
_VERBS = frozenset([*_PAST_FORMS.split(), "say", "says"])
_COSTS = re.compile(r"costs?\b\s+(?:[$€£¥]?\d|(?:an?|the|about|some|more|less|nearly|over|up|twice)\b)")
_QUESTION_WORDS = range(3, 25)


@dataclass
class _Seen:
    """A phrase as it was met: how often, where, and in which spellings."""

    times: int = 0
    sources: set[int] = field(default_factory=set)
    spelled: Counter[str] = field(default_factory=Counter)


def keywords(sources: Sequence[Source], language: str = "en", limit: int = 30) -> tuple[Keyword, ...]:
    """The phrases of one to four words that say most of what the sources are about, best first.

    Weighed after the C-value of Frantzi, Ananiadou and Mima (2000): longer and more frequent phrases first, less what
    is only part of a longer one (here its most frequent, so that half of a name never stands beside the name), times
    how telling the words are (text/rarity.py) and in how many sources they stand.
    """
    seen: dict[tuple[str, ...], _Seen] = defaultdict(_Seen)
    for number, source in enumerate(sources):
        own = source.language or language_of(source.text) or language
        for stems, spelled in _phrases(source, own):
            met = seen[stems]
            met.times += 1
            met.sources.add(number)
            met.spelled[spelled] += 1
    often = {stems: met for stems, met in seen.items() if met.times >= FEWEST_TIMES}
    inside = _inside(often)
    weighed = [(_weight(stems, met, inside.get(stems, [])), stems) for stems, met in often.items()]
    best = sorted((pair for pair in weighed if pair[0] > 0), key=lambda pair: (-pair[0], pair[1]))[:limit]
    return tuple(
        Keyword(
            phrase=often[stems].spelled.most_common(1)[0][0],
            times=often[stems].times,
            sources=len(often[stems].sources),
            weight=round(weight, 3),
        )
        for weight, stems in best
    )


def _phrases(source: Source, language: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every run of up to four content words that nothing but a space or a hyphen separates."""
    for block in source.blocks:
        if block.kind is BlockKind.CODE:
            continue
        text = source.text[block.start : block.end]
        for run in _runs(text, language):
            verbs = [language == "en" and _is_verb(text, start, stop) for start, stop in run]
            for begin in range(len(run)):
                for end in range(begin + 1, min(len(run), begin + LONGEST_PHRASE) + 1):
                    if any(verbs[begin + 1 : end]) or verbs[begin:end] == [True]:
                        continue
                    if language == "de" and not text[run[end - 1][0]].isupper():  # it ends in no noun
                        continue
                    spelled = text[run[begin][0] : run[end - 1][1]]
                    yield tuple(stem(text[start:stop].lower()) for start, stop in run[begin:end]), spelled


def _is_verb(text: str, start: int, end: int) -> bool:
    """Whether a word is a verb that is known, or the past of one, which before a noun may be part of its name
    ("chartered ship")."""
    word = text[start:end]
    return bool(word in _VERBS or _COSTS.match(text, start)) or (
        word.islower() and len(word) > 4 and word.endswith("ed") and not word.endswith("eed")
    )


def _runs(text: str, language: str) -> Iterator[list[tuple[int, int]]]:
    run: list[tuple[int, int]] = []
    number = False  # whether the word before was one: what it counts is a unit rather than a subject
    for start, end in word_spans(text):
        word = text[start:end].lower()
        counts = word[0].isdigit() or word in _UNITS or word in NUMBER_WORDS
        telling = len(word) > 1 and not (number or counts or is_stop_word(word, language))
        joined = bool(run) and _BETWEEN.fullmatch(text, run[-1][1], start) is not None
        number = word[0].isdigit()
        if run and not (telling and joined):
            yield run
            run = []
        if telling:
            run.append((start, end))
    if run:
        yield run


def _inside(often: dict[tuple[str, ...], _Seen]) -> dict[tuple[str, ...], list[int]]:
    """How often each longer phrase occurs that a phrase is part of."""
    inside: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for stems, met in often.items():
        parts = {
            stems[begin:end]
            for begin in range(len(stems))
            for end in range(begin + 1, len(stems) + 1)
            if end - begin < len(stems)
        }
        for part in parts:
            inside[part].append(met.times)
    return inside


def _weight(stems: tuple[str, ...], met: _Seen, longer: list[int]) -> float:
    alone = met.times - max(longer, default=0)
    telling = sum(map(rarity, stems)) / len(stems)
    return math.log2(len(stems) + 1) * alone * telling * math.log2(len(met.sources) + 1)


def asked_in(sources: Iterable[Source], topic: str, language: str = "en", limit: int = 15) -> tuple[str, ...]:
    """The questions that stand in the sources, nearest to the topic first, each once."""
    about = Topic.of(topic, language)
    found: dict[tuple[str, ...], tuple[float, str]] = {}
    for source in sources:
        for question in _questions(source, language):
            stems = content_words(question, language)
            found.setdefault(tuple(sorted(set(stems))), (about.coverage(stems), question))
    ordered = sorted(found.values(), key=lambda pair: (-pair[0], len(pair[1])))
    return tuple(question for _nearness, question in ordered[:limit])


def _questions(source: Source, language: str) -> Iterator[str]:
    for block in source.blocks:
        if block.kind in (BlockKind.CODE, BlockKind.TABLE):
            continue
        text = source.text[block.start : block.end]
        for start, end in split_sentences(text, language):
            sentence = " ".join(text[start:end].split())
            if sentence.endswith("?") and len(sentence.split()) in _QUESTION_WORDS:
                yield sentence
