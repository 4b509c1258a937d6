"""The one way to the API: sync calls of its async client, made on one event loop in the background of the process.

A page asks with `call(lambda api: api.run(run_id))`. Errors of the API arrive as errors of ours, each with its cause
and the next step; `components.notices` shows them.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import streamlit as st

from aiwriter import settings as settings_module
from aiwriter.errors import Unavailable

if TYPE_CHECKING:
    from aiwriter.api.client import Client

T = TypeVar("T")
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Door:
    """The client and the loop that it lives on."""

    client: Client
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread

    def call(self, ask: Callable[[Client], Awaitable[T]]) -> T:
        """The answer. Raises an AIWriterError; Unavailable when none came in time."""

        async def bounded() -> T:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await ask(self.client)

        try:
            return asyncio.run_coroutine_threadsafe(bounded(), self.loop).result()
        except TimeoutError as error:
            raise Unavailable(
                f"The API did not answer within {PATIENCE_SECONDS:.0f} s.", hint="Try again in a moment."
            ) from error

    def close(self) -> None:
        """Let go of connections, loop and thread."""
        asyncio.run_coroutine_threadsafe(self.client.close(), self.loop).result(PATIENCE_SECONDS)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE_SECONDS)
        self.loop.close()


def call(ask: Callable[[Client], Awaitable[T]]) -> T:
    """The API's answer to one question. Raises an AIWriterError."""
    address, key = _where()
    return _door(address, key).call(ask)


def address() -> str:
    """Where the API is looked for."""
    return _where()[0]


def most_bytes() -> int:
    """What one request may hold: the API breaks off a larger one before it is sent whole, and nobody hears why."""
    return settings_module.load().api.body_bytes


def _where() -> tuple[str, str]:
    api = settings_module.load().api
    secret = api.key or api.bootstrap_key
    return api.url or f"http://{api.host}:{api.port}", secret.get_secret_value() if secret else ""


@st.cache_resource(show_spinner=False, on_release=lambda door: door.close())
def _door(url: str, key: str) -> Door:
    """One a process: its loop runs in a thread that ends with the process."""
    from aiwriter.api.client import Client

    client = Client(url, key)  # before the thread: it refuses what is no address
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="api-client", daemon=True)
    thread.start()
    return Door(client, loop, thread)
