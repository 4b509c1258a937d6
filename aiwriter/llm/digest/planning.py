"""From the material of a digest to its plan: opening, sections with their quotations, headings, title."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiwriter.llm.digest.choice import Choice, Material
from aiwriter.llm.digest.headings import AT_A_GLANCE, Names, Wish, as_spelled, asks, forms_of
from aiwriter.llm.digest.lines import Line, chain
from aiwriter.llm.digest.sections import Thread, group, leading_source
from aiwriter.ports import OutlineReply, OutlineTask, SectionReplyPlan, handle
from aiwriter.text.topic import Topic
from aiwriter.text.words import content_words, is_stop_word

if TYPE_CHECKING:
    import numpy as np

_OPENING_SHARE = 0.10  # of the words, for the quotations that open the digest
_FEWEST = 4  # sentences a section should have to choose from
_FEWEST_CHOSEN, _FEWEST_WORDS = 2, 40  # of a section; with less it joins its neighbour
_VERY_BEGINNING = 4  # sentences of a source, before any heading
_DEFINITION = 0.25  # what a definition adds
_BEGINNING = {True: 0.5, False: 0.1}  # what standing there adds, in a source that leads and in one of many
_FULL = 0.9  # of the words
_MORE_THEMES = 3  # sections that may be added to fill them
#: In the choice of a heading: how much of the section stands under it, against what it means; where one source leads,
#: and where many speak.
_SHARE_WEIGHT = {True: 0.5, False: 0.25}
_DEFINES = re.compile(r"((?:The [A-Z]|An? \w|[A-Z])[\w'’()., –-]{1,80}?) (?:is|was|are|were) (?:an?|the|one of) ")
_ASKED = re.compile(
    r"(?i)^(?:please )?(?:write )?(?:an? )?(?:digest|article|overview|summary|blog post|report|post) (?:of|on|about) "
)
_TITLE_LENGTH = 90  # characters
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(slots=True)
class Part:
    """A section in the making: what it may be called, what it quotes, and the middle of what it is about."""

    wishes: list[Wish]
    lines: list[int]
    middle: np.ndarray


@dataclass(frozen=True, slots=True)
class Draft:
    """A digest that lacks its headings."""

    opening: list[int]
    parts: list[Part]

    @property
    def texts(self) -> list[str]:
        """What the possible headings mean, to be embedded."""
        return list(dict.fromkeys(wish.meaning for part in self.parts for wish in part.wishes))


def draft(material: Material, task: OutlineTask) -> Draft:
    """Choose and group the quotations."""
    brief, lines = task.brief, material.lines
    opening = _opening(
        material, Topic.of(brief.topic, brief.language), int(brief.words * _OPENING_SHARE), brief.language
    )
    count = max(1, min(task.sections, len(material.vectors) // _FEWEST))
    groups, choice = _chosen(material, opening, brief.words, count)
    names = Names(groups, lines, brief.topic, [source.title for source in task.sources], brief.language)
    leads = leading_source(lines, list(material.vectors)) is not None
    parts = []
    for number, some in enumerate(groups):
        quoted = sorted(index for index, section in choice.section.items() if section == number)
        everything = [index for thread in some for index in thread.lines]
        parts.append(
            Part(names.wishes(some, quoted, leads=leads and number == 0), quoted, _middle(everything, material.vectors))
        )
    if parts and parts[0].wishes and parts[0].wishes[0].text == AT_A_GLANCE and _thin(parts[0], lines):
        opening = sorted([*opening, *parts.pop(0).lines])
    return Draft(opening, _settled(parts, lines))


def _chosen(material: Material, opening: Sequence[int], words: int, count: int) -> tuple[list[list[Thread]], Choice]:
    """The groups and what is quoted of them; themes are added as long as the words are not filled."""
    for more in range(_MORE_THEMES + 1):
        groups = group(material.lines, material.vectors, material.worth, count, more)
        members = [[index for thread in some for index in thread.lines] for some in groups]
        choice = Choice(material)
        choice.open_with(opening)
        choice.fill(members, _budgets(members, max(0, words - choice.words)))
        if choice.words >= _FULL * words or len(groups) < count + more:
            break
    return groups, choice


def finish(made: Draft, rows: np.ndarray, lines: Sequence[Line], task: OutlineTask) -> OutlineReply:
    """Give the sections their headings; `rows` are the vectors of `made.texts`."""
    vectors = dict(zip(made.texts, rows, strict=True))
    leads = leading_source(lines, [index for part in made.parts for index in part.lines]) is not None
    headings = _named(made.parts, vectors, _SHARE_WEIGHT[leads], task.brief.language)
    title = title_of(task.brief.topic, [line.text for line in lines])
    sections = [("", made.opening), *zip(headings, (part.lines for part in made.parts), strict=True)]
    sources = {lines[index].source for _, some in sections for index in some}
    return OutlineReply(
        title=title,
        description=_description(task.brief.topic, len(sources), headings),
        sections=[_plan(heading, some, lines) for heading, some in sections if some],
    )


def _opening(material: Material, topic: Topic, words: int, language: str) -> list[int]:
    """The sentence that says best what the topic is, with those that follow it while there is room."""
    lines = material.lines
    alone = [index for index in material.vectors if not lines[index].leaning and not lines[index].weak]
    if not alone:
        return []
    first = max(alone, key=lambda index: (_introduces(material, index, topic, language), -index))
    opening, used = [first], lines[first].words
    while (after := opening[-1] + 1) in material.vectors and lines[after].before == opening[-1]:
        used += lines[after].words
        if used > words or lines[after].weak or not chain(lines, after):
            break
        opening.append(after)
    return opening


def _introduces(material: Material, index: int, topic: Topic, language: str) -> float:
    line = material.lines[index]
    subject = _DEFINES.match(line.text)
    covered = topic.coverage(line.stems)
    beginning = line.place < _VERY_BEGINNING and not line.headings
    leads = leading_source(material.lines, list(material.vectors)) is not None
    standing = _BEGINNING[leads] * (1.0 if leads else covered) if beginning else 0.0
    if subject and (leads or topic.coverage(content_words(subject[1], language))):
        standing += _DEFINITION
    return material.topical[index] + 0.4 * covered + standing


def _budgets(members: Sequence[Sequence[int]], words: int) -> list[int]:
    """Words by section, by the root of what there is to choose from: a long chapter does not drown a short one."""
    roots = [len(some) ** 0.5 for some in members]
    return [int(words * root / sum(roots)) for root in roots]


def _middle(indexes: Sequence[int], vectors: dict[int, np.ndarray]) -> np.ndarray:
    import numpy as np

    mean = np.mean([vectors[index] for index in indexes], axis=0)
    unit: np.ndarray = mean / (float(np.linalg.norm(mean)) or 1.0)
    return unit


def _settled(parts: Sequence[Part], lines: Sequence[Line]) -> list[Part]:
    """Sections that quote too little join the one before them, or the next one when they are first."""
    settled: list[Part] = []
    for part in parts:
        if settled and (_thin(part, lines) or _thin(settled[-1], lines)):
            before = settled.pop()
            longer, other = (part, before) if len(part.lines) > len(before.lines) else (before, part)
            wishes = [*longer.wishes, *(wish for wish in other.wishes if wish.text != AT_A_GLANCE)]
            settled.append(Part(wishes, sorted([*before.lines, *part.lines]), longer.middle))
        elif part.lines:
            settled.append(part)
    return settled


def _thin(part: Part, lines: Sequence[Line]) -> bool:
    return len(part.lines) < _FEWEST_CHOSEN or sum(lines[index].words for index in part.lines) < _FEWEST_WORDS


def _named(parts: Sequence[Part], vectors: dict[str, np.ndarray], weight: float, language: str) -> list[str]:
    """A heading for each section: the surest choice first, none twice in other words."""
    ranked = sorted(
        (
            (weight * wish.share + float(vectors[wish.meaning] @ part.middle), -number, -place, wish.text)
            for number, part in enumerate(parts)
            for place, wish in enumerate(part.wishes)
        ),
        reverse=True,
    )
    given: dict[int, str] = {}
    for _, number, _, text in ranked:
        if -number not in given and not any(_alike(text, other, language) for other in given.values()):
            given[-number] = text
    spare = iter([AT_A_GLANCE, "Further details", "Other matters", *(f"More, part {n}" for n in range(1, 99))])
    return [
        given.get(number) or next(text for text in spare if text not in given.values()) for number in range(len(parts))
    ]


def _alike(one: str, other: str, language: str) -> bool:
    first, second = (frozenset(content_words(text, language)) for text in (one, other))
    return first <= second or second <= first


def _plan(heading: str, some: Sequence[int], lines: Sequence[Line]) -> SectionReplyPlan:
    points = [(handle(lines[index].passage), lines[index].text) for index in some]
    return SectionReplyPlan(
        heading=heading,
        purpose=heading or "what it is about",
        passages=list(dict.fromkeys(name for name, _ in points)),
        points=points,
    )


def title_of(topic: str, texts: Sequence[str]) -> str:
    """The topic as a title: without "a digest of", names spelled as the sources spell them."""
    words = _ASKED.sub("", " ".join(topic.split())).rstrip(" .").split()
    if words and topic.islower():
        forms = forms_of(texts)
        words = [as_spelled(word, forms) for word in words]
    title = _shortened(" ".join(words)) or topic
    return title[:1].upper() + title[1:]


def _shortened(title: str) -> str:
    """At most as long as a title is shown: to the last comma, else to a word that can end it."""
    if len(title) <= _TITLE_LENGTH:
        return title
    cut = title[: _TITLE_LENGTH + 1]
    if "," in cut[_TITLE_LENGTH // 2 :]:
        return cut[: cut.rindex(",")]
    words = cut.split()[:-1]
    while len(words) > 1 and is_stop_word(words[-1].lower()):
        words.pop()
    return " ".join(words)


def _description(topic: str, sources: int, headings: Sequence[str]) -> str:
    count = _NUMBERS[sources] if sources < len(_NUMBERS) else str(sources)
    named = len(topic.split()) <= 5 and not topic.endswith("?") and not asks(topic)
    what = f" about {topic}" if named else ""
    says = f"What {count} source{' says' if sources == 1 else 's say'}{what}, in quotations"
    parts = [heading for heading in headings if heading != AT_A_GLANCE][:3]
    return f"{says}: {', '.join(parts[:-1])} and {parts[-1]}." if len(parts) > 1 else f"{says}."
