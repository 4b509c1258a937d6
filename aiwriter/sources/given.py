"""A source that somebody sent along: parsed like a page, in a process of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import PurePath

from aiwriter.documents import GivenSource, Source, SourceKind
from aiwriter.sources.extracted import to_source
from aiwriter.sources.finder import refuse_ours
from aiwriter.sources.kinds import BY_SUFFIX, sniffed
from aiwriter.sources.sandbox.pool import shared
from aiwriter.threads import computed

_TEXTS = frozenset({SourceKind.MARKDOWN, SourceKind.HTML, SourceKind.CSV})  # what a name may call it; else plain text


async def source_of(given: GivenSource) -> Source:
    """The source, called as it was given. Raises UnreadableSource with the reason."""
    data = given.data or given.text.encode()
    named = BY_SUFFIX.get(PurePath(given.name).suffix.lower())
    kind = sniffed(data) or (named if given.data or named in _TEXTS else None) or SourceKind.TEXT
    refuse_ours(data)
    extracted = await shared().extract(kind, data)
    return await computed(to_source, extracted, given.name, given.name, datetime.now(UTC))
