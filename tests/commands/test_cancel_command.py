"""`cancel`: what has ended already is told as that, and no store or provider is blamed for it."""

from __future__ import annotations

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.commands import approving
from aiwriter.documents import RunStatus
from aiwriter.errors import Conflict
from aiwriter.resilience.clock import SystemClock
from aiwriter.services import batches, holding, runs
from aiwriter.testing import sample_brief

BRIEF = sample_brief()


async def test_what_was_cancelled_already_is_cancelled(tools: Tools, capsys: pytest.CaptureFixture[str]) -> None:
    run = await runs.ask(
        tools.database, tools.principal, BRIEF, model="offline:extractive", embedder="x", budget_usd=None
    )
    for said in ("Cancelled: ", "Cancelled already: "):
        assert await approving.cancel(tools, str(run.id), as_json=False) == 0
        assert said in capsys.readouterr().out


async def test_what_ended_otherwise_is_refused_as_what_cannot_be_done(tools: Tools) -> None:
    run = await runs.ask(
        tools.database, tools.principal, BRIEF, model="offline:extractive", embedder="x", budget_usd=None
    )
    async with holding.held(tools.database, tools.principal, run.id, SystemClock()) as owner:
        await holding.end(tools.database, tools.principal, run.id, owner, RunStatus.REFUSED, reason="no sources fit")
    with pytest.raises(Conflict, match="ended already: refused") as refused:
        await approving.cancel(tools, str(run.id), as_json=False)
    assert refused.value.exit_code == 2


async def test_of_a_batch_that_has_ended_it_is_said_that_nothing_is_left_to_cancel(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    batch = await batches.ask(
        tools.database, tools.principal, [BRIEF], name="b", model="offline:extractive", embedder="x", budget_usd=None
    )
    await approving.cancel(tools, str(batch.id), as_json=False)
    capsys.readouterr()
    assert await approving.cancel(tools, str(batch.id), as_json=False) == 0
    assert "Nothing is left to cancel" in capsys.readouterr().out
