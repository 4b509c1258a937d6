"""Daily figures: what runs came to, rolled up or reckoned, adds up to the same."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from aiwriter.documents import Brief, Run, RunFacts, RunStatus
from aiwriter.errors import BadInput, Forbidden
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Database, Principal
from aiwriter.services import analytics
from aiwriter.storage import open_database
from aiwriter.testing import ManualClock, sample_facts

TODAY = date(2026, 3, 10)
ME = Principal("me", LOCAL_WORKSPACE)


@pytest.fixture
async def database(sql_url: str) -> AsyncIterator[Database]:
    opened = open_database(sql_url)
    yield opened
    await opened.close()


async def record(database: Database, day: date, *, score: float | None = 80.0, model: str = "openai:x") -> RunFacts:
    """A run that ended on this day, with its facts."""
    run = Run(brief=Brief(topic="Ferries"), model=model, embedder="minilm")
    facts = sample_facts(
        run,
        article_id=None if score is None else run.id,
        status=RunStatus.REFUSED if score is None else RunStatus.DONE,
        words=100,
        score=score,
        score_parts={"support": score} if score else {},
        created_at=datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=23, minutes=59),
    )
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.runs.add(run, b"s" * 32)
        await work.facts.record(facts)
        await work.commit()
    return facts


async def test_figures_are_the_same_before_and_after_the_roll_up(database: Database) -> None:
    days = [TODAY - timedelta(days=number) for number in (3, 3, 2, 0)]
    for number, day in enumerate(days):
        await record(database, day, score=70.0 + number)
    await record(database, days[0], model="offline:extractive", score=None)
    before = await analytics.content(database, ME, days[0], TODAY)
    await analytics.roll_up(database, ME, TODAY)
    after = await analytics.content(database, ME, days[0], TODAY)
    assert before == after
    assert [(one.day, one.model, one.runs) for one in after] == [
        (days[0], "offline:extractive", 1),
        (days[0], "openai:x", 2),
        (days[2], "openai:x", 1),
        (TODAY, "openai:x", 1),
    ]
    busiest = after[1]
    assert (busiest.words, busiest.cost_usd, busiest.scored, busiest.score_sum) == (200, Decimal("0.02"), 2, 141.0)
    assert (busiest.findings_by_rule, busiest.runs_by_status) == ({"support.number": 4}, {"done": 2})


async def test_a_run_that_is_resumed_on_a_later_day_is_counted_once(database: Database) -> None:
    yesterday = TODAY - timedelta(days=1)
    facts = await record(database, yesterday - timedelta(days=1), score=None)
    await analytics.roll_up(database, ME, yesterday)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.facts.record(facts.model_copy(update={"created_at": facts.created_at + timedelta(days=1)}))
        await work.commit()
    await analytics.roll_up(database, ME, TODAY)
    found = await analytics.content(database, ME, TODAY - timedelta(days=5), TODAY)
    assert [(one.day, one.runs) for one in found] == [(yesterday, 1)]


async def test_today_is_never_rolled_up(database: Database) -> None:
    clock = ManualClock(datetime(2026, 3, 10, 12, tzinfo=UTC))
    assert await analytics.roll_up_everywhere(database, ME, clock) == analytics.AGAIN_DAYS
    await record(database, TODAY)
    assert [one.runs for one in await analytics.content(database, ME, TODAY, TODAY)] == [1]


async def test_a_period_that_makes_no_sense_is_refused(database: Database) -> None:
    with pytest.raises(BadInput, match="ends before it begins"):
        await analytics.content(database, ME, TODAY, TODAY - timedelta(days=1))
    with pytest.raises(BadInput, match="too long"):
        await analytics.content(database, ME, date(1990, 1, 1), TODAY)


async def test_who_may_only_read_rolls_nothing_up(database: Database) -> None:
    with pytest.raises(Forbidden, match="may not write"):
        await analytics.roll_up(database, Principal("reader", LOCAL_WORKSPACE, frozenset({"read"})), TODAY)
