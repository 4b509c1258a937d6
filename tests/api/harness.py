"""The API over a real database, in this process; and clients with a key."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from aiwriter.api.app import create_app
from aiwriter.api.client import Client
from aiwriter.api.house import House
from aiwriter.bootstrap import Tools
from aiwriter.documents import Article
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import Principal
from aiwriter.services import articles, keys
from aiwriter.settings import Settings, load
from aiwriter.testing import sample_article

OWNER = Principal("owner", LOCAL_WORKSPACE)


@dataclass
class Api:
    """The running application and who may use it."""

    app: FastAPI
    settings: Settings
    secret: str

    @property
    def house(self) -> House:
        return self.app.state.house

    @property
    def tools(self) -> Tools:
        return self.house.tools

    def http(self, secret: str | None = None) -> httpx.AsyncClient:
        """A plain client with this key, the owner's if none is given, or none at all for ""."""
        used = self.secret if secret is None else secret
        headers = {"Authorization": f"Bearer {used}"} if used else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://api.test/api/v1", headers=headers)

    def client(self, secret: str | None = None) -> Client:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return Client("http://api.test", self.secret if secret is None else secret, transport=transport)

    async def store(self, article: Article | None = None) -> Article:
        """Keep an article as a run would, with its files and its vectors."""
        kept = article or sample_article()
        embedder = self.tools.embedder(self.settings.embedder)
        vectors = self.tools.vectors(self.settings.embedder)
        kept = kept.model_copy(
            update={"provenance": kept.provenance.model_copy(update={"embedder": self.settings.embedder})}
        )
        await articles.store(self.tools.database, OWNER, kept, self.tools.publisher(None), vectors, embedder)
        return kept


def settings_for(home: Path, url: str, **more: Any) -> Settings:
    return load(
        **{
            "home": home,
            "database_url": url,
            "embedder": "hashing:128",
            "launcher": "aiwriter.testing.launcher:RecordingLauncher",
            "vectors": "chroma-folder:",
            **more,
        }
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Api]:
    """The application from start to end, with a first key."""
    made: list[keys.MadeKey] = []
    app = create_app(settings, announce=made.append)
    async with app.router.lifespan_context(app):
        await until(lambda: _true(app.state.house.prepared))
        if not made:
            made.append(await keys.add(app.state.house.tools.database, OWNER, "tests"))
        yield Api(app, settings, made[0].secret)


async def _true(value: bool) -> bool:
    return value


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 20.0) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)
