"""Filters and pages of the database in dictionaries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

from aiwriter.ports import Page, Paging
from aiwriter.storage.listing import Key, Listing

T = TypeVar("T")


def page(listing: Listing[T], rows: Sequence[T], paging: Paging) -> Page[T]:
    """The wanted part of the rows. Raises BadInput for an unknown sort or a bad cursor."""
    order = listing.order(paging)
    ordered = list(rows)
    for key in reversed(order):
        ordered.sort(key=lambda row, key=key: listing.values[key.field](row), reverse=key.descending)  # type: ignore[misc]
    rest = ordered[paging.offset :]
    if paging.cursor is not None:
        last = listing.after(order, paging.cursor)
        rest = [row for row in ordered if _comes_after([listing.values[key.field](row) for key in order], last, order)]
    items = rest[: paging.limit]
    return Page(items, len(rows), listing.cursor(order, items[-1]) if len(rest) > len(items) else None)


def _comes_after(values: Sequence[Any], last: Sequence[Any], order: Sequence[Key]) -> bool:
    for value, other, key in zip(values, last, order, strict=True):
        if value != other:
            return bool(value < other if key.descending else value > other)
    return False


def among(value: str, wanted: Collection[str]) -> bool:
    return not wanted or value in wanted


def within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)
