"""Which models may be asked for here, as things are set up: what `aiwriter models` tells."""

from __future__ import annotations

from aiwriter.api.offers import ModelHead, ModelList
from aiwriter.bootstrap import Tools
from aiwriter.offered import Offer, offers

LISTED_SECONDS = 2.0  # somebody waits for a form


async def models_for(tools: Tools) -> ModelList:
    """Each with whether it can be used, and the endpoints that do not tell theirs."""
    offered = await offers(tools, LISTED_SECONDS)
    return ModelList(items=tuple(_head(one, tools.settings.model) for one in offered.models), away=tuple(offered.away))


def _head(one: Offer, default: str) -> ModelHead:
    return ModelHead(
        name=one.name,
        writes=one.writes,
        default=one.name.replace(" ", "") == default.replace(" ", ""),
        usable=not one.missing,
        note=one.note,
        state=one.state,
        left_alone_until=one.left_alone.until if one.left_alone else None,
        context_tokens=one.context_tokens,
        input_usd=one.input_usd,
        output_usd=one.output_usd,
    )
