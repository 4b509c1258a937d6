"""Budgets that runs share: how they stand, in a line or a table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from aiwriter.documents import Budget
from dashboard import backend
from dashboard.components.lists import table
from dashboard.components.markup import Node
from dashboard.wording import money

WHOSE = {"workspace": "The workspace", "day": "Each day (UTC)"}


def listed() -> tuple[Budget, ...]:
    """As they stand now."""
    return backend.call(lambda api: api.budgets())


def name_of(one: Budget) -> str:
    """What it is called where its cap is set."""
    return one.scope_id if one.scope == "provider" else one.scope


def line(name: str) -> str:
    """One of them in a sentence."""
    one = next((one for one in listed() if name_of(one) == name), None)
    whose = WHOSE.get(name, f"The provider {name}")
    if one is None or one.cap_usd is None:
        return f"{whose} has no cap any more."
    return f"{whose} may spend {money(one.cap_usd)}, of which {money(_left(one, one.cap_usd))} is left."


def all_of(found: Sequence[Budget]) -> Node:
    """Every one with its cap, what is spent and on its way, and what is left."""
    body = [
        (
            WHOSE.get(name_of(one), name_of(one)),
            money(one.cap_usd),
            money(one.spent_usd),
            money(one.reserved_usd),
            "–" if one.cap_usd is None else money(_left(one, one.cap_usd)),
        )
        for one in found
    ]
    return table(
        "Budgets that runs share", ("Budget", "Cap", "Spent", "On its way", "Left"), body, numbers=(1, 2, 3, 4)
    )


def _left(one: Budget, cap_usd: Decimal) -> Decimal:
    return max(cap_usd - one.spent_usd - one.reserved_usd, Decimal(0))
