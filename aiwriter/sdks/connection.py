"""How a provider is reached: an address and a key that make sense, a time limit, and the HTTP client below each SDK."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from aiwriter.errors import BadInput

T = TypeVar("T")

CONNECT_SECONDS = 10.0
NO_KEY = "none"  # what is sent to a server that needs no key: SDKs refuse an empty one

_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")


@dataclass(frozen=True, slots=True)
class Connection:
    """An address, the key for it ("" when it needs none), and how many seconds an answer may take."""

    url: str
    key: str = field(repr=False)
    seconds: float

    @property
    def is_self_hosted(self) -> bool:
        return is_self_hosted(self.url)

    def transport(self) -> dict[str, Any]:
        """How the HTTP client below an SDK is made. It keeps no idle connection, so there is nothing to close: a new
        one costs a handshake, and a call takes seconds. `trust_env` lets proxies in, which nobody wants at home."""
        import httpx2

        return {
            "timeout": httpx2.Timeout(self.seconds, connect=CONNECT_SECONDS),
            "limits": httpx2.Limits(max_keepalive_connections=0),
            "trust_env": not self.is_self_hosted,
            "verify": authorities() if self.is_self_hosted else True,
        }


@cache
def authorities() -> ssl.SSLContext:
    """Whom clients of servers at home believe, environment or not; to read them takes longer than to make a client."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def is_self_hosted(base_url: str) -> bool:
    """Whether an address is on this machine or a private network: it needs no key, and its models cost nothing."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)
    return address.is_loopback or address.is_private or address.is_link_local


def checked_url(url: str, variable: str, example: str) -> str:
    """The address without a slash at its end. Raises BadInput that names the variable when it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(
            f"{variable} is no http(s) address: {url!r}",
            hint=f"Give an address such as {example} or http://127.0.0.1:8311/v1.",
        )
    return url.rstrip("/")


def checked_key(key: str | None, url: str, variable: str, otherwise: str) -> str:
    """The key, "" for an address that needs none. Raises BadInput when one is missing, or is none; `otherwise` is the
    way without a key."""
    clean = (key or "").strip()
    if not clean and not is_self_hosted(url):
        raise BadInput(
            f"no key for {url}: {variable} is not set",
            hint=f"Put {variable}=… into the environment or into .env; or {otherwise}.",
        )
    if not clean.isascii() or not clean.isprintable() or " " in clean:
        raise BadInput(f"{variable} has a character that no key has", hint="Copy the key once more, without quotes.")
    return clean


class PerLoop(Generic[T]):
    """`PerLoop(make)()` is one `T` an event loop, made at its first use there: clients and locks belong to a loop."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: tuple[asyncio.AbstractEventLoop, T] | None = None

    def __call__(self) -> T:
        loop = asyncio.get_running_loop()
        if self._made is None or self._made[0] is not loop:
            self._made = (loop, self._make())
        return self._made[1]
