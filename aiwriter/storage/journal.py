"""The journal of model calls, which is also the cost ledger, and the budgets it reserves from.

A call counts against the budgets of its run, workspace, day (UTC, of its beginning) and provider. Each has a row from
its first call on, capped or not, so that a cap set later knows what was spent before. A reservation is one conditional
UPDATE for each budget in one transaction: the database decides, and a budget that does not fit undoes the others.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from aiwriter.documents import ModelCall
from aiwriter.ids import new_id
from aiwriter.ports import EMBED, EVERY_DAY, OFFLINE, CallIntent, CallOutcome, CallTotals, Usage
from aiwriter.storage import money
from aiwriter.storage.budgets import DAY, Scope, budget, state_of
from aiwriter.storage.records import no_room, no_such, scopes
from aiwriter.storage.tables import budgets, model_calls
from aiwriter.storage.transaction import Transaction

_CALL_COLUMNS = set(ModelCall.model_fields) - {"reserved_usd", "cost_usd"}


class SqlJournal:
    """`Journal`; each method is a transaction of its own."""

    def __init__(self, transaction: Callable[[], Transaction], workspace_id: UUID, now: Callable[[], datetime]) -> None:
        self._transaction = transaction
        self._workspace = workspace_id
        self._now = now

    async def answered(self, call_key: str) -> CallOutcome | None:
        this = and_(self._is(model_calls.c.call_key == call_key), model_calls.c.status == "answered")
        async with self._transaction() as tx:
            query = select(model_calls).where(this).order_by(model_calls.c.finished_at.desc()).limit(1)
            row = (await tx.read(query)).one_or_none()
        if row is None:
            return None
        return CallOutcome(
            status=row.status,
            cost_usd=money.dollars(row.cost),
            usage=Usage(row.input_tokens, row.output_tokens, row.cached_tokens, row.estimated),
            reply_text=None if row.reply is None else json.loads(row.reply),
            answered_by=row.answered_by,
            error=row.error,
            seconds=row.seconds,
        )

    async def begin(self, intent: CallIntent) -> UUID:
        call_id, now, reserved = new_id(), self._now(), money.cost(intent.reserved_usd)
        async with self._transaction() as tx:
            for scope in scopes(self._workspace, intent.key.run_id, intent.model, now):
                await self._reserve(tx, scope, reserved, intent.key.run_id)
            await tx.write(tx.insert(model_calls).values(self._row(call_id, intent, reserved, now)))
            await tx.commit()
        return call_id

    async def finish(self, call_id: UUID, outcome: CallOutcome) -> None:
        """Write the outcome and settle the reservation. An answer that comes after the call was given up is kept all
        the same and replaces the guess at its cost; an outcome that is there already stays. Raises NotFound."""
        async with self._transaction() as tx:
            given_up = ("unknown",) if outcome.status == "answered" else ()
            for was in ("intent", *given_up):
                if await self._settle(tx, call_id, was, outcome):
                    await tx.commit()
                    return
            known = select(model_calls.c.id).where(self._is(model_calls.c.id == call_id))
            if (await tx.read(known)).one_or_none() is None:
                raise no_such("model call", call_id)

    async def abandon(self, run_id: UUID) -> int:
        left_open = and_(self._is(model_calls.c.run_id == run_id), model_calls.c.status == "intent")
        given_up = (
            update(model_calls)
            .where(left_open)
            .values(status="unknown", cost=model_calls.c.reserved, finished_at=self._now())
            .returning(model_calls.c.reserved, model_calls.c.model, model_calls.c.begun_at)
        )
        async with self._transaction() as tx:
            calls = (await tx.write(given_up)).all()
            moved: Counter[Scope] = Counter()
            for call in calls:
                for scope in scopes(self._workspace, run_id, call.model, call.begun_at):
                    moved[scope] += call.reserved
            for scope in sorted(moved):
                await self._move(tx, scope, spent=moved[scope], reserved=-moved[scope])
            await tx.commit()
        return len(calls)

    async def totals(self, run_id: UUID) -> CallTotals:
        """Sums over the attempts that were sent or may have been; those that were not do not count."""
        sent = and_(self._is(model_calls.c.run_id == run_id), model_calls.c.status != "not_sent")
        is_unknown = model_calls.c.status == "unknown"
        unknown = func.count().filter(is_unknown)
        bound = func.coalesce(func.sum(model_calls.c.cost).filter(is_unknown), 0)
        by_model = and_(model_calls.c.prompt_name != EMBED, model_calls.c.model.not_like(f"{OFFLINE}%"))
        tokens = [
            func.coalesce(func.sum(column).filter(by_model), 0)
            for column in (model_calls.c.input_tokens, model_calls.c.output_tokens)
        ]
        cost = func.coalesce(func.sum(model_calls.c.cost), 0)
        async with self._transaction() as tx:
            sums = select(func.count().filter(by_model), unknown, *tokens, cost, bound).where(sent)
            row = (await tx.read(sums)).one()
        calls, given_up, input_tokens, output_tokens, spent, may_be = (int(value) for value in row)
        return CallTotals(
            calls, given_up, input_tokens, output_tokens, money.dollars(spent), unknown_usd=money.dollars(may_be)
        )

    async def calls(self, run_id: UUID) -> list[ModelCall]:
        of_run = select(model_calls).where(self._is(model_calls.c.run_id == run_id))
        async with self._transaction() as tx:
            rows = (await tx.read(of_run.order_by(model_calls.c.begun_at, model_calls.c.id))).all()
        return [
            ModelCall(
                reserved_usd=money.dollars(row.reserved),
                cost_usd=money.dollars(row.cost),
                **{name: getattr(row, name) for name in _CALL_COLUMNS},
            )
            for row in rows
        ]

    def _is(self, condition: ColumnElement[bool]) -> ColumnElement[bool]:
        return and_(model_calls.c.workspace_id == self._workspace, condition)

    def _row(self, call_id: UUID, intent: CallIntent, reserved: int, now: datetime) -> dict[str, Any]:
        return {
            "workspace_id": self._workspace,
            "id": call_id,
            "call_key": intent.call_key,
            "run_id": intent.key.run_id,
            "stage": intent.key.stage,
            "item": intent.key.item,
            "ordinal": intent.key.ordinal,
            "attempt": intent.attempt,
            "model": intent.model,
            "prompt_name": intent.prompt_name,
            "prompt_hash": intent.prompt_hash,
            "status": "intent",
            "reserved": reserved,
            "cost": 0,
            "input_tokens": 0,
            "output_tokens": 0,
            "cached_tokens": 0,
            "estimated": False,
            "seconds": 0.0,
            "begun_at": now,
        }

    async def _reserve(self, tx: Transaction, scope: Scope, amount: int, run_id: UUID) -> None:
        """Raises BudgetSpent when the amount does not fit."""
        if await self._fits(tx, scope, amount):
            return
        await self._open(tx, scope)  # its first call, or nothing is changed
        if not await self._fits(tx, scope, amount):
            state = await state_of(tx, self._workspace, scope)
            assert state is not None, "only a cap can be passed"
            raise no_room(scope, amount, state, run_id)

    async def _fits(self, tx: Transaction, scope: Scope, amount: int) -> bool:
        """Reserve the amount, if there is a row of the budget and it has room."""
        room = or_(budgets.c.cap.is_(None), budgets.c.spent + budgets.c.reserved + amount <= budgets.c.cap)
        conditions = [budget(self._workspace, scope), *([room] if amount else [])]  # what is free always fits
        change = update(budgets).where(*conditions).values(reserved=budgets.c.reserved + amount)
        return (await tx.write(change.returning(budgets.c.reserved))).one_or_none() is not None

    async def _open(self, tx: Transaction, scope: Scope) -> None:
        row: dict[str, Any] = {"scope": scope[0], "scope_id": scope[1], "spent": 0, "reserved": 0}
        if scope[0] == DAY:
            row["cap"] = select(budgets.c.cap).where(budget(self._workspace, (DAY, EVERY_DAY))).scalar_subquery()
        await tx.write(tx.insert(budgets).values(workspace_id=self._workspace, **row).on_conflict_do_nothing())

    async def _settle(self, tx: Transaction, call_id: UUID, was: str, outcome: CallOutcome) -> bool:
        """Write the outcome of a call that `was` in this state, and its cost into the budgets; whether it was."""
        cost: Any = model_calls.c.reserved if outcome.status == "unknown" else money.cost(outcome.cost_usd)
        change = (
            update(model_calls)
            .where(self._is(model_calls.c.id == call_id), model_calls.c.status == was)
            .values(
                status=outcome.status,
                cost=cost,
                input_tokens=outcome.usage.input_tokens,
                output_tokens=outcome.usage.output_tokens,
                cached_tokens=outcome.usage.cached_tokens,
                estimated=outcome.usage.estimated,
                reply=None if outcome.reply_text is None else json.dumps(outcome.reply_text),
                answered_by=outcome.answered_by,
                error=outcome.error,
                seconds=outcome.seconds,
                finished_at=self._now(),
            )
            .returning(
                *(model_calls.c[name] for name in ("run_id", "model", "begun_at", "reserved", "cost")),
            )
        )
        call = (await tx.write(change)).one_or_none()
        if call is None:
            return False
        held, counted = (call.reserved, 0) if was == "intent" else (0, call.reserved)
        for scope in scopes(self._workspace, call.run_id, call.model, call.begun_at):
            await self._move(tx, scope, spent=call.cost - counted, reserved=-held)
        return True

    async def _move(self, tx: Transaction, scope: Scope, *, spent: int, reserved: int) -> None:
        values = {"spent": budgets.c.spent + spent, "reserved": budgets.c.reserved + reserved}
        await tx.write(update(budgets).where(budget(self._workspace, scope)).values(values))
