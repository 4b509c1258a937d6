"""Pages run in this process by AppTest, over the real API on a port of this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from tests.dashboard.serving import SECRET, Served, serving, settings_for

APP = Path(__file__).parents[2] / "dashboard" / "app.py"


@pytest.fixture(scope="session", autouse=True)
def _components_are_looked_for_once() -> Iterator[None]:
    """A page is a server of its own to AppTest: it looks for Streamlit's components in what every package says of
    itself, which takes three times as long as to draw the page."""
    found = cache(manifest_scanner.scan_component_manifests)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", found)
        yield


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """The API; the dashboard finds it by the settings that `up` gives it."""
    with serving(settings_for(tmp_path / "home", sqlite_url)) as api:
        monkeypatch.setenv("AIWRITER_API__URL", api.url)
        monkeypatch.setenv("AIWRITER_API__KEY", SECRET)
        yield api
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def visit() -> Callable[..., Visit]:
    """Opens a page: `visit("library", q="ferry")`."""
    return Visit


class Visit:
    """A visitor's session on a page; `text` is all that a reader sees of our own elements."""

    def __init__(self, page: str = "", **query: Any) -> None:
        self.app = AppTest.from_file(APP, default_timeout=30)
        for name, value in query.items():
            self.app.query_params[name] = str(value)
        if page:
            self.app.switch_page(f"views/{page}.py")
        self.run()

    def run(self) -> Visit:
        self.app.run()
        assert not self.app.exception, self.app.exception[0].value
        return self

    @property
    def trees(self) -> list[Any]:
        """What our components were given."""
        return [json.loads(element.proto.json) for element in self.app.get("bidi_component")]

    @property
    def text(self) -> str:
        return "\n".join(_text(node) for tree in self.trees for node in tree["nodes"])

    @property
    def links(self) -> list[str]:
        return [node["a"]["href"] for tree in self.trees for node in _walk(tree["nodes"]) if "href" in node["a"]]

    def go(self, page: str, **query: Any) -> Visit:
        """To another page of the same visit."""
        for name, value in query.items():
            self.app.query_params[name] = str(value)
        self.app.switch_page(f"views/{page}.py")
        return self.run()

    def click(self, key: str) -> Visit:
        self.app.button(key=key).click()
        return self.run()


def _walk(nodes: list[Any]) -> Iterator[Any]:
    for node in nodes:
        if isinstance(node, dict):
            yield node
            yield from _walk(node["c"])


def _text(node: Any) -> str:
    return node if isinstance(node, str) else " ".join(_text(child) for child in node["c"])
