"""What the API says of the knowledge: known sources, passages that were found, feeds."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, StringConstraints

from aiwriter.api.parameters import ListQuery, Moment, Word
from aiwriter.api.schemas import Message
from aiwriter.ports.knowledge import (
    MOST_DOCUMENTS,
    MOST_HOURS,
    Feed,
    FeedKind,
    FeedState,
    FoundPassage,
    IndexState,
    KnownFilter,
    KnownSource,
    Look,
    LookState,
)

Place = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]


class KnownQuery(ListQuery):
    """A list of known sources; `words` is searched for anywhere in title and location."""

    words: Annotated[str | None, Field(max_length=200)] = None
    domains: tuple[Word, ...] = ()
    languages: tuple[Word, ...] = ()
    feed_id: UUID | None = None
    index: IndexState | None = None

    def wanted(self) -> KnownFilter:
        return KnownFilter(**{name: getattr(self, name) for name in KnownFilter.__dataclass_fields__})


class KnownSourceView(Message):
    """A location that is known, with the version of it that counts; `source_id` is that of the stored source.

    `copy_of` is the location of the known source that has the same content: its passages stand for both."""

    source_id: UUID
    location: str
    title: str
    domain: str
    language: str | None
    published_at: datetime | None
    licence: str | None
    feed_id: UUID | None
    passages: int
    index: IndexState
    checked_at: datetime
    kept_at: datetime
    copy_of: str | None = None

    @classmethod
    def of(cls, known: KnownSource, original: KnownSource | None = None) -> Self:
        fields = {name: getattr(known, name) for name in cls.model_fields if name != "copy_of"}
        if original is not None:
            fields |= {"passages": original.passages, "index": original.index, "copy_of": original.location}
        return cls(**fields)


class KnownPage(Message):
    """A part of the list of known sources; `next_cursor` is None at its end."""

    items: tuple[KnownSourceView, ...]
    total: int
    next_cursor: str | None = None


class PassageView(Message):
    """A passage that was found, in its source."""

    id: str
    text: str
    headings: tuple[str, ...]
    score: float
    source: KnownSourceView

    @classmethod
    def of(cls, found: FoundPassage) -> Self:
        passage = found.passage
        source = KnownSourceView.of(found.source)
        return cls(id=passage.id, text=passage.text, headings=passage.headings, score=found.score, source=source)


class PassageList(Message):
    """Best first; `notes` say what could not be asked."""

    items: tuple[PassageView, ...]
    notes: tuple[str, ...] = ()


class PassageQuery(Message):
    """What to look for. Times are of publication; what does not say its day is within no limit of time."""

    q: Annotated[str, Field(min_length=1, max_length=1000)]
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    domains: tuple[Word, ...] = ()
    languages: tuple[Word, ...] = ()
    since: Moment | None = None
    until: Moment | None = None


class FeedView(Message):
    """A place that is looked at again and again; `told` is what the last look came to, `error` why nothing could be
    read by it."""

    id: UUID
    location: str
    kind: FeedKind
    name: str
    limit: int
    every_hours: int
    checked_at: datetime | None
    error: str | None
    told: str | None
    created_at: datetime

    @classmethod
    def of(cls, feed: Feed) -> Self:
        return cls(**{name: getattr(feed, name) for name in cls.model_fields})


class FeedAdded(FeedView):
    """A feed that was asked for: new, or one that was there, with other settings now (changed) or the same."""

    state: FeedState

    @classmethod
    def of_added(cls, feed: Feed, state: FeedState) -> Self:
        return cls(**FeedView.of(feed).model_dump(), state=state)


class FeedList(Message):
    """Oldest first."""

    items: tuple[FeedView, ...]


class FeedRequest(Message):
    """A place to look at every so many hours (0: only when asked to), for at most `limit` documents. What is left out
    is, of a new feed, its place, 100 documents and 24 hours; of one that is there it stays."""

    location: Place
    name: Annotated[str | None, StringConstraints(max_length=200)] = None
    limit: Annotated[int | None, Field(ge=1, le=MOST_DOCUMENTS)] = None
    every_hours: Annotated[int | None, Field(ge=0, le=MOST_HOURS)] = None


class Forgotten(Message):
    """What was removed; `index` is false when its vectors stay behind until the index can be had."""

    id: UUID
    index: bool = True


class SourceRequest(Message):
    """What to read once and make known: a file, a folder, an address, `feed:`, `sitemap:` or `site:` before one."""

    location: Place


class LookView(Message):
    """A place that was asked for: it waits, is being read, is done or failed. `told` is what came of it, or why it
    failed; it is forgotten a month after its end, a failed one when its place is asked for again."""

    id: UUID
    location: str
    state: LookState
    told: str | None
    asked_at: datetime
    told_at: datetime

    @classmethod
    def of(cls, look: Look) -> Self:
        return cls(**{name: getattr(look, name) for name in cls.model_fields})


class LookList(Message):
    """Newest first."""

    items: tuple[LookView, ...]


class ReadingAccepted(Message):
    """That a worker will read what is at a location; what came of it is asked at `link`, the address of the look `id`.
    `note` says that it has to wait, `page` is where people follow it."""

    id: UUID
    location: str
    link: str
    page: str | None = None
    note: str | None = None


class LookAccepted(Message):
    """A look was handed to the orchestrator; `page` is where people follow it."""

    feed_id: UUID
    page: str | None = None
