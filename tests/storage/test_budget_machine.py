"""R14: whatever happens to calls, the budget is what the calls say, and its cap is never passed."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from aiwriter.documents import Stage
from aiwriter.errors import BudgetSpent
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import CallIntent, CallKey, CallOutcome
from aiwriter.testing import MemoryDatabase

CAP = Decimal("1.00")
cents = st.integers(1, 40).map(lambda number: Decimal(number) / 100)


class Budget(RuleBasedStateMachine):
    """The journal in dictionaries, which keeps the contract of those in SQL (tests/contracts), against a plain sum."""

    open_calls = Bundle("open_calls")

    @initialize()
    def begin(self) -> None:
        self.database = MemoryDatabase()
        self.journal = self.database.journal(LOCAL_WORKSPACE)
        self.run = new_id()
        self.reserved: dict[UUID, Decimal] = {}
        self.spent = Decimal(0)
        asyncio.run(self.database.budgets(LOCAL_WORKSPACE).set_cap("run", str(self.run), CAP))

    @rule(target=open_calls, amount=cents)
    def reserve(self, amount: Decimal) -> Any:
        key = CallKey(self.run, Stage.SECTIONS, str(new_id()))
        intent = CallIntent(key.item, key, 1, "openai:heron", "section", "hash", amount)
        fits = self.spent + sum(self.reserved.values()) + amount <= CAP
        try:
            call = asyncio.run(self.journal.begin(intent))
        except BudgetSpent:
            assert not fits
            return multiple()
        assert fits
        self.reserved[call] = amount
        return call

    @rule(call=consumes(open_calls), share=st.integers(0, 100))
    def settle(self, call: UUID, share: int) -> None:
        """At most what was reserved: that is an upper bound."""
        if call in self.reserved:
            cost = (self.reserved.pop(call) * share / 100).quantize(Decimal("0.000001"))
            self.spent += cost
            asyncio.run(self.journal.finish(call, CallOutcome("answered", cost, reply_text="x")))

    @rule(call=consumes(open_calls), status=st.sampled_from(["not_sent", "unknown"]))
    def give_up(self, call: UUID, status: str) -> None:
        if call in self.reserved:
            amount = self.reserved.pop(call)
            self.spent += amount if status == "unknown" else 0
            asyncio.run(self.journal.finish(call, CallOutcome(status, error="gone")))

    @rule()
    def crash(self) -> None:
        """All calls that were open are found by whoever takes the run, and count as spent."""
        assert asyncio.run(self.journal.abandon(self.run)) == len(self.reserved)
        self.spent += sum(self.reserved.values())
        self.reserved.clear()

    @invariant()
    def adds_up_and_holds(self) -> None:
        state = asyncio.run(self.database.budgets(LOCAL_WORKSPACE).state("run", str(self.run)))
        assert state is not None
        assert (state.spent_usd, state.reserved_usd) == (self.spent, sum(self.reserved.values()))
        assert state.spent_usd + state.reserved_usd <= CAP


TestBudget = Budget.TestCase
TestBudget.settings = settings(max_examples=60, stateful_step_count=40)
