"""API keys, idempotency keys, batches, daily figures and the ledger's lines, on every database."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from aiwriter.documents import ApiKey, Batch, Brief, DailyFigures, Run, Stage
from aiwriter.errors import Conflict, NotFound
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import CallIntent, CallKey, CallOutcome, HeldKey, Remembered, Usage
from aiwriter.testing import sample_facts
from tests.contracts.records import ELSEWHERE, NOON, Db, add_run

pytestmark = pytest.mark.asyncio(loop_scope="module")

LATER = NOON + timedelta(hours=1)
TWO_DAYS = timedelta(hours=48)
DIGEST = "d" * 64


# ── API keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def api_key(number: int = 0, **values: Any) -> ApiKey:
    defaults = {"id": f"{number:012x}", "name": "Änne", "scopes": ("read", "write"), "created_at": NOON}
    return ApiKey.model_validate({**defaults, **values})


async def add_key(database: Db, key: ApiKey, workspace: UUID = LOCAL_WORKSPACE, digest: str = DIGEST) -> None:
    async with database.unit_of_work(workspace) as work:
        await work.keys.add(key, digest)
        await work.commit()


async def test_a_key_is_found_by_its_id_whatever_its_workspace(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    here, there = api_key(1, expires_at=LATER), api_key(2, scopes=())
    await add_key(database, here)
    await add_key(database, there, ELSEWHERE, "e" * 64)
    assert await database.key(here.id) == HeldKey(here, DIGEST, LOCAL_WORKSPACE)
    assert await database.key(there.id) == HeldKey(there, "e" * 64, ELSEWHERE)
    for nobodys in ("f" * 12, "", "%", "x" * 5000, "nul \0", "half \udcff"):
        assert await database.key(nobodys) is None


async def test_keys_are_told_newest_first_and_each_workspace_has_its_own(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    old, new = api_key(1), api_key(2, created_at=LATER)
    for key in (old, new):
        await add_key(database, key)
    await add_key(database, api_key(3), ELSEWHERE)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.keys.all() == [new, old]


async def test_a_key_is_revoked_once_and_for_ever(database: Db) -> None:
    await add_key(database, api_key(1))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.keys.revoke(api_key(1).id, NOON)
        assert not await work.keys.revoke(api_key(1).id, LATER)
        await work.commit()
        with pytest.raises(NotFound):
            await work.keys.revoke("f" * 12, NOON)
    held = await database.key(api_key(1).id)
    assert held is not None
    assert held.key == api_key(1, revoked_at=NOON)


async def test_no_two_keys_have_the_same_id_even_in_two_workspaces(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    await add_key(database, api_key(1))
    for workspace in (LOCAL_WORKSPACE, ELSEWHERE):
        with pytest.raises(Conflict):
            await add_key(database, api_key(1), workspace)


async def test_nobody_revokes_the_key_of_another_workspace(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    await add_key(database, api_key(1))
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.keys.all() == []
        with pytest.raises(NotFound):
            await work.keys.revoke(api_key(1).id, NOON)


# ── what was answered before ─────────────────────────────────────────────────────────────────────────────────────────


async def remember(database: Db, answer: str, key: str = "key", who: str = "me", now: datetime = NOON) -> Any:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        before = await work.idempotency.remember(who, key, "fingerprint", answer, now)
        await work.commit()
    return before


async def test_the_first_answer_is_kept_letter_for_letter(database: Db) -> None:
    first = '{"id": 1,  "text": "ü \\u0000 \x00 🚢"}\n'
    assert await remember(database, first) is None
    assert await remember(database, "second") == Remembered("fingerprint", first)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.idempotency.recall("me", "key", NOON) == Remembered("fingerprint", first)
        assert await work.idempotency.recall("me", "another", NOON) is None


async def test_keys_are_scoped_to_who_brings_them_and_to_the_workspace(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    assert await remember(database, "mine") is None
    assert await remember(database, "another's", who="you") is None
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.idempotency.recall("me", "key", NOON) is None
        assert await work.idempotency.remember("me", "key", "f", "theirs", NOON) is None


async def test_an_answer_is_kept_for_two_days(database: Db) -> None:
    assert await remember(database, "first") is None
    almost = NOON + TWO_DAYS - timedelta(seconds=1)
    assert await remember(database, "second", now=almost) == Remembered("fingerprint", "first")
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.idempotency.recall("me", "key", NOON + TWO_DAYS) is None
    assert await remember(database, "third", now=NOON + TWO_DAYS) is None
    assert await remember(database, "fourth", now=NOON + TWO_DAYS) == Remembered("fingerprint", "third")


async def test_an_answer_that_was_not_committed_never_was(database: Db) -> None:
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.idempotency.remember("me", "key", "f", "lost", NOON) is None
    assert await remember(database, "kept") is None


async def test_of_a_hundred_requests_with_one_key_one_is_new(database: Db) -> None:
    """Each makes a run in the same transaction; the runs of all but one are undone."""

    async def ask(number: int) -> tuple[bool, str]:
        run = Run(brief=Brief(topic="Electric ferries"), model="m", embedder="e")
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.runs.add(run, b"secret")
            before = await work.idempotency.remember("me", "key", "f", str(run.id), NOON)
            if before is not None:
                return False, before.answer
            await work.commit()
        return True, str(run.id)

    answers = await asyncio.gather(*(ask(number) for number in range(100)))
    assert sum(is_new for is_new, _ in answers) == 1
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        runs = await work.runs.latest(limit=200)
    assert {answer for _, answer in answers} == {str(run.id) for run in runs}


async def test_of_a_hundred_who_bring_a_key_that_was_forgotten_one_is_new(database: Db) -> None:
    for number in range(5):
        assert await remember(database, "old", key=f"old {number}") is None
    assert await remember(database, "first") is None
    now = NOON + 2 * TWO_DAYS
    before = await asyncio.gather(*(remember(database, str(number), now=now) for number in range(100)))
    assert before.count(None) == 1
    assert len({one.answer for one in before if one is not None}) == 1


# ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_batch_is_kept_once_and_comes_back_equal(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    batch = Batch(
        name="März", briefs=(Brief(topic="Ferries"),) * 3, model="m", embedder="e", budget_usd=Decimal("0.125")
    )
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        assert await work.batches.add(batch)
        await work.commit()
        assert not await work.batches.add(batch.model_copy(update={"name": "other"}))
        assert await work.batches.get(batch.id) == batch
        with pytest.raises(NotFound):
            await work.batches.get(new_id())
    async with database.unit_of_work(ELSEWHERE) as work:
        with pytest.raises(NotFound):
            await work.batches.get(batch.id)
        assert await work.batches.add(batch)


# ── facts and figures ────────────────────────────────────────────────────────────────────────────────────────────────


DAY = date(2026, 3, 1)


def figures(day: date = DAY, **values: Any) -> DailyFigures:
    defaults: dict[str, Any] = {
        "day": day,
        "format": "blog_post",
        "model": "openai:x",
        "runs": 2,
        "runs_by_status": {"done": 2},
        "articles": 2,
        "words": 900,
        "cost_usd": Decimal("0.0123456789"),
        "model_calls": 5,
        "input_tokens": 6,
        "output_tokens": 7,
        "seconds": 1.5,
        "seconds_by_stage": {"outline": 0.5},
        "scored": 2,
        "score_sum": 160.25,
        "parts_sum": {"support": 180.0},
        "findings_by_rule": {"support.number": 1},
    }
    return DailyFigures(**defaults | values)


async def test_facts_are_told_of_whole_days_oldest_first(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    times = [
        midnight - timedelta(microseconds=1),
        midnight + timedelta(days=2) - timedelta(microseconds=1),
        midnight,
        midnight + timedelta(days=2),
    ]
    kept = [sample_facts(await add_run(database), created_at=at) for at in times]
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for facts in kept:
            await work.facts.record(facts)
        await work.commit()
        assert await work.facts.between(DAY, DAY + timedelta(days=1)) == [kept[2], kept[1]]
        assert await work.facts.between(DAY, DAY) == [kept[2]]
        assert await work.facts.between(DAY, DAY - timedelta(days=1)) == []
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.facts.between(date(2026, 1, 1), date(2026, 12, 31)) == []


async def test_facts_of_a_model_are_told_newest_first_where_there_are_words(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    ours = [
        sample_facts(await add_run(database, model="openai:x"), created_at=NOON + timedelta(hours=hour))
        for hour in range(4)
    ]
    wordless = ours[3].model_copy(update={"words": 0})
    other = sample_facts(await add_run(database, model="openai:y"), created_at=NOON)
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        for facts in (*ours[:3], wordless, other):
            await work.facts.record(facts)
        await work.commit()
        assert await work.facts.of_model("openai:x", 2) == [ours[2], ours[1]]
        assert await work.facts.of_model("openai:y", 9) == [other]
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.facts.of_model("openai:x", 9) == []


async def test_the_figures_of_a_day_are_replaced_as_a_whole(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    second = DAY + timedelta(days=1)
    unsorted = [figures(format="how_to"), figures(model="openai:X"), figures(), figures(model="offline:x")]
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        await work.figures.replace(second, [figures(second)])
        await work.figures.replace(DAY, unsorted)
        await work.figures.replace(second + timedelta(days=1), [])
        await work.commit()
        in_order = [unsorted[3], unsorted[1], unsorted[2], unsorted[0], figures(second)]
        assert await work.figures.between(DAY, second) == in_order
        await work.figures.replace(DAY, [figures(words=1)])
        await work.commit()
        assert await work.figures.between(DAY, DAY) == [figures(words=1)]
        days = {DAY, second, second + timedelta(days=1)}
        assert await work.figures.rolled_up(DAY, date(2026, 12, 31)) == days
        assert await work.figures.rolled_up(DAY, DAY) == {DAY}
    async with database.unit_of_work(ELSEWHERE) as work:
        assert await work.figures.between(DAY, second) == []
        assert await work.figures.rolled_up(DAY, second) == set()


async def test_two_who_roll_up_the_same_day_at_once_leave_the_figures_of_one(database: Db) -> None:
    async def roll_up(number: int) -> None:
        async with database.unit_of_work(LOCAL_WORKSPACE) as work:
            await work.figures.replace(DAY, [figures(words=number), figures(model="m", words=number)])
            await work.commit()

    await asyncio.gather(*(roll_up(number) for number in range(10)))
    async with database.unit_of_work(LOCAL_WORKSPACE) as work:
        kept = await work.figures.between(DAY, DAY)
    assert len(kept) == 2
    assert kept[0].words == kept[1].words


# ── the ledger, line by line ─────────────────────────────────────────────────────────────────────────────────────────


async def test_every_attempt_of_a_run_is_told_oldest_first(database: Db) -> None:
    await database.add_workspace(ELSEWHERE, "elsewhere")
    run, other = await add_run(database), await add_run(database)
    journal = database.journal(LOCAL_WORKSPACE)

    async def begin(of: Run, attempt: int) -> UUID:
        key = CallKey(of.id, Stage.SECTIONS, "2")
        return await journal.begin(CallIntent("key", key, attempt, "openai:x", "section", "hash", Decimal("0.0100001")))

    refused, answered, open_ = [await begin(run, attempt) for attempt in (1, 2, 3)]
    await begin(other, 1)
    await journal.finish(refused, CallOutcome("not_sent", error="no route"))
    usage = Usage(10, 20, 5, estimated=True)
    await journal.finish(answered, CallOutcome("answered", Decimal("0.004"), usage, "Hello.", seconds=1.5))
    calls = await journal.calls(run.id)
    assert [(call.id, call.attempt, call.status, call.error) for call in calls] == [
        (refused, 1, "not_sent", "no route"),
        (answered, 2, "answered", None),
        (open_, 3, "intent", None),
    ]
    one = calls[1]
    assert (one.stage, one.item, one.model, one.prompt_name) == (Stage.SECTIONS, "2", "openai:x", "section")
    assert (one.reserved_usd, one.cost_usd) == (Decimal("0.010001"), Decimal("0.004"))
    assert (one.input_tokens, one.output_tokens, one.cached_tokens, one.seconds) == (10, 20, 5, 1.5)
    assert one.begun_at == NOON
    await journal.abandon(run.id)
    given_up = (await journal.calls(run.id))[2]
    assert (given_up.status, given_up.cost_usd) == ("unknown", Decimal("0.010001"))
    assert await database.journal(ELSEWHERE).calls(run.id) == []
    assert await journal.calls(new_id()) == []


# ── the database as a whole ──────────────────────────────────────────────────────────────────────────────────────────


async def test_every_workspace_is_told_and_a_database_that_can_be_used_says_nothing(database: Db) -> None:
    assert await database.workspaces() == [LOCAL_WORKSPACE]
    await database.add_workspace(ELSEWHERE, "elsewhere")
    assert set(await database.workspaces()) == {LOCAL_WORKSPACE, ELSEWHERE}
    await database.ping()
