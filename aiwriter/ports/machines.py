"""Embedders, indexes, sources, files and publishing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable
from uuid import UUID

from aiwriter.documents import (
    Article,
    Passage,
    Source,
)

if TYPE_CHECKING:
    import numpy as np


# ── embeddings and indexes ───────────────────────────────────────────────────────────────────────────────────────────


class Embedder(Protocol):
    """Texts → vectors. `name` is stored beside vectors, since those of different embedders cannot be compared."""

    @property
    def name(self) -> str: ...
    @property
    def dimensions(self) -> int: ...
    async def embed(self, texts: Sequence[str]) -> np.ndarray:
        """float32, shape (len(texts), dimensions), rows of unit length; equal texts give equal rows."""
        ...


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The pieces of a text's words, in order: where each stands, and its vector in this context (a float32 row of unit
    length). `subject` is the sum of their unit vectors before context has mixed them much: what the text talks of; that
    of two texts is the sum of theirs."""

    spans: tuple[tuple[int, int], ...]
    rows: np.ndarray
    subject: np.ndarray


@runtime_checkable
class WordEmbedder(Embedder, Protocol):
    """An embedder that also knows the words of a text apart, for the price of the text."""

    async def embed_words(self, texts: Sequence[str]) -> list[WordVectors]:
        """In their order; what an embedder reads no more is left out."""
        ...


class VectorCache(Protocol):
    """Vectors of texts that were embedded before, by embedder and content hash. May be emptied at any time."""

    async def get(self, embedder: str, hashes: Collection[str]) -> dict[str, bytes]:
        """The float32 bytes of those that are there."""
        ...

    async def put(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        """Keep them; those that are there stay as they are."""
        ...

    async def bytes_each(self, embedder: str) -> int | None:
        """How long each of its vectors is; None when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class VectorEntry:
    """One vector of an article: `id` is lasting, `text` what was embedded."""

    id: str
    article_id: UUID
    text: str
    vector: Sequence[float]


@dataclass(frozen=True, slots=True)
class VectorHit:
    id: str
    article_id: UUID
    text: str
    similarity: float


class VectorIndex(Protocol):
    """Nearest texts of a workspace's stored articles. Rebuildable from SQL. Raises Unavailable when it cannot be had
    (another process is writing): the article then stays "index pending"."""

    async def replace(self, article_id: UUID, entries: Sequence[VectorEntry]) -> None:
        """Make `entries` all that the index holds for the article; none deletes it."""
        ...

    async def nearest(self, vector: Sequence[float], limit: int) -> list[VectorHit]: ...
    async def article_ids(self) -> set[UUID]: ...
    async def ping(self) -> None:
        """Raises Unavailable when the index cannot be had."""
        ...


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


Chunker = Callable[[Source], list[Passage]]


@dataclass(frozen=True, slots=True)
class Validators:
    """What tells one version of a document from the next, to be handed back when asking for a newer one.

    `etag` and `last_modified` as the server sent them; `url` is the address they were given at, and they are sent to no
    other. A file's `etag` is its size and time of change, that of a page whose server sends neither is its hash."""

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None

    @property
    def is_telling(self) -> bool:
        return bool(self.etag or self.last_modified)


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The document is what it was; keep these validators for the next time."""

    validators: Validators


@dataclass(frozen=True, slots=True)
class Changed:
    """The document as it is now, with the validators to ask with the next time. Its text may still be the same: the
    server cannot tell, and the content's hash can."""

    source: Source
    validators: Validators


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry of a feed. `title`, `summary` and `author` are plain text without markup, `url` is an http(s) address,
    `id` is the feed's own name for the entry, or its address."""

    url: str
    id: str
    title: str = ""
    summary: str = ""
    author: str | None = None
    published_at: datetime | None = None


def is_address(location: str) -> bool:
    """Whether a location is a place on the web rather than a path, by its form alone."""
    return "://" in location or location.lstrip().lower().startswith(("feed:", "sitemap:", "site:"))


class Documents(list[str]):
    """The documents behind a place; `beyond` are those that it lists as well, and the settings leave out."""

    def __init__(self, taken: Iterable[str] = (), beyond: Iterable[str] = ()) -> None:
        super().__init__(taken)
        self.beyond = tuple(beyond)


class SourceFinder(Protocol):
    """Reads what one location stands for: a file, a folder, a page, a feed, a sitemap, a site."""

    def expand(self, location: str) -> list[str]:
        """What a location stands for as far as this machine can tell, sorted: a folder becomes its readable files.

        Asks nobody else, so that bad input is refused before work begins: raises BadInput when there is no such thing
        or no such form."""
        ...

    async def discover(self, location: str) -> Documents:
        """The single documents behind one of those locations: a feed becomes its entries, a document is itself.

        Raises UnreadableSource with the reason."""
        ...

    async def read(self, location: str) -> Source:
        """Raises UnreadableSource with the reason."""
        ...

    async def read_if_changed(self, location: str, known: Validators | None) -> Changed | Unchanged:
        """The document unless it is known to be what it was when it gave `known`; None reads it in any case.

        Raises UnreadableSource with the reason."""
        ...


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is asked of a search engine: `since` and `until` are days of publication, `domains` those that may answer
    (empty: all), `without_domains` those that may not; subdomains are meant as well."""

    text: str
    limit: int = 10
    language: str | None = None
    since: date | None = None
    until: date | None = None
    domains: tuple[str, ...] = ()
    without_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A page that a search engine named; `url` is where it is read, `snippet` only helps to choose."""

    url: str
    title: str
    snippet: str = ""
    published_at: datetime | None = None


class SearchEngine(Protocol):
    """Names pages for a query. `name` is how it is chosen and reported ("wikipedia")."""

    @property
    def name(self) -> str: ...
    async def search(self, query: SearchQuery) -> list[SearchHit]:
        """At most `query.limit` hits, best first, none outside the filters (a hit without a date passes them).

        Raises Unavailable when it cannot be asked now, BadInput when it refuses the key or the query."""
        ...


class SearchEngines(Protocol):
    """The engines that a brief may name, and how much is asked of them: hits of a query, queries, pages that are read.

    A place in a brief is a search when it is "NAME:QUERY" with one of `names`; "web" stands for those the settings
    choose."""

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def results(self) -> int: ...
    @property
    def queries(self) -> int: ...
    @property
    def pages(self) -> int: ...
    def named(self, name: str) -> tuple[SearchEngine, ...]:
        """Those a name stands for, at least one. Asks nobody: raises BadInput when there is no such engine, or it lacks
        its key or address."""
        ...


# ── files and publishing ─────────────────────────────────────────────────────────────────────────────────────────────


class BlobStore(Protocol):
    """Files under any fsspec address, written whole or not at all. Keys are relative, with forward slashes."""

    async def write(self, key: str, data: bytes) -> str:
        """The address of what was written. Raises Unavailable; never leaves a part of a file."""
        ...

    async def read(self, key: str) -> bytes:
        """Raises NotFound."""
        ...

    async def delete(self, key: str) -> None: ...


Renderer = Callable[[Article], str]


class Publisher(Protocol):
    """Puts a version of an article at a target; doing it again changes nothing."""

    async def publish(self, article: Article) -> dict[str, str]:
        """Address by form: {"markdown": …, "html": …, "json": …}."""
        ...

    async def missing(self, article: Article) -> list[str]:
        """What `publish` would have put there and is not there, by name. Raises Unavailable."""
        ...
