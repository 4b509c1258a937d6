"""Who asks, and which part of a list is wanted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from aiwriter.errors import Forbidden

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, in which workspace, allowed what. The command line is the local owner."""

    name: str
    workspace_id: UUID
    scopes: frozenset[str] = frozenset({"read", "write", "admin"})

    def require(self, scope: str) -> None:
        """Raises Forbidden when the principal lacks the scope."""
        if scope not in self.scopes:
            deed = "set budgets or manage keys" if scope == "admin" else scope
            raise Forbidden(f"{self.name!r} may not {deed}", hint=f"Use a key with the scope {scope!r}.")


# ── lists ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Paging:
    """Which part of a list. `sort`: field names, "-" before one for descending; the id is always the last resort.
    `cursor` is the `next_cursor` of the page before and outweighs `offset`."""

    limit: int = 20
    offset: int = 0
    cursor: str | None = None
    sort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, how many there are in all, and where the next part begins (None: there is none)."""

    items: list[T]
    total: int
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleFilter:
    """None or empty: any. `title` is searched for, folded, anywhere in the title. Times are of `updated_at`."""

    status: Collection[str] = ()
    kind: Collection[str] = ()
    format: Collection[str] = ()
    language: Collection[str] = ()
    author: Collection[str] = ()
    title: str | None = None
    min_score: float | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunFilter:
    """None or empty: any. Times are of `created_at`."""

    status: Collection[str] = ()
    model: Collection[str] = ()
    batch_id: UUID | None = None
    article_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """None or empty: any. `words` is searched for, folded, in title and location. Times are of `retrieved_at`."""

    kind: Collection[str] = ()
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StudyFilter:
    """None or empty: any. Every one of `words` is searched for, folded, in the topic."""

    status: Collection[str] = ()
    words: str | None = None
    kind: Collection[str] = ()


# What lists can be sorted by; each also by "id".
ARTICLE_SORTS = ("updated_at", "created_at", "title", "status", "format", "language", "words", "score")
RUN_SORTS = ("created_at", "finished_at", "status", "model")
SOURCE_SORTS = ("retrieved_at", "title", "kind", "location")
KNOWN_SORTS = ("kept_at", "checked_at", "title", "location", "domain", "passages")
STUDY_SORTS = ("created_at", "topic", "status")
