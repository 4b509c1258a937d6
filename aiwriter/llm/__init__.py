"""Language models by name: `create("openai:gpt-4.1-mini")`. One dictionary from scheme to factory."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from aiwriter.errors import BadInput
from aiwriter.llm.openai import OpenAIModel, OpenAIOptions
from aiwriter.llm.profiles import Price
from aiwriter.llm.remote import Options
from aiwriter.ports import Embedder, LanguageModel

if TYPE_CHECKING:
    from pydantic import SecretStr

    from aiwriter.settings import ProviderSettings, Settings

__all__ = ["OpenAIOptions", "Options", "Price", "create", "create_all", "load"]

OFFLINE = "offline:extractive"


class ModelProvider(LanguageModel, Protocol):
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


def create_all(spec: str, settings: Settings, embedder: Embedder) -> list[ModelProvider]:
    """The models that a list names, "openai:a, openai:b", in order; one is a list of one.

    Raises BadInput as `create` does, and for a list that names a model twice or mixes digests with articles.
    """
    models = [create(one, settings, embedder) for one in spec.split(",")]
    if len({model.name for model in models}) < len(models):
        raise BadInput(f"{spec!r} names a model twice", hint="Name each once: it is tried again by itself.")
    if len({model.writes for model in models}) > 1:
        raise BadInput(
            f"{spec!r} mixes models that write articles with one that makes digests",
            hint=f"Leave out {OFFLINE}: a run that no model answers can be resumed.",
        )
    return models


def load(spec: str) -> None:
    """Import what the (first) model needs for its first call, which takes a second: for a thread beside other work."""
    library = LIBRARIES.get(spec.partition(":")[0].strip().lower())
    if library:
        with suppress(ImportError):  # the call itself will say so
            import_module(library)


def _openai(model: str, settings: Settings, _embedder: Embedder) -> ModelProvider:
    group = settings.openai
    options = OpenAIOptions(**_options(group, settings.openai_api_key), api=group.api)
    if group.api == "responses":
        from aiwriter.llm.openai_responses import OpenAIResponsesModel

        return OpenAIResponsesModel(model, options)
    return OpenAIModel(model, options)


def _gemini(model: str, settings: Settings, _embedder: Embedder) -> ModelProvider:
    from aiwriter.llm.gemini import GeminiModel

    return GeminiModel(model, Options(**_options(settings.gemini, settings.gemini_api_key)))


def _anthropic(model: str, settings: Settings, _embedder: Embedder) -> ModelProvider:
    from aiwriter.llm.anthropic import AnthropicModel

    return AnthropicModel(model, Options(**_options(settings.anthropic, settings.anthropic_api_key)))


def _options(group: ProviderSettings, key: SecretStr | None) -> dict[str, Any]:
    price = None
    if group.input_usd is not None and group.output_usd is not None:
        price = Price(group.input_usd, group.output_usd)
    return {
        "api_key": key.get_secret_value() if key else None,
        "base_url": group.base_url,
        "timeout_seconds": group.timeout_seconds,
        "context_tokens": group.context_tokens,
        "price": price,
        "allow_unknown_price": group.allow_unknown_price,
    }


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
    "gemini": _gemini,
    "anthropic": _anthropic,
    "huggingface": _huggingface,
    "offline": _offline,
}


LIBRARIES = {"openai": "openai", "gemini": "google.genai", "anthropic": "anthropic"}


def _hint(scheme: str, spec: str) -> str:
    from aiwriter.llm.profiles import known

    full = {OFFLINE: OFFLINE} | {name.partition(":")[2]: name for name in known()}
    model = spec.partition(":")[2] or (spec if ":" not in spec else "")
    near = [full[name] for name in difflib.get_close_matches(model, full, n=1, cutoff=0.8)]
    if near:
        return f"Did you mean {near[0]}?"
    provider = difflib.get_close_matches(scheme.lower(), PROVIDERS, n=1, cutoff=0.6)
    guess = f"Did you mean {provider[0]}:…? " if provider and provider[0] != scheme.lower() else ""
    return f"{guess}Write provider:model, such as {OFFLINE} or openai:gpt-4.1-mini ({', '.join(PROVIDERS)})."
