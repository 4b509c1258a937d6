"""A safety catch: no sockets to other machines."""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import ClassVar

_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost"}


class NetworkForbidden(AssertionError):
    """Something tried to reach another machine; no adapter takes this for a failed connection."""


class _Catch:
    depth = 0
    noted: ClassVar[list[list[str]]] = []


@contextmanager
def no_network() -> Iterator[list[str]]:
    """Within the block, Python code of this process that looks up or reaches for another host raises NetworkForbidden.

    Loopback and unix sockets work. Child processes and libraries that bring their own sockets are not covered. The list
    fills with the addresses that were connected to, or would have been.
    """
    _install()
    reached: list[str] = []
    _Catch.depth += 1
    _Catch.noted.append(reached)
    try:
        yield reached
    finally:
        _Catch.depth -= 1
        _Catch.noted = [other for other in _Catch.noted if other is not reached]


@cache
def _install() -> None:
    sys.addaudithook(_audit)  # cannot be taken out again, hence the counter


def _audit(event: str, args: tuple[object, ...]) -> None:
    read_host = _HOST.get(event)
    if read_host is None or not _Catch.depth:
        return
    host = read_host(args)
    if event == "socket.connect" and isinstance(host, str):
        for reached in _Catch.noted:
            reached.append(host)
    if isinstance(host, (str, bytes)) and not _is_here(host if isinstance(host, str) else host.decode()):
        raise NetworkForbidden(f"{event} to {host!r}: tests reach no other machine; serve it on 127.0.0.1")


def _of_address(args: tuple[object, ...]) -> object:
    address = args[1]
    return address[0] if isinstance(address, tuple) else None  # a unix socket's address is a path


_HOST: dict[str, Callable[[tuple[object, ...]], object]] = {
    "socket.connect": _of_address,
    "socket.sendto": _of_address,
    "socket.sendmsg": _of_address,
    "socket.getaddrinfo": lambda args: args[0],
    "socket.gethostbyname": lambda args: args[0],
}


def _is_here(host: str) -> bool:
    if host.lower() in _NAMES or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
