"""Language models by name: `create("openai:gpt-4.1-mini")`. One dictionary from scheme to factory."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from aiwriter.errors import BadInput
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.profiles import Price
from aiwriter.ports import Embedder
from aiwriter.resilience.layers import Provider

if TYPE_CHECKING:
    from aiwriter.settings import Settings

__all__ = ["OpenAIOptions", "Price", "create"]

OFFLINE = "offline:extractive"


class ModelProvider(Provider, Protocol):
    """A provider as it comes, before the layers are put around it."""

    async def probe(self) -> str:
        """For people: whether it can be reached and what is known of it, found out without a paid call."""
        ...


def create(spec: str, settings: Settings, embedder: Embedder) -> ModelProvider:
    """The model that `provider:model` names, bare: `aiwriter.resilience.wrap` puts the layers around it.

    Raises BadInput with the next step for an unknown provider or model, a missing key, address or price.
    """
    scheme, colon, model = spec.strip().partition(":")
    factory = PROVIDERS.get(scheme.lower())
    if factory is None or not colon or not model.strip():
        raise BadInput(f"no such model: {spec!r}", hint=_hint(scheme, spec))
    return factory(model.strip(), settings, embedder)


def _openai(model: str, settings: Settings, _embedder: Embedder) -> ModelProvider:
    group, key = settings.openai, settings.openai_api_key
    price = None
    if group.input_usd is not None and group.output_usd is not None:
        price = Price(group.input_usd, group.output_usd)
    return OpenAIModel(
        model,
        OpenAIOptions(
            api_key=key.get_secret_value() if key else None,
            base_url=group.base_url,
            timeout_seconds=group.timeout_seconds,
            context_tokens=group.context_tokens,
            price=price,
            allow_unknown_price=group.allow_unknown_price,
        ),
    )


def _offline(model: str, _settings: Settings, embedder: Embedder) -> ModelProvider:
    if f"offline:{model}" != OFFLINE:
        raise BadInput(f"no such model: 'offline:{model}'", hint=f"The offline writer is called {OFFLINE}.")
    from aiwriter.llm.offline import OfflineWriter

    return OfflineWriter(embedder)


def _huggingface(model: str, settings: Settings, _embedder: Embedder) -> ModelProvider:
    from aiwriter.llm.huggingface import HuggingFaceOptions, from_spec

    group = settings.huggingface
    return from_spec(model, HuggingFaceOptions(group.device, group.allow_download, group.context_tokens))


PROVIDERS: dict[str, Callable[[str, Settings, Embedder], ModelProvider]] = {
    "openai": _openai,
    "huggingface": _huggingface,
    "offline": _offline,
}


def _hint(scheme: str, spec: str) -> str:
    from aiwriter.llm.profiles import known

    full = {OFFLINE: OFFLINE} | {name: f"openai:{name}" for name in known()}
    model = spec.partition(":")[2] or (spec if ":" not in spec else "")
    near = [full[name] for name in difflib.get_close_matches(model, full, n=1, cutoff=0.8)]
    if near:
        return f"Did you mean {near[0]}?"
    provider = difflib.get_close_matches(scheme.lower(), PROVIDERS, n=1, cutoff=0.6)
    guess = f"Did you mean {provider[0]}:…? " if provider and provider[0] != scheme.lower() else ""
    return f"{guess}Write provider:model, such as {OFFLINE} or openai:gpt-4.1-mini ({', '.join(PROVIDERS)})."
