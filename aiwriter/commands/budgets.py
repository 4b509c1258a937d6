"""`budgets`: what may be spent in all, by the workspace, a day or a provider, and how much of it is."""

from __future__ import annotations

from collections.abc import Sequence

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, writing
from aiwriter.documents import Budget
from aiwriter.services import budgets

NO_CAP = "none"


async def show(tools: Tools, *, as_json: bool) -> int:
    """All of them."""
    _tell(await budgets.shared(tools.database, tools.principal, tools.clock), as_json=as_json)
    return 0


async def cap(tools: Tools, what: str, amount: str, *, as_json: bool) -> int:
    """Set or take away a cap; then all of them."""
    allowed = None if amount == NO_CAP else writing.amount(amount)
    found = await budgets.cap(tools.database, tools.principal, tools.clock, tools.providers(), what, allowed)
    _tell(found, as_json=as_json)
    return 0


def _tell(found: Sequence[Budget], *, as_json: bool) -> None:
    if as_json:
        console.give([one.model_dump(mode="json") for one in found])
        return
    rows = [
        (
            one.scope_id if one.scope == "provider" else one.scope,
            NO_CAP if one.cap_usd is None else f"${console.money(one.cap_usd)}",
            f"${console.money(one.spent_usd)}",
            f"${console.money(one.reserved_usd)}",
        )
        for one in found
    ]
    console.say(console.table(rows, ("budget", "cap", "spent", "reserved")))
