"""What runs may spend together is set by an admin, counts what was spent before, and is seen by whoever may read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from aiwriter.errors import BadInput, Forbidden
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal
from aiwriter.services import budgets
from aiwriter.testing import ManualClock, MemoryDatabase

OWNER = Principal("owner", LOCAL_WORKSPACE)
PROVIDERS = ("openai", "gemini")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_a_cap_is_set_and_taken_away() -> None:
    database, clock = MemoryDatabase(), ManualClock(NOON)
    assert [(one.scope, one.cap_usd) for one in await budgets.shared(database, OWNER, clock)] == [
        ("workspace", None),
        ("day", None),
    ]
    await budgets.cap(database, OWNER, clock, PROVIDERS, "openai", Decimal(20))
    await budgets.cap(database, OWNER, clock, PROVIDERS, "day", Decimal(5))
    clock.advance(24 * 3600)
    found = {one.scope: one for one in await budgets.shared(database, OWNER, clock)}
    assert (found["day"].scope_id, found["day"].cap_usd) == ("2026-03-02", 5)
    assert (found["provider"].scope_id, found["provider"].cap_usd) == ("openai", 20)
    taken_away = await budgets.cap(database, OWNER, clock, PROVIDERS, "day", None)
    assert [one.cap_usd for one in taken_away if one.scope == "day"] == [None]


async def test_what_is_no_budget_and_who_is_no_admin_is_refused() -> None:
    database, clock = MemoryDatabase(), ManualClock(NOON)
    with pytest.raises(BadInput, match="'opanai'") as refused:
        await budgets.cap(database, OWNER, clock, PROVIDERS, "opanai", Decimal(1))
    assert "openai" in str(refused.value.hint)
    writer = Principal("writer", LOCAL_WORKSPACE, frozenset({"read", "write"}))
    with pytest.raises(Forbidden):
        await budgets.cap(database, writer, clock, PROVIDERS, "day", Decimal(1))
    assert await budgets.shared(database, writer, clock)
