"""What a sentence leans on to say of what it speaks.

"She cost 14 million" and "The ship cost 14 million" do not name their subject: the sentence before does, or a heading,
or the title of the source. A sentence leans when it has a pronoun, begins with a definite noun, or has no name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from aiwriter.pipeline.quality.statements import Statement, statement


def leans(sentence: Statement) -> bool:
    """Whether it leaves it to others to name its subject."""
    before = _before_names(sentence)
    words = _words(sentence.language)
    return (
        not sentence.names()
        or not words["pronouns"].isdisjoint(before)
        or (len(before) > 1 and before[0] in words["articles"])
    )


def points(sentence: Statement) -> bool:
    """Whether, leaning, it points to what was named: by a pronoun or a definite noun; else it may just be general."""
    words = _words(sentence.language)
    return not (words["pronouns"] | words["articles"]).isdisjoint(_before_names(sentence))


def _before_names(sentence: Statement) -> list[str]:
    """The words before its first name: a pronoun behind a name may well mean that."""
    end = min((name.start for name in sentence.names()), default=len(sentence.text))
    return [word for word, (start, _) in zip(sentence.tokens, sentence.token_spans, strict=True) if start < end]


def supports(sentences: Sequence[Statement], index: int, above: Sequence[str]) -> tuple[Statement, ...]:
    """What sentence `index` of a passage can lean on, the nearest first: the sentence before it, the nearest before
    that with a name, and what stands `above` the passage (title first, then its headings)."""
    language = sentences[index].language
    before = sentences[:index][::-1]
    named = next((one for one in before[1:] if one.names()), None) if before and not before[0].names() else None
    titles = (statement(text, language) for text in dict.fromkeys(reversed(above)))
    return (*before[:1], *([named] if named else ()), *titles)


@lru_cache(maxsize=8)
def _words(language: str) -> dict[str, frozenset[str]]:
    data = tomllib.loads((files(__package__ or "") / "leaning.toml").read_text("utf-8"))
    return {kind: frozenset(words.get(language, "").split()) for kind, words in data.items()}
