"""Every model behind an HTTP API, aimed at the fake provider: for suites that all of them must pass."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from aiwriter.llm.anthropic import AnthropicModel
from aiwriter.llm.gemini import GeminiModel
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.openai_responses import OpenAIResponsesModel
from aiwriter.llm.profiles import Price
from aiwriter.llm.remote import Options, RemoteModel
from aiwriter.testing.fake_faults import CACHED_USD, INPUT_USD, OUTPUT_USD
from aiwriter.testing.fake_provider import FakeProvider

REMOTES = ("openai", "openai-responses", "gemini", "anthropic")
PRICE = Price(INPUT_USD, OUTPUT_USD, CACHED_USD, Decimal("1.25"))


def remote_model(kind: str, provider: FakeProvider, model: str = "heron-1", **options: Any) -> RemoteModel:
    """The model of that kind at the fake provider, at the fake's price."""
    options = {"price": PRICE} | options
    if kind == "gemini":
        return GeminiModel(model, Options(base_url=provider.address, **options))
    if kind == "anthropic":
        return AnthropicModel(model, Options(base_url=provider.address, **options))
    kinds = {"openai": OpenAIModel, "openai-responses": OpenAIResponsesModel}
    return kinds[kind](model, OpenAIOptions(base_url=provider.base_url, **options))
