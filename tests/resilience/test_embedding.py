"""Paid embeddings are accounted for and capped like model calls; no text is embedded twice. The log is the judge."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from aiwriter.documents import Stage
from aiwriter.embeddings.openai import OpenAIEmbedder
from aiwriter.embeddings.remote import Options
from aiwriter.errors import BadReply, BudgetSpent, ProviderRejected, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, content_hash, new_id
from aiwriter.knowledge.chunking import chunk
from aiwriter.ports import NO_RUN, CallKey, CallOutcome, Journal, Rates, VectorCache, account, on_account_of
from aiwriter.resilience.embedding import AccountedEmbedder
from aiwriter.resilience.layers import Gear
from aiwriter.resilience.pace import WINDOW_SECONDS
from aiwriter.sources import create_finder
from aiwriter.storage.database import SqlDatabase
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.fake_embedder import INPUT_USD, FakeEmbedder
from aiwriter.testing.memory_journal import MemoryJournal
from aiwriter.testing.memory_rows import Committed
from aiwriter.testing.vectors import MemoryVectorCache

EXAMPLES = Path(__file__).parents[2] / "examples" / "sources"
SENTENCES = (Path(__file__).parents[1] / "embeddings" / "sentences.txt").read_text("utf-8").splitlines()


class House:
    """An accounted embedder that asks the server, and what is known of it in one workspace."""

    def __init__(
        self,
        server: FakeEmbedder,
        cache: VectorCache | None = None,
        journal: Journal | None = None,
        *,
        name: str = "heron@64",
        rates: Mapping[str, Rates] | None = None,
    ) -> None:
        self.database = MemoryDatabase()
        self.journal = journal or self.database.journal(LOCAL_WORKSPACE)
        self.budgets = self.database.budgets(LOCAL_WORKSPACE)
        self.clock = ManualClock()
        paid = OpenAIEmbedder(name, Options(base_url=server.base_url(), input_usd=INPUT_USD, timeout_seconds=1))
        self.embedder = AccountedEmbedder(
            paid, cache or MemoryVectorCache(), Gear(self.journal, self.clock, rates=rates or {})
        )


async def test_each_request_is_one_row_of_the_run_with_its_cost_to_the_cent() -> None:
    run = new_id()
    with FakeEmbedder() as server:
        house = House(server)
        with on_account_of(CallKey(run, Stage.SECTIONS, "2")):
            await house.embedder.embed([f"Ferry {number} leaves." for number in range(300)])
    calls = await house.journal.calls(run)
    assert len(calls) == len(server.requests) == 2
    assert {(call.stage, call.item, call.prompt_name, call.status) for call in calls} == {
        (Stage.SECTIONS, "2", "embed", "answered")
    }
    assert sum(call.cost_usd for call in calls) == server.billed_usd > 0
    assert sum(call.input_tokens for call in calls) == server.billed_tokens
    assert all(call.cost_usd <= call.reserved_usd for call in calls)


async def test_the_rates_of_its_model_are_kept_whatever_the_length_of_the_vectors() -> None:
    with FakeEmbedder() as server:
        house = House(server, rates={"openai:heron": Rates(rpm=1)})
        await house.embedder.embed([f"Ferry {number} leaves." for number in range(300)])
    assert (len(server.requests), house.clock.slept) == (2, [WINDOW_SECONDS])


async def test_work_of_no_run_counts_against_workspace_day_and_provider() -> None:
    with FakeEmbedder() as server:
        house = House(server)
        for scope in [("workspace", str(LOCAL_WORKSPACE)), ("provider", "openai"), ("run", str(NO_RUN))]:
            await house.budgets.set_cap(*scope, Decimal(1))
        await house.embedder.embed(["what is like it?"])
    spent = {scope: await house.budgets.state(*scope) for scope in [("provider", "openai"), ("run", str(NO_RUN))]}
    assert [state and state.spent_usd for state in spent.values()] == [server.billed_usd, 0]
    assert len(await house.journal.calls(NO_RUN)) == 1


async def test_both_databases_keep_the_account_of_no_run(sql_url: str) -> None:
    database, day = SqlDatabase(sql_url), datetime.now(UTC).date().isoformat()
    budgets = database.budgets(LOCAL_WORKSPACE)
    scopes = [("workspace", str(LOCAL_WORKSPACE)), ("provider", "openai"), ("day", day), ("run", str(NO_RUN))]
    for scope in scopes:
        await budgets.set_cap(*scope, Decimal("0.01"))
    with FakeEmbedder() as server:
        house = House(server, database.vector_cache(LOCAL_WORKSPACE), database.journal(LOCAL_WORKSPACE))
        await house.embedder.embed(["what is like it?"])
        with pytest.raises(BudgetSpent):
            await house.embedder.embed([f"Ferry {number}. " * 1_000 for number in range(4)])
    states = [await budgets.state(*scope) for scope in scopes]
    assert [state and state.spent_usd for state in states] == [server.billed_usd] * 3 + [0]
    assert [state and state.reserved_usd for state in states] == [0] * 4
    await database.close()


async def test_a_cap_that_does_not_fit_stops_before_anything_is_sent() -> None:
    run = new_id()
    with FakeEmbedder() as server:
        house = House(server)
        await house.budgets.set_cap("run", str(run), Decimal("0.000001"))
        with on_account_of(CallKey(run, Stage.EVIDENCE)), pytest.raises(BudgetSpent):
            await house.embedder.embed(["A heron stands in the shallows, waiting for fish. " * 10])
    assert server.requests == []


async def test_busy_and_broken_providers_are_tried_again_as_long_as_told() -> None:
    with FakeEmbedder(faults={1: "429", 2: "503"}) as server:
        house = House(server)
        await house.embedder.embed(["one"])
    assert [request.fault for request in server.requests] == ["429", "503", "good"]
    assert house.clock.monotonic() >= 1.0 + 2.0
    calls = await house.journal.calls(NO_RUN)
    assert [(call.attempt, call.status) for call in calls] == [(1, "not_sent"), (2, "not_sent"), (3, "answered")]


async def test_money_and_mistakes_are_not_tried_again() -> None:
    with FakeEmbedder(faults={1: "quota"}) as server:
        with pytest.raises(ProviderRejected):
            await House(server).embedder.embed(["one"])
        assert len(server.requests) == 1


async def test_an_answer_that_was_lost_counts_as_spent_and_the_next_is_paid() -> None:
    with FakeEmbedder(faults={1: "reset"}) as server:
        house = House(server)
        await house.embedder.embed(["one"])
    calls = await house.journal.calls(NO_RUN)
    assert [call.status for call in calls] == ["unknown", "answered"]
    assert calls[0].cost_usd == calls[0].reserved_usd
    assert sum(call.cost_usd for call in calls) >= server.billed_usd


class Full(MemoryVectorCache):
    """A cache that cannot write."""

    async def put(self, embedder: str, vectors: Mapping[str, bytes]) -> None:
        raise Unavailable("the disk is full")


async def test_vectors_that_cannot_be_kept_are_not_paid_for_a_second_time() -> None:
    with FakeEmbedder() as server:
        house = House(server, Full())
        with pytest.raises(Unavailable, match="disk is full"):
            await house.embedder.embed(["one"])
        assert len(server.requests) == 1
    assert [call.status for call in await house.journal.calls(NO_RUN)] == ["unknown"]


class Killed(Exception):
    """The process ends here."""


class Dying(MemoryJournal):
    """A journal whose process is killed before an outcome is written."""

    async def finish(self, call_id: UUID, outcome: CallOutcome) -> None:
        raise Killed


async def test_who_is_killed_before_the_outcome_is_written_finds_the_vectors_kept() -> None:
    cache = MemoryVectorCache()
    dying = Dying(Committed(), LOCAL_WORKSPACE, lambda: datetime.now(UTC))
    with FakeEmbedder() as server:
        with pytest.raises(Killed):
            await House(server, cache, dying).embedder.embed(["one"])
        after = House(server, cache)
        await after.embedder.embed(["one"])
    assert len(server.requests) == 1


async def test_vectors_of_another_length_than_before_are_refused_and_not_kept(sqlite_url: str) -> None:
    async with cache_in(sqlite_url) as cache:
        with FakeEmbedder(dimensions=64) as server:
            await House(server, cache, name="heron").embedder.embed(["one"])
        with FakeEmbedder(dimensions=32) as server:
            changed = House(server, cache, name="heron")
            with pytest.raises(BadReply, match="of 32 numbers, and those that are kept of it have 64") as refused:
                await changed.embedder.embed(["one", "two"])
        assert await cache.get("openai:heron", {content_hash("two")}) == {}
    assert "AIWRITER_EMBEDDER=openai:heron@32" in str(refused.value.hint)
    assert [call.status for call in await changed.journal.calls(NO_RUN)] == ["unknown"]  # it was paid for


# ── a corpus is embedded once ────────────────────────────────────────────────────────────────────────────────────────


async def corpus() -> list[str]:
    """The passages of the examples, and the sentences that embedders are compared on; repeated as sources repeat."""
    finder = create_finder()
    sources = [await finder.read(place) for place in finder.expand(str(EXAMPLES))]
    return [passage.text for source in sources for passage in chunk(source)] + SENTENCES + SENTENCES[:20]


@asynccontextmanager
async def cache_in(url: str) -> AsyncIterator[VectorCache]:
    database = SqlDatabase(url)
    yield database.vector_cache(LOCAL_WORKSPACE)
    await database.close()


async def test_a_corpus_is_embedded_once_cold_and_not_at_all_warm(sqlite_url: str) -> None:
    texts = await corpus()
    with FakeEmbedder() as server, FakeEmbedder() as yardstick:
        direct = OpenAIEmbedder("heron@64", Options(base_url=yardstick.base_url(), input_usd=INPUT_USD))
        for text in sorted(set(texts)):
            await direct.request([text])
        async with cache_in(sqlite_url) as cache:
            cold = await House(server, cache).embedder.embed(texts)
        embedded_cold = server.billed_tokens
        async with cache_in(sqlite_url) as cache:  # another process, another day
            warm = await House(server, cache).embedder.embed(texts)
    assert len(texts) > 200
    assert 0 < embedded_cold <= 1.05 * yardstick.billed_tokens
    assert server.billed_tokens - embedded_cold == 0
    sent = [text for request in server.requests for text in request.texts]
    assert len(sent) == len(set(sent))
    np.testing.assert_array_equal(cold, warm)


async def test_runs_over_the_same_sources_at_once_do_not_pay_for_each_others_texts() -> None:
    texts = [f"Ferry {number} leaves." for number in range(50)]
    with FakeEmbedder() as server:
        house = House(server)
        await asyncio.gather(*(house.embedder.embed(texts) for _ in range(8)))
    assert sum(len(request.texts) for request in server.requests) == 50


async def test_texts_with_half_a_character_are_taken() -> None:
    with FakeEmbedder() as server:
        assert (await House(server).embedder.embed(["broken \ud83d"])).shape == (1, 64)


class Slow(MemoryVectorCache):
    """A cache that lets others in between."""

    async def get(self, embedder: str, hashes: Collection[str]) -> dict[str, bytes]:
        await asyncio.sleep(0)
        return await super().get(embedder, hashes)


async def test_each_task_embeds_on_its_own_account() -> None:
    runs = [new_id() for _ in range(4)]

    async def work(house: House, run: UUID) -> None:
        with on_account_of(CallKey(run, Stage.EVIDENCE)):
            await asyncio.gather(*(house.embedder.embed([f"{run} {part}"]) for part in range(2)))

    with FakeEmbedder() as server:
        house = House(server, Slow())
        await asyncio.gather(*(work(house, run) for run in runs))
    assert [len(await house.journal.calls(run)) for run in runs] == [2, 2, 2, 2]
    assert account().run_id == NO_RUN
