"""Facts about models, as data: profiles.toml beside this file."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiwriter.ports import Usage

OPENAI_URL = "https://api.openai.com/v1"
UNKNOWN_CONTEXT = 8_192
"""What a model is taken to hold when nobody says: what local servers are commonly started with."""

MILLION = Decimal(1_000_000)
_DATED = re.compile(r"-\d{4}-\d{2}-\d{2}$")
_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens; `cached` is for input the provider had read before."""

    input: Decimal
    output: Decimal
    cached: Decimal | None = None

    def cost(self, usage: Usage) -> Decimal:
        """Exact: nothing is rounded."""
        cached = min(usage.cached_tokens, usage.input_tokens)
        cached_price = self.input if self.cached is None else self.cached
        total = (usage.input_tokens - cached) * self.input + cached * cached_price + usage.output_tokens * self.output
        return total / MILLION


FREE = Price(Decimal(0), Decimal(0))


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a model. `price` None: it may cost, and nobody knows how much."""

    context_tokens: int = UNKNOWN_CONTEXT
    price: Price | None = None
    json_schema: bool = True
    reasoning: bool = False
    as_of: date | None = None


def find(model: str, base_url: str) -> Profile:
    """What is known of a model at an address: our own machines cost nothing, strangers' prices are not guessed."""
    if is_self_hosted(base_url):
        return Profile(price=FREE)
    if urlsplit(base_url).hostname == urlsplit(OPENAI_URL).hostname:
        return known().get(_DATED.sub("", model), Profile())
    return Profile()


@cache
def known() -> dict[str, Profile]:
    """The table, by model name."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {name: _profile(facts) for name, facts in table.items()}


def _profile(facts: dict[str, Any]) -> Profile:
    cached = facts.get("cached")
    price = Price(Decimal(facts["input"]), Decimal(facts["output"]), Decimal(cached) if cached else None)
    return Profile(
        context_tokens=facts["context_tokens"],
        price=price,
        json_schema=facts.get("json_schema", True),
        reasoning=facts.get("reasoning", False),
        as_of=facts["as_of"],
    )


def is_self_hosted(base_url: str) -> bool:
    """Whether an address is on this machine or a private network: it needs no key, and its models cost nothing."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)
    return address.is_loopback or address.is_private or address.is_link_local
