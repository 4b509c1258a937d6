"""Budgets: what may be spent of a scope, and how much of it is spent and reserved. `journal` reserves from them.

The cap of every day stands in a row of its own and becomes that of a day with the first call of that day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update

from aiwriter.documents import Budget
from aiwriter.ports import EVERY_DAY, BudgetState
from aiwriter.storage import money
from aiwriter.storage.records import left_of, scopes_of_any
from aiwriter.storage.tables import budgets
from aiwriter.storage.transaction import Transaction

Scope = tuple[str, str]
DAY = "day"


class SqlBudgets:
    """`Budgets`; each method is a transaction of its own."""

    def __init__(self, transaction: Callable[[], Transaction], workspace_id: UUID) -> None:
        self._transaction = transaction
        self._workspace = workspace_id

    async def set_cap(self, scope: str, scope_id: str, cap_usd: Decimal | None) -> None:
        async with self._transaction() as tx:
            await set_cap(tx, self._workspace, (scope, scope_id), cap_usd)
            await tx.commit()

    async def state(self, scope: str, scope_id: str) -> BudgetState | None:
        """Cap, spent and reserved; None where no cap was set."""
        async with self._transaction() as tx:
            return await state_of(tx, self._workspace, (scope, scope_id))

    async def left(self, run_id: UUID, model: str, now: datetime) -> Decimal | None:
        each = scopes_of_any(self._workspace, run_id, model, now)
        async with self._transaction() as tx:
            shared, own = [[await state_of(tx, self._workspace, scope) for scope in those] for those in each]
        return left_of(shared, own)

    async def shared(self, today: date) -> list[Budget]:
        days = and_(budgets.c.scope == DAY, budgets.c.scope_id.in_((EVERY_DAY, today.isoformat())))
        those = or_(budgets.c.scope.in_(("workspace", "provider")), days)
        query = select(budgets).where(budgets.c.workspace_id == self._workspace, those)
        async with self._transaction() as tx:
            rows = await tx.read(query.order_by(budgets.c.scope, budgets.c.scope_id))
        return [
            Budget(
                scope=row.scope,
                scope_id=row.scope_id,
                cap_usd=None if row.cap is None else money.dollars(row.cap),
                spent_usd=money.dollars(row.spent),
                reserved_usd=money.dollars(row.reserved),
            )
            for row in rows
        ]


async def set_cap(tx: Transaction, workspace_id: UUID, scope: Scope, cap_usd: Decimal | None) -> None:
    """Set a budget's cap, or take it away; what was spent and reserved stays."""
    cap = None if cap_usd is None else money.cap(cap_usd)
    row = {"workspace_id": workspace_id, "scope": scope[0], "scope_id": scope[1], "cap": cap, "spent": 0, "reserved": 0}
    statement = tx.insert(budgets).values(row)
    await tx.write(statement.on_conflict_do_update(index_elements=budgets.primary_key.columns, set_={"cap": cap}))
    if scope == (DAY, EVERY_DAY):  # this day has begun already
        days = and_(budgets.c.workspace_id == workspace_id, budgets.c.scope == DAY)
        await tx.write(update(budgets).where(days).values(cap=cap))


async def state_of(tx: Transaction, workspace_id: UUID, scope: Scope) -> BudgetState | None:
    row = (await tx.read(select(budgets).where(budget(workspace_id, scope)))).one_or_none()
    if row is None or row.cap is None:
        return None
    return BudgetState(*(money.dollars(amount) for amount in (row.cap, row.spent, row.reserved)))


def budget(workspace_id: UUID, scope: Scope) -> ColumnElement[bool]:
    return and_(budgets.c.workspace_id == workspace_id, budgets.c.scope == scope[0], budgets.c.scope_id == scope[1])
