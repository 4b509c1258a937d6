"""A web server on loopback whose pages are Python values; it notes what it was asked."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from aiwriter.testing.loopback import Handler, Loopback


@dataclass(frozen=True)
class Page:
    """One answer. `stalls`: after the body nothing more comes and the connection stays open until the server closes.
    `endless`: the body is sent again and again until the reader leaves. `drip`: it is sent byte by byte, so many
    seconds apart. `chunked`: in HTTP/1.1 chunks. `etag`, `last_modified`: sent along, and answered with 304 when they
    come back. `delay`: seconds before the answer begins."""

    body: bytes | str = ""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    stalls: bool = False
    endless: bool = False
    drip: float = 0.0
    chunked: bool = False
    etag: str = ""
    last_modified: str = ""
    delay: float = 0.0

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body

    def is_known(self, headers: Mapping[str, str]) -> bool:
        """Whether the reader says that it has this version (RFC 9110, 13.2.2: an ETag decides alone)."""
        if self.etag and "if-none-match" in headers:
            return headers["if-none-match"] == self.etag
        return bool(self.last_modified) and headers.get("if-modified-since") == self.last_modified


def redirect(to: str, status: int = 302) -> Page:
    return Page(status=status, headers={"Location": to})


def robots(text: str) -> Page:
    return Page(text, content_type="text/plain")


class WebServer(Loopback):
    """Serves path → Page, or → several pages for one request after the other (the last one stays). For the rest, what
    `otherwise` makes of the path, or 404.

    Use as a context manager. `requests` are the (path, headers) asked for, header names in lower case; `most_at_once`
    is how many were being answered at the same time. `tls` makes it speak https.
    """

    def __init__(
        self,
        pages: Mapping[str, Page | Sequence[Page]],
        tls: ssl.SSLContext | None = None,
        otherwise: Callable[[str], Page] | None = None,
    ) -> None:
        self._answers = {path: [page] if isinstance(page, Page) else list(page) for path, page in pages.items()}
        self._otherwise = otherwise or (lambda _: Page("<html><body>not here</body></html>", status=404))
        self._scheme = "https" if tls else "http"
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.most_at_once = 0
        self._under_way = 0
        self._counting = threading.Lock()
        super().__init__(_handler_for(self))
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.requests]

    def url(self, path: str = "/") -> str:
        return f"{self._scheme}://{self.host}{path}"

    def put(self, path: str, page: Page) -> None:
        """From now on this is there."""
        self._answers[path] = [page]

    def answer(self, path: str, headers: dict[str, str]) -> Page:
        self.requests.append((path, headers))
        pages = self._answers.get(path) or [self._otherwise(path)]
        return pages.pop(0) if len(pages) > 1 else pages[0]

    def count(self, step: int) -> None:
        """One more (1) or one less (-1) is being answered."""
        with self._counting:
            self._under_way += step
            self.most_at_once = max(self.most_at_once, self._under_way)


def _handler_for(web: WebServer) -> type[Handler]:
    return type("Answering", (_Answering,), {"web": web})


class _Answering(Handler):
    web: WebServer

    def do_GET(self) -> None:
        self.web.count(1)
        page = self.web.answer(self.path, self.lower_headers)
        self.web.wait(page.delay)
        self.web.count(-1)
        self.protocol_version = "HTTP/1.1" if page.chunked else "HTTP/1.0"
        known = page.is_known(self.lower_headers)
        self._begin(page, 304 if known else page.status)
        if not known:
            self._body(page)

    def _begin(self, page: Page, status: int) -> None:
        self.send_response(status)
        length = None if page.stalls or page.endless or page.chunked or status == 304 else str(len(page.data))
        own = {
            "Content-Type": page.content_type,
            "Content-Length": length,
            "ETag": page.etag,
            "Last-Modified": page.last_modified,
            "Transfer-Encoding": "chunked" if page.chunked else None,
            "Connection": "close",
        }
        for name, value in {**own, **page.headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def _body(self, page: Page) -> None:
        if page.drip:
            for byte in page.data:
                if self.web.wait(page.drip):
                    return
                self.wfile.write(bytes([byte]))
        else:
            self._part(page)
        while page.endless and not self.web.is_closing:
            self._part(page)
        if page.stalls:
            self.wfile.flush()
            self.web.wait_for_close()
        elif page.chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _part(self, page: Page) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(page.data), page.data) if page.chunked else page.data)
