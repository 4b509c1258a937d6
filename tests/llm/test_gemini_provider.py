"""What is Gemini's own: how it is asked, its blocks, its finish reasons, its usage."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from aiwriter.documents import Stage
from aiwriter.errors import Unavailable
from aiwriter.ids import new_id
from aiwriter.llm.gemini import GeminiModel
from aiwriter.llm.remote import Options
from aiwriter.ports import CallKey, ModelReply, ModelRequest, OutlineReply, Prompt
from aiwriter.testing.fake_provider import Answer, FakeProvider
from aiwriter.testing.fake_wires import event
from aiwriter.testing.remotes import remote_model

ASKED = ModelRequest(CallKey(new_id(), Stage.OUTLINE), Prompt("outline", "You plan.", "Plan.", "hash"), OutlineReply)
USAGE = {"promptTokenCount": 100, "totalTokenCount": 100}


async def nobody(_text: str) -> None:
    """Listens, so that the answer is streamed."""


async def reply_to(*pieces: dict[str, Any], streamed: bool = True) -> ModelReply:
    """The reply that these pieces of a stream, or this one whole answer, make."""
    answer = Answer(events=tuple(map(event, pieces))) if streamed else Answer(body=event(pieces[0])[6:])
    async with FakeProvider(faults={1: answer}) as provider:
        model = remote_model("gemini", provider)
        return await model.answer(replace(ASKED, on_text=nobody if streamed else None))


def candidate(text: str = "", finish: str | None = None, **more: Any) -> dict[str, Any]:
    content = {"content": {"role": "model", "parts": [{"text": text}]}} if text else {}
    return {"candidates": [{"index": 0, **content, **({"finishReason": finish} if finish else {}), **more}]}


async def test_request_is_what_the_api_expects() -> None:
    async with FakeProvider() as provider:
        await remote_model("gemini", provider).answer(replace(ASKED, max_output_tokens=500))
    (body,) = provider.bodies
    config = body["generationConfig"]
    assert body["systemInstruction"]["parts"] == [{"text": "You plan."}]
    assert (config["maxOutputTokens"], config["temperature"]) == (500, 0.3)
    assert config["responseMimeType"] == "application/json"
    assert config["responseJsonSchema"]["required"] == ["title", "description", "sections"]


@pytest.mark.parametrize(
    ("name", "thinking"),
    [
        ("gemini-3.8-flash", {"thinking_level": "LOW"}),
        ("gemini-2.5-pro", {"thinking_budget": 1_024}),
        ("gemini-2.5-flash-lite", None),
    ],
)
def test_model_that_thinks_is_given_room_for_it(name: str, thinking: dict[str, Any] | None) -> None:
    config = GeminiModel(name, Options(api_key="key"))._config(ASKED)
    assert config.get("thinking_config") == thinking
    assert (config["max_output_tokens"] > ASKED.max_output_tokens) is bool(thinking)
    assert ("temperature" in config) is (not thinking)


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("reason", ["SAFETY", "PROHIBITED_CONTENT", "OTHER"])
async def test_blocked_prompt_is_a_refusal_with_its_reason(reason: str, streamed: bool) -> None:
    reply = await reply_to({"promptFeedback": {"blockReason": reason}, "usageMetadata": USAGE}, streamed=streamed)
    assert (reply.finish, reply.text) == ("refused", f"the prompt was blocked: {reason}")
    assert reply.cost_usd == Decimal("0.0001")


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("STOP", "stop"),
        ("MAX_TOKENS", "length"),
        ("CONTINUATION", "length"),
        ("SAFETY", "refused"),
        ("RECITATION", "refused"),
        ("BLOCKLIST", "refused"),
        ("SPII", "refused"),
        ("MALFORMED_RESPONSE", "stop"),
    ],
)
async def test_finish_reasons_are_told_apart(reason: str, finish: str, streamed: bool) -> None:
    reply = await reply_to(candidate("{", reason) | {"usageMetadata": USAGE}, streamed=streamed)
    assert reply.finish == finish
    assert (reason in reply.text) is (finish == "refused")


async def test_safety_block_in_the_middle_of_a_stream_is_a_refusal() -> None:
    end = candidate(finish="SAFETY") | {"usageMetadata": USAGE}
    reply = await reply_to(candidate("half of it"), end)
    assert (reply.finish, reply.text) == ("refused", "SAFETY")


async def test_reason_that_is_new_is_a_refusal_told_in_its_own_words() -> None:
    reply = await reply_to(candidate("he", "A_NEW_ONE", finishMessage="because"), streamed=False)
    assert (reply.finish, reply.text) == ("refused", "A_NEW_ONE: because")


async def test_thoughts_beside_the_text_are_passed_over() -> None:
    thought = {"index": 0, "content": {"parts": [{"text": "hm", "thought": True}]}}
    reply = await reply_to({"candidates": [thought]}, candidate("heron", "STOP"))
    assert (reply.text, reply.usage.estimated) == ("heron", True)


async def test_usage_that_comes_after_the_last_text_counts() -> None:
    reply = await reply_to(candidate("heron"), candidate(finish="STOP"), {"usageMetadata": USAGE})
    assert (reply.text, reply.usage.input_tokens, reply.finish) == ("heron", 100, "stop")


async def test_fields_of_other_types_are_no_answer() -> None:
    with pytest.raises(Unavailable):
        await reply_to({"candidates": 5, "usageMetadata": "much"})
