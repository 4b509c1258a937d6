"""Keys under which a wish that is sent again, because no answer came, is still asked for once."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

import streamlit as st


def key(name: str, *wish: object) -> str:
    """The key of a wish of this visit; `name` tells the form."""
    visit: UUID = st.session_state.setdefault(_visit(name), uuid4())
    return str(uuid5(visit, " ".join(map(str, wish))))


def answered(name: str) -> None:
    """What is asked for from now on, even the same, is another wish."""
    del st.session_state[_visit(name)]


def _visit(name: str) -> str:
    return f"asking-{name}"
