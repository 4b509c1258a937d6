"""What a page shows stands in its address, so that a reload, a link and another visitor see the same.

Streamlit can bind a widget to the address by itself, but then `st.switch_page` fails; hence by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import streamlit as st


def named(param: str) -> UUID | None:
    """The id that stands in the address under this name, if it is one."""
    try:
        return UUID(st.query_params.get(param, ""))
    except ValueError:
        return None


def first(param: str, known: Collection[str] | None = None, default: str = "") -> str:
    """The value that a widget begins with: the address's, if it is one of those known."""
    value = st.query_params.get(param, default)
    return value if known is None or value in known else default


def every(param: str, known: Collection[str]) -> list[str]:
    """The values that a widget of several choices begins with."""
    return [value for value in st.query_params.get_all(param) if value in known]


def keep(**values: str | Sequence[str] | None) -> None:
    """Let the address say what the widgets hold; what is empty is left out."""
    for name, value in values.items():
        wanted = [value] if isinstance(value, str) and value else list(value or ())
        if wanted != st.query_params.get_all(name):
            if wanted:
                st.query_params[name] = wanted
            else:
                del st.query_params[name]


def tabs(names: Sequence[str], param: str, key: str) -> Sequence[Any]:
    """Tabs of which the address names the open one; only that one is to be drawn (`.open`)."""
    wanted = first(param, names, names[0])
    return st.tabs(names, default=wanted, key=key, on_change=_changed, args=(param, key))


def _changed(param: str, key: str) -> None:
    st.query_params[param] = st.session_state[key]
