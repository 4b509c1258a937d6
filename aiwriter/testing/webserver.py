"""A web server on loopback whose pages are Python values; it notes what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiwriter.testing.loopback import Handler, Loopback


@dataclass(frozen=True)
class Page:
    """One answer. `stalls`: after the body nothing more comes and the connection stays open until the server closes.
    `endless`: the body is sent again and again until the reader leaves."""

    body: bytes | str = ""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    stalls: bool = False
    endless: bool = False

    @property
    def data(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else self.body


def redirect(to: str, status: int = 302) -> Page:
    return Page(status=status, headers={"Location": to})


class WebServer(Loopback):
    """Serves path → Page, or → several pages for one request after the other (the last one stays). 404 for the rest.

    Use as a context manager. `requests` are the (path, headers) asked for, header names in lower case.
    """

    def __init__(self, pages: Mapping[str, Page | Sequence[Page]]) -> None:
        self._answers = {path: [page] if isinstance(page, Page) else list(page) for path, page in pages.items()}
        self.requests: list[tuple[str, dict[str, str]]] = []
        super().__init__(_handler_for(self))

    def url(self, path: str = "/") -> str:
        return f"http://{self.host}{path}"

    def answer(self, path: str, headers: dict[str, str]) -> Page:
        self.requests.append((path, headers))
        pages = self._answers.get(path, [Page("<html><body>not here</body></html>", status=404)])
        return pages.pop(0) if len(pages) > 1 else pages[0]


def _handler_for(web: WebServer) -> type[Handler]:
    class Answering(Handler):
        def do_GET(self) -> None:
            page = web.answer(self.path, self.lower_headers)
            self.send_response(page.status)
            if page.content_type:
                self.send_header("Content-Type", page.content_type)
            if not (page.stalls or page.endless or "Content-Length" in page.headers):
                self.send_header("Content-Length", str(len(page.data)))
            for name, value in page.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(page.data)
            while page.endless and not web.is_closing:
                self.wfile.write(page.data)
            if page.stalls:
                self.wfile.flush()
                web.wait_for_close()

    return Answering
