"""Killed at any moment, a run goes on: what was answered is never paid again, and the ledger is the provider's bill.

The provider's own account, written before it answers, is the judge. `make test` kills at all of these moments too, but
many times in a run and with one store; `make faults` takes each alone, with both and often (trust.md R1, R2, R5, R13,
R24).
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from aiwriter.documents import ModelCall, RunStatus
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Database, Paging, RunFilter
from aiwriter.storage import open_database
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import TEXTS
from tests.faults.forking import Crash, Forks
from tests.faults.histories import assert_history

pytestmark = pytest.mark.flow

SOURCES = [word for text in TEXTS for word in ("-s", text)]
BUDGET = Decimal("0.75")
ASKED = ("write", "How the ferry Lanternfish is run on Ostrel", *SOURCES, "--words", "1800")
WISH = [*ASKED, "--model", "openai:fake", "--budget", str(BUDGET), "--json"]
STEPS = 11  # paid calls of this wish: an outline and its sections
STAGES = 29  # records that are kept on the way: two of each section, nine before and after them
STORES = ("sqlite", "postgresql")
# Of `make test`: so often what a run costs beside its kills is paid. Killed by the clock it is over after a few.
RUNS_OF_STEPS, RUNS_OF_TIMES = 2, 4
MOMENTS = (("INSERT INTO model_calls", "before"), ("UPDATE model_calls", "before"), ("UPDATE model_calls", "after"))


@dataclass
class House:
    """A home whose commands are carried out in copies that can be killed, and the provider they call."""

    forks: Forks
    folder: Path
    url: str
    provider: FakeProvider

    async def run(self, words: list[str], **how: Any) -> tuple[int, dict[str, Any]]:
        """The exit code of a command and the JSON that it gave last."""
        environment = self.forks.environment | {
            "AIWRITER_HOME": str(self.folder),
            "AIWRITER_DATABASE_URL": self.url,
            "AIWRITER_OPENAI__BASE_URL": self.provider.base_url,
            "AIWRITER_OPENAI__INPUT_USD": "1.00",
            "AIWRITER_OPENAI__OUTPUT_USD": "2.00",
        }
        out = self.folder / "out.txt"
        out.write_text("")
        code = await asyncio.to_thread(self.forks.run, words, environment, str(out), **how)
        said = [line for line in out.read_text().splitlines() if line.startswith('{"run_id"')]
        return code, json.loads(said[-1]) if said else {"said": out.read_text()[-2000:]}

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Database]:
        opened = open_database(self.url)
        try:
            yield opened
        finally:
            await opened.close()

    async def going_on(self) -> list[str]:
        """The command that goes on with the one run there is, or asks anew when the run was never stored."""
        async with self.database() as database, database.unit_of_work(LOCAL_WORKSPACE) as work:
            page = await work.runs.page(RunFilter(), Paging())
        assert page.total <= 1
        return ["resume", str(page.items[0].id), "--json"] if page.items else WISH

    async def answered(self) -> int:
        """How many answers are stored."""
        async with self.database() as database, database.unit_of_work(LOCAL_WORKSPACE) as work:
            found = (await work.runs.page(RunFilter(), Paging())).items
            calls = [call for run in found for call in await database.journal(LOCAL_WORKSPACE).calls(run.id)]
        return sum(call.status == "answered" for call in calls)

    async def resume(self) -> dict[str, Any]:
        """Go on with the run; what came of it."""
        code, result = await self.run(await self.going_on())
        assert code in (0, 1), result
        return result

    async def judge(self, result: dict[str, Any]) -> None:
        """The run has ended well, and nothing was paid twice."""
        assert result["status"] in (RunStatus.DONE, RunStatus.REFUSED), result
        run_id = UUID(result["run_id"])
        async with self.database() as database:
            calls = await database.journal(LOCAL_WORKSPACE).calls(run_id)
            budget = await database.budgets(LOCAL_WORKSPACE).state("run", str(run_id))
            async with database.unit_of_work(LOCAL_WORKSPACE) as work:
                events = await work.events.after(run_id, 0, 5000)
                articles = await work.articles.latest(10)
        self._nothing_twice(calls)
        assert budget is not None
        assert (budget.reserved_usd, budget.spent_usd) == (0, sum(call.cost_usd for call in calls))
        assert budget.spent_usd <= BUDGET
        assert assert_history(events) == result["status"]
        kinds = [event.kind for event in events]
        assert kinds[-1] == "run.finished"
        assert kinds.count("run.finished") == 1 + kinds.count("run.resumed")  # who stops it ends it, for the time being
        assert len(articles) == 1
        assert articles[0].version == 1

    def _nothing_twice(self, calls: list[ModelCall]) -> None:
        sent = Counter(call.body_sha256 for call in self.provider.calls)
        price = {call.body_sha256: Decimal(call.price_usd) for call in self.provider.calls}
        status = Counter(call.status for call in calls)
        assert set(status) <= {"answered", "unknown"}, status
        repeated = sum(times - 1 for times in sent.values())
        assert status["answered"] == len(sent)  # every question has one answer that is kept …
        assert repeated <= status["unknown"]  # … and only what was in flight was asked again
        answered = sum(call.cost_usd for call in calls if call.status == "answered")
        assert answered == sum(price.values())
        again = sum((times - 1) * price[body] for body, times in sent.items())
        unknown = sum(call.cost_usd for call in calls if call.status == "unknown")
        assert unknown >= again
        assert answered + again == self.provider.billed_usd


def sample(cases: list[Any], often: int, few: int | None = None) -> list[Any]:
    """All or a few, with the stores in turn, for `make test`; all, with each store, and so often, for `make faults`."""
    first = cases[:few]
    return [
        pytest.param(
            store,
            case,
            id=f"{store}-{case}-{time}",
            marks=() if number < len(first) and time == 0 and store == STORES[number % 2] else (pytest.mark.faults,),
        )
        for number, case in enumerate(cases)
        for time in range(often)
        for store in STORES
    ]


def kills(cases: list[Any], runs: int, often: int) -> list[Any]:
    """Shared out among so many runs, from early to late, with the stores in turn, for `make test`; each in a run of its
    own, with each store, and so often, for `make faults`."""
    groups = [cases[number::runs] for number in range(runs)]
    return [
        *(
            pytest.param(store, group, id=f"{store}-{' then '.join(map(str, group))}")
            for group, store in zip(groups, itertools.cycle(STORES), strict=False)
        ),
        *(
            pytest.param(store, [case], id=f"{store}-{case}-{time}", marks=pytest.mark.faults)
            for case in cases
            for time in range(often)
            for store in STORES
        ),
    ]


def paid_steps() -> list[Crash]:
    return [Crash(statement, step, when) for step in range(1, STEPS + 1) for statement, when in MOMENTS]  # type: ignore[arg-type]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("store", "crashes"), kills(paid_steps(), RUNS_OF_STEPS, 5), indirect=["store"])
async def test_killed_at_a_paid_step_the_run_goes_on_and_pays_for_no_stored_answer_again(
    store: str, crashes: list[Crash], forks: Forks, home: tuple[Path, str]
) -> None:
    async with FakeProvider() as provider:
        house = House(forks, *home, provider)
        for crash in crashes:
            answered = await house.answered()
            if answered == STEPS:  # the last two were stored in the moment of the kill before
                break
            done = answered - crash.statement.startswith("UPDATE")  # the first closes what was left open
            left = replace(crash, number=max(1, crash.number - done))  # of the steps that are still to be paid
            code, said = await house.run(await house.going_on(), crash=left)
            assert code == -signal.SIGKILL, said
        await house.judge(await house.resume())


@pytest.mark.parametrize(("store", "seeds"), kills(list(range(20)), RUNS_OF_TIMES, 5), indirect=["store"])
async def test_killed_at_any_time_the_run_goes_on_and_pays_for_no_stored_answer_again(
    store: str, seeds: list[int], forks: Forks, home: tuple[Path, str]
) -> None:
    async with FakeProvider(latency=0.2, pace=0.002) as provider:
        house = House(forks, *home, provider)
        for seed in seeds:
            after = random.Random(seed).uniform(0.2, 4.0), signal.SIGKILL
            code, said = await house.run(await house.going_on(), signal_after=after)
            assert code in (-signal.SIGKILL, 0, 1), said
        await house.judge(await house.resume())


@pytest.mark.faults
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, STAGES + 1))
async def test_killed_where_a_stage_is_kept_the_run_goes_on(
    when: Any, number: int, store: str, forks: Forks, home: tuple[Path, str]
) -> None:
    async with FakeProvider() as provider:
        house = House(forks, *home, provider)
        code, said = await house.run(WISH, crash=Crash("INSERT INTO stage_records", number, when))
        assert code == -signal.SIGKILL, said
        await house.judge(await house.resume())


@pytest.mark.faults
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
async def test_every_record_that_a_run_keeps_is_killed_at(forks: Forks, home: tuple[Path, str]) -> None:
    async with FakeProvider() as provider:
        house = House(forks, *home, provider)
        code, said = await house.run(WISH, crash=Crash("INSERT INTO stage_records", STAGES + 1, "before"))
        assert code in (0, 1), said


@pytest.mark.parametrize(("store", "seed"), sample(list(range(4)), 5, 2), indirect=["store"])
async def test_told_to_stop_it_asks_for_nothing_more_and_goes_on_when_it_is_resumed(
    store: str, seed: int, forks: Forks, home: tuple[Path, str]
) -> None:
    async with FakeProvider(latency=0.5, pace=0.01) as provider:
        house = House(forks, *home, provider)
        code, said = await house.run(WISH, signal_after=(random.Random(seed).uniform(1.0, 3.0), signal.SIGTERM))
        assert code in (130, 0, 1, -signal.SIGTERM), said  # the last: it had not begun yet
        before = len(provider.calls)
        await asyncio.sleep(1)
        assert len(provider.calls) == before
        await house.judge(await house.resume())
