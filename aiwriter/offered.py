"""Which language models can be asked for as things are set up: price, context and state; those of endpoints as well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from aiwriter import llm, preparing
from aiwriter.bootstrap import Tools
from aiwriter.documents import ArticleKind
from aiwriter.errors import AIWriterError, BadInput
from aiwriter.llm import profiles
from aiwriter.llm.remote import RemoteModel
from aiwriter.ports import Pause, Usage
from aiwriter.resilience.embedding import ACCOUNT

MILLION = 1_000_000
MOST_LISTED = 30  # models of one endpoint


@dataclass(frozen=True, slots=True)
class Offer:
    """A model, or a list of them; prices in US dollars a million tokens, None where they are not known.

    `missing` says what keeps it from being set up, with the next step in `hint`; `left_alone` until when nobody asks
    it, and why. `place` is its part in the default, for people.
    """

    name: str
    writes: ArticleKind | None = None
    context_tokens: int | None = None
    input_usd: Decimal | None = None
    output_usd: Decimal | None = None
    missing: str = ""
    hint: str = ""
    left_alone: Pause | None = None
    place: str = ""

    @property
    def state(self) -> str:
        """In words, such as "ready, the default"."""
        said = f"not set up: {self.missing}" if self.missing else "ready"
        if self.left_alone and not self.missing:
            said = f"left alone until {_time(self.left_alone.until)}"
        return said + self.place

    @property
    def note(self) -> str:
        """Why it cannot be used now; "" when it can."""
        if self.missing:
            return f"{self.missing}. {self.hint}" if self.hint else self.missing
        alone = self.left_alone
        return f"{alone.name} is left alone until {_time(alone.until)}: {alone.reason}" if alone else ""


@dataclass(frozen=True, slots=True)
class Offers:
    """The models, and the endpoints that did not tell theirs, in words."""

    models: Sequence[Offer]
    away: Sequence[str]


async def offers(tools: Tools, seconds: float) -> Offers:
    """The default model first, each of a list by itself too; an endpoint has so many seconds to list its models."""
    paused = await _paused(tools)
    theirs, away = await _of_endpoints(tools, seconds)
    default = [name.strip() for name in tools.settings.model.split(",")]
    others = (name for name in tools.model_names() if "," not in name)
    names = dict.fromkeys([", ".join(default), *default, *theirs, *others])
    return Offers([_offer(tools, name, paused, default) for name in names], away)


async def ask_again(tools: Tools, names: str) -> None:
    """Lift what keeps others from asking these models and embedders, but for a wait that their provider asked for: a
    person asks."""
    models = [name.strip() for name in names.split(",")]
    theirs = {*models, *(name.partition(":")[0] for name in models), ACCOUNT}
    for one in await tools.limits.paused(theirs):
        if one.kind != "cooling":
            await tools.limits.resume(one.name)
    tools.breakers.ask_again()


async def _paused(tools: Tools) -> dict[str, Pause]:
    current = await preparing.database_state(tools.settings) == "current"
    return {one.name: one for one in await tools.limits.paused()} if current else {}


async def _of_endpoints(tools: Tools, seconds: float) -> tuple[list[str], list[str]]:
    """The models at addresses that the settings name, and what is to be said of those that do not tell them."""
    names, away = [], []
    for scheme in llm.LIBRARIES:
        url = getattr(tools.settings, scheme).base_url
        if url:
            await asyncio.to_thread(llm.load, scheme)  # no part of what the endpoint is given
            try:
                async with asyncio.timeout(seconds):
                    names += (await _at(tools, scheme))[:MOST_LISTED]
            except TimeoutError:
                away.append(f"{url} did not list its models in {seconds:.0f} s")
            except AIWriterError as error:
                away.append(f"{url} does not list its models: {error}")
    return names, away


async def _at(tools: Tools, scheme: str) -> list[str]:
    listing = llm.create(f"{scheme}:any", tools.settings, tools.embedder(tools.settings.embedder))
    return await listing.listed() if isinstance(listing, RemoteModel) else []


def _offer(tools: Tools, name: str, paused: dict[str, Pause], default: Sequence[str]) -> Offer:
    place = _place(default, name)
    try:
        model = tools.model(name)
    except BadInput as error:
        profile = profiles.known().get(name)
        missing, hint = str(error), error.hint or ""
        if profile is None or profile.price is None:
            return Offer(name, missing=missing, hint=hint, place=place)
        read, written = profile.price.input, profile.price.output
        return Offer(name, None, profile.context_tokens, read, written, missing, hint, place=place)
    return Offer(
        name,
        model.writes,
        model.context_tokens,
        model.cost_of(Usage(input_tokens=MILLION)),
        model.cost_of(Usage(output_tokens=MILLION)),
        left_alone=_left_alone(name, paused),
        place=place,
    )


def _left_alone(name: str, paused: dict[str, Pause]) -> Pause | None:
    """Of a list the one that is back first; none while one of it can be asked."""
    each = [paused.get(one) or paused.get(one.partition(":")[0]) for one in name.split(", ")]
    found = [one for one in each if one is not None]
    return min(found, key=lambda one: one.until) if len(found) == len(each) else None


def _place(default: Sequence[str], name: str) -> str:
    if name == ", ".join(default):
        return ", the default"
    return f", {default.index(name) + 1} of {len(default)} of the default" if name in default else ""


def _time(moment: datetime) -> str:
    return f"{moment:%H:%M:%S} UTC"
