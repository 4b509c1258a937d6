"""Each layer's promise, over the model that fails when told to and the journal in dictionaries."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import BaseModel

from aiwriter.documents import Stage
from aiwriter.errors import AIWriterError, BadReply, BudgetSpent, ProviderRejected, RateLimited, Unavailable
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import CallKey, CallOutcome, CallTotals, LanguageModel, ModelReply, ModelRequest, Prompt, Usage
from aiwriter.resilience.layers import LAYERS, CallReport, Gear, call_key, wrap, wrap_all
from aiwriter.testing import ManualClock, MemoryDatabase, ScriptedModel
from aiwriter.testing.scripted import Scripted

RUN = new_id()
GOOD = '{"animal": "heron", "legs": 2}'


class Answer(BaseModel):
    animal: str
    legs: int


class Answers(BaseModel):
    animals: list[Answer]


def asked(text: str = "Which bird?", schema: type[BaseModel] | None = Answer, item: str = "") -> ModelRequest:
    prompt = Prompt("test", "You answer.", text, f"hash of {text}")
    return ModelRequest(CallKey(RUN, Stage.SECTIONS, item), prompt, schema, max_output_tokens=100)


class World:
    """A model in its layers, with everything that can be looked at."""

    def __init__(self, script: Sequence[Scripted] | Callable[[ModelRequest], Scripted]) -> None:
        self.database = MemoryDatabase()
        self.journal = self.database.journal(LOCAL_WORKSPACE)
        self.clock = ManualClock()
        self.reports: list[CallReport] = []
        self.provider = Unparsed(script)

    @property
    def model(self) -> LanguageModel:
        """The layers anew, as a process started again would have them."""
        return wrap(self.provider, self.journal, self.clock, observe=self._observe)

    async def _observe(self, report: CallReport) -> None:
        self.reports.append(report)

    @property
    def calls(self) -> int:
        return len(self.provider.requests)

    async def totals(self) -> CallTotals:
        return await self.journal.totals(RUN)


class Unparsed(ScriptedModel):
    """What a provider is: it hands on text and leaves its meaning to the layers."""

    async def answer(self, request: ModelRequest) -> ModelReply:
        reply = await super().answer(request)
        return ModelReply(reply.text, reply.model, reply.usage, reply.cost_usd, finish=reply.finish)


def test_layers_stand_in_the_order_of_the_house() -> None:
    assert [layer.__name__ for layer in LAYERS] == [
        *("Metering", "Repair", "Replay", "Fallback", "Retry", "Breaker", "RateLimit", "Attempt", "Pace")
    ]


def test_same_call_has_the_same_key_and_any_difference_another() -> None:
    base = call_key("openai:a", asked())
    others = [
        call_key("openai:b", asked()),
        call_key("openai:a", asked("Which fish?")),
        call_key("openai:a", asked(item="1")),
        call_key("openai:a", asked(schema=None)),
    ]
    assert call_key("openai:a", asked()) == base
    assert len({base, *others}) == 5


async def test_answer_is_checked_kept_and_paid_once() -> None:
    world = World([GOOD])
    first = await world.model.answer(asked())
    again = await world.model.answer(asked())
    assert first.parsed == again.parsed == Answer(animal="heron", legs=2)
    assert (first.replayed, again.replayed, world.calls) == (False, True, 1)
    assert (first.cost_usd, again.cost_usd) == (Decimal("0.01"), Decimal(0))
    assert (await world.totals()).cost_usd == Decimal("0.01")


async def test_an_answer_to_the_same_question_in_an_older_versions_words_is_not_asked_for_again() -> None:
    world = World([GOOD])
    old = asked()
    await world.model.answer(old)
    in_new_words = replace(old.prompt, hash="another", earlier=("none", old.prompt.hash))
    assert (await world.model.answer(replace(old, prompt=in_new_words))).replayed
    assert world.calls == 1


async def test_broken_json_is_mended_without_another_call() -> None:
    world = World(["Sure! ```json\n{'animal': 'heron', \"legs\": 2,}\n``` Enjoy."])
    assert (await world.model.answer(asked())).parsed == Answer(animal="heron", legs=2)
    assert world.calls == 1


async def test_what_stands_after_the_json_does_not_spoil_it() -> None:
    world = World([f"{GOOD}\n<think>Is {{legs}} right? {{}}</think> See {{1}}."])
    assert (await world.model.answer(asked())).parsed == Answer(animal="heron", legs=2)
    assert world.calls == 1


async def test_unusable_reply_is_asked_for_again_with_the_reason() -> None:
    world = World(['{"animal": "heron", "legs": "secret-word"}', GOOD])
    reply = await world.model.answer(asked())
    assert reply.parsed == Answer(animal="heron", legs=2)
    again = world.provider.requests[1].prompt
    assert "could not be used: legs: Input should be a valid integer" in again.text
    assert "secret-word" not in again.text
    assert again.hash != world.provider.requests[0].prompt.hash
    assert reply.cost_usd == Decimal("0.02") == (await world.totals()).cost_usd


@pytest.mark.parametrize("bad", ["", "No idea.", "[1, 2]", '{"animal": "heron"}'])
async def test_it_is_asked_again_twice_and_then_no_more(bad: str) -> None:
    world = World([bad])
    with pytest.raises(BadReply, match="in 3 tries"):
        await world.model.answer(asked())
    assert world.calls == 3
    assert (await world.totals()).calls == 3


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("I'm sorry, but I can't help with that.", "it was not JSON; it begins \"I'm sorry, but"),
        (ModelReply("", "m", Usage(10, 90)), "it was empty, though 90 tokens were written: of thoughts"),
        (f"Key: sk-proj-{'ab1' * 12}", r"it begins 'Key: [^']*•"),
    ],
)
async def test_who_gets_no_usable_answer_is_told_how_it_begins(bad: str | ModelReply, told: str) -> None:
    with pytest.raises(BadReply, match=told):
        await World([bad]).model.answer(asked())


async def test_resuming_after_bad_replies_asks_anew_instead_of_replaying_them_for_ever() -> None:
    world = World(["bad", "bad", "bad", GOOD])
    with pytest.raises(BadReply):
        await world.model.answer(asked())
    assert (await world.model.answer(asked())).parsed == Answer(animal="heron", legs=2)
    assert world.calls == 4


async def test_reply_that_was_cut_off_is_asked_for_again_with_more_room() -> None:
    cut = ModelReply('{"animal": "heron", "le', "m", Usage(10, 100), finish="length")
    world = World([cut, GOOD])
    assert (await world.model.answer(asked())).parsed
    assert [request.max_output_tokens for request in world.provider.requests] == [100, 200]
    assert "cut off after 100 tokens" in world.provider.requests[1].prompt.text


async def test_reply_that_is_always_cut_off_and_has_no_complete_part_says_so() -> None:
    world = World([ModelReply('{"animal": "heron", "legs"', "m", Usage(10, 100), finish="length")])
    with pytest.raises(BadReply, match="too long and was cut off"):
        await world.model.answer(asked())


async def test_complete_parts_of_a_reply_that_is_cut_off_again_are_used() -> None:
    text = '{"animals": [{"animal": "heron", "legs": 2}, {"animal": "fox", "legs": 4}, {"animal": "no'
    world = World([ModelReply(text, "m", Usage(10, 100), finish="length")])
    reply = await world.model.answer(asked(schema=Answers))
    assert reply.parsed == Answers(animals=[Answer(animal="heron", legs=2), Answer(animal="fox", legs=4)])
    assert world.calls == 2


async def test_each_time_of_asking_is_a_little_warmer() -> None:
    world = World(["bad"])
    with pytest.raises(BadReply):
        await world.model.answer(asked())
    assert [request.temperature for request in world.provider.requests] == [0.3, 0.5, 0.7]


async def test_refusal_of_the_model_is_paid_and_asked_about_once_an_execution() -> None:
    declined = ModelReply("I cannot help with that.", "m", cost_usd=Decimal("0.01"), finish="refused")
    world = World([declined, declined, GOOD])
    for calls in (1, 2):
        with pytest.raises(ProviderRejected, match="declined"):
            await world.model.answer(asked())
        assert world.calls == calls
    assert (await world.model.answer(asked())).parsed
    assert (await world.totals()).cost_usd == Decimal("0.03")


async def test_retry_after_is_obeyed_and_never_cut_short() -> None:
    world = World([RateLimited("busy", retry_after=7.0), GOOD])
    await world.model.answer(asked())
    assert len(world.clock.slept) == 1
    assert 7.0 <= world.clock.slept[0] <= 7.7


async def test_failures_are_tried_three_times_with_growing_waits() -> None:
    world = World([Unavailable("down")])
    with pytest.raises(Unavailable):
        await world.model.answer(asked())
    assert world.calls == 3
    first, second = world.clock.slept
    assert 1.0 <= first <= 1.1
    assert 2.0 <= second <= 2.2


async def test_a_wait_beyond_a_minute_is_not_slept_here() -> None:
    world = World([RateLimited("come back tomorrow", retry_after=61.0)])
    with pytest.raises(RateLimited) as caught:
        await world.model.answer(asked())
    assert (world.calls, world.clock.slept, caught.value.retry_after) == (1, [], 61.0)


@pytest.mark.parametrize("error", [ProviderRejected("no such model"), BadReply("nothing")])
async def test_what_cannot_get_better_is_not_retried(error: AIWriterError) -> None:
    world = World([error])
    with pytest.raises(type(error)):
        await world.model.answer(asked())
    assert world.calls == 1


async def test_what_was_never_sent_costs_nothing_and_what_may_have_been_counts_in_full() -> None:
    world = World([Unavailable("refused"), Unavailable("timed out", sent=True), GOOD])
    await world.model.answer(asked())
    totals = await world.totals()
    assert (totals.calls, totals.unknown) == (2, 1)
    assert totals.cost_usd == Decimal("0.02") + Decimal("0.01")


async def test_cap_refuses_the_call_before_it_is_made() -> None:
    world = World([GOOD])
    await world.database.budgets(LOCAL_WORKSPACE).set_cap("run", str(RUN), Decimal("0.019"))
    with pytest.raises(BudgetSpent):
        await world.model.answer(asked())
    assert world.calls == 0


async def test_a_provider_whose_cap_is_spent_is_passed_over_as_long_as_another_has_room() -> None:
    database, clock = MemoryDatabase(), ManualClock()
    one, two = Unparsed([GOOD], name="openai:one"), Unparsed([GOOD], name="gemini:two")
    model = wrap_all([one, two], Gear(database.journal(LOCAL_WORKSPACE), clock))
    budgets = database.budgets(LOCAL_WORKSPACE)
    await budgets.set_cap("provider", "openai", Decimal("0.019"))
    assert (await model.answer(asked(item="1"))).model == "gemini:two"
    await budgets.set_cap("provider", "gemini", Decimal("0.019"))
    with pytest.raises(BudgetSpent, match="none of 2 models") as refused:
        await model.answer(asked(item="2"))
    assert (refused.value.budget, refused.value.needs_usd) == ("openai", Decimal("0.02"))
    assert "`aiwriter budgets set openai DOLLARS`" in str(refused.value.hint)
    await budgets.set_cap("provider", "gemini", None)
    await budgets.set_cap("workspace", str(LOCAL_WORKSPACE), Decimal("0.019"))
    with pytest.raises(BudgetSpent, match="workspace"):
        await model.answer(asked(item="3"))
    assert (len(one.requests), len(two.requests)) == (0, 1)


async def test_call_that_is_cancelled_is_settled_as_unknown() -> None:
    world, sent = World([GOOD]), asyncio.Event()

    class Silent(Unparsed):
        async def answer(self, _request: ModelRequest) -> ModelReply:
            sent.set()
            await asyncio.Event().wait()
            raise AssertionError

    world.provider = Silent([GOOD])
    task = asyncio.create_task(world.model.answer(asked()))
    await sent.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    totals = await world.totals()
    assert (totals.unknown, totals.cost_usd) == (1, Decimal("0.02"))


async def test_answer_that_cannot_be_stored_is_not_asked_for_again() -> None:
    world = World([GOOD])

    class Forgetful:
        def __init__(self) -> None:
            self.answered, self.begin = world.journal.answered, world.journal.begin
            self.abandon, self.totals = world.journal.abandon, world.journal.totals
            self.calls = world.journal.calls

        async def finish(self, _call_id: object, _outcome: CallOutcome) -> None:
            raise Unavailable("the disk is full")

    with pytest.raises(Unavailable, match="could not be stored: the disk is full"):
        await wrap(world.provider, Forgetful(), world.clock).answer(asked())
    assert world.calls == 1


async def test_observer_hears_of_answers_and_failures() -> None:
    world = World([GOOD, ProviderRejected("no")])
    await world.model.answer(asked())
    with pytest.raises(ProviderRejected):
        await world.model.answer(asked("another"))
    assert [report.error for report in world.reports] == [None, "no"]
    assert world.reports[0].reply is not None


async def test_listener_passes_all_layers_and_hears_each_time_of_asking_anew() -> None:
    heard: list[str] = []

    async def on_text(text: str) -> None:
        heard.append(text)

    world = World([Unavailable("down"), '{"animal": "heron"}', GOOD])
    await world.model.answer(replace(asked(), on_text=on_text))
    assert [request.on_text for request in world.provider.requests] == [on_text] * 3
    assert heard == ['{"animal": "hero', '{"animal": "heron"}', GOOD[:16], GOOD]


async def test_stored_answers_are_heard_once_and_whole() -> None:
    heard: list[str] = []

    async def on_text(text: str) -> None:
        heard.append(text)

    world = World(['{"animal": "heron"}', GOOD])
    await world.model.answer(asked())
    reply = await world.model.answer(replace(asked(), on_text=on_text))
    assert (reply.replayed, world.calls) == (True, 2)
    assert heard == ['{"animal": "heron"}', GOOD]


def test_listener_is_no_part_of_a_call() -> None:
    async def on_text(_text: str) -> None:
        """Hears nothing."""

    heard = replace(asked(), on_text=on_text)
    assert heard == asked()
    assert call_key("openai:a", heard) == call_key("openai:a", asked())
