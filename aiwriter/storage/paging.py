"""Pages of lists in SQL."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_

from aiwriter.ports import Page, Paging
from aiwriter.storage.columns import holdable
from aiwriter.storage.listing import Key, Listing, Value, check_times, kind_of
from aiwriter.storage.transaction import Transaction

T = TypeVar("T")
Columns = Mapping[str, ColumnElement[Any]]


async def page(
    tx: Transaction,
    listing: Listing[T],
    paging: Paging,
    query: Select[Any],
    columns: Columns,
    read: Callable[[Row[Any]], T],
) -> Page[T]:
    """The wanted part of what the query finds. `columns` has what each field of the listing is in SQL.

    Raises BadInput for an unknown sort or a bad cursor.
    """
    order = listing.order(paging)
    sorted_by = {key.field: _comparable(tx, key.field, columns[key.field]) for key in order}
    wanted = query.order_by(*(_directed(sorted_by[key.field], key) for key in order)).limit(paging.limit + 1)
    if paging.cursor is None:
        wanted = wanted.offset(paging.offset)
    else:
        wanted = wanted.where(_beyond(sorted_by, order, listing.after(order, paging.cursor)))
    counted = query.with_only_columns(func.count(), maintain_column_froms=True)
    total: int = (await tx.read(counted)).scalar_one()
    rows = [read(row) for row in await tx.read(wanted)]
    items = rows[: paging.limit]
    return Page(items, total, listing.cursor(order, items[-1]) if len(rows) > len(items) else None)


def any_of(column: ColumnElement[str], values: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """The condition that a column has one of these values; none for no values: any will do."""
    if values:
        yield column.in_([holdable(value) for value in values])


def within(
    column: ColumnElement[datetime], since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    """The conditions that a time is not before `since` and before `until`. Raises BadInput for one without a zone."""
    check_times(since, until)
    if since is not None:
        yield column >= since
    if until is not None:
        yield column < until


def in_parts(values: Sequence[str], at_once: int) -> Iterator[Sequence[str]]:
    """The values in portions for an IN: SQLite takes 32,766 parameters in a statement, older ones 999."""
    for start in range(0, len(values), at_once):
        yield values[start : start + at_once]


def _comparable(tx: Transaction, field: str, column: ColumnElement[Any]) -> ColumnElement[Any]:
    return tx.by_code_point(column) if kind_of(field) == "text" else column


def _directed(column: ColumnElement[Any], key: Key) -> ColumnElement[Any]:
    return column.desc() if key.descending else column.asc()


def _beyond(columns: Columns, order: Sequence[Key], last: Sequence[Value]) -> ColumnElement[bool]:
    """Rows that come after the one with these values: equal in the first fields, and later in the next."""
    later = []
    for place, (key, value) in enumerate(zip(order, last, strict=True)):
        column = columns[key.field]
        equal = [columns[key.field] == value for key, value in zip(order[:place], last, strict=False)]
        later.append(and_(*equal, column < value if key.descending else column > value))
    return or_(*later)
