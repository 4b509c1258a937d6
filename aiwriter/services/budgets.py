"""Budgets that runs share: of the workspace, each day and each provider. That of a run: `runs.ask`, `runs.resume`."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC
from decimal import Decimal

from aiwriter.documents import Budget
from aiwriter.errors import BadInput
from aiwriter.ports import EVERY_DAY, Clock, Database, Principal


async def shared(database: Database, principal: Principal, clock: Clock) -> list[Budget]:
    """That of the workspace, that of this day (UTC), and those of the providers that were called or have a cap."""
    principal.require("read")
    today = clock.now().astimezone(UTC).date()
    found = {(one.scope, one.scope_id): one for one in await database.budgets(principal.workspace_id).shared(today)}
    workspace, day = ("workspace", str(principal.workspace_id)), ("day", today.isoformat())
    every_day = found.get(("day", EVERY_DAY), _unspent(*day))
    return [
        found.get(workspace, _unspent(*workspace)),
        found.get(day, _unspent(*day, every_day.cap_usd)),
        *(one for one in found.values() if one.scope == "provider"),
    ]


async def cap(
    database: Database,
    principal: Principal,
    clock: Clock,
    providers: Collection[str],
    what: str,
    cap_usd: Decimal | None,
) -> list[Budget]:
    """Set what "workspace", "day" (each of them) or a provider may spend; None takes the cap away. All, as they are.

    What has been spent counts. Raises BadInput for anything else.
    """
    principal.require("admin")
    if what == "workspace":
        scope = (what, str(principal.workspace_id))
    elif what == "day":
        scope = (what, EVERY_DAY)
    elif what in providers:
        scope = ("provider", what)
    else:
        raise BadInput(
            f"there is no budget {what!r}", hint=f"Name workspace, day, or a provider: {', '.join(providers)}."
        )
    await database.budgets(principal.workspace_id).set_cap(*scope, cap_usd)
    return await shared(database, principal, clock)


def _unspent(scope: str, scope_id: str, cap_usd: Decimal | None = None) -> Budget:
    return Budget(scope=scope, scope_id=scope_id, cap_usd=cap_usd, spent_usd=Decimal(0), reserved_usd=Decimal(0))
