"""A finder of documents that exist only in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from aiwriter.documents import Block, BlockKind, Source, SourceKind
from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.ids import content_hash
from aiwriter.ports import Changed, Documents, Unchanged, Validators

_RETRIEVED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class TinyCorpus:
    """SourceFinder over a mapping of locations to text: paragraphs parted by blank lines, "# " before a heading.

    A text without a letter or digit cannot be read. A location's beginning up to a "/" is a folder.
    """

    def __init__(self, documents: Mapping[str, str]) -> None:
        self._documents = dict(documents)
        self.read_locations: list[str] = []

    def expand(self, location: str) -> list[str]:
        if location in self._documents:
            return [location]
        members = sorted(name for name in self._documents if name.startswith(location.rstrip("/") + "/"))
        if not members:
            raise BadInput(f"there is no file or folder {location!r}", hint=f"there are {sorted(self._documents)}")
        return members

    async def discover(self, location: str) -> Documents:
        return Documents([location])

    async def read(self, location: str) -> Source:
        self.read_locations.append(location)
        text = self._documents.get(location)
        if text is None:
            raise UnreadableSource(f"{location}: there is no such file", hint="check the path")
        if not any(character.isalnum() for character in text):
            raise UnreadableSource(f"{location}: no text is in it", hint="give a document that holds text")
        return _source(location, text)

    async def read_if_changed(self, location: str, known: Validators | None) -> Changed | Unchanged:
        now = Validators(etag=content_hash(self._documents.get(location, "")))
        return Unchanged(now) if known == now else Changed(await self.read(location), now)

    def put(self, location: str, text: str) -> None:
        """From now on this is there."""
        self._documents[location] = text


def _source(location: str, text: str) -> Source:
    parts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for paragraph in filter(None, (part.strip() for part in text.split("\n\n"))):
        level = len(paragraph) - len(paragraph.lstrip("#"))
        clean = " ".join(paragraph.lstrip("#").split())
        kind = BlockKind.HEADING if level else BlockKind.PARAGRAPH
        blocks.append(Block(kind=kind, start=position, end=position + len(clean), level=level))
        parts.append(clean)
        position += len(clean) + 2
    whole = "\n\n".join(parts)
    return Source(
        location=location,
        kind=SourceKind.TEXT,
        title=parts[0] if blocks[0].level else location,
        text=whole,
        blocks=tuple(blocks),
        content_hash=content_hash(whole),
        retrieved_at=_RETRIEVED,
    )
