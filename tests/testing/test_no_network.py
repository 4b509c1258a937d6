"""The safety catch catches."""

from __future__ import annotations

import asyncio
import socket

import pytest

from aiwriter.testing import NetworkForbidden

ELSEWHERE = "192.0.2.1"  # an address for documentation, nobody's


@pytest.mark.parametrize("host", ["example.com", ELSEWHERE, "2001:db8::1", "127.0.0.1.example.com"])
def test_other_hosts_are_not_even_looked_up(host: str) -> None:
    with pytest.raises(NetworkForbidden, match="no other machine"):
        socket.create_connection((host, 80), timeout=1)


def test_connecting_and_sending_elsewhere_is_forbidden() -> None:
    with socket.socket() as stream, pytest.raises(NetworkForbidden):
        stream.connect((ELSEWHERE, 80))
    with socket.socket(type=socket.SOCK_DGRAM) as datagrams, pytest.raises(NetworkForbidden):
        datagrams.sendto(b"x", (ELSEWHERE, 53))


async def test_the_event_loop_is_caught_too() -> None:
    with pytest.raises(NetworkForbidden):
        await asyncio.open_connection(ELSEWHERE, 80)


async def test_loopback_works() -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        assert await reader.read() == b"hello"
        writer.close()
        await writer.wait_closed()
