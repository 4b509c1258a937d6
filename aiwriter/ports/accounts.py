"""On whose account a paid call is made by something that is handed no request: an embedder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from aiwriter.documents import Stage
from aiwriter.ports.models import CallKey

NO_RUN = UUID(int=0)
"""Stands in the ledger for work that belongs to no run: a search, `reindex`, `doctor`. It counts against workspace, day
and provider."""

_HOUSE = CallKey(NO_RUN, Stage.STORE)  # nearly all of it is about stored articles
_account: ContextVar[CallKey] = ContextVar("account", default=_HOUSE)


@contextmanager
def on_account_of(key: CallKey) -> Iterator[None]:
    """Within the block, this task and what it starts embeds on account of the run, stage and item."""
    token = _account.set(key)
    try:
        yield
    finally:
        _account.reset(token)


def account() -> CallKey:
    """Who pays now: the run within `on_account_of`, else the house."""
    return _account.get()
