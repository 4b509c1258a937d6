"""The one seam by which discovery has foreign bytes parsed: where documents are, by these functions alone."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

LISTINGS = frozenset(
    {"aiwriter.sources.feeds:read_feed", "aiwriter.sources.sitemap:read_sitemap", "aiwriter.sources.links:read_links"}
)
"""Nothing else can be asked for by its name."""


class Parse(Protocol):
    """Runs one of `LISTINGS`, whose first argument is bytes, where parsers run; the others are strings, numbers, None.

    Raises UnreadableSource, whatever the parser stumbles over, and Unavailable when no process can be had."""

    async def __call__(self, parser: Callable[[bytes, *Ts], T], data: bytes, *others: *Ts) -> T: ...


def name_of(parser: Callable[..., object]) -> str:
    """How a parser is asked for. Raises ValueError for one that is none of them."""
    name = f"{parser.__module__}:{parser.__qualname__}"
    if name not in LISTINGS:
        raise ValueError(f"{name} is no parser of listings")
    return name


def named(name: str) -> Callable[..., Any]:
    """The parser of that name. Raises ValueError for one that is none of them."""
    if name not in LISTINGS:
        raise ValueError(f"{name} is no parser of listings")
    module, _, function = name.partition(":")
    parser: Callable[..., Any] = getattr(import_module(module), function)
    return parser
