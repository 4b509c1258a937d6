"""What the web servers of tests have in common: a free port of loopback, a thread, and an end."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Handler(BaseHTTPRequestHandler):
    """Answers one request, and says nothing of it on standard error."""

    @property
    def lower_headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Tests look at what the server noted instead."""


class Loopback:
    """A server in a thread of its own; a context manager, at whose end every answer is given or broken off."""

    def __init__(self, handler: type[Handler]) -> None:
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def host(self) -> str:
        """As `allow_private_hosts` wants it, "127.0.0.1:54321"."""
        return f"127.0.0.1:{self._server.server_port}"

    @property
    def is_closing(self) -> bool:
        return self._closing.is_set()

    def wait_for_close(self) -> None:
        self._closing.wait()

    def wait(self, seconds: float) -> bool:
        """So long, or until the server closes: then True."""
        return self._closing.wait(seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves in the middle is what some tests are about."""
