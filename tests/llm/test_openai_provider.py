"""The OpenAI-compatible provider over real sockets: what it sends, and what it makes of every kind of answer."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from aiwriter.documents import Stage
from aiwriter.errors import (
    AccountRefused,
    AIWriterError,
    BadInput,
    BadReply,
    ProviderRejected,
    RateLimited,
    Unavailable,
)
from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions, strict_schema
from aiwriter.llm.profiles import Price
from aiwriter.ports import CallKey, ModelRequest, OutlineReply, Prompt
from aiwriter.resilience.layers import wrap
from aiwriter.testing import ManualClock, MemoryDatabase
from aiwriter.testing.fake_provider import Answer, FakeProvider

PRICE = Price(Decimal("1.00"), Decimal("2.00"))
RUN = new_id()
PROMPT = Prompt(
    "section",
    "You write.",
    '[S1] (Herons) The grey heron stands up to a metre tall. It eats fish.\nAnswer in this form: {"paragraphs": []}',
    "hash",
)


class Sentences(BaseModel):
    sentences: list[dict[str, Any]]


class Wanted(BaseModel):
    paragraphs: list[Sentences]


ASKED = ModelRequest(CallKey(RUN, Stage.SECTIONS), PROMPT, Wanted, max_output_tokens=500)
PLAIN = replace(ASKED, schema=None)


def model_at(provider: FakeProvider, **options: Any) -> OpenAIModel:
    return OpenAIModel("heron-1", OpenAIOptions(base_url=provider.base_url, price=PRICE, **options))


async def test_request_is_what_endpoints_expect_and_cost_is_exact() -> None:
    async with FakeProvider() as provider:
        model = model_at(provider, api_key="sk-test")
        reply = await model.answer(ASKED)
    body, call = provider.bodies[0], provider.calls[0]
    assert body["model"] == "heron-1"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert (body["max_tokens"], body["temperature"]) == (500, 0.3)
    assert body["response_format"]["json_schema"]["name"] == "Wanted"
    assert call.key == "sk-test"
    assert Wanted.model_validate_json(reply.text).paragraphs
    assert reply.cost_usd == Decimal(call.price_usd) == provider.billed_usd > 0
    assert reply.cost_usd <= model.upper_bound(ASKED)
    assert not reply.usage.estimated


async def test_server_on_this_machine_needs_no_key_and_its_models_cost_nothing() -> None:
    async with FakeProvider() as provider:
        model = OpenAIModel("heron-1", OpenAIOptions(base_url=provider.base_url))
        reply = await model.answer(ASKED)
    assert (reply.cost_usd, model.upper_bound(ASKED), model.context_tokens) == (0, 0, 8192)


@pytest.mark.parametrize(
    ("formats", "kinds"),
    [({"json_object", "text"}, ["json_schema", "json_object"]), ({"text"}, ["json_schema", "json_object", None])],
)
async def test_format_an_endpoint_does_not_know_is_given_up_once_for_all(
    formats: set[str], kinds: list[str | None]
) -> None:
    async with FakeProvider(formats=frozenset(formats)) as provider:
        model = model_at(provider)
        for _ in range(2):
            assert Wanted.model_validate_json((await model.answer(ASKED)).text)
        await model_at(provider).answer(ASKED)
    sent = [body.get("response_format", {}).get("type") for body in provider.bodies]
    assert sent == [*kinds, kinds[-1], kinds[-1]]
    assert '"additionalProperties": false' in provider.bodies[-1]["messages"][-1]["content"]
    assert sum(Decimal(call.price_usd) > 0 for call in provider.calls) == 3


FAULTS: Mapping[str, tuple[type[AIWriterError], bool | None]] = {
    "500": (Unavailable, False),
    "502": (Unavailable, True),
    "503": (Unavailable, False),
    "429": (RateLimited, False),
    "reset": (Unavailable, True),
    "timeout": (Unavailable, True),
    "not_json": (Unavailable, True),
    "error_body": (Unavailable, False),
    "quota": (AccountRefused, None),
    "402": (AccountRefused, None),
    "400": (ProviderRejected, None),
    "401": (AccountRefused, None),
    "404": (ProviderRejected, None),
    "422": (ProviderRejected, None),
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_failure_is_translated_and_knows_whether_it_may_be_billed(fault: str) -> None:
    kind, sent = FAULTS[fault]
    async with FakeProvider(faults={1: fault}) as provider:
        with pytest.raises(kind) as caught:
            await model_at(provider, timeout_seconds=0.2).answer(ASKED)
    assert type(caught.value) is kind
    assert getattr(caught.value, "sent", None) is sent
    assert caught.value.hint or kind is ProviderRejected
    assert provider.base_url in str(caught.value)
    assert len(provider.calls) == 1, "the SDK must not retry"


async def test_server_that_is_not_there_was_sent_nothing() -> None:
    async with FakeProvider() as provider:
        pass
    with pytest.raises(Unavailable, match="cannot be reached") as caught:
        await model_at(provider).answer(ASKED)
    assert not caught.value.sent
    assert "doctor" in (caught.value.hint or "")


async def test_thoughts_are_not_part_of_the_answer() -> None:
    async with FakeProvider(faults={1: "think"}) as provider:
        reply = await model_at(provider).answer(ASKED)
    assert "think" not in reply.text
    assert reply.text.startswith("Here you are")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("no thoughts", "no thoughts"),
        ("<think>a</think>b", "b"),
        ("a thought without a beginning</think>\nb", "b"),
        ("<think>a thought without an end", ""),
        ("a < b and <b>think</b>", "a < b and <b>think</b>"),
    ],
)
async def test_thoughts_are_found_however_they_are_marked(said: str, text: str) -> None:
    body = b'{"choices": [{"message": {"content": %s}}]}' % json_bytes(said)
    async with FakeProvider(faults={1: Answer(body=body)}) as provider:
        assert (await model_at(provider).answer(PLAIN)).text == text


async def test_usage_that_is_missing_is_estimated_and_marked() -> None:
    async with FakeProvider(faults={1: "no_usage"}) as provider:
        model = model_at(provider)
        reply = await model.answer(ASKED)
    assert reply.usage.estimated
    assert 0 < reply.cost_usd <= model.upper_bound(ASKED)


async def test_tokens_read_from_the_cache_have_their_own_price() -> None:
    body = (
        b'{"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 1000, '
        b'"completion_tokens": 10, "prompt_tokens_details": {"cached_tokens": 600}}}'
    )
    async with FakeProvider(faults={1: Answer(body=body)}) as provider:
        price = Price(Decimal("2.00"), Decimal("8.00"), Decimal("0.50"))
        model = OpenAIModel("m", OpenAIOptions(base_url=provider.base_url, price=price))
        reply = await model.answer(PLAIN)
    assert reply.usage.cached_tokens == 600
    assert reply.cost_usd == (400 * Decimal("2.00") + 600 * Decimal("0.50") + 10 * Decimal("8.00")) / 1_000_000


@pytest.mark.parametrize("fault", ["broken_json", "think", "empty", "wrong_schema", "truncated_json", "length"])
async def test_run_gets_over_every_bad_reply_and_pays_what_the_provider_says(fault: str, tmp_path: Path) -> None:
    journal, log = MemoryDatabase().journal(LOCAL_WORKSPACE), tmp_path / "calls.jsonl"
    async with FakeProvider(faults={1: fault}, log=log) as provider:
        reply = await wrap(model_at(provider), journal, ManualClock()).answer(ASKED)
    assert isinstance(reply.parsed, Wanted)
    assert (await journal.totals(RUN)).cost_usd == provider.billed_usd
    assert len(log.read_text().splitlines()) == len(provider.calls)


@pytest.mark.parametrize("fault", ["refusal", "quota"])
async def test_refusals_are_asked_once(fault: str) -> None:
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    async with FakeProvider(faults={1: fault}) as provider:
        with pytest.raises(ProviderRejected):
            await wrap(model_at(provider), journal, ManualClock()).answer(ASKED)
    assert len(provider.calls) == 1
    assert (await journal.totals(RUN)).cost_usd == provider.billed_usd


async def test_three_attempts_are_three_requests() -> None:
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    async with FakeProvider(faults=dict.fromkeys(range(1, 10), "503")) as provider:
        with pytest.raises(Unavailable):
            await wrap(model_at(provider), journal, ManualClock()).answer(ASKED)
    assert len(provider.calls) == 3


async def test_reply_that_never_fits_says_so() -> None:
    journal = MemoryDatabase().journal(LOCAL_WORKSPACE)
    async with FakeProvider(faults=dict.fromkeys(range(1, 10), "wrong_schema")) as provider:
        with pytest.raises(BadReply, match="paragraphs: Field required"):
            await wrap(model_at(provider), journal, ManualClock()).answer(ASKED)
    assert len(provider.calls) == 3


def test_missing_key_names_the_variable_the_place_and_the_way_without_one() -> None:
    with pytest.raises(BadInput, match="OPENAI_API_KEY") as caught:
        OpenAIModel("gpt-4.1-mini", OpenAIOptions())
    assert caught.value.hint is not None
    for word in ("OPENAI_API_KEY=", ".env", "AIWRITER_OPENAI__BASE_URL", "offline:extractive"):
        assert word in caught.value.hint


@pytest.mark.parametrize("key", ["sk schlüssel", "sk-ü", "sk-\n-1"])
def test_key_that_cannot_be_one_is_refused_before_it_is_sent(key: str) -> None:
    with pytest.raises(BadInput, match="character"):
        OpenAIModel("gpt-4.1-mini", OpenAIOptions(api_key=key))


@pytest.mark.parametrize("url", ["127.0.0.1:8311", "ftp://host/v1", "http://"])
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(BadInput, match="BASE_URL"):
        OpenAIModel("m", OpenAIOptions(base_url=url))


def test_price_nobody_knows_is_refused_unless_allowed() -> None:
    with pytest.raises(BadInput, match="costs") as caught:
        OpenAIModel("gpt-99", OpenAIOptions(api_key="sk-test"))
    assert "ALLOW_UNKNOWN_PRICE" in (caught.value.hint or "")
    assert OpenAIModel("gpt-99", OpenAIOptions(api_key="sk-test", allow_unknown_price=True)).upper_bound(ASKED) == 0


def test_reasoning_model_is_asked_in_its_own_terms() -> None:
    model = OpenAIModel("gpt-5-mini", OpenAIOptions(api_key="sk-test"))
    body = model._body(ASKED, "json_schema")
    assert body["max_completion_tokens"] > 500
    assert "temperature" not in body
    assert "max_tokens" not in body


def test_schema_is_strict_and_asks_for_nothing_that_only_the_offline_writer_gives() -> None:
    schema = strict_schema(OutlineReply)
    section = schema["$defs"]["SectionReplyPlan"]
    assert schema["required"] == ["title", "description", "sections"]
    assert section["required"] == ["heading", "purpose", "passages"]
    assert section["additionalProperties"] is False
    assert "default" not in str(schema)


def json_bytes(text: str) -> bytes:
    import json

    return json.dumps(text).encode()
