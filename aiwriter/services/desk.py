"""What topics are looked into with, and texts are checked with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiwriter.documents import GivenSource, Source
from aiwriter.ports import Chunker, Clock, Embedder, SearchEngines, SourceFinder, WordEmbedder
from aiwriter.services.archive import Writing

ReadGiven = Callable[[GivenSource], Awaitable[Source]]


@dataclass(frozen=True, slots=True)
class Desk:
    """The machines, each behind its port. `engines` are asked for what is being checked: an article is no source of
    itself."""

    finder: SourceFinder
    engines: Callable[[Writing | None], SearchEngines]
    read_given: ReadGiven
    chunk: Chunker
    clock: Clock
    embedder: Embedder
    words: WordEmbedder | None = None  # the embedder under its caches, where it knows words apart
