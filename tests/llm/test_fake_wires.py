"""What the fake provider says is what the SDKs' own types describe: no field is missing and none is made up."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from anthropic.types import Message, RawMessageStreamEvent
from anthropic.types.model_info import ModelInfo as AnthropicModelInfo
from google.genai.types import GenerateContentResponse
from openai.types import Model as OpenAIModelInfo
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import BaseModel, TypeAdapter

from aiwriter.testing.fake_anthropic import Anthropic
from aiwriter.testing.fake_chat import DONE, Chat
from aiwriter.testing.fake_gemini import Gemini
from aiwriter.testing.fake_responses import Responses
from aiwriter.testing.fake_wires import Told, Wire

GOOD = Told("heron-1", "The grey heron eats fish.", 100, 60, cached=20, thought=40)
TOLD = {
    "good": GOOD,
    "cut off": replace(GOOD, finish="length"),
    "refused": replace(GOOD, finish="refused"),
    "without thoughts": replace(GOOD, thought=0, cached=0),
}
# Of each format: the type of a whole answer, and that of a stream's events.
TYPES: dict[str, tuple[Wire, Any, Any]] = {
    "chat": (Chat(), ChatCompletion, ChatCompletionChunk),
    "responses": (Responses(), Response, ResponseStreamEvent),
    "anthropic": (Anthropic(), Message, RawMessageStreamEvent),
    "gemini": (Gemini(), GenerateContentResponse, GenerateContentResponse),
}
UNTYPED = {"ping"}  # the SDK passes it over before it looks at types


def made_up(value: Any, place: str = "") -> Iterator[str]:
    """Fields that the type does not know."""
    if isinstance(value, list):
        for one in value:
            yield from made_up(one, place)
    if isinstance(value, BaseModel):
        yield from (f"{place}.{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from made_up(getattr(value, name), f"{place}.{name}")


def events(wire: Wire, told: Told) -> list[dict[str, Any]]:
    asked: Mapping[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}
    sent = [event for event in wire.events(told, asked) if event != DONE]
    return [json.loads(event.partition(b"data: ")[2]) for event in sent]


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("name", TYPES)
def test_whole_answer_is_what_the_sdk_describes(name: str, told: str) -> None:
    wire, kind, _event = TYPES[name]
    validate: Callable[[object], BaseModel] = TypeAdapter(kind).validate_python
    assert list(made_up(validate(wire.whole(TOLD[told])))) == []


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("name", TYPES)
def test_each_event_of_a_stream_is_what_the_sdk_describes(name: str, told: str) -> None:
    wire, _whole, kind = TYPES[name]
    validate: Callable[[object], BaseModel] = TypeAdapter(kind).validate_python
    for event in events(wire, TOLD[told]):
        if event.get("type") not in UNTYPED:
            assert list(made_up(validate(event), str(event.get("type", "")))) == []


def test_listed_models_are_what_the_sdks_describe() -> None:
    for model in Chat().models(("heron-1",))["data"]:
        assert list(made_up(OpenAIModelInfo.model_validate(model))) == []
    for model in Anthropic().models(("heron-1",))["data"]:
        assert list(made_up(AnthropicModelInfo.model_validate(model))) == []
