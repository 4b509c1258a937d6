"""The journal and the budgets of the database in dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from aiwriter.documents import Budget as BudgetDocument
from aiwriter.documents import ModelCall
from aiwriter.ids import new_id
from aiwriter.ports import EMBED, EVERY_DAY, OFFLINE, BudgetState, CallIntent, CallOutcome, CallTotals
from aiwriter.storage import money
from aiwriter.storage.records import left_of, no_room, no_such, scopes, scopes_of_any
from aiwriter.testing.memory_rows import Budget, Call, Committed, MemoryTransaction, Rows


class MemoryJournal:
    def __init__(self, committed: Committed, workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._committed = committed
        self._workspace = workspace_id
        self._now = now

    async def answered(self, call_key: str) -> CallOutcome | None:
        calls = self._committed.rows.calls.items()
        found = [
            call.outcome
            for (workspace, _), call in calls
            if workspace == self._workspace and call.intent.call_key == call_key and call.status == "answered"
        ]
        return found[-1] if found else None

    async def begin(self, intent: CallIntent) -> UUID:
        call = Call(intent, self._now())
        call_id = new_id()
        async with MemoryTransaction(self._committed) as tx:
            rows = await tx.writing()
            if self._workspace not in rows.workspaces:
                raise no_such("workspace", self._workspace)
            for scope in self._scopes(call):
                budget = rows.budgets.get((self._workspace, *scope)) or self._new_budget(rows, scope)
                if not budget.fits(call.reserved):
                    assert budget.state is not None
                    raise no_room(scope, call.reserved, budget.state, call.intent.key.run_id)
                rows.budgets[self._workspace, *scope] = budget.moved(0, call.reserved)
            rows.calls[self._workspace, call_id] = call
            await tx.commit()
        return call_id

    async def finish(self, call_id: UUID, outcome: CallOutcome) -> None:
        async with MemoryTransaction(self._committed) as tx:
            rows = await tx.writing()
            call = rows.calls.get((self._workspace, call_id))
            if call is None:
                raise no_such("model call", call_id)
            late_answer = call.status == "unknown" and outcome.status == "answered"
            if call.status == "intent" or late_answer:
                self._settle(rows, call_id, call, outcome)
                await tx.commit()

    async def abandon(self, run_id: UUID) -> int:
        async with MemoryTransaction(self._committed) as tx:
            rows = await tx.writing()
            left = [
                (call_id, call)
                for (workspace, call_id), call in rows.calls.items()
                if (workspace, call.intent.key.run_id, call.status) == (self._workspace, run_id, "intent")
            ]
            for call_id, call in left:
                self._settle(rows, call_id, call, CallOutcome("unknown"))
            await tx.commit()
        return len(left)

    async def totals(self, run_id: UUID) -> CallTotals:
        calls = [
            call
            for (workspace, _), call in self._committed.rows.calls.items()
            if (workspace, call.intent.key.run_id) == (self._workspace, run_id) and call.status != "not_sent"
        ]
        by_model = [
            call for call in calls if call.intent.prompt_name != EMBED and not call.intent.model.startswith(OFFLINE)
        ]
        usages = [call.outcome.usage for call in by_model if call.outcome]
        return CallTotals(
            calls=len(by_model),
            unknown=sum(call.status == "unknown" for call in calls),
            input_tokens=sum(usage.input_tokens for usage in usages),
            output_tokens=sum(usage.output_tokens for usage in usages),
            cost_usd=money.dollars(sum(call.counted for call in calls)),
            unknown_usd=money.dollars(sum(call.counted for call in calls if call.status == "unknown")),
        )

    async def calls(self, run_id: UUID) -> list[ModelCall]:
        calls = [
            _model_call(call_id, call)
            for (workspace, call_id), call in self._committed.rows.calls.items()
            if (workspace, call.intent.key.run_id) == (self._workspace, run_id)
        ]
        return sorted(calls, key=lambda call: (call.begun_at, call.id))

    def _scopes(self, call: Call) -> list[tuple[str, str]]:
        return scopes(self._workspace, call.intent.key.run_id, call.intent.model, call.begun_at)

    def _new_budget(self, rows: Rows, scope: tuple[str, str]) -> Budget:
        every_day = rows.budgets.get((self._workspace, "day", EVERY_DAY), Budget())
        return Budget(every_day.cap if scope[0] == "day" else None)

    def _settle(self, rows: Rows, call_id: UUID, call: Call, outcome: CallOutcome) -> None:
        cost = call.reserved if outcome.status == "unknown" else money.cost(outcome.cost_usd)
        held = call.reserved if call.status == "intent" else 0
        stored = replace(outcome, cost_usd=money.dollars(cost))
        rows.calls[self._workspace, call_id] = replace(call, status=outcome.status, counted=cost, outcome=stored)
        for scope in self._scopes(call):
            key = (self._workspace, *scope)
            rows.budgets[key] = rows.budgets[key].moved(cost - call.counted, -held)


def _model_call(call_id: UUID, call: Call) -> ModelCall:
    outcome = call.outcome or CallOutcome("intent")
    return ModelCall(
        id=call_id,
        stage=call.intent.key.stage,
        item=call.intent.key.item,
        attempt=call.intent.attempt,
        model=call.intent.model,
        prompt_name=call.intent.prompt_name,
        status=call.status,
        reserved_usd=money.dollars(call.reserved),
        cost_usd=money.dollars(call.counted),
        input_tokens=outcome.usage.input_tokens,
        output_tokens=outcome.usage.output_tokens,
        cached_tokens=outcome.usage.cached_tokens,
        seconds=outcome.seconds,
        error=outcome.error,
        begun_at=call.begun_at,
    )


class MemoryBudgets:
    def __init__(self, committed: Committed, workspace_id: UUID) -> None:
        self._committed = committed
        self._workspace = workspace_id

    async def set_cap(self, scope: str, scope_id: str, cap_usd: Decimal | None) -> None:
        cap = None if cap_usd is None else money.cap(cap_usd)
        async with MemoryTransaction(self._committed) as tx:
            rows = await tx.writing()
            keys = {(self._workspace, scope, scope_id)}
            if (scope, scope_id) == ("day", EVERY_DAY):
                keys |= {key for key in rows.budgets if key[:2] == (self._workspace, "day")}
            for key in keys:
                rows.budgets[key] = replace(rows.budgets.get(key, Budget()), cap=cap)
            await tx.commit()

    async def left(self, run_id: UUID, model: str, now: datetime) -> Decimal | None:
        each = scopes_of_any(self._workspace, run_id, model, now)
        shared, own = [[await self.state(*scope) for scope in those] for those in each]
        return left_of(shared, own)

    async def shared(self, today: date) -> list[BudgetDocument]:
        days = (EVERY_DAY, today.isoformat())
        return [
            BudgetDocument(
                scope=scope,
                scope_id=scope_id,
                cap_usd=None if held.cap is None else money.dollars(held.cap),
                spent_usd=money.dollars(held.spent),
                reserved_usd=money.dollars(held.reserved),
            )
            for (workspace, scope, scope_id), held in sorted(
                self._committed.rows.budgets.items(), key=lambda one: one[0]
            )
            if workspace == self._workspace and scope != "run" and (scope != "day" or scope_id in days)
        ]

    async def state(self, scope: str, scope_id: str) -> BudgetState | None:
        budget = self._committed.rows.budgets.get((self._workspace, scope, scope_id))
        return budget.state if budget else None
