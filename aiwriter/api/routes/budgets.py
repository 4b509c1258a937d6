"""What runs may spend together: the workspace, a day, a provider."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path

from aiwriter.api.auth import Admin, Reader
from aiwriter.api.schemas import BudgetList, BudgetRequest
from aiwriter.services import budgets

router = APIRouter(prefix="/budgets", tags=["budgets"])


@router.get("")
async def list_budgets(who: Reader) -> BudgetList:
    """Caps and spending of the workspace, of today (UTC), and of each provider that was called or has a cap."""
    return BudgetList(items=tuple(await budgets.shared(who.database, who.principal, who.tools.clock)))


@router.put("/{what}")
async def set_budget(
    who: Admin,
    what: Annotated[str, Path(pattern=r"^[a-z][a-z0-9_-]{0,30}$", description="workspace, day, or a provider")],
    asked: BudgetRequest,
) -> BudgetList:
    """Set or remove a spending cap; what has been spent counts."""
    tools = who.tools
    found = await budgets.cap(who.database, who.principal, tools.clock, tools.providers(), what, asked.cap_usd)
    return BudgetList(items=tuple(found))
