"""Whether the budgets have room for a run that has not begun, and which of them has least."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from aiwriter.documents import Budget
from aiwriter.ports import Clock, Database, Principal
from aiwriter.services import budgets


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of the budget that has least, and whose it is, for people."""

    usd: Decimal
    whose: str


async def tightest(
    database: Database, principal: Principal, clock: Clock, model: str, budget_usd: Decimal | None
) -> Left | None:
    """Of a run of `budget_usd` by the model, or a list of them; None when nothing caps it."""
    found = list(_capped(await budgets.shared(database, principal, clock), model))
    if budget_usd is not None:
        found.append(Left(budget_usd, "the run's budget"))
    return min(found, key=lambda one: one.usd, default=None)


def told(left: Left | None, least_usd: Decimal, full_usd: Decimal) -> str:
    """What a budget means for a run that needs `least_usd` to be written at all and `full_usd` to have nothing saved;
    "" when it has room for all."""
    if left is None or left.usd >= full_usd:
        return ""
    enough = f"about ${_up(full_usd)} has room for the most that its calls may cost"
    if left.usd < least_usd:
        return f"${left.usd} of {left.whose} does not suffice: at least about ${_up(least_usd)} must be free; {enough}"
    return (
        f"with ${left.usd} of {left.whose} it may be written from fewer passages, one section after another; {enough}"
    )


def _up(dollars: Decimal) -> str:
    """Rounded up to a hundredth of a cent: what is told must do."""
    return f"{dollars.quantize(Decimal('0.0001'), rounding='ROUND_CEILING')}"


def _capped(shared: Sequence[Budget], model: str) -> Iterator[Left]:
    """Of several providers the one that has most counts, since it answers when others cannot."""
    providers = {name.strip().partition(":")[0] for name in model.split(",")}
    own = [one for one in shared if one.scope == "provider" and one.scope_id in providers and one.cap_usd is not None]
    if own and len(own) == len(providers):
        yield max((_left(one) for one in own), key=lambda one: one.usd)
    yield from (_left(one) for one in shared if one.scope != "provider" and one.cap_usd is not None)


def _left(one: Budget) -> Left:
    assert one.cap_usd is not None
    free = max(one.cap_usd - one.spent_usd - one.reserved_usd, Decimal(0))
    whose = {"day": "this day's budget", "workspace": "the workspace's budget"}
    return Left(free, whose.get(one.scope, f"the budget of {one.scope_id}"))
