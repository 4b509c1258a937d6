"""The journal of model calls, which is also the cost ledger, and the budgets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from aiwriter.documents import Budget, ModelCall
from aiwriter.errors import BudgetSpent
from aiwriter.ports.models import CallKey, Usage
from aiwriter.text import dollars

EMBED = "embed"  # the prompt's name in a request to an embedder
OFFLINE = "offline:"  # begins the names of writers that ask nobody: what they said is kept to be said again


@dataclass(frozen=True, slots=True)
class CallIntent:
    """What is about to be sent: written, with its reservation, before the provider is called."""

    call_key: str  # hash of run, stage, item, ordinal, model, parameters, prompt hash: the logical call
    key: CallKey
    attempt: int
    model: str
    prompt_name: str
    prompt_hash: str
    reserved_usd: Decimal


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """How an attempt ended. status: answered (reply stored, never paid again), not_sent (nothing was billed),
    unknown (may have been billed: counts as spent)."""

    status: str
    cost_usd: Decimal = Decimal(0)
    usage: Usage = field(default_factory=Usage)
    reply_text: str | None = None
    answered_by: str | None = None
    error: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CallTotals:
    """Sums over the attempts of a run; `unknown_usd` is the part of the cost that those may have come to at the most of
    which nobody knows whether they were billed. `calls` and tokens are those of language models alone; requests to
    embedders are in the cost."""

    calls: int = 0
    unknown: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    unknown_usd: Decimal = Decimal(0)


class Journal(Protocol):
    """Attempts to call models: intent before, outcome after, each in a transaction of its own (rule 3)."""

    async def answered(self, call_key: str) -> CallOutcome | None:
        """The stored answer of this logical call, if one reached us."""
        ...

    async def begin(self, intent: CallIntent) -> UUID:
        """Reserve the cost in every budget that applies and write the intent, in one transaction.

        Raises BudgetSpent, and writes nothing, when a cap would be passed.
        """
        ...

    async def finish(self, call_id: UUID, outcome: CallOutcome) -> None:
        """Write the outcome and settle the reservation, in one transaction."""
        ...

    async def abandon(self, run_id: UUID) -> int:
        """Mark attempts of a dead process (intent without outcome) as unknown and count them as spent; how many."""
        ...

    async def totals(self, run_id: UUID) -> CallTotals: ...
    async def calls(self, run_id: UUID) -> list[ModelCall]:
        """Every attempt of the run, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class BudgetState:
    cap_usd: Decimal
    spent_usd: Decimal
    reserved_usd: Decimal

    @property
    def left_usd(self) -> Decimal:
        """What may yet be reserved."""
        return max(self.cap_usd - self.spent_usd - self.reserved_usd, Decimal(0))


def budget_spent(
    what: str,
    scope: str,
    name: str,
    needs_usd: Decimal,
    state: BudgetState,
    run_id: UUID | None,
    advised_usd: Decimal = Decimal(0),
) -> BudgetSpent:
    """What is said when a budget has no room for `what`; `name` is the provider's, `run_id` None where no run asks.
    `advised_usd` should be free if that is more than it needs at the least."""
    in_all = dollars.enough(state.spent_usd + state.reserved_usd + max(needs_usd, advised_usd))
    budget = name if scope == "provider" else scope
    if scope == "run":
        go_on = f"`aiwriter resume {run_id} --budget DOLLARS` goes on with more, at least {in_all} in all; "
        hint = f"{go_on}nothing that was paid for is paid again."
    else:
        later = " or wait until tomorrow (UTC)," if scope == "day" else ""
        then = f",{later} then `aiwriter resume {run_id}`" if run_id else ""
        hint = f"Raise its cap to at least {in_all}: `aiwriter budgets set {budget} DOLLARS`{then}."
    whose = {"day": "this day's", "provider": f"the provider {name}'s"}.get(scope, f"the {scope}'s")
    return BudgetSpent(
        f"{what} may cost ${dollars.exact(needs_usd)}; ${dollars.exact(state.left_usd)} of {whose} "
        f"${dollars.exact(state.cap_usd)} is left",
        hint=hint,
        scope=scope,
        budget=budget,
        needs_usd=needs_usd,
    )


EVERY_DAY = "*"
"""The scope id of the cap that every day has."""


class Budgets(Protocol):
    """Caps. A scope is ("run", id), ("workspace", id), ("provider", "openai"), ("day", "2026-11-22") or
    ("day", EVERY_DAY), which is this one as well."""

    async def set_cap(self, scope: str, scope_id: str, cap_usd: Decimal | None) -> None:
        """None takes the cap away; what is spent is counted all the same."""
        ...

    async def state(self, scope: str, scope_id: str) -> BudgetState | None: ...
    async def left(self, run_id: UUID, model: str, now: datetime) -> Decimal | None:
        """What a call of the run may still cost, in whichever budget has least; None when none has a cap. Of a list
        of models ("openai:a, gemini:b") it is the provider with most left that counts: it answers when others cannot.
        """
        ...

    async def shared(self, today: date) -> list[Budget]:
        """Those of the workspace, its providers and days (today, and every day) that have a cap or a call."""
        ...
