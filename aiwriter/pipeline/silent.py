"""Sources that gave no passage, and why: what people are told of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from aiwriter.documents import Source
from aiwriter.text.counted import counted
from aiwriter.text.languages import language_name, other_than

_ABOUT_THE_TOPIC = "give sources about the topic, or choose a topic that these cover"


def silent(
    current: Sequence[Source], used: Collection[int], bearing: Collection[int], chosen: int, language: str
) -> Iterable[str]:
    """Notes on the sources that gave none of the `chosen` passages. `used` and `bearing` on the topic are indexes."""
    off = [source for number, source in enumerate(current) if number not in used and number not in bearing]
    foreign = [source for source in off if other_than(source.text, language)]
    off = [source for source in off if source not in foreign]
    if off:
        did = "bears too little on the topic and was" if len(off) == 1 else "bear too little on the topic and were"
        yield f"{len(off)} of {_count(current)} {did} left out: {_some(off)}"
    if foreign:
        did = "is written in another language than" if len(foreign) == 1 else "are written in other languages than"
        left = "was left out, though it may be" if len(foreign) == 1 else "were left out, though they may be"
        told = f"{did} {language_name(language)} and {left} about it"
        yield f"{len(foreign)} of {_count(current)} {told}: {_some(foreign)}"
    surpassed = [source for number, source in enumerate(current) if number in bearing and number not in used]
    if surpassed:
        none = f"gave none of the {chosen} passages that say most of the topic"
        yield f"{len(surpassed)} of {_count(current)} {none}: {_some(surpassed)}"


def next_step(sources: Sequence[Source], language: str) -> str:
    """What to do when the sources say nothing about a topic in a language."""
    others = {other_than(source.text, language) for source in sources}
    if len(others) != 1 or None in others:
        return _ABOUT_THE_TOPIC
    said = next(filter(None, others))
    return f"the sources are in {language_name(said)}: ask in {language_name(said)} (--language {said}), or give others"


def those(sources: Sequence[Source]) -> str:
    """The sources as the subject of a sentence."""
    return "the only source" if len(sources) == 1 else f"the {_count(sources)}"


def _some(sources: Sequence[Source]) -> str:
    titles = [source.title for source in sources]
    return ", ".join(map(repr, titles[:5])) + (f" and {len(titles) - 5} more" if len(titles) > 5 else "")


def _count(sources: Sequence[Source]) -> str:
    return counted(len(sources), "source")
