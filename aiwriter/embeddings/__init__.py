"""Embedders by name: `minilm`, `sentence-transformers:NAME`, `openai:MODEL`, `gemini:MODEL`, `hashing:256`.

Nothing is loaded and nobody is asked before the first use.
"""

from __future__ import annotations

from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING

from aiwriter.embeddings import hashing, minilm, sentence_transformers
from aiwriter.embeddings.gemini import GeminiEmbedder
from aiwriter.embeddings.openai import OpenAIEmbedder
from aiwriter.embeddings.remote import Options
from aiwriter.errors import AIWriterError, BadInput
from aiwriter.resilience.embedding import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import SecretStr

    from aiwriter.ports import Embedder
    from aiwriter.resilience.embedding import PaidEmbedder
    from aiwriter.settings import Settings

#: scheme → what makes an embedder of the part after the colon ("" when there is none).
FACTORIES: Mapping[str, Callable[[str], Embedder]] = {
    "hashing": hashing.from_spec,
    "minilm": minilm.from_spec,
    "sentence-transformers": sentence_transformers.from_spec,
}


def create(spec: str) -> Embedder:
    """The embedder in this process that `spec` (`scheme` or `scheme:value`) names."""
    scheme, _, value = spec.strip().partition(":")
    if scheme not in FACTORIES:
        raise _unknown(scheme, spec)
    return FACTORIES[scheme](value)


def load(spec: str) -> None:
    """Load what the default embedder needs at its first use, if `spec` names it: for a thread beside other work."""
    if spec.strip().partition(":")[0] == "minilm":
        with suppress(AIWriterError):  # the use itself will say so
            minilm.loaded()


def create_paid(spec: str, settings: Settings) -> PaidEmbedder | None:
    """The embedder behind an API that `spec` names, bare; None when it names one in this process.

    Raises BadInput with the next step for a missing key, address or price.
    """
    scheme, _, value = spec.strip().partition(":")
    if scheme not in REMOTE:
        return None
    return REMOTE[scheme](value, settings)


def account(settings: Settings) -> str:
    """Who is left alone when the embedder's key or quota is refused; "" is its provider, with all its models."""
    group = settings.embeddings
    return ACCOUNT if group.base_url or group.api_key else ""


def _openai(value: str, settings: Settings) -> PaidEmbedder:
    # Where models are asked, embedders are asked too: texts go to no third party because one setting is missing.
    return OpenAIEmbedder(value, _options(settings, settings.openai_api_key, settings.openai.base_url))


def _gemini(value: str, settings: Settings) -> PaidEmbedder:
    return GeminiEmbedder(value, _options(settings, settings.gemini_api_key, settings.gemini.base_url))


REMOTE: Mapping[str, Callable[[str, Settings], PaidEmbedder]] = {"openai": _openai, "gemini": _gemini}


def _options(settings: Settings, provider_key: SecretStr | None, provider_url: str | None) -> Options:
    """A key goes to the address that it was given for, and to no other."""
    group = settings.embeddings
    key = group.api_key or (None if group.base_url else provider_key)
    return Options(
        api_key=key.get_secret_value() if key else None,
        base_url=group.base_url or provider_url,
        timeout_seconds=group.timeout_seconds,
        input_usd=group.input_usd,
        allow_unknown_price=group.allow_unknown_price,
    )


def _unknown(scheme: str, spec: str) -> BadInput:
    known = [*FACTORIES, *REMOTE]
    near = get_close_matches(scheme.lower(), known, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return BadInput(f"there is no embedder called {spec!r}", hint=f"{guess}known: {', '.join(known)}")
