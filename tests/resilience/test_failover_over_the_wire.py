"""Two providers on loopback: their own accounts are the judges of who was asked and what was paid."""

from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from aiwriter.documents import Stage
from aiwriter.errors import AccountRefused, AIWriterError, BudgetSpent, ProviderRejected, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.profiles import Price
from aiwriter.ports import CallKey, LanguageModel, ModelRequest, Prompt
from aiwriter.resilience.breaker import Breakers
from aiwriter.resilience.layers import Gear, wrap_all
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.fake_provider import INPUT_USD, OUTPUT_USD, FakeProvider

RUN = new_id()
CENT = Decimal("0.01")


def asked(item: str = "") -> ModelRequest:
    prompt = Prompt("test", "You answer.", f"Which bird? {item}", f"hash {item}")
    return ModelRequest(CallKey(RUN, Stage.SECTIONS, item), prompt, max_output_tokens=100)


class Two:
    """Two providers behind one list, and the journal that keeps their account."""

    def __init__(self, first: FakeProvider, second: FakeProvider) -> None:
        self.first, self.second = first, second
        self.database, self.clock = MemoryDatabase(), ManualClock()
        self.journal = self.database.journal(LOCAL_WORKSPACE)

    def model(self) -> LanguageModel:
        """The layers anew, as another process would have them."""
        limits = self.database.limits(self.clock)
        gear = Gear(self.journal, self.clock, shared=limits, breakers=Breakers())
        price = Price(INPUT_USD, OUTPUT_USD)
        options = [
            OpenAIOptions(base_url=provider.base_url, price=price, timeout_seconds=0.3)
            for provider in (self.first, self.second)
        ]
        return wrap_all([OpenAIModel("one", options[0]), OpenAIModel("two", options[1])], gear)


@pytest.fixture
async def second() -> AsyncIterator[FakeProvider]:
    async with FakeProvider() as provider:
        yield provider


async def test_when_everything_fails_six_requests_arrive() -> None:
    """R17: three attempts at each of two providers."""
    always = dict.fromkeys(range(1, 20), "503")
    async with FakeProvider(faults=always) as first, FakeProvider(faults=always) as second:
        two = Two(first, second)
        with pytest.raises(Unavailable, match="none of 2 models answered"):
            await two.model().answer(asked())
    assert (len(first.calls), len(second.calls)) == (3, 3)


async def test_every_call_is_answered_by_the_second_and_paid_once(second: FakeProvider) -> None:
    """R18, with failures that are billed to nobody and some that are."""
    kinds = ["500", "429", "503", "timeout"]
    faults = {number: kinds[number % 4] for number in range(1, 200)}
    async with FakeProvider(faults=faults) as first:
        two = Two(first, second)
        for number in range(20):
            reply = await two.model().answer(asked(str(number)))
            assert reply.model == "openai:two"
        before = len(second.calls)
        for number in range(20):
            assert (await two.model().answer(asked(str(number)))).replayed
    assert len(second.calls) == before == 20
    assert max(Counter(call.body_sha256 for call in second.calls).values()) == 1
    calls = await two.journal.calls(RUN)
    answered = sum((call.cost_usd for call in calls if call.status == "answered"), Decimal(0))
    assert answered == second.billed_usd


async def test_a_time_out_that_was_billed_is_in_the_ledger_with_the_fallback_and_the_cap_holds(
    second: FakeProvider,
) -> None:
    async with FakeProvider(faults=dict.fromkeys(range(1, 20), "timeout")) as first:
        two = Two(first, second)
        reply = await two.model().answer(asked())
        billed = first.billed_usd + second.billed_usd
    assert first.billed_usd > 0
    calls = await two.journal.calls(RUN)
    assert [(call.model, call.status) for call in calls] == [("openai:one", "unknown")] * 3 + [
        ("openai:two", "answered")
    ]
    assert reply.cost_usd == second.billed_usd
    spent = (await two.journal.totals(RUN)).cost_usd
    assert billed <= spent < billed + CENT  # what may have been billed counts as reserved: never less than it was


async def test_a_fallback_that_might_pass_the_cap_is_not_asked(second: FakeProvider) -> None:
    async with FakeProvider(faults=dict.fromkeys(range(1, 20), "timeout")) as first:
        two = Two(first, second)
        bound = OpenAIModel(
            "one", OpenAIOptions(base_url=first.base_url, price=Price(INPUT_USD, OUTPUT_USD))
        ).upper_bound(asked())
        await two.database.budgets(LOCAL_WORKSPACE).set_cap("run", str(RUN), bound * 3 + bound / 2)
        with pytest.raises(BudgetSpent):
            await two.model().answer(asked())
        state = await two.database.budgets(LOCAL_WORKSPACE).state("run", str(RUN))
    assert second.calls == []
    assert state is not None
    assert first.billed_usd <= state.spent_usd + state.reserved_usd <= state.cap_usd


async def test_a_provider_that_has_no_such_model_is_passed_over_and_alone_says_so(second: FakeProvider) -> None:
    async with FakeProvider(faults=dict.fromkeys(range(1, 20), "404")) as first:
        two = Two(first, second)
        assert (await two.model().answer(asked())).model == "openai:two"
        assert first.billed_usd == 0
        with pytest.raises(ProviderRejected, match=r"none of 2 models answered: openai:one .* 404") as refused:
            await Two(first, first).model().answer(asked())
    assert "does not know this model" in str(refused.value.hint)
    assert not isinstance(refused.value, AccountRefused)


@pytest.mark.parametrize("fault", ["quota", "402", "401"])
async def test_a_provider_that_refuses_the_account_is_asked_once(fault: str) -> None:
    """R20: by whichever process, and whichever of its models."""
    always = dict.fromkeys(range(1, 20), fault)
    async with FakeProvider(faults=always) as first, FakeProvider(faults=always) as second:
        two = Two(first, second)
        for _ in range(3):
            with pytest.raises(AIWriterError) as refused:
                await two.model().answer(asked())
            assert isinstance(refused.value, AccountRefused)
    assert (len(first.calls), len(second.calls)) == (1, 0)
