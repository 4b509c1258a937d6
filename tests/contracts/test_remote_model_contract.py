"""What every provider behind an HTTP API promises, over real sockets in its true wire format.

The fake provider's own account is the judge of what was sent and paid.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from aiwriter.documents import Stage
from aiwriter.errors import (
    AccountRefused,
    AIWriterError,
    BadInput,
    ModelUnknown,
    ProviderRejected,
    RateLimited,
    Unavailable,
)
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm.anthropic import AnthropicModel
from aiwriter.llm.gemini import GeminiModel
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.remote import Options, RemoteModel
from aiwriter.ports import CallKey, ModelRequest, Prompt, SectionReply
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.fake_provider import Answer, FakeProvider
from aiwriter.testing.remotes import REMOTES, remote_model

RUN = new_id()
PASSAGE = "[S1] (Herons) The grey heron stands up to a metre tall. It eats fish – and frogs."
PROMPT = Prompt("section", "You write.", PASSAGE + '\nAnswer in this form: {"paragraphs": []}', "hash")
ASKED = ModelRequest(CallKey(RUN, Stage.SECTIONS), PROMPT, SectionReply, max_output_tokens=500)
PLAIN = replace(ASKED, prompt=Prompt("hello", "You greet.", "Hello?", "hash"), schema=None)
KEY = "sk-test-1234567890"


@pytest.fixture(params=REMOTES)
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


class Ear:
    """Hears a text grow."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.begun = asyncio.Event()

    async def __call__(self, text: str) -> None:
        self.heard.append(text)
        self.begun.set()


def heard(request: ModelRequest = ASKED) -> tuple[ModelRequest, Ear]:
    ear = Ear()
    return replace(request, on_text=ear), ear


async def test_text_is_answered_by_one_request_with_the_key_and_the_model(kind: str) -> None:
    async with FakeProvider() as provider:
        model = remote_model(kind, provider, api_key=KEY)
        reply = await model.answer(PLAIN)
    (call,) = provider.calls
    assert (reply.text, reply.finish, reply.model) == ("Hello.", "stop", model.name)
    assert (call.key, call.model, model.name) == (KEY, "heron-1", f"{model.scheme}:heron-1")


async def test_reply_to_a_schema_is_json_that_fits_it(kind: str) -> None:
    async with FakeProvider() as provider:
        reply = await remote_model(kind, provider).answer(ASKED)
    assert SectionReply.model_validate_json(reply.text).paragraphs
    sent = str(provider.bodies[0])
    assert "'additionalProperties': False" in sent
    assert "'default'" not in sent


@pytest.mark.parametrize("fault", ["good", "thoughtful", "no_usage", "length", "refusal", "empty", "think"])
async def test_reply_usage_and_cost_are_the_same_heard_or_not_and_what_the_provider_says(kind: str, fault: str) -> None:
    request, ear = heard()
    async with FakeProvider(faults={1: fault, 2: fault}) as provider:
        model = remote_model(kind, provider)
        reply = await model.answer(request)
        assert await model.answer(ASKED) == reply
    prices = {Decimal(call.price_usd) for call in provider.calls}
    assert (prices == {reply.cost_usd}) is (fault != "no_usage")
    assert reply.usage.estimated is (fault == "no_usage")
    assert 0 < reply.cost_usd <= model.upper_bound(ASKED)
    assert bool(ear.heard) is (fault not in {"empty", "refusal"})


async def test_cached_tokens_and_thoughts_are_counted_where_they_belong(kind: str) -> None:
    async with FakeProvider(faults={1: "thoughtful"}) as provider:
        usage = (await remote_model(kind, provider).answer(ASKED)).usage
    (call,) = provider.calls
    assert (usage.input_tokens, usage.output_tokens) == (call.input_tokens, call.output_tokens)
    assert (usage.cached_tokens, usage.reasoning_tokens) == (call.input_tokens // 4 * 2, 40)


async def test_text_grows_until_it_is_the_reply(kind: str) -> None:
    request, ear = heard()
    async with FakeProvider() as provider:
        reply = await remote_model(kind, provider).answer(request)
    assert ear.heard[-1] == reply.text
    assert len(ear.heard) > 5
    assert all(later.startswith(earlier) for earlier, later in pairwise(ear.heard))


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
async def test_thoughts_in_the_text_are_no_part_of_the_answer(kind: str, streamed: bool) -> None:
    request, ear = heard()
    async with FakeProvider(faults={1: "think"}) as provider:
        reply = await remote_model(kind, provider).answer(request if streamed else ASKED)
    assert not any("think" in text for text in [reply.text, *ear.heard])
    assert reply.text.startswith("Here you are")


@pytest.mark.parametrize(("fault", "finish"), [("good", "stop"), ("length", "length"), ("refusal", "refused")])
async def test_reply_tells_how_it_ended(kind: str, fault: str, finish: str) -> None:
    async with FakeProvider(faults={1: fault}) as provider:
        reply = await remote_model(kind, provider).answer(ASKED)
    assert reply.finish == finish
    assert reply.text


FAULTS: Mapping[str, tuple[type[AIWriterError], bool | None]] = {
    # fault: the error, and whether it may be billed
    "500": (Unavailable, False),
    "502": (Unavailable, True),
    "503": (Unavailable, False),
    "429": (RateLimited, False),
    "reset": (Unavailable, True),
    "early_end": (Unavailable, True),
    "stall": (Unavailable, True),
    "timeout": (Unavailable, True),
    "not_json": (Unavailable, True),
    "error_body": (Unavailable, False),
    "quota": (AccountRefused, None),
    "402": (AccountRefused, None),
    "400": (ProviderRejected, None),
    "401": (AccountRefused, None),
    "404": (ModelUnknown, None),
    "422": (ProviderRejected, None),
}


PATIENCE = {"timeout": 0.3, "stall": 1.0}  # seconds, where nothing more will come; elsewhere the usual time


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_failure_is_translated_and_knows_whether_it_may_be_billed(kind: str, fault: str, streamed: bool) -> None:
    error, sent = FAULTS[fault]
    request, ear = heard()
    async with FakeProvider(faults={1: fault}) as provider:
        model = remote_model(kind, provider, api_key=KEY, timeout_seconds=PATIENCE.get(fault))
        with pytest.raises(error) as caught:
            await model.answer(request if streamed else ASKED)
    assert type(caught.value) is error
    assert getattr(caught.value, "sent", None) is sent
    assert caught.value.hint or fault in {"400", "422"}
    assert provider.address in str(caught.value)
    assert KEY not in f"{caught.value} {caught.value.hint}"
    assert len(provider.calls) == 1, "the SDK must not retry"
    assert bool(ear.heard) is (streamed and fault in {"reset", "early_end", "stall"})


async def test_error_in_the_middle_of_a_stream_may_be_billed(kind: str) -> None:
    request, ear = heard()
    async with FakeProvider(faults={1: "error_midway"}) as provider:
        with pytest.raises(Unavailable) as caught:
            await remote_model(kind, provider).answer(request)
    assert (type(caught.value), caught.value.sent, bool(ear.heard)) == (Unavailable, True, True)


@pytest.mark.parametrize("events", [(), (b"data: {\n\n",), (b'event: x\ndata: "hi"\n\n',), (b"data: \xff\xfe\n\n",)])
async def test_stream_that_makes_no_sense_may_be_billed(kind: str, events: tuple[bytes, ...]) -> None:
    request, _ear = heard()
    async with FakeProvider(faults={1: Answer(events=(b": hello\n\n", *events))}) as provider:
        with pytest.raises(Unavailable) as caught:
            await remote_model(kind, provider).answer(request)
    assert caught.value.sent


async def test_server_that_is_not_there_was_sent_nothing(kind: str) -> None:
    async with FakeProvider() as provider:
        pass
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        await remote_model(kind, provider).answer(ASKED)
    assert not caught.value.sent
    assert "doctor" in (caught.value.hint or "")


async def test_rate_limit_tells_when_to_come_back(kind: str) -> None:
    async with FakeProvider(faults={1: "429"}) as provider:
        with pytest.raises(RateLimited) as caught:
            await remote_model(kind, provider).answer(ASKED)
    assert caught.value.retry_after == 1.0


async def test_cancelled_wait_hangs_up(kind: str) -> None:
    request, ear = heard()
    async with FakeProvider(faults={1: "stall"}) as provider:
        task = asyncio.create_task(remote_model(kind, provider).answer(request))
        await ear.begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with asyncio.timeout(20):
            await provider.at_rest()


async def test_probe_asks_for_the_models_and_pays_nothing(kind: str) -> None:
    async with FakeProvider() as provider:
        assert "heron-1 is listed there" in await remote_model(kind, provider).probe()
        assert "egret-1 is not among the 2" in await remote_model(kind, provider, "egret-1").probe()
    assert provider.calls == []


async def test_probe_of_a_server_that_is_not_there_is_unavailable(kind: str) -> None:
    async with FakeProvider() as provider:
        pass
    with pytest.raises(Unavailable, match="cannot be reached"):
        await remote_model(kind, provider).probe()


# ── within the layers ────────────────────────────────────────────────────────────────────────────────────────────────

BAD = ["think", "broken_json", "empty", "wrong_schema", "truncated_json", "length", "503"]


@pytest.mark.parametrize("fault", BAD)
async def test_ledger_is_the_bill_of_the_provider_after_a_bad_reply(kind: str, fault: str) -> None:
    journal, (request, ear) = MemoryDatabase().journal(LOCAL_WORKSPACE), heard()
    async with FakeProvider(faults={1: fault}) as provider:
        reply = await wrap(remote_model(kind, provider), journal, ManualClock()).answer(request)
    totals = await journal.totals(RUN)
    assert isinstance(reply.parsed, SectionReply)
    assert (totals.cost_usd, totals.unknown) == (provider.billed_usd, 0)
    assert ear.heard[-1] == reply.text


@pytest.mark.parametrize("fault", ["reset", "early_end", "stall", "error_midway"])
async def test_broken_stream_counts_as_unknown_and_is_asked_for_again(kind: str, fault: str) -> None:
    journal, (request, ear) = MemoryDatabase().journal(LOCAL_WORKSPACE), heard()
    async with FakeProvider(faults={1: fault}) as provider:
        model = remote_model(kind, provider, timeout_seconds=PATIENCE.get(fault))
        reply = await wrap(model, journal, ManualClock()).answer(request)
    totals = await journal.totals(RUN)
    assert (totals.unknown, totals.cost_usd) == (1, model.upper_bound(request) + reply.cost_usd)
    assert totals.cost_usd >= provider.billed_usd
    assert any(not later.startswith(earlier) for earlier, later in pairwise(ear.heard))
    assert ear.heard[-1] == reply.text


@pytest.mark.parametrize("fault", ["refusal", "quota"])
async def test_refusals_are_asked_once(kind: str, fault: str) -> None:
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    async with FakeProvider(faults={1: fault}) as provider:
        with pytest.raises(ProviderRejected):
            await wrap(remote_model(kind, provider), journal, ManualClock()).answer(ASKED)
    assert len(provider.calls) == 1
    assert (await journal.totals(RUN)).cost_usd == provider.billed_usd


async def test_three_attempts_are_three_requests(kind: str) -> None:
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    async with FakeProvider(faults=dict.fromkeys(range(1, 10), "503")) as provider:
        with pytest.raises(Unavailable):
            await wrap(remote_model(kind, provider), journal, ManualClock()).answer(ASKED)
    assert len(provider.calls) == 3


# ── before anything is sent ──────────────────────────────────────────────────────────────────────────────────────────

MADE: Mapping[str, Any] = {"OPENAI": (OpenAIModel, OpenAIOptions), "GEMINI": (GeminiModel, Options)}
MADE = {**MADE, "ANTHROPIC": (AnthropicModel, Options)}


def made(group: str, model: str = "new-9", **options: Any) -> RemoteModel:
    kind, options_of = MADE[group]
    result: RemoteModel = kind(model, options_of(**options))
    return result


@pytest.mark.parametrize("group", MADE)
def test_missing_key_names_the_variable_the_place_and_the_way_without_one(group: str) -> None:
    with pytest.raises(BadInput, match=f"{group}_API_KEY") as caught:
        made(group)
    assert caught.value.hint is not None
    for word in (f"{group}_API_KEY=", ".env", "AIWRITER_OPENAI__BASE_URL", "offline:extractive"):
        assert word in caught.value.hint


@pytest.mark.parametrize("group", MADE)
@pytest.mark.parametrize("key", ["sk schlüssel", "sk-ü", "sk-\n-1"])
def test_key_that_cannot_be_one_is_refused_before_it_is_sent(group: str, key: str) -> None:
    with pytest.raises(BadInput, match="character"):
        made(group, api_key=key)


@pytest.mark.parametrize("group", MADE)
@pytest.mark.parametrize("url", ["127.0.0.1:8311", "ftp://host/v1", "http://"])
def test_address_that_is_none_is_refused(group: str, url: str) -> None:
    with pytest.raises(BadInput, match=f"AIWRITER_{group}__BASE_URL"):
        made(group, base_url=url)


@pytest.mark.parametrize("group", MADE)
def test_price_nobody_knows_is_refused_unless_allowed(group: str) -> None:
    with pytest.raises(BadInput, match="costs") as caught:
        made(group, api_key="sk-test")
    assert f"AIWRITER_{group}__ALLOW_UNKNOWN_PRICE" in (caught.value.hint or "")
    assert made(group, api_key="sk-test", allow_unknown_price=True).upper_bound(ASKED) == 0


def test_options_do_not_show_the_key() -> None:
    assert KEY not in repr(Options(api_key=KEY))
    assert KEY not in repr(OpenAIOptions(api_key=KEY))
