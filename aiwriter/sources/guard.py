"""Before anything is connected to: is this an address of the web, and may it be fetched from?"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from aiwriter.errors import UnreadableSource
from aiwriter.sources.addresses import refusal

if TYPE_CHECKING:
    import httpx

Resolver = Callable[[str, int], Awaitable[list[str]]]

LOOPBACK = "127.0.0.1"
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_.])?|[0-9a-f.]*:[0-9a-f:.]*(?:%[\w.~-]+)?", re.IGNORECASE)
_NUMERIC = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)
_LOGIN = re.compile(r"^(\s*[a-z][a-z0-9+.-]*:(?:[a-z]+:)?[/\\]*)(?:.*:.*|[^/\\?#]*)@", re.IGNORECASE | re.DOTALL)


async def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses of a name as the system's resolver tells them; numbers, in all their forms, are not looked up."""
    if numbers := _numbers(host):
        return numbers
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _numbers(host: str) -> list[str]:
    """The address that a host is by its form; none of a name."""
    if ":" in host:
        return [host]
    if _NUMERIC.fullmatch(host):
        with suppress(OSError):  # a name after all, such as "cafe.de"
            return [socket.inet_ntoa(socket.inet_aton(host))]  # 127.1, 0x7f000001, 2130706433
    return []


def shown(url: str) -> str:
    """An address as it may be shown: what could be a login before an "@" is taken out."""
    return _LOGIN.sub(r"\1…@", url)


def parse_url(url: str) -> httpx.URL:
    """An http(s) address without its fragment. Raises UnreadableSource for anything else, and for one with a login."""
    import httpx

    try:
        target = httpx.URL(url.strip())
        name = target.raw_host.decode("ascii")
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UnreadableSource(f"{shown(url)!r} is not a web address", hint="check the address") from error
    if target.userinfo:
        raise UnreadableSource(
            "the address holds a user name or password", hint="give it without; a login is not supported"
        )
    if target.scheme not in _PORTS or not _HOST.fullmatch(name):
        raise UnreadableSource(
            f"{shown(url)!r} is not an http(s) address", hint="only http:// and https:// pages can be fetched"
        )
    return target.copy_with(fragment=None)


class Cleared(NamedTuple):
    """The addresses a host may be reached at; `private` when only because the setting names the host."""

    addresses: list[str]
    private: bool


class Guard:
    """Decides where may be fetched from. `allow_private_hosts`: "intranet.local" (any port) or "127.0.0.1:8123"."""

    def __init__(self, allow_private_hosts: Sequence[str] = (), resolve: Resolver = resolve_by_system) -> None:
        self._allowed = frozenset(host.strip().lower() for host in allow_private_hosts)
        self._resolve = resolve

    async def clear(self, target: httpx.URL, *, trusted: bool = True) -> Cleared:
        """Look the host up, once, and judge every address it has.

        `trusted` is False when a public page led here: then private hosts stay closed, whatever the setting says.
        Raises UnreadableSource.
        """
        name = target.raw_host.decode("ascii").lower()
        port = target.port or _PORTS[target.scheme]
        try:
            addresses = await self._resolve(name, port)
        except (OSError, UnicodeError) as error:
            raise UnreadableSource(
                f"the name {name!r} cannot be resolved", hint="check the spelling and the connection"
            ) from error
        if trusted and not self._allowed.isdisjoint({name, f"{name}:{port}"}):
            return Cleared(addresses, private=True)
        _refuse(name, port, addresses)
        return Cleared(addresses, private=False)

    def refuse_numbers(self, target: httpx.URL) -> None:
        """Raises UnreadableSource for a host that is an address by its form, or this machine, and may never be fetched
        from: nobody has to be asked for that."""
        name = target.raw_host.decode("ascii").lower()
        port = target.port or _PORTS[target.scheme]
        addresses = [LOOPBACK] if name == "localhost" or name.endswith(".localhost") else _numbers(name)
        if self._allowed.isdisjoint({name, f"{name}:{port}"}):
            _refuse(name, port, addresses)


def _refuse(name: str, port: int, addresses: Sequence[str]) -> None:
    for address in addresses:
        reason = refusal(address.split("%", 1)[0])
        if reason:
            raise UnreadableSource(
                f"the address of {name!r} is not public ({reason})",
                hint=f'if it is yours, add "{name}:{port}" to AIWRITER_SOURCES__ALLOW_PRIVATE_HOSTS',
            )
