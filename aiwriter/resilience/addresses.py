"""What an address tells before anything is sent there, and what is kept of a client of it."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable
from typing import Generic, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

_LOCAL_NAMES = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa")


def is_self_hosted(base_url: str) -> bool:
    """Whether an address is on this machine or a private network: it needs no key, and its models cost nothing."""
    host = urlsplit(base_url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith(_LOCAL_NAMES)
    return address.is_loopback or address.is_private or address.is_link_local


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
