"""Whether the budgets have room for a run, and which of them has least."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import Budget, Run
from aiwriter.errors import BudgetSpent
from aiwriter.ports import BudgetState, Clock, Database, Principal, budget_spent
from aiwriter.services import budgets
from aiwriter.text import dollars


@dataclass(frozen=True, slots=True)
class Left:
    """How a budget stands, and whose it is: `scope`, with the provider's name if it is one's."""

    scope: str
    name: str
    state: BudgetState

    @property
    def usd(self) -> Decimal:
        return self.state.left_usd

    @property
    def at_most_usd(self) -> Decimal:
        """What may yet be left of it: what is on its way may come back."""
        return max(self.state.cap_usd - self.state.spent_usd, Decimal(0))

    @property
    def whose(self) -> str:
        """For people."""
        return {"day": "this day's budget", "provider": f"the budget of {self.name}"}.get(
            self.scope, f"the {self.scope}'s budget"
        )

    def refused(
        self, what: str, needs_usd: Decimal, run_id: UUID | None, advised_usd: Decimal = Decimal(0)
    ) -> BudgetSpent:
        """That it has no room for `what`, with what works."""
        return budget_spent(what, self.scope, self.name, needs_usd, self.state, run_id, advised_usd)


async def tightest(
    database: Database, principal: Principal, clock: Clock, model: str, budget_usd: Decimal | None
) -> Left | None:
    """Of a run of `budget_usd` by the model, or a list of them; None when nothing caps it."""
    own = None if budget_usd is None else BudgetState(budget_usd, Decimal(0), Decimal(0))
    return _least(await budgets.shared(database, principal, clock), model, own)


async def tightest_of(database: Database, principal: Principal, clock: Clock, run_id: UUID, model: str) -> Left | None:
    """The same of a run that was stored."""
    own = await database.budgets(principal.workspace_id).state("run", str(run_id))
    return _least(await budgets.shared(database, principal, clock), model, own)


async def require_hope(
    database: Database,
    principal: Principal,
    clock: Clock,
    run_id: UUID,
    model: str,
    least_usd: Decimal,
    advised_usd: Decimal,
) -> None:
    """Raises BudgetSpent when a run that needs `least_usd` at the very least cannot end well, whatever comes back
    of what is on its way; `advised_usd` is what will probably do."""
    own = await database.budgets(principal.workspace_id).state("run", str(run_id))
    for left in _each(await budgets.shared(database, principal, clock), model, own):
        if left.at_most_usd < least_usd:
            raise left.refused("its sections, written as thriftily as can be,", least_usd, run_id, advised_usd)


async def require_room(database: Database, principal: Principal, clock: Clock, run: Run) -> None:
    """Raises BudgetSpent while a budget that runs share has no room for the run that it refused."""
    if run.short is None or not run.short.is_shared:
        return
    scope = run.short.budget if run.short.budget in ("workspace", "day") else "provider"
    for left in _capped(await budgets.shared(database, principal, clock), run.model):
        if left.scope == scope and left.usd < run.short.needs_usd:
            raise left.refused("what the run does next", run.short.needs_usd, run.id)


def told(left: Left | None, least_usd: Decimal, full_usd: Decimal) -> str:
    """What a budget means for a run that needs `least_usd` to be written at all and `full_usd` to have nothing saved;
    "" when it has room for all."""
    if left is None or left.usd >= full_usd:
        return ""
    enough = f"about ${dollars.enough(full_usd)} has room for the most that its calls may cost"
    free = f"${dollars.exact(left.usd)} of {left.whose}"
    if left.usd < least_usd:
        return f"{free} probably does not suffice: at least about ${dollars.enough(least_usd)} must be free; {enough}"
    return f"with {free} it may be written from fewer passages, one section after another; {enough}"


def _least(shared: Sequence[Budget], model: str, own: BudgetState | None) -> Left | None:
    return min(_each(shared, model, own), key=lambda one: one.usd, default=None)


def _each(shared: Sequence[Budget], model: str, own: BudgetState | None) -> Iterator[Left]:
    """Every budget with a cap that a run by the model must keep to."""
    yield from _capped(shared, model)
    if own is not None:
        yield Left("run", "", own)


def _capped(shared: Sequence[Budget], model: str) -> Iterator[Left]:
    """Of several providers the one that has most counts, since it answers when others cannot."""
    providers = {name.strip().partition(":")[0] for name in model.split(",")}
    capped = [left for one in shared if (left := _left(one)) is not None]
    own = [left for left in capped if left.scope == "provider" and left.name in providers]
    if own and len(own) == len(providers):
        yield max(own, key=lambda one: one.usd)
    yield from (left for left in capped if left.scope != "provider")


def _left(one: Budget) -> Left | None:
    """None of a budget without a cap."""
    if one.cap_usd is None:
        return None
    name = one.scope_id if one.scope == "provider" else ""
    return Left(one.scope, name, BudgetState(one.cap_usd, one.spent_usd, one.reserved_usd))
