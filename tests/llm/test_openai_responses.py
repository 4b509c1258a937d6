"""What is Responses' own: how it is asked, and how failures are told in it."""

from dataclasses import replace
from typing import Any

import pytest

from aiwriter.documents import Stage
from aiwriter.errors import ProviderRejected, RateLimited, Unavailable
from aiwriter.ids import new_id
from aiwriter.llm.openai import OpenAIOptions
from aiwriter.llm.openai_responses import OpenAIResponsesModel
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
        return await remote_model("openai-responses", provider).answer(replace(ASKED, on_text=nobody))


async def test_request_is_what_the_api_expects() -> None:
    async with FakeProvider() as provider:
        await remote_model("openai-responses", provider).answer(replace(ASKED, max_output_tokens=500))
    (body,) = provider.bodies
    assert (body["instructions"], body["input"], body["max_output_tokens"]) == ("You plan.", "Plan.", 500)
    assert (body["temperature"], body["store"]) == (0.3, False)
    assert body["text"]["format"] | {"schema": {}} == {
        "type": "json_schema",
        "name": "OutlineReply",
        "strict": True,
        "schema": {},
    }


def test_reasoning_model_is_asked_in_its_own_terms() -> None:
    body = OpenAIResponsesModel("gpt-5-mini", OpenAIOptions(api_key="sk-test"))._response_body(ASKED)
    assert body["max_output_tokens"] > ASKED.max_output_tokens
    assert body["reasoning"] == {"effort": "low"}
    assert "temperature" not in body


TEXT = {"type": "response.output_text.delta", "delta": "he", "item_id": "m", "output_index": 0, "content_index": 0}


def failed(code: str) -> dict[str, Any]:
    return {"type": "response.failed", "response": {"status": "failed", "error": {"code": code, "message": "sorry"}}}


async def test_response_that_failed_is_billed_only_once_there_was_text() -> None:
    for events, sent in (([failed("server_error")], False), ([TEXT, failed("server_error")], True)):
        with pytest.raises(Unavailable, match="sorry") as caught:
            await reply_to(*events)
        assert caught.value.sent is sent


async def test_failure_for_the_rate_says_so() -> None:
    with pytest.raises(RateLimited):
        await reply_to(failed("rate_limit_exceeded"))
    with pytest.raises(ProviderRejected):
        await reply_to(failed("insufficient_quota"))


async def test_last_event_without_a_response_is_no_answer() -> None:
    with pytest.raises(Unavailable) as caught:
        await reply_to({"type": "response.completed", "response": None})
    assert caught.value.sent
