"""What the fake provider says is what the SDKs' own types describe: no field is missing and none is made up."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pkgutil import resolve_name
from typing import Any

import pytest
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
# Of each format: the type of a whole answer, and that of a stream's events. By name: to import the SDKs takes seconds,
# and every process of a test run collects this file.
TYPES: dict[str, tuple[Wire, str, str]] = {
    "chat": (Chat(), "openai.types.chat.ChatCompletion", "openai.types.chat.ChatCompletionChunk"),
    "responses": (Responses(), "openai.types.responses.Response", "openai.types.responses.ResponseStreamEvent"),
    "anthropic": (Anthropic(), "anthropic.types.Message", "anthropic.types.RawMessageStreamEvent"),
    "gemini": (Gemini(), *["google.genai.types.GenerateContentResponse"] * 2),
}
UNTYPED = {"ping"}  # the SDK passes it over before it looks at types


def read_as(kind: str, value: object) -> BaseModel:
    """The value as the SDK's type of this name."""
    made: BaseModel = TypeAdapter(resolve_name(kind)).validate_python(value)
    return made


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
    assert list(made_up(read_as(kind, wire.whole(TOLD[told])))) == []


@pytest.mark.parametrize("told", TOLD)
@pytest.mark.parametrize("name", TYPES)
def test_each_event_of_a_stream_is_what_the_sdk_describes(name: str, told: str) -> None:
    wire, _whole, kind = TYPES[name]
    for event in events(wire, TOLD[told]):
        if event.get("type") not in UNTYPED:
            assert list(made_up(read_as(kind, event), str(event.get("type", "")))) == []


def test_listed_models_are_what_the_sdks_describe() -> None:
    for model in Chat().models(("heron-1",))["data"]:
        assert list(made_up(read_as("openai.types.Model", model))) == []
    for model in Anthropic().models(("heron-1",))["data"]:
        assert list(made_up(read_as("anthropic.types.ModelInfo", model))) == []
