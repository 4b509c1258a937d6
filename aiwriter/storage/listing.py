"""Which part of a list is wanted, without SQL: how it is sorted, and where a page begins. Every store answers alike.

Texts are compared by code point (titles folded), on every database. Of two rows that a sort holds equal the id decides,
in the direction of the last named field. A cursor is what the last row of a page was sorted by: rows that come and go
meanwhile make no other row appear twice or be left out.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from aiwriter.documents import ArticleHead, Run, SourceHead, StudyHead
from aiwriter.errors import BadInput
from aiwriter.ports import ARTICLE_SORTS, KNOWN_SORTS, RUN_SORTS, SOURCE_SORTS, STUDY_SORTS, KnownSource, Paging
from aiwriter.storage.records import fold

T = TypeVar("T")
Value: TypeAlias = str | int | float | datetime | UUID

NOT_YET = datetime.max.replace(tzinfo=UTC)  # what has not ended is later than all that has
_MOST = 2**31 - 1  # rows that a list can have
_EXACT = 2**53  # integers that every database and JSON reader holds


@dataclass(frozen=True, slots=True)
class Key:
    """One field that a list is sorted by."""

    field: str
    descending: bool

    def __str__(self) -> str:
        return f"-{self.field}" if self.descending else self.field


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """A kind of list: what its rows can be sorted by, and how they are unless somebody says otherwise."""

    name: str
    values: Mapping[str, Callable[[T], Value]]
    default: tuple[str, ...]

    def order(self, paging: Paging) -> tuple[Key, ...]:
        """The fields to sort by, the id last. Raises BadInput for an unknown field, one named twice or bad numbers."""
        if not (1 <= paging.limit <= _MOST and 0 <= paging.offset <= _MOST):
            raise BadInput(
                f"a page of {paging.limit} from {paging.offset} cannot be had", hint="Give a limit of at least 1."
            )
        keys = [Key(name.removeprefix("-"), name.startswith("-")) for name in paging.sort or self.default]
        fields = [key.field for key in keys]
        for field in fields:
            if field not in self.values or fields.count(field) > 1:
                fault = "twice" if field in self.values else f"by {field!r}"
                raise BadInput(
                    f"{self.name} cannot be sorted {fault}", hint=f"Sort by {', '.join(self.values)}; - for descending."
                )
        if "id" not in fields:
            keys.append(Key("id", keys[-1].descending))
        return tuple(keys)

    def cursor(self, order: Sequence[Key], last: T) -> str:
        """Where the page after this row begins."""
        values = [self.values[key.field](last) for key in order]
        text = json.dumps([self.name, *map(str, order), *map(_plain, values)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def after(self, order: Sequence[Key], cursor: str) -> list[Value]:
        """What the last row of the page before was sorted by. Raises BadInput for a cursor of another list or sort."""
        head = [self.name, *map(str, order)]
        try:
            found = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
            if not isinstance(found, list) or found[: len(head)] != head:
                raise _bad(f"does not belong to {self.name} sorted by {', '.join(head[1:])}")
            values = found[len(head) :]
            return [_READERS[kind_of(key.field)](value) for key, value in zip(order, values, strict=True)]
        except (ValueError, TypeError, OverflowError, RecursionError) as error:  # no base64, no JSON, no such values
            raise _bad("is not one of ours") from error


def check_times(*times: datetime | None) -> None:
    """Raises BadInput for a time that does not say of which zone it is."""
    for time in times:
        if time is not None and time.tzinfo is None:
            raise BadInput(f"the time {time.isoformat()} has no time zone", hint="Add one: Z, or +01:00.")


def kind_of(field: str) -> str:
    """What the values of a field are: "time", "number", "id" or "text"."""
    return _KINDS.get(field, "text")


_KINDS = {
    "created_at": "time",
    "updated_at": "time",
    "finished_at": "time",
    "retrieved_at": "time",
    "kept_at": "time",
    "checked_at": "time",
    "passages": "number",
    "words": "number",
    "score": "number",
    "id": "id",
}


def _time(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError(value)
    return at.astimezone(UTC)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    if not math.isfinite(value) or abs(value) > _EXACT:
        raise ValueError(value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    value.encode()  # half a surrogate pair can be in JSON, not in a database
    if "\0" in value:
        raise ValueError(value)
    return value


def _id(value: Any) -> UUID:
    return UUID(_text(value))


_READERS: Mapping[str, Callable[[Any], Value]] = {"time": _time, "number": _number, "text": _text, "id": _id}


def _plain(value: Value) -> str | int | float:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _bad(why: str) -> BadInput:
    return BadInput(f"the cursor {why}", hint="Take next_cursor of a page of the same list and sort, or begin anew.")


def _values(names: Sequence[str], **special: Callable[[T], Value]) -> dict[str, Callable[[T], Value]]:
    return {name: special.get(name) or _attribute(name) for name in (*names, "id")}


def _attribute(name: str) -> Callable[[object], Any]:
    return lambda row: getattr(row, name)


def _folded_title(row: ArticleHead | SourceHead | KnownSource) -> str:
    return fold(row.title)


def _finished(run: Run) -> datetime:
    return run.finished_at or NOT_YET


ARTICLES: Listing[ArticleHead] = Listing("articles", _values(ARTICLE_SORTS, title=_folded_title), ("-updated_at",))
RUNS: Listing[Run] = Listing("runs", _values(RUN_SORTS, finished_at=_finished), ("-created_at",))
SOURCES: Listing[SourceHead] = Listing("sources", _values(SOURCE_SORTS, title=_folded_title), ("-retrieved_at",))
KNOWN: Listing[KnownSource] = Listing(
    "known sources",
    _values(KNOWN_SORTS, title=_folded_title, id=lambda known: known.source_id),
    ("-kept_at",),
)
STUDIES: Listing[StudyHead] = Listing(
    "studies", _values(STUDY_SORTS, topic=lambda study: fold(study.topic)), ("-created_at",)
)
