"""What was found."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import PurePath
from uuid import UUID

from pydantic import AwareDatetime, Field

from aiwriter.documents.base import ContentHash, Document
from aiwriter.documents.drafts import ArticleKind
from aiwriter.ids import new_id
from aiwriter.source_kinds import BlockKind, SourceKind


class Block(Document):
    """One structural piece of a source: text[start:end]; `level` is 1–6 for headings, else 0. A table has a line for
    each row, " | " between its cells; the first `heads` of them name its columns."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0
    heads: int = 0


class CitedSource(Document):
    """A source that an article of ours cites, as it is named beside that article."""

    content_hash: ContentHash
    location: str
    title: str


class OwnArticle(Document):
    """That a source is an article of this workspace, which version of it, and what it rests on itself: a secondary
    source. `rests_on` holds no article of ours: of such a one the sources it rests on stand there."""

    article_id: UUID
    version: int
    kind: ArticleKind
    created_at: AwareDatetime  # of that version
    rests_on: tuple[CitedSource, ...] = ()

    @property
    def said(self) -> str:
        """For references, in one line: what it is and what it rests on."""
        names = ", ".join(f"“{one.title}” ({one.location})" for one in self.rests_on)
        return f"our own {self.kind.value} {self.article_id}, version {self.version}" + (
            f", a secondary source; it rests on {names}" if names else ", a secondary source that names no other"
        )


_SAID = ("title", "author", "language", "licence", "etag", "flags")  # by a source, and not in its text


class Source(Document):
    """One document that was read, with where and when it came from. `blocks` cover the meaningful text in order."""

    location: str
    kind: SourceKind
    title: str
    text: str
    blocks: tuple[Block, ...]
    content_hash: ContentHash
    retrieved_at: AwareDatetime
    published_at: AwareDatetime | None = None
    author: str | None = None
    language: str | None = None
    licence: str | None = None  # what it says of itself: an address or a name
    own: OwnArticle | None = None  # it is one of our articles
    etag: str | None = None  # of a file: what tells this version of it from the next
    flags: tuple[str, ...] = ()  # for reports: "hidden text removed: 214 characters"
    id: UUID = Field(default_factory=new_id)

    @property
    def place(self) -> str:
        """Its address, or of a file only folder and name: nothing that goes out tells where a user keeps it."""
        return self.location if "://" in self.location else "/".join(PurePath(self.location).parts[-2:]).lstrip("/")

    def known_again(self, now: Source) -> Source:
        """This source, which was read again with the same text, as `now` says that it is.

        A page that says no day keeps the one that was known: it may be from a feed. A file that says none has none."""
        said = {name: getattr(now, name) for name in _SAID}
        day = now.published_at or (self.published_at if "://" in self.location else None)
        return self.model_copy(update=said | {"published_at": day})

    def table_at(self, start: int) -> Block | None:
        """The table in which text[start] stands."""
        index = bisect_right(self.blocks, start, key=lambda block: block.start) - 1
        block = self.blocks[index] if index >= 0 else None
        return block if block and block.kind is BlockKind.TABLE and start < block.end else None


class SourceProblem(Document):
    """A source that could not be used, with the reason and what to do about it, for people."""

    location: str
    reason: str
    hint: str | None = None

    @property
    def said(self) -> str:
        """Which one and why, in one line; the reason often names the location itself."""
        return self.reason if self.reason.startswith(self.location) else f"{self.location}: {self.reason}"


class SearchRecord(Document):
    """What came of one query to one engine: pages it named, how many of them (`used`) were read and kept as sources,
    which may still turn out to bear nothing on the topic, or why it could not be asked."""

    engine: str
    query: str
    hits: int = 0
    used: int = 0
    error: str | None = None

    @property
    def outcome(self) -> str:
        """The same in words."""
        if self.error:
            return self.error
        return f"{self.hits} found, {self.used} kept" if self.hits else "found nothing"


class Sources(Document):
    """All that was read for a brief (no two with equal content), what could not be used, and what was searched."""

    items: tuple[Source, ...]
    problems: tuple[SourceProblem, ...] = ()
    searches: tuple[SearchRecord, ...] = ()


class SourcesRecord(Document):
    """What the research stage leaves: which stored sources, what could not be used, and what was searched."""

    source_ids: tuple[UUID, ...]
    problems: tuple[SourceProblem, ...] = ()
    searches: tuple[SearchRecord, ...] = ()
