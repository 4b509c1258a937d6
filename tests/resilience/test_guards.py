"""Fallback, breaker and rates through the whole stack: who is asked, how often, and who is left alone."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from aiwriter.documents import Stage
from aiwriter.errors import (
    AccountRefused,
    AIWriterError,
    BadReply,
    BudgetSpent,
    ProviderRejected,
    RateLimited,
    Unavailable,
)
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import CallKey, LanguageModel, ModelReply, ModelRequest, Prompt, Rates
from aiwriter.resilience.breaker import BreakerPolicy, Breakers, Circuit
from aiwriter.resilience.layers import Gear, RetryPolicy, wrap_all
from aiwriter.resilience.pace import WINDOW_SECONDS, Sends, Sent
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedModel
from aiwriter.testing.scripted import Scripted

Script = Sequence[Scripted] | Callable[[ModelRequest], Scripted]
RUN = new_id()
DOWN = Unavailable("503")


def asked(item: str = "", tokens: int = 100) -> ModelRequest:
    prompt = Prompt("test", "", "Which bird?", "hash")
    return ModelRequest(CallKey(RUN, Stage.SECTIONS, item), prompt, max_output_tokens=tokens)


class House:
    """Models by name, in their layers; `process` makes another process at the same database, with the same clock."""

    def __init__(self, rates: dict[str, Rates] | None = None, attempts: int = 3, **scripts: Script) -> None:
        self.database = MemoryDatabase()
        self.journal = self.database.journal(LOCAL_WORKSPACE)
        self.clock = ManualClock()
        self.rates = rates or {}
        self.policy = RetryPolicy(attempts=attempts)
        self.providers = {name: ScriptedModel(script, name=f"{name}:bird") for name, script in scripts.items()}
        self.model = self.process()

    def process(self, *names: str) -> LanguageModel:
        shared = self.database.limits(self.clock)
        gear = Gear(self.journal, self.clock, self.policy, shared=shared, breakers=Breakers(), rates=self.rates)
        return wrap_all([self.providers[name] for name in names or self.providers], gear)

    async def held_up(self, times: int = 1) -> list[tuple[Stage, str, int, str]]:
        """What was told of calls that had to wait."""
        told = []

        async def hear(key: CallKey, model: str, seconds: float, why: str) -> None:
            told.append((key.stage, model, int(seconds), why))

        gear = Gear(
            *(self.journal, self.clock, RetryPolicy(jitter=0)),
            shared=self.database.limits(self.clock),
            rates=self.rates,
            held_up=hear,
        )
        await self.ask(times, wrap_all(list(self.providers.values()), gear))
        return told

    def calls(self, name: str) -> int:
        return len(self.providers[name].requests)

    async def ask(self, times: int = 1, model: LanguageModel | None = None) -> list[object]:
        """What came of each call: a reply or an error of ours."""
        waiting = [(model or self.model).answer(asked(str(new_id()))) for _ in range(times)]
        ended = await asyncio.gather(*waiting, return_exceptions=True)
        assert all(isinstance(one, ModelReply | AIWriterError) for one in ended)
        return list(ended)


# ── fallback ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_each_model_of_a_list_is_tried_three_times_and_no_more() -> None:
    """R17."""
    house = House(openai=[DOWN], gemini=[Unavailable("timed out", sent=True)])
    (error,) = await house.ask()
    assert (house.calls("openai"), house.calls("gemini")) == (3, 3)
    assert type(error) is Unavailable
    assert "503" in str(error)
    assert "timed out" in str(error)


@pytest.mark.parametrize("error", [DOWN, RateLimited("later", retry_after=3600.0), AccountRefused("no money")])
async def test_the_next_answers_when_one_cannot_and_is_named(error: AIWriterError) -> None:
    house = House(openai=[error], gemini=["A heron."])
    reply = await house.model.answer(asked())
    assert reply.model == "gemini:bird"
    calls = await house.journal.calls(RUN)
    assert [call.model for call in calls if call.status == "answered"] == ["gemini:bird"]
    again = await house.process().answer(asked())
    assert (again.replayed, again.model, house.calls("gemini")) == (True, "gemini:bird", 1)


@pytest.mark.parametrize("error", [ProviderRejected("too long"), BadReply("nothing"), BudgetSpent("no more")])
async def test_what_another_would_be_asked_in_vain_is_not_passed_on(error: AIWriterError) -> None:
    house = House(openai=[error], gemini=["A heron."])
    (ended,) = await house.ask()
    assert type(ended) is type(error)
    assert house.calls("gemini") == 0


async def test_a_list_fits_its_smallest_and_is_priced_by_its_dearest() -> None:
    house = House(openai=["A heron."], gemini=["A heron."])
    house.providers["gemini"].context_tokens, house.providers["gemini"].cost_usd = 1_000, Decimal("0.50")
    assert (house.model.name, house.model.context_tokens) == ("openai:bird, gemini:bird", 1_000)


async def test_a_time_out_that_was_billed_and_a_dearer_fallback_are_both_counted_and_the_cap_holds() -> None:
    house = House(openai=[Unavailable("timed out", sent=True)], gemini=["A heron."])
    house.providers["gemini"].cost_usd = Decimal("0.50")
    await house.database.budgets(LOCAL_WORKSPACE).set_cap("run", str(RUN), Decimal("1.05"))
    (ended,) = await house.ask()
    assert isinstance(ended, BudgetSpent)  # 3 × 0.02 may have been billed: 0.99 are left, and 1.00 might be needed
    await house.database.budgets(LOCAL_WORKSPACE).set_cap("run", str(RUN), Decimal("1.12"))
    (ended,) = await house.ask()
    assert isinstance(ended, ModelReply)
    assert (await house.journal.totals(RUN)).cost_usd == 6 * Decimal("0.02") + Decimal("0.50")
    assert house.calls("gemini") == 1


async def test_five_hundred_calls_are_all_answered_by_the_second_and_none_is_paid_twice() -> None:
    """R18: the first fails in every way that is not billed."""
    errors = [DOWN, Unavailable("refused"), RateLimited("busy", retry_after=1.0)]
    house = House(openai=lambda request: errors[sum(request.key.item.encode()) % 3], gemini=["A heron."])
    for _ in range(50):
        assert all(isinstance(one, ModelReply) for one in await house.ask(10))
    assert house.calls("gemini") == 500
    assert (await house.journal.totals(RUN)).cost_usd == 500 * Decimal("0.01")


async def test_when_all_are_to_be_waited_for_the_soonest_counts() -> None:
    house = House(openai=[RateLimited("a", retry_after=900.0)], gemini=[RateLimited("b", retry_after=300.0)])
    (error,) = await house.ask()
    assert isinstance(error, RateLimited)
    assert error.retry_after == 300.0


async def test_a_text_that_is_heard_begins_anew_with_the_next_model_and_cancelling_stops_it() -> None:
    heard: list[str] = []
    whole = asyncio.Event()

    async def on_text(text: str) -> None:
        heard.append(text)
        if len(heard) > 1:
            whole.set()
            await asyncio.Event().wait()

    rates = {"gemini:bird": Rates(rpm=10, tpm=10_000)}
    house = House(openai=[DOWN], gemini=["A heron stood in the reeds."], rates=rates)
    task = asyncio.create_task(house.model.answer(replace(asked(), on_text=on_text)))
    await whole.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert heard == ["A heron stood in", "A heron stood in the reeds."]
    assert (await house.journal.totals(RUN)).unknown == 1


# ── breaker ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_breaker_opens_on_the_call_that_passes_the_share_and_then_nobody_is_asked() -> None:
    """R15."""
    house = House(openai=[DOWN], attempts=1)
    while house.calls("openai") < 10:
        await house.ask()
    ended = await house.ask(1_000)
    assert house.calls("openai") == 10
    assert all(isinstance(one, RateLimited) and one.retry_after for one in ended)


async def test_three_probes_of_two_hundred_are_let_through_and_close_it_when_they_succeed() -> None:
    house = House(openai=[DOWN], attempts=1)
    while house.calls("openai") < 10:
        await house.ask()
    may_answer = asyncio.Event()

    class Slow(ScriptedModel):
        async def answer(self, request: ModelRequest) -> ModelReply:
            self.requests.append(request)
            await may_answer.wait()
            return ModelReply("A heron.", self.name)

    house.clock.advance(31)
    slow = Slow(name="openai:bird")
    gear = house.model.gear  # type: ignore[attr-defined]
    model = wrap_all([slow], gear)
    asking = [asyncio.create_task(model.answer(asked(str(number)))) for number in range(200)]
    for task in asyncio.as_completed(asking[3:]):
        with pytest.raises(RateLimited):
            await task
    assert len(slow.requests) == 3
    may_answer.set()
    ended = await asyncio.gather(*asking, return_exceptions=True)
    assert sum(isinstance(one, ModelReply) for one in ended) == 3
    assert all(isinstance(one, ModelReply) for one in await house.ask(20, model))


async def test_an_open_breaker_is_waited_for_only_where_no_model_is_left_to_ask() -> None:
    house = House(openai=[*[DOWN] * 10, "A heron."], gemini=["A finch."], attempts=1)
    while house.calls("openai") < 10:
        await house.ask()
    house.policy = RetryPolicy()
    (reply,) = await house.ask(model=house.process("openai", "gemini"))
    assert isinstance(reply, ModelReply)
    assert (reply.text, house.clock.slept) == ("A finch.", [])
    (reply,) = await house.ask(model=house.process("openai"))
    assert isinstance(reply, ModelReply)
    assert reply.text == "A heron."
    assert 29 <= house.clock.slept[0] <= 33


async def test_a_probe_that_fails_opens_it_again_and_one_that_is_cancelled_makes_room() -> None:
    circuit = Circuit(BreakerPolicy(window=2, minimum=2, probes=1))
    for _ in range(2):
        circuit.done(circuit.admit(), True, 0.0)
    assert circuit.resting(29.0) == 1.0
    assert circuit.resting(30.0) == 0.0
    probe = circuit.admit()
    assert circuit.resting(30.0) > 0
    circuit.done(probe, None, 30.0)
    assert circuit.resting(30.0) == 0.0
    assert circuit.done(circuit.admit(), True, 31.0)
    assert circuit.resting(32.0) == 29.0


async def test_other_processes_know_within_a_second() -> None:
    house = House(openai=[*[DOWN] * 10, "A heron."], attempts=1)
    others = [house.process() for _ in range(3)]
    while house.calls("openai") < 10:
        await house.ask()
    house.clock.advance(1)
    for other in others:
        (error,) = await house.ask(model=other)
        assert isinstance(error, RateLimited)
    assert house.calls("openai") == 10


@pytest.mark.parametrize("error", [ProviderRejected("400"), BadReply("what?"), RateLimited("slow down")])
async def test_what_is_not_the_providers_failure_opens_nothing(error: AIWriterError) -> None:
    """R16."""
    house = House(openai=[*[error] * 60, "A heron."])
    while house.calls("openai") < 60:
        await house.ask()
    assert isinstance((await house.ask())[0], ModelReply)


async def test_a_store_that_fails_opens_nothing_either() -> None:
    house = House(openai=["A heron."])
    away = True

    class Journal:
        def __getattr__(self, name: str) -> object:
            return getattr(house.journal, name)

        async def begin(self, intent: object) -> object:
            if away:
                raise Unavailable("the database is away")
            return await house.journal.begin(intent)  # type: ignore[arg-type]

    gear = replace(house.model.gear, journal=Journal())  # type: ignore[attr-defined]
    model = wrap_all(list(house.providers.values()), gear)
    assert all(isinstance(one, Unavailable) for one in await house.ask(20, model))
    away = False
    assert isinstance((await house.ask(model=model))[0], ModelReply)


async def test_an_account_that_is_refused_is_asked_once_and_by_no_process_until_somebody_mends_it() -> None:
    """R20, and R16 for 401."""
    house = House(openai=[AccountRefused("429 insufficient_quota"), "A heron."])
    (first,) = await house.ask()
    assert isinstance(first, AccountRefused)
    for model in (house.model, house.process()):
        (error,) = await house.ask(model=model)
        assert isinstance(error, AccountRefused)
        assert "insufficient_quota" in str(error)
    assert house.calls("openai") == 1
    await house.database.limits(house.clock).resume("openai")
    house.clock.advance(1)
    assert isinstance((await house.ask())[0], ModelReply)


async def test_while_a_model_cools_down_others_wait_as_long_as_it_asked() -> None:
    """R19: no request earlier than told, at most a tenth later."""
    house = House(openai=[RateLimited("busy", retry_after=20.0), "A heron."])
    await house.ask()
    assert 20.0 <= house.clock.monotonic() <= 22.0
    house = House(openai=[RateLimited("busy", retry_after=50.0), "A heron."])
    await house.database.limits(house.clock).pause("openai:bird", "cooling", 50.0, "another process was told")
    await house.ask(model=house.process())
    assert 50.0 <= house.clock.slept[0] <= 55.0


async def test_nobody_is_asked_while_a_model_wants_more_than_a_minute() -> None:
    house = House(openai=[RateLimited("busy", retry_after=600.0), "A heron."])
    await house.ask()
    house.clock.advance(10)
    (error,) = await house.ask(model=house.process())
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(590)
    assert house.calls("openai") == 1


# ── rates ────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_requests_beyond_the_rate_wait_for_their_turn_and_all_are_answered() -> None:
    house = House(openai=["A heron."], rates={"openai:bird": Rates(rpm=3)})
    ended = [(await house.ask())[0] for _ in range(7)]
    assert all(isinstance(one, ModelReply) for one in ended)
    assert house.clock.slept == [62.0, 62.0]


async def test_who_has_no_other_model_waits_for_a_turn_that_comes_after_minutes() -> None:
    house = House(openai=["A heron."], rates={"openai:bird": Rates(rpm=1)})
    limits = house.database.limits(house.clock)
    for _ in range(10):  # as the sections of two articles at once
        await limits.take("openai:bird", 1, Rates(rpm=1), 10_000)
    assert isinstance((await house.ask())[0], ModelReply)
    assert house.clock.slept == [620.0]


async def test_tokens_that_were_not_used_are_given_back() -> None:
    house = House(openai=["A heron."], rates={"openai:bird": Rates(tpm=150)})
    for _ in range(5):
        assert isinstance((await house.ask())[0], ModelReply)
    assert house.clock.slept == []


async def test_a_turn_that_is_too_far_away_is_left_to_the_next_model_and_opens_no_breaker() -> None:
    house = House(openai=["A heron."], gemini=["A finch."], rates={"openai:bird": Rates(rpm=1)})
    limits = house.database.limits(house.clock)
    for _ in range(10):
        await limits.take("openai:bird", 1, Rates(rpm=1), 10_000)
    replies = await house.ask(20)
    assert {one.model for one in replies if isinstance(one, ModelReply)} == {"gemini:bird"}
    assert await limits.paused() == []


# ── pace ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_what_became_late_does_not_leave_together_with_what_is_on_time() -> None:
    sends, rates, clock = Sends(), Rates(rpm=3), ManualClock()
    for _ in range(3):
        assert isinstance(sends.leave("openai:bird", 10, rates, clock.monotonic()), Sent)
    gear = Gear(MemoryDatabase().journal(LOCAL_WORKSPACE), clock, sends=sends, rates={"openai:bird": rates})
    model = wrap_all([ScriptedModel(["A heron."], name="openai:bird")], gear)
    clock.advance(20)
    assert isinstance(await model.answer(asked()), ModelReply)
    assert clock.slept == [WINDOW_SECONDS - 20]


def test_a_request_too_large_for_a_minute_leaves_alone() -> None:
    sends, rates = Sends(), Rates(tpm=100)
    first = sends.leave("openai:bird", 500, rates, 0.0)
    assert isinstance(first, Sent)
    assert sends.leave("openai:bird", 10, rates, 1.0) == WINDOW_SECONDS - 1
    first.tokens = 80
    assert isinstance(sends.leave("openai:bird", 10, rates, 2.0), Sent)
    assert isinstance(sends.leave("openai:other", 500, rates, 2.0), Sent)


# ── those who follow a run hear what it waits for ────────────────────────────────────────────────────────────────────


async def test_a_call_that_waits_for_its_turn_says_for_how_long_and_why_and_one_that_need_not_says_nothing() -> None:
    house = House({"openai:bird": Rates(rpm=1)}, openai=["A heron."])
    ((stage, model, seconds, why),) = await house.held_up(times=2)
    assert (stage, model, why) == (Stage.SECTIONS, "openai:bird", "its rates allow no request before")
    assert 60 <= seconds <= sum(house.clock.slept)


async def test_a_call_whose_provider_asks_to_be_left_alone_says_so() -> None:
    house = House(openai=[RateLimited("openai:bird: slow down", retry_after=40.0), "A heron."])
    assert await house.held_up() == [(Stage.SECTIONS, "openai:bird", 40, "openai:bird: slow down")]
