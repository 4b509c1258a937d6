"""One server on loopback that speaks like every search engine there is an adapter for, and serves the pages it names.

The formats, field by field, are those of the providers' documents as of 2026: Tavily's API reference (POST /search),
SearXNG's search API and the JSON its instances give, MediaWiki's action=query&list=search (formatversion 2), arXiv's
API user manual (Atom), and the form in docs/research.md. Fields that the adapters do not read are there as well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from aiwriter.settings import Settings, load
from aiwriter.testing.loopback import Handler, Loopback
from aiwriter.testing.webserver import Page
from aiwriter.text.words import content_words

KEY = "tvly-a-secret-of-the-tests"
WIKI, ARXIV, SEARXNG, TAVILY, CUSTOM = "/w/api.php", "/arxiv/api/query", "/searxng/search", "/tavily/search", "/custom"


@dataclass(frozen=True)
class FakePage:
    """A page that can be found. `url` is a path of this server or a whole address; `text` holds paragraphs."""

    url: str
    title: str
    text: str
    published_at: datetime | None = None


@dataclass(frozen=True)
class Asked:
    """A request for a search: where, with which parameters (or JSON body), and header names in lower case."""

    path: str
    params: dict[str, Any]
    headers: dict[str, str] = field(repr=False)


class FakeSearch(Loopback):
    """All engines over the same pages. A query finds pages that share a word with it, most shared words first; days and
    domains are passed over, so that what is filtered is filtered by us. A context manager.

    `faults` by engine's path come first, one a request. `asked` are the searches, `read` the paths of pages.
    """

    def __init__(self, pages: Sequence[FakePage], faults: Mapping[str, Sequence[Page]] | None = None) -> None:
        self._pages = list(pages)
        self._faults = {path: list(answers) for path, answers in (faults or {}).items()}
        self.asked: list[Asked] = []
        self.read: list[str] = []
        super().__init__(_handler_for(self))

    def settings(self, **more: Any) -> dict[str, str]:
        """What points every engine at this server, as variables of the environment."""
        at = f"http://{self.host}"
        return {
            "AIWRITER_TAVILY_API_KEY": KEY,
            "AIWRITER_SEARCH__TAVILY_URL": f"{at}/tavily",
            "AIWRITER_SEARCH__SEARXNG_URL": f"{at}/searxng",
            "AIWRITER_SEARCH__WIKIPEDIA_URL": at,
            "AIWRITER_SEARCH__ARXIV_URL": f"{at}{ARXIV}",
            "AIWRITER_SEARCH__CUSTOM_URL": f"{at}{CUSTOM}",
            "AIWRITER_SEARCH__CUSTOM_API_KEY": KEY,
            "AIWRITER_SOURCES__ALLOW_PRIVATE_HOSTS": json.dumps([self.host]),
            **more,
        }

    def loaded(self) -> Settings:
        """The same as settings of this process."""
        at = f"http://{self.host}"
        search = {
            "tavily_url": f"{at}/tavily",
            "searxng_url": f"{at}/searxng",
            "wikipedia_url": at,
            "arxiv_url": f"{at}{ARXIV}",
            "custom_url": f"{at}{CUSTOM}",
            "custom_api_key": KEY,
        }
        return load(tavily_api_key=KEY, search=search)

    def answer(self, path: str, params: dict[str, Any], headers: dict[str, str]) -> Page:
        """What is sent for one request."""
        speak = ENGINES.get(path)
        if speak is None:
            return self._page(path)
        self.asked.append(Asked(path, params, headers))
        if self._faults.get(path):
            return self._faults[path].pop(0)
        text = str(params.get("query") or params.get("q") or params.get("srsearch") or params.get("search_query"))
        return speak(self._found(text), params, f"http://{self.host}")

    def _found(self, text: str) -> list[FakePage]:
        wanted = set(content_words(text))
        shared = {page.url: len(wanted & set(content_words(f"{page.title} {page.text}"))) for page in self._pages}
        return sorted((page for page in self._pages if shared[page.url]), key=lambda page: -shared[page.url])

    def _page(self, path: str) -> Page:
        self.read.append(path)
        titles = {f"/wiki/{page.title.replace(' ', '_')}": page for page in self._pages}
        found = next((page for page in self._pages if page.url == path), titles.get(unquote(path)))
        if found is None:
            return Page("<html><body>not here</body></html>", status=404)
        published = found.published_at.isoformat() if found.published_at else ""
        day = f'<meta property="article:published_time" content="{published}">' if published else ""
        paragraphs = "".join(f"<p>{escape(one)}</p>" for one in found.text.split("\n\n"))
        head = f'<html lang="en"><head><title>{escape(found.title)}</title>{day}</head>'
        return Page(f"{head}<body><main><h1>{escape(found.title)}</h1>{paragraphs}</main></body></html>")


def _handler_for(server: FakeSearch) -> type[Handler]:
    class Answering(Handler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._send(parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._send(self.path, json.loads(body))

        def _send(self, path: str, params: dict[str, Any]) -> None:
            page = server.answer(path, params, self.lower_headers)
            self.send_response(page.status)
            self.send_header("Content-Type", page.content_type)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if not (page.stalls or page.endless):
                self.send_header("Content-Length", str(len(page.data)))
            self.end_headers()
            self.wfile.write(page.data)
            while page.endless and not server.is_closing:
                self.wfile.write(page.data)
            if page.stalls:
                self.wfile.flush()
                server.wait_for_close()

    return Answering


# ── what each of them answers ────────────────────────────────────────────────────────────────────────────────────────


def _json(body: Any) -> Page:
    return Page(json.dumps(body), content_type="application/json")


def _whole(page: FakePage, at: str) -> str:
    return page.url if "://" in page.url else f"{at}{page.url}"


def _tavily(pages: list[FakePage], params: Mapping[str, Any], at: str) -> Page:
    results = [
        {
            "url": _whole(page, at),
            "title": page.title,
            "content": page.text[:300],
            "score": 0.9 - index / 100,
            "raw_content": None,
            **({"published_date": format_datetime(page.published_at)} if page.published_at else {}),
        }
        for index, page in enumerate(pages[: int(params["max_results"])])
    ]
    said = {"query": params["query"], "follow_up_questions": None, "answer": None, "images": []}
    return _json(said | {"results": results, "response_time": 0.8, "request_id": "fake"})


def _searxng(pages: list[FakePage], params: Mapping[str, Any], at: str) -> Page:
    if params.get("format") != "json":
        return Page("<html>a page for people</html>")
    results = [
        {
            "url": _whole(page, at),
            "title": page.title,
            "content": page.text[:300],
            "publishedDate": page.published_at.replace(tzinfo=None).isoformat() if page.published_at else None,
            "thumbnail": "",
            "engine": "duckduckgo",
            "engines": ["duckduckgo", "brave"],
            "positions": [1],
            "score": 1.0,
            "category": "general",
        }
        for page in pages
    ]
    lists: dict[str, Any] = {"answers": [], "corrections": [], "infoboxes": [], "suggestions": []}
    told = {"query": params["q"], "number_of_results": 0, "results": results}
    return _json(told | lists | {"unresponsive_engines": [["startpage", "CAPTCHA"]] if pages else []})


def _wikipedia(pages: list[FakePage], params: Mapping[str, Any], _at: str) -> Page:
    found = [
        {
            "ns": 0,
            "title": page.title,
            "pageid": index,
            "snippet": f'<span class="searchmatch">{escape(page.title)}</span> {escape(page.text[:100])}',
        }
        for index, page in enumerate(pages[: int(params["srlimit"])])
    ]
    return _json({"batchcomplete": True, "query": {"searchinfo": {"totalhits": len(pages)}, "search": found}})


def _arxiv(pages: list[FakePage], params: Mapping[str, Any], at: str) -> Page:
    entries = "".join(
        f"<entry><id>{escape(_whole(page, at))}</id>"
        f"<updated>2026-02-01T00:00:00Z</updated>"
        f"<published>{page.published_at.isoformat() if page.published_at else ''}</published>"
        f"<title>{escape(page.title)}</title><summary>  {escape(page.text[:300])}\n </summary>"
        f"<author><name>A. Author</name></author>"
        f'<link href="{escape(_whole(page, at))}" rel="alternate" type="text/html"/>'
        f'<link title="pdf" href="{escape(_whole(page, at))}.pdf" rel="related" type="application/pdf"/>'
        f'<category term="cs.IR" scheme="http://arxiv.org/schemas/atom"/></entry>'
        for page in pages[: int(params["max_results"])]
    )
    feed = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f'<title type="html">ArXiv Query</title><id>http://arxiv.org/api/fake</id>'
        '<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
        f"{len(pages)}</opensearch:totalResults>{entries}</feed>"
    )
    return Page(feed, content_type="application/atom+xml; charset=UTF-8")


def _custom(pages: list[FakePage], params: Mapping[str, Any], at: str) -> Page:
    results = [
        {
            "url": _whole(page, at),
            "title": page.title,
            "snippet": page.text[:300],
            "published_at": page.published_at.isoformat() if page.published_at else None,
        }
        for page in pages[: int(params["limit"])]
    ]
    return _json({"results": results})


ENGINES: Mapping[str, Callable[[list[FakePage], Mapping[str, Any], str], Page]] = {
    TAVILY: _tavily,
    SEARXNG: _searxng,
    WIKI: _wikipedia,
    ARXIV: _arxiv,
    CUSTOM: _custom,
}
