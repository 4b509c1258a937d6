"""What is Anthropic's own: how it is asked, its stop reasons, its usage with the cache."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aiwriter.documents import Stage
from aiwriter.errors import Unavailable
from aiwriter.ids import new_id
from aiwriter.llm.anthropic import AnthropicModel
from aiwriter.llm.remote import Options
from aiwriter.ports import CallKey, ModelReply, ModelRequest, OutlineReply, Prompt
from aiwriter.testing.fake_provider import Answer, FakeProvider
from aiwriter.testing.fake_wires import event
from aiwriter.testing.remotes import remote_model

ASKED = ModelRequest(CallKey(new_id(), Stage.OUTLINE), Prompt("outline", "You plan.", "Plan.", "hash"), OutlineReply)


async def nobody(_text: str) -> None:
    """Listens, so that the answer is streamed."""


async def reply_to(*events: dict[str, Any]) -> ModelReply:
    answer = Answer(events=tuple(event(one, one["type"]) for one in events))
    async with FakeProvider(faults={1: answer}) as provider:
        return await remote_model("anthropic", provider).answer(replace(ASKED, on_text=nobody))


def begun(**usage: int) -> dict[str, Any]:
    message = {"id": "m", "type": "message", "role": "assistant", "model": "heron-1", "content": [], "usage": usage}
    return {"type": "message_start", "message": message}


def delta(text: str, kind: str = "text") -> dict[str, Any]:
    return {"type": "content_block_delta", "index": 0, "delta": {"type": f"{kind}_delta", kind: text}}


def ended(reason: str, **usage: int) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None}, "usage": usage}


END = {"type": "message_stop"}


async def test_request_is_what_the_api_expects() -> None:
    async with FakeProvider() as provider:
        await remote_model("anthropic", provider).answer(replace(ASKED, max_output_tokens=500))
    (body,) = provider.bodies
    assert (body["system"], body["max_tokens"]) == ("You plan.", 500)
    assert body["messages"] == [{"role": "user", "content": "Plan."}]
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert body["output_config"]["format"]["schema"]["additionalProperties"] is False
    assert not {"temperature", "tools", "tool_choice", "stream"} & set(body)


@pytest.mark.parametrize(("name", "thinks"), [("claude-opus-5-5", True), ("claude-haiku-4-5-20251001", False)])
def test_model_that_thinks_is_given_room_for_it_and_told_to_think_little(name: str, thinks: bool) -> None:
    body = AnthropicModel(name, Options(api_key="key"))._body(ASKED)
    assert (body["max_tokens"] > ASKED.max_output_tokens) is thinks
    assert body["output_config"].get("effort") == ("low" if thinks else None)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("end_turn", "stop"),
        ("stop_sequence", "stop"),
        ("max_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("refusal", "refused"),
    ],
)
async def test_stop_reasons_are_told_apart(reason: str, finish: str) -> None:
    reply = await reply_to(begun(input_tokens=10, output_tokens=1), delta("he"), ended(reason, output_tokens=5), END)
    assert (reply.finish, reply.text) == (finish, "he")


async def test_what_was_read_from_the_cache_and_put_there_has_its_own_price() -> None:
    first = begun(input_tokens=100, cache_read_input_tokens=600, cache_creation_input_tokens=300, output_tokens=1)
    reply = await reply_to(first, delta("heron"), ended("end_turn", output_tokens=10), END)
    usage = reply.usage
    assert (usage.input_tokens, usage.cached_tokens, usage.kept_tokens, usage.output_tokens) == (1_000, 600, 300, 10)
    assert reply.cost_usd == (100 + 600 * Decimal("0.50") + 300 * Decimal("1.25") + 10 * 2) / 1_000_000


async def test_usage_at_the_end_counts_instead_of_that_at_the_beginning() -> None:
    end = ended("end_turn", input_tokens=12, output_tokens=7)
    reply = await reply_to(begun(input_tokens=10, output_tokens=1), delta("heron"), end, END)
    assert (reply.usage.input_tokens, reply.usage.output_tokens) == (12, 7)


async def test_thoughts_beside_the_text_are_passed_over() -> None:
    reply = await reply_to(begun(), delta("hm", "thinking"), delta("heron"), ended("end_turn"), END)
    assert (reply.text, reply.usage.estimated) == ("heron", True)


async def test_stream_that_only_begins_is_cut_short() -> None:
    with pytest.raises(Unavailable, match="ended before") as caught:
        await reply_to(begun(input_tokens=10, output_tokens=1), delta("her"))
    assert caught.value.sent


@pytest.mark.parametrize(("kind", "sent"), [("overloaded_error", False), ("api_error", False)])
async def test_error_before_any_text_is_not_billed(kind: str, sent: bool) -> None:
    with pytest.raises(Unavailable) as caught:
        await reply_to(begun(), {"type": "error", "error": {"type": kind, "message": "Overloaded"}})
    assert caught.value.sent is sent
