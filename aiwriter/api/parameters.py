"""Query parameters, read into the filters of the ports. Unknown ones are refused: a misspelt filter filters nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from aiwriter.documents import ArticleKind, ArticleStatus, RunStatus, SourceKind
from aiwriter.ports import ArticleFilter, Paging, RunFilter, SourceFilter

MOST_ITEMS = 200
MOST_ROWS = 2**31 - 1
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)


def _as_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the time lies outside the years 1 to 9999") from error


Moment = Annotated[AwareDatetime, AfterValidator(_as_utc)]
Word = Annotated[str, StringConstraints(max_length=100)]
Version = Annotated[int | None, Query(ge=1, le=MOST_ROWS, description="Version; the latest by default.")]
VersionNumber = Annotated[int, Path(ge=1, le=MOST_ROWS)]
EventNumber = Annotated[int, Query(ge=0, le=MOST_ROWS, description="Events after this number.")]
Day = Annotated[date | None, Query(ge=FIRST_DAY, le=LAST_DAY)]
Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="Maximum number to return.")]
Form = Literal["md", "html", "json"]
FindingId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="The id of a finding.")]


class ListQuery(BaseModel):
    """Which part of a list."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: Annotated[int, Field(ge=1, le=MOST_ITEMS, description="Maximum number to return.")] = 20
    offset: Annotated[int, Field(ge=0, le=MOST_ROWS, description="How many to pass over.")] = 0
    cursor: Annotated[
        str | None, Field(max_length=2000, description="`next_cursor` of the page before; outweighs `offset`.")
    ] = None
    sort: Annotated[
        str | None, Field(max_length=200, description='Fields separated by commas, "-" before one for descending.')
    ] = None

    def paging(self) -> Paging:
        fields = tuple(name.strip() for name in (self.sort or "").split(",") if name.strip())
        return Paging(limit=self.limit, offset=self.offset, cursor=self.cursor, sort=fields)


class ArticleQuery(ListQuery):
    """A list of articles; `title` is searched for anywhere in the title; times are of the latest version."""

    status: tuple[ArticleStatus, ...] = ()
    kind: tuple[ArticleKind, ...] = ()
    format: tuple[Word, ...] = ()
    language: tuple[Word, ...] = ()
    author: tuple[Word, ...] = ()
    title: Annotated[str | None, Field(max_length=200)] = None
    min_score: Annotated[float | None, Field(ge=0, le=100)] = None
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> ArticleFilter:
        return ArticleFilter(**{name: getattr(self, name) for name in ArticleFilter.__dataclass_fields__})


class RunQuery(ListQuery):
    """A list of runs; times are of when they were asked for."""

    status: tuple[RunStatus, ...] = ()
    model: tuple[Word, ...] = ()
    batch_id: UUID | None = None
    article_id: UUID | None = None
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> RunFilter:
        return RunFilter(**{name: getattr(self, name) for name in RunFilter.__dataclass_fields__})


class SourceQuery(ListQuery):
    """A list of sources; `words` is searched for anywhere in title and location; times are of when they were read."""

    kind: tuple[SourceKind, ...] = ()
    words: Annotated[str | None, Field(max_length=200)] = None
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> SourceFilter:
        return SourceFilter(**{name: getattr(self, name) for name in SourceFilter.__dataclass_fields__})
