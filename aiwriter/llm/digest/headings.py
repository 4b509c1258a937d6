"""Names for sections: the sources' own headings where they say something, else a phrase the sentences share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiwriter.llm.digest.lines import Line
from aiwriter.llm.digest.sections import Thread
from aiwriter.text.quotable import is_verb
from aiwriter.text.rarity import rarity
from aiwriter.text.words import content_words, is_stop_word, word_set

MOST_WORDS = 9
AT_A_GLANCE = "At a glance"
_SHORT = 3  # words a heading may have to be joined with another
_PHRASES = 8  # of each section that are considered
_FIRST_QUOTED = 2  # sentences of a section: what is said once may name it only when it is said there
_SURE = 9.0  # beyond what meaning can weigh
_FROM_PHRASE = 0.1  # what a phrase has instead of the share of the section that stands under a heading


_GENERIC = word_set(
    """background overview introduction summary details general conclusion conclusions
    results discussion notes about miscellaneous contents more information home description abstract preamble other
    others further section part chapter questions answers faq facts figures contact press release news article text
    content body item items agenda main topic topics key points highlights brief short intro start end update updates
    attachment appendix annex remarks comment comments"""
)
_NUMBERING = re.compile(
    r"^\W*(?:(?:item|chapter|section|part|no\.?|step)\s+)?(?:\d+(?:\.\d+)*|[IVX]+|[A-Z])[.):]+\s+", re.IGNORECASE
)
_ABOUT = re.compile(r"^about (?:the )?(?=\w+ )", re.IGNORECASE)
_DATED = re.compile(r"^(?:\d{4}(?:[-–]\d{2,4}|[-–]present)?|\d{4}s)\s*[:–-]\s*")
_BRACKETS = re.compile(r"\s*\([^)]*\)\s*$")
_PERIOD = re.compile(r"\s*\(\d{4}(?:[-–](?:\d{2,4}|present))?\)$")
_TOKEN = re.compile(r"[\w'’&-]+")
_ASKS = word_set("how why what who when where which is are does do did should can will")
_DONE_TO = word_set("response responses reaction reactions threats opposition alternatives")
_MONTHS = word_set("january february march april may june july august september october november december")


_NO_PHRASE = _MONTHS | word_set(
    """cent per said says told asked year years day days month months week weeks hour hours minute minutes time times
    mr mrs ms dr first second third last next new per including according made make took take around one two three
    four five six seven eight nine ten million billion thousand hundred became began went came called used known"""
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A possible heading; `share` is how much of the section stands under it in the sources, 0–1; `meaning` is what is
    compared with the section (the heading without the topic that was added to it)."""

    text: str
    share: float
    meaning: str


class Names:
    """What the headings of one digest are made from."""

    def __init__(
        self,
        groups: Sequence[Sequence[Thread]],
        lines: Sequence[Line],
        topic: str,
        titles: Sequence[str],
        language: str,
    ) -> None:
        self._groups, self._lines, self._language = groups, lines, language
        self._topic = topic.strip(" ?.!")
        self._known = {frozenset(content_words(text, language)) for text in [topic, *titles]}
        self._about = set(content_words(topic, language))
        self._spread = Counter(heading for some in groups for thread in some for heading in set(thread.headings))
        texts = [lines[index].text for some in groups for thread in some for index in thread.lines]
        self._forms = forms_of(texts)
        self._runs = _runs(texts, language)

    def wishes(self, some: Sequence[Thread], quoted: Sequence[int], *, leads: bool) -> list[Wish]:
        """Possible headings of one group of threads of which the lines `quoted` are told, in a fixed order; `leads`
        when it may be a source's beginning."""
        opening = [AT_A_GLANCE] if leads and _opens(some, self._lines) else []
        found = [Wish(text, _SURE, text) for text in opening]
        found += self._from_headings(some)
        fewest = 2 if found else 1  # what is said once names a section only when nothing else does
        found += [Wish(text, _FROM_PHRASE, text) for text in self._phrases(some, quoted, fewest)]
        return list({wish.text: wish for wish in reversed(found)}.values())[::-1]

    def _from_headings(self, some: Sequence[Thread]) -> Iterator[Wish]:
        total = sum(len(thread.lines) for thread in some)
        here = Counter(heading for thread in some for heading in set(thread.headings))
        shares: dict[str, float] = {}
        paths = [[self._tidy(heading, alone=here[heading] == len(some)) for heading in one.headings] for one in some]
        for thread, path in zip(some, paths, strict=True):
            for heading, text in dict(zip(thread.headings, path, strict=True)).items():
                if self._tells(text):
                    own = len(thread.lines) / total * here[heading] / self._spread[heading]
                    shares[text] = shares.get(text, 0.0) + own
        ranked = sorted(shares, key=lambda text: (-shares[text], text))
        for number, first in enumerate(ranked):
            yield Wish(self._long_enough(first), shares[first], first)
            for second in ranked[number + 1 : number + 3]:
                above = any(first in path and second in path for path in paths)  # a chapter is no neighbour of its part
                if not above and (both := self._both(first, second)):
                    yield Wish(both, 0.9 * (shares[first] + shares[second]), both)

    def _tidy(self, heading: str, *, alone: bool) -> str:
        """A heading without numbering, leading years and shouting, and without its period when the section has more
        than what stands under it; "" when it is a question or too long."""
        text = _DATED.sub("", _NUMBERING.sub("", _ABOUT.sub("", " ".join(heading.split())))).strip(" :.–-*_#")
        if text.isupper() and len(text) > 5:
            text = _TOKEN.sub(lambda word: as_spelled(word[0].lower(), self._forms), text)
        if not alone:
            text = _PERIOD.sub("", text)
        if len(text.split()) > MOST_WORDS:
            text = _BRACKETS.sub("", text)
        fits = len(text.split()) <= MOST_WORDS and not text.endswith("?")
        return text[:1].upper() + text[1:] if fits else ""

    def _tells(self, heading: str) -> bool:
        telling = [
            token
            for token in _TOKEN.findall(heading.lower())
            if not (token in _GENERIC or token in _MONTHS or token[0].isdigit() or is_stop_word(token, self._language))
        ]
        enough = 2 if heading[:1].isdigit() else 1  # "412 signatures" is a riddle out of its place
        return len(telling) >= enough and frozenset(content_words(heading, self._language)) not in self._known

    def _long_enough(self, heading: str) -> str:
        """ "Geology" says more as "Geology of Mount Greylock"."""
        words = self._topic.split()
        is_name = len(words) <= 4 and not asks(self._topic)
        if len(heading.split()) > 1 or not is_name or self._language != "en":
            return heading
        return f"{heading} {'to' if heading.lower() in _DONE_TO else 'of'} {self._topic}"

    def _both(self, first: str, second: str) -> str | None:
        """Two headings in one, when they are short and do not say the same."""
        one, two = (set(content_words(text, self._language)) for text in (first, second))
        if self._language != "en" or one & two or re.search(r"[,:&()]| and ", first + second):
            return None
        if any(asks(text) or len(text.split()) > _SHORT for text in (first, second)):
            return None
        if not _is_name(second):
            head, *rest = second.split()
            name = head in self._forms and head.lower() not in self._forms
            second = " ".join([head if name else head.lower(), *rest])
        return f"{first} and {second}"

    def _phrases(self, some: Sequence[Thread], quoted: Sequence[int], fewest: int) -> list[str]:
        """Runs of two to four words that the group's sentences share and a quoted one has, most telling first."""
        own = _runs([self._lines[index].text for thread in some for index in thread.lines], self._language)
        told, first = (
            _runs([self._lines[index].text for index in lines], self._language)
            for lines in (quoted, quoted[:_FIRST_QUOTED])
        )
        scores = {
            run: self._weight(run, count)
            for run, count in own.items()
            if count >= fewest and run in (told if count > 1 else first)
        }
        ranked = sorted((run for run in scores if scores[run] > 0), key=lambda run: (-scores[run], run))
        return [run[:1].upper() + run[1:] for run in ranked[:_PHRASES]]

    def _weight(self, run: str, count: int) -> float:
        stems = content_words(run, self._language)
        if frozenset(stems) in self._known or set(stems) & self._about:
            return 0.0
        return count * count / self._runs[run] * sum(rarity(stem) for stem in stems)


_PUNCTUATION = ".,;:!?\"“”‘’'()[]"


def asks(text: str) -> bool:
    """Whether it begins as a question does: "What the ship costs"."""
    return text.split(maxsplit=1)[0].lower() in _ASKS


def as_spelled(word: str, forms: Counter[str]) -> str:
    """A lower-case word as texts spell it most often inside sentences."""
    found = [form for form in forms if form.lower() == word]
    return max(found, key=lambda form: (forms[form], form)) if found else word


def forms_of(texts: Sequence[str]) -> Counter[str]:
    """How often each token stands inside a sentence of `texts` (not at its start), punctuation taken off."""
    return Counter(token.strip(_PUNCTUATION) for text in texts for token in text.split()[1:])


def _opens(some: Sequence[Thread], lines: Sequence[Line]) -> bool:
    """Whether most of it stands at the very beginning of a source, before any heading."""
    unnamed = [index for thread in some if not thread.headings for index in thread.lines]
    return 2 * len(unnamed) > sum(len(thread.lines) for thread in some) and lines[min(unnamed)].place < 12


def _is_name(text: str) -> bool:
    first, *rest = text.split()
    return first[1:] != first[1:].lower() or (bool(rest) and all(word[:1].isupper() for word in rest))


def _runs(texts: Sequence[str], language: str) -> Counter[str]:
    """Phrases of two to four words that could be headings, and how often they stand in the texts."""
    runs = Counter[str]()
    for text in texts:
        tokens = ["", *text.split(), ""]
        for size in (2, 3, 4):
            for start in range(1, len(tokens) - size):
                run = [*tokens[start : start + size - 1], tokens[start + size - 1].rstrip(",.;:")]
                if _makes_phrase(run, language) and not _cuts_name(tokens, start, start + size):
                    runs[" ".join(run)] += 1
    return runs


def _makes_phrase(run: Sequence[str], language: str) -> bool:
    """Whether it is made of content words without a verb, with "of" only inside a name, and no figures."""
    if run[-1] == "of" or not all(token == "of" or (_TOKEN.fullmatch(token) and len(token) > 2) for token in run):
        return False
    if run[0].endswith("ly") or any("--" in token for token in run) or any(token.endswith("ed") for token in run[1:]):
        return False
    if any(is_verb(token) and (token is not run[-1] or token[-1] != "s") for token in run):
        return False  # "Burke won voters" is none, "ticket costs" is one
    name = run[0][:1].isupper() and run[-1][:1].isupper()
    lower = [token.lower() for token in run if token != "of"]
    if ("of" in run and not name) or any(is_stop_word(token, language) or token in _NO_PHRASE for token in lower):
        return False
    return all(token[0].isalpha() for token in lower) and (name or not lower[-1].endswith(("ed", "ly", "ing")))


def _cuts_name(tokens: Sequence[str], start: int, end: int) -> bool:
    """Whether a capitalised sequence goes on before or after tokens[start:end]: "Crouching Tiger" of "Crouching Tiger,
    Hidden Dragon"."""
    before, first, last, after = tokens[start - 1], tokens[start], tokens[end - 1], tokens[end]
    starts_inside = first[:1].isupper() and before[:1].isupper() and start > 2
    return starts_inside or (last[:1].isupper() and last[-1:] not in ".;:" and after[:1].isupper())
