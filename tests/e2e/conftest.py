"""One headless Chromium for the whole run; it may talk to nobody."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from aiwriter.documents import Article
from aiwriter.publishing.html import render

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


def chromium(bundled: str) -> str:
    """The program to drive: the system's, else the one that Playwright installed."""
    found = next(filter(None, map(shutil.which, NAMES)), None) or (bundled if Path(bundled).exists() else None)
    if found is None:
        pytest.fail("No Chromium to test the page with. Run: make setup-browser", pytrace=False)
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        program = chromium(playwright.chromium.executable_path)
        running = await playwright.chromium.launch(executable_path=program, args=FLAGS.split())
        yield running
        await running.close()


class Visit:
    """An article's page, opened; what it asked for, said and broke is kept."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[str] = []
        self.trouble: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", lambda dialog: self.trouble.append(dialog.message))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))
        page.on("console", lambda message: self.trouble.append(message.text))


Open = Callable[..., Awaitable[Visit]]


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """Opens an article in a window of the given size: `await visit(article, width=390)`."""
    async with AsyncExitStack() as contexts:

        async def open_page(article: Article, *, width: int = 1280, at: str = "", **options: Any) -> Visit:
            size: ViewportSize = {"width": width, "height": 844}
            context = await browser.new_context(viewport=size, reduced_motion="reduce", **options)
            contexts.push_async_callback(context.close)
            context.set_default_timeout(5_000)
            file = tmp_path / "article.html"
            file.write_text(render(article), encoding="utf-8")
            opened = Visit(await context.new_page())
            await opened.page.goto(file.as_uri() + at)
            return opened

        yield open_page
