"""Which models may be asked for here, as things are set up."""

from __future__ import annotations

from aiwriter.api.schemas import ModelHead
from aiwriter.bootstrap import Tools
from aiwriter.errors import BadInput


def models_for(tools: Tools) -> tuple[ModelHead, ...]:
    """Each with whether it can be used."""
    return tuple(_head(tools, name) for name in tools.model_names())


def _head(tools: Tools, name: str) -> ModelHead:
    default = name == tools.settings.model
    try:
        model = tools.model(name)
    except BadInput as error:
        note = f"{error}. {error.hint}" if error.hint else str(error)
        return ModelHead(name=name, writes=None, default=default, usable=False, note=note)
    return ModelHead(name=name, writes=model.writes, default=default, usable=True)
