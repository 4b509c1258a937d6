"""Facts about models, as data: profiles.toml beside this file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiwriter.ports import Usage
from aiwriter.sdks.connection import is_self_hosted

HOMES = {
    "openai": "https://api.openai.com/v1",
    "gemini": "https://generativelanguage.googleapis.com",
    "anthropic": "https://api.anthropic.com",
}
"""Where the providers themselves live."""

UNKNOWN_CONTEXT = 8_192
"""What a model is taken to hold when nobody says: what local servers are commonly started with."""

MILLION = Decimal(1_000_000)
_DATED = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{8})$")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; `cached` is for input the provider had read before, `kept` for input that it keeps
    for the next time."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None
    kept: Decimal | None = None

    def cost(self, usage: Usage) -> Decimal:
        """Exact: nothing is rounded."""
        cached = min(usage.cached_tokens, usage.input_tokens)
        kept = min(usage.kept_tokens, usage.input_tokens - cached)
        read = (usage.input_tokens - cached - kept) * self.input
        read += cached * (self.input if self.cached is None else self.cached)
        read += kept * (self.input if self.kept is None else self.kept)
        return (read + usage.output_tokens * self.output) / MILLION

    def with_shares_of(self, known: Price | None) -> Price:
        """This price, with the shares of it that a known one takes for cached and kept input."""
        if known is None or not known.input:
            return self
        cached, kept = (None if one is None else self.input * one / known.input for one in (known.cached, known.kept))
        return replace(self, cached=cached, kept=kept)


FREE = Price(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a model. `price` None: it may cost, and nobody knows how much."""

    context_tokens: int = UNKNOWN_CONTEXT
    price: Price | None = None
    json_schema: bool = True
    reasoning: bool = False
    as_of: date | None = None


_STRANGERS = {
    "openai": Profile(),
    # what they brought out lately thinks before it answers and holds a lot
    "gemini": Profile(context_tokens=200_000, reasoning=True),
    "anthropic": Profile(context_tokens=200_000, reasoning=True),
}


def find(scheme: str, model: str, base_url: str) -> Profile:
    """What is known of a model at an address: our own machines cost nothing, strangers' prices are not guessed."""
    if is_self_hosted(base_url):
        return Profile(price=FREE)
    if urlsplit(base_url).hostname == urlsplit(HOMES[scheme]).hostname:
        return known().get(f"{scheme}:{_DATED.sub('', model)}", _STRANGERS[scheme])
    return Profile()


@cache
def known() -> dict[str, Profile]:
    """The table, by `provider:model`."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: _profile(facts) for name, facts in table.items()}


def _profile(facts: dict[str, Any]) -> Profile:
    cached, kept = (Decimal(facts[name]) if name in facts else None for name in ("cached", "kept"))
    price = Price(Decimal(facts["input"]), Decimal(facts["output"]), cached, kept)
    return Profile(
        context_tokens=facts["context_tokens"],
        price=price,
        json_schema=facts.get("json_schema", True),
        reasoning=facts.get("reasoning", False),
        as_of=facts["as_of"],
    )
