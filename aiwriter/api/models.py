"""Which models may be asked for here, as things are set up."""

from __future__ import annotations

from collections.abc import Iterator

from aiwriter.api.schemas import ModelHead
from aiwriter.bootstrap import Tools
from aiwriter.errors import BadInput
from aiwriter.settings import OFFLINE_MODEL


def models_for(tools: Tools) -> tuple[ModelHead, ...]:
    """The default model first, then the offline writer, then those that the table knows of providers with a key; of
    OpenAI in any case, since its name stands for any endpoint."""
    return tuple(_head(tools, name) for name in dict.fromkeys(_names(tools)))


def _names(tools: Tools) -> Iterator[str]:
    from aiwriter.llm import profiles

    yield tools.settings.model
    yield OFFLINE_MODEL
    settings = tools.settings
    shown = {
        "openai": not settings.openai.base_url,  # another endpoint has models of its own
        "gemini": settings.gemini_api_key and not settings.gemini.base_url,
        "anthropic": settings.anthropic_api_key and not settings.anthropic.base_url,
    }
    yield from (name for name in profiles.known() if shown.get(name.partition(":")[0]))


def _head(tools: Tools, name: str) -> ModelHead:
    default = name == tools.settings.model
    try:
        model = tools.model(name)
    except BadInput as error:
        note = f"{error}. {error.hint}" if error.hint else str(error)
        return ModelHead(name=name, writes=None, default=default, usable=False, note=note)
    return ModelHead(name=name, writes=model.writes, default=default, usable=True)
