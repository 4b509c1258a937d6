"""The one way by which discovery has foreign bytes parsed."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

from aiwriter.errors import UnreadableSource
from aiwriter.threads import computed

P = ParamSpec("P")
T = TypeVar("T")


class Parse(Protocol):
    """Runs a parser, a module's function of bytes and values that gives values, where parsers run."""

    async def __call__(self, parser: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T: ...


async def parsed(parser: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """What the parser returns. Raises UnreadableSource, whatever the parser stumbles over."""
    try:
        return await computed(parser, *arguments, **named)
    except UnreadableSource:
        raise
    except Exception as error:  # one feed or page that breaks a parser must not end the reading of the others
        raise UnreadableSource(
            f"it could not be parsed ({type(error).__name__}: {error})", hint="check the address in a browser"
        ) from error
