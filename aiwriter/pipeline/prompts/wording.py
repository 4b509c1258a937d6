"""What several prompts say in the same words: the brief's wishes, a source's name, a language's name."""

from __future__ import annotations

from collections.abc import Iterable

from aiwriter.documents import Brief, ContentHash, Passage, SourceRef
from aiwriter.pipeline.quality import voice


def style(brief: Brief) -> str:
    """One line of the brief's wishes; empty when it has none."""
    wishes = {
        "Readers": brief.audience,
        "Tone": brief.tone,
        "Voice": voice.wishes(brief.voice) if brief.voice else "",
        "Words to use where they fit": ", ".join(brief.keywords),
    }
    return " ".join(f"{name}: {wish.strip().rstrip('.')}." for name, wish in wishes.items() if wish.strip())


class Names:
    """What passages are attributed to in a prompt: the title of the source and the heading above."""

    def __init__(self, sources: Iterable[SourceRef]) -> None:
        self._titles: dict[ContentHash, str] = {source.content_hash: source.title for source in sources}

    def of(self, passage: Passage) -> str:
        title = self._titles.get(passage.source_hash, "")
        above = [part for part in passage.headings[-1:] if part != title]
        return " › ".join([title, *above])
