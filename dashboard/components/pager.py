"""Long lists, a part at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, Protocol, TypeVar

import streamlit as st

from aiwriter.ports.lists import Paging

PAGE_LENGTH = 20


class Part(Protocol):
    """A part of a list, and how many there are in all."""

    @property
    def items(self) -> Sequence[Any]: ...
    @property
    def total(self) -> int: ...


P = TypeVar("P", bound=Part)


def part(name: str, ask: Callable[[Paging], P], *sort: str) -> P:
    """The part of the list `name` that its pager is turned to; the first where there is no such part any more."""
    number = _turned_to(name)
    found = ask(Paging(limit=PAGE_LENGTH, offset=(number - 1) * PAGE_LENGTH, sort=sort))
    if number == 1 or found.items:
        return found
    st.session_state[_key(name)] = 1
    return ask(Paging(limit=PAGE_LENGTH, sort=sort))


def draw(name: str, total: int) -> None:
    """The pager of the list `name`, below it, when all do not stand on one page."""
    pages = ceil(total / PAGE_LENGTH)
    if pages > 1:
        st.pagination(pages, default=min(_turned_to(name), pages), key=_key(name))


def _turned_to(name: str) -> int:
    return int(st.session_state.get(_key(name), 1))


def _key(name: str) -> str:
    return f"{name}-page"
