"""What is known: sources with their passages, the feeds they come from, and how passages are found again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol
from uuid import UUID

from aiwriter.documents import Passage, Source, utc_now
from aiwriter.ids import content_hash, new_id
from aiwriter.ports.lists import Page, Paging
from aiwriter.ports.machines import Validators
from aiwriter.text.words import content_words

MOST_HOURS = 24 * 366  # between two looks at a feed
MOST_DOCUMENTS = 1000  # of one feed
MOST_LOOKS = 200  # in a list
LONGEST_STEM = 64  # longer ones are no words, and no key for an index

FeedKind = Literal["feed", "sitemap", "site", "folder", "page"]
FeedState = Literal["new", "changed", "unchanged"]  # what became of one that was added
LookState = Literal["waiting", "reading", "done", "failed"]
IndexState = Literal["pending", "indexed"]
LOOKS_OPEN: tuple[LookState, ...] = ("waiting", "reading")
LOOKS_ENDED: tuple[LookState, ...] = ("done", "failed")

# ── what is kept ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class KnownSource:
    """A location that belongs to the knowledge, with the version of it that counts: `source_id` is the stored source.

    `domain` is the host of an address, "" for a file. `etag` and `last_modified` are what the server at `said_at` said.
    """

    source_id: UUID
    location: str
    content_hash: str
    title: str
    domain: str = ""
    language: str | None = None
    published_at: datetime | None = None
    licence: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    said_at: str | None = None
    feed_id: UUID | None = None
    passages: int = 0
    index: IndexState = "pending"
    checked_at: datetime = field(default_factory=utc_now)
    kept_at: datetime = field(default_factory=utc_now)

    @property
    def validators(self) -> Validators:
        """To be sent back when it is asked for again."""
        return Validators(self.etag, self.last_modified, self.said_at)


@dataclass(frozen=True, slots=True)
class KnownPassage:
    """A passage with what it is found by: the stems of its title, headings and text, and a hash of what is embedded."""

    passage: Passage
    ordinal: int
    stems: tuple[str, ...]
    text_hash: str  # of `embedded_text`

    @classmethod
    def of(cls, source: Source, passage: Passage, ordinal: int) -> KnownPassage:
        said = " ".join([source.title, *passage.headings, passage.text])
        hashed = content_hash(embedded_text(source.title, passage))
        return cls(passage, ordinal, tuple(stems_of(said, source.language or "en")), hashed)


def embedded_text(title: str, passage: Passage) -> str:
    """What of a passage becomes a vector: where it stands, then its text; always text that UTF-8 can hold."""
    place = " – ".join(dict.fromkeys([title, *passage.headings]))
    return f"{place}: {passage.text}".encode(errors="replace").decode()


def stems_of(text: str, language: str = "en") -> list[str]:
    """The stems by which passages are indexed and asked for, repetitions kept."""
    return [stem[:LONGEST_STEM] for stem in content_words(text, language)]


@dataclass(frozen=True, slots=True)
class Feed:
    """A place that is looked at again and again, every so many hours (0: only when asked to); `limit` is how many
    documents at most are taken of it."""

    location: str
    kind: FeedKind
    name: str
    limit: int = 100
    every_hours: int = 24
    checked_at: datetime | None = None
    error: str | None = None  # why nothing could be read by the last look, for people
    told: str | None = None  # what the last look came to, for people: "3 new", and what could not be read
    id: UUID = field(default_factory=new_id)
    created_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class Look:
    """A place that somebody asked to have read once. `told` is what came of it, for people: "3 new", or why it failed;
    `told_at` is when its state changed last."""

    id: UUID
    location: str
    state: LookState = "waiting"
    told: str | None = None
    asked_at: datetime = field(default_factory=utc_now)
    told_at: datetime = field(default_factory=utc_now)


@dataclass(frozen=True, slots=True)
class KnownFilter:
    """None or empty: any. `words` is searched for, folded, in title and location."""

    words: str | None = None
    domains: Collection[str] = ()
    languages: Collection[str] = ()
    feed_id: UUID | None = None
    index: IndexState | None = None


class KnowledgeRepository(Protocol):
    """The known sources of a workspace and their passages. One location has one version that counts."""

    async def at(self, locations: Collection[str]) -> dict[str, KnownSource]:
        """Those locations that are known."""
        ...

    async def get(self, source_id: UUID) -> KnownSource:
        """Raises NotFound."""
        ...

    async def page(self, wanted: KnownFilter, paging: Paging) -> Page[KnownSource]:
        """Last kept first unless `paging.sort` says otherwise. Raises BadInput for an unknown sort or a bad cursor."""
        ...

    async def put(self, known: KnownSource, passages: Sequence[KnownPassage]) -> list[str]:
        """Make these all that is known of the location, index pending; the ids of passages that are gone.

        Passages that another known source has already (it has the same content) stay with that one."""
        ...

    async def checked(self, source_id: UUID, at: datetime, said: Validators, feed_id: UUID | None = None) -> None:
        """Somebody looked, and it was unchanged; from now on it is that feed's, if one is given. Raises NotFound."""
        ...

    async def describe(self, known: KnownSource) -> None:
        """Keep its title, day, language and licence; its passages stay as they are. Raises NotFound."""
        ...

    async def remove(self, source_id: UUID) -> list[str]:
        """Forget it with its passages; their ids. The stored source stays: articles may cite it. Raises NotFound."""
        ...

    async def set_index_state(self, source_id: UUID, state: IndexState) -> bool:
        """False, and nothing done, when that version does not count (any more)."""
        ...

    async def pending(self) -> list[UUID]:
        """Known sources whose passages are not in the index yet, oldest first."""
        ...

    async def passages_of(self, source_id: UUID) -> list[KnownPassage]:
        """In their order."""
        ...

    async def with_content(self, content_hash: str) -> list[KnownSource]:
        """Known sources whose version that counts has this content, oldest first."""
        ...

    async def text_hashes(self) -> dict[str, str]:
        """Passage id → hash of what is embedded of it, of all passages."""
        ...

    async def owners(self, passage_ids: Collection[str]) -> set[UUID]:
        """The known sources that these passages belong to."""
        ...

    async def replacements(self, source_ids: Collection[UUID]) -> dict[UUID, UUID]:
        """Of stored sources that have a newer version: the one that counts."""
        ...


class FeedRepository(Protocol):
    async def add(self, feed: Feed) -> Feed:
        """Store it; the one that is stored when the location is known already."""
        ...

    async def change(self, feed_id: UUID, *, name: str, limit: int, every_hours: int) -> Feed:
        """Give it other settings; the feed as it is then. Raises NotFound."""
        ...

    async def get(self, feed_id: UUID) -> Feed:
        """Raises NotFound."""
        ...

    async def all(self) -> list[Feed]:
        """Oldest first."""
        ...

    async def checked(self, feed_id: UUID, at: datetime, error: str | None, told: str) -> None:
        """What came of the last look, and why nothing did. Raises NotFound."""
        ...

    async def remove(self, feed_id: UUID) -> None:
        """Its sources stay. Raises NotFound."""
        ...


class LookRepository(Protocol):
    async def put(self, look: Look) -> None:
        """Store it, instead of the one with its id."""
        ...

    async def tell(self, look_id: UUID, state: LookState, told: str | None, at: datetime) -> bool:
        """It is in this state now; False when it was forgotten."""
        ...

    async def get(self, look_id: UUID) -> Look:
        """Raises NotFound."""
        ...

    async def all(self, states: Collection[LookState] = ()) -> list[Look]:
        """Those in these states (none: in any), newest first, at most MOST_LOOKS."""
        ...

    async def remove(self, look_id: UUID) -> None:
        """Raises NotFound."""
        ...

    async def prune(self, before: datetime) -> None:
        """Forget those that ended before then."""
        ...


# ── how it is found ──────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class PassageFilter:
    """Empty or None: any. Times are of publication; what has no date is within no limit of time, what
    does not say its language is in any."""

    sources: Collection[UUID] = ()
    domains: Collection[str] = ()
    languages: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        return not (self.sources or self.domains or self.languages or self.since or self.until)


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage of the knowledge with its source; `score` is of the search that found it."""

    passage: Passage
    ordinal: int
    source: KnownSource
    text_hash: str
    stems: tuple[str, ...]
    score: float = 0.0


class TextSearch(Protocol):
    """Passages of a workspace by their words, and what belongs to those that were found."""

    async def matching(self, stems: Sequence[str], wanted: PassageFilter, limit: int) -> Mapping[str, float]:
        """Ids with their scores, best first, by Okapi BM25 over the passages of the workspace, at most `limit`; equal
        on every database."""
        ...

    async def those(self, passage_ids: Collection[str], wanted: PassageFilter) -> list[FoundPassage]:
        """Those of them that are known and pass the filter, in no order."""
        ...

    async def size(self, wanted: PassageFilter) -> tuple[int, int]:
        """How many passages pass the filter, and how many there are."""
        ...

    async def ids(self, wanted: PassageFilter) -> Set[str]:
        """Ids of the passages that pass the filter."""
        ...

    async def vectors(self, embedder: str, wanted: PassageFilter) -> Mapping[str, bytes]:
        """The cached float32 vectors of the passages that pass the filter, by passage id; those that are there."""
        ...


@dataclass(frozen=True, slots=True)
class PassageVector:
    """The vector of a passage; `text_hash` says of which text it is."""

    id: str
    source_id: UUID
    text_hash: str
    vector: Sequence[float]


class PassageIndex(Protocol):
    """Nearest passages of a workspace. Rebuildable from SQL. Raises Unavailable when it cannot be had."""

    async def put(self, entries: Sequence[PassageVector]) -> None:
        """Add them; those that are there are replaced."""
        ...

    async def remove(self, passage_ids: Collection[str]) -> None:
        """Those that are not there are passed over."""
        ...

    async def nearest(self, vector: Sequence[float], limit: int) -> list[tuple[str, float]]:
        """Passage ids with their cosine, nearest first."""
        ...

    async def text_hashes(self) -> dict[str, str]:
        """Passage id → hash of the embedded text, of everything that is in the index."""
        ...

    async def clear(self) -> None:
        """Forget everything."""
        ...


class Reranker(Protocol):
    """Judges passages against a query once more, more closely than a search can."""

    async def scores(self, query: str, texts: Sequence[str]) -> list[float]:
        """One a text; higher is better, on a scale of its own."""
        ...


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Passages for a query, best first, and what was noticed ("searched by words only: …")."""

    passages: list[FoundPassage]
    notes: list[str] = field(default_factory=list)


class Retriever(Protocol):
    """Finds passages by words and by meaning."""

    async def retrieve(self, query: str, wanted: PassageFilter, limit: int) -> Retrieved:
        """At most `limit` passages, best first, of several domains where there are several, none the copy of another.

        An index or embedder that cannot be had leaves the search by words, with a note."""
        ...
