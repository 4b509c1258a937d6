"""The dashboard in Chromium, over the real API: at the width of a desk and of a phone, by mouse, touch and keyboard.

`make test` sees each page in one of its forms (theme and width) and takes most ways at one width, all forms and both
widths among them in turn, and a test that goes through many pages loads Streamlit once; `make faults` takes all forms
and both widths, and loads each page.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, expect

from aiwriter.documents import (
    ArticleKind,
    ArticleStatus,
    Block,
    BlockKind,
    Brief,
    CheckAsked,
    GivenSource,
    KeptStudy,
    Run,
    RunStatus,
    Source,
    SourceKind,
    Stage,
    StudyKind,
)
from aiwriter.errors import Unavailable
from aiwriter.ids import content_hash
from aiwriter.servers import free_port
from aiwriter.services import feeds, knowledge, looks, studies
from aiwriter.testing import (
    HOSTILE,
    hostile_article,
    hostile_study,
    sample_article,
    sample_sources,
    sample_study,
)
from aiwriter.testing.samples import sample_brief, sample_id
from dashboard.components import check_form
from tests.dashboard.serving import OWNER, SECRET, Served, sample_outline, serving, settings_for, until

pytestmark = [pytest.mark.e2e, pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

ROOT = Path(__file__).parents[2]
SIZES = {"desk": (1280, 844), "phone": (390, 844)}
FORMS = tuple(itertools.product(("light", "dark"), SIZES))
PATIENCE = 60_000  # milliseconds: a busy machine is no finding
AXE_PATIENCE_SECONDS = 60
DARK_PAPER = "rgb(22, 24, 26)"  # backgroundColor of theme.dark
SENTENCE = "How much of the energy came"
HARMFUL = "img[src*=evil], iframe, a[href^=javascript]"
# Resolves when the dashboard begins to draw the page that it was sent to.
GO = """path => new Promise(begun => {
    const app = document.querySelector('[data-testid=stApp]')
    const state = {attributes: true, attributeFilter: ['data-test-script-state']}
    new MutationObserver((_, watch) => { watch.disconnect(); begun() }).observe(app, state)
    history.pushState({}, '', path)
    dispatchEvent(new PopStateEvent('popstate'))
})"""
WHOLE = pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.faults)], ids=["sample", "whole"])


def at(size: str) -> pytest.MarkDecorator:
    """A visitor with a window of this size; for `make faults` of the others as well."""
    others = [pytest.param(other, marks=pytest.mark.faults) for other in SIZES if other != size]
    return pytest.mark.parametrize("visitor", [size, *others], indirect=True)


class House:
    """API and dashboard, with something on every page."""

    def __init__(self, home: Path, api_port: int, port: int) -> None:
        self.settings = settings_for(home / "home", f"sqlite+aiosqlite:///{home / 'aiwriter.db'}", api_port)
        self.url = f"http://127.0.0.1:{port}"
        self.served: Served
        self.article = sample_article()
        self.runs: dict[str, Run] = {}

    def furnish(self) -> None:
        hostile = "\n".join(HOSTILE)
        parts = tuple(section for text in HOSTILE for section in hostile_article(text).sections)
        self.served.store(self.article)
        self.served.store(sample_article(ArticleKind.DIGEST))
        self.served.store(sample_article(status=ArticleStatus.REFUSED, id=sample_id("refused"), title="Copper in 2031"))
        self.hostile = self.served.store(
            hostile_article(hostile, sections=parts, id=UUID(int=666), slug="hostile", brief=sample_brief())
        )
        for name, status, reason in (
            ("done", RunStatus.DONE, None),
            ("refused", RunStatus.REFUSED, "None of the sources mentions copper."),
            ("failed", RunStatus.FAILED, "the model answered 503"),
        ):
            run = self.runs[name] = self.served.ask(f"A run that is {name}")
            worker = self.served.worker(run.id)
            worker.start()
            for stage in (Stage.RESEARCH, Stage.EVIDENCE, Stage.OUTLINE):
                worker.stage(stage)
            worker.end(status, reason, self.article if name == "done" else None)
        run = self.runs["waiting"] = self.served.ask("A run that waits", approve_outline=True)
        worker = self.served.worker(run.id)
        worker.start()
        worker.leave_outline(sample_outline())
        self.runs["hostile"] = self.served.ask("![x](https://evil.example/t.png) <img src=x onerror=alert(1)>")

        self._know(hostile)
        self._check()

    def _know(self, hostile: str) -> None:
        """Two known sources, one of them hostile, and a feed that is."""
        good = sample_sources().items[0]
        block = Block(kind=BlockKind.PARAGRAPH, start=0, end=len(hostile))
        evil = Source(
            location="https://evil.example/x",
            kind=SourceKind.HTML,
            title=HOSTILE[0],
            text=hostile,
            blocks=(block,),
            content_hash=content_hash(hostile),
            retrieved_at=good.retrieved_at,
        )
        tools = self.served.tools
        feed = "feed:https://evil.example/feed.xml"
        self.served.do(knowledge.keep(tools.database, OWNER, [good, evil], tools.shelf()))
        self.served.do(feeds.add(tools.database, OWNER, tools.finder, feed, name=HOSTILE[0]))
        look = self.served.do(looks.ask(tools.database, OWNER, f"https://evil.example/{HOSTILE[4]}", tools.clock))
        refused = Unavailable(HOSTILE[0], hint=HOSTILE[4])
        self.served.do(looks.failed(tools.database, OWNER, look, refused, tools.clock))

        self.studies = {"good": sample_study(), "hostile": hostile_study(HOSTILE[4])}
        self.served.do(self._keep_studies())

    async def _keep_studies(self) -> None:
        asked = KeptStudy(topic="A study in line", brief=sample_brief())
        async with self.served.tools.unit_of_work() as work:
            for study in (*self.studies.values(), asked):
                await work.studies.add(study)
            await work.commit()
        self.studies["queued"] = asked

    def _check(self) -> None:
        """Three checks: one that is done, a hostile one, and one in line."""
        hostile = "\n\n".join((*HOSTILE, "It carries 9 cars."))
        told = {
            "good": (check_form.EXAMPLE_TEXT, GivenSource(name="fact sheet.md", text=check_form.EXAMPLE_SOURCE)),
            "hostile": (hostile, GivenSource(name=HOSTILE[2], text="It carries 8 cars.")),
            "queued": ("It carries 9 cars.", GivenSource(name="a", text="It carries 9 cars.")),
        }
        tools, self.checks = self.served.tools, dict[str, KeptStudy]()
        for name, (text, source) in told.items():
            asked = CheckAsked(name=name, text=text, given=(source,))
            check = KeptStudy(
                kind=StudyKind.TEXT, topic=f"{name}: {HOSTILE[2]}", brief=Brief(topic="Ferry"), asked=asked
            )
            self.checks[name] = check
            self.served.do(self._keep(check))
            if name != "queued":
                self.served.do(studies.carry(tools.database, OWNER, check.id, tools.desk()))

    async def _keep(self, check: KeptStudy) -> None:
        async with self.served.tools.unit_of_work() as work:
            await work.studies.add(check)
            await work.commit()

    def pages(self) -> dict[str, str]:
        return {
            "write": "",
            "library": "library",
            "search": "library?q=ferries",
            "sources": "sources",
            "sources, found": "sources?q=ferries",
            "sources, feeds": "sources?tab=Feeds",
            "research": "research",
            **{f"research, {name}": f"research?id={study.id}" for name, study in self.studies.items()},
            "check": "check",
            "check, text": f"check?id={self.checks['good'].id}",
            "check, findings": f"check?id={self.checks['hostile'].id}&tab=Findings",
            "check, sources": f"check?id={self.checks['hostile'].id}&tab=Sources",
            "check, queued": f"check?id={self.checks['queued'].id}",
            "runs": "runs",
            "budgets": "budgets",
            "analytics": "analytics",
            "run": f"run?id={self.runs['done'].id}",
            "outline": f"?run={self.runs['waiting'].id}",  # its main button is seen in the dark
            "run, times": f"run?id={self.runs['done'].id}&part=Time",
            "run, events": f"run?id={self.runs['failed'].id}&part=Events",
            "refusal": f"?run={self.runs['refused'].id}",
            **{
                f"article, {tab}": f"article?id={self.article.id}&tab={tab}"
                for tab in ("Read", "Quality", "Sources", "Edit", "Versions", "Files")
            },
        }


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Iterator[House]:
    home = tmp_path_factory.mktemp("dashboard")
    shutil.copy(migrated_sqlite, home / "aiwriter.db")
    port = free_port()
    house = House(home, free_port(), port)
    with serving(house.settings) as served, dashboard(served.url, port, home):
        house.served = served
        house.furnish()
        yield house


class dashboard:  # noqa: N801 - reads as the thing it keeps
    """The dashboard as `up` starts it; ended when the block ends."""

    def __init__(self, api: str, port: int, home: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AIWRITER_")}
        given = {"AIWRITER_API__URL": api, "AIWRITER_API__KEY": SECRET, "AIWRITER_HOME": str(home / "home")}
        command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
        command += ["--server.port", str(port), "--server.address", "127.0.0.1"]
        self._log = (home / "dashboard.log").open("wb")
        self._url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=kept | given, stdout=self._log, stderr=subprocess.STDOUT, start_new_session=True
        )

    def __enter__(self) -> dashboard:
        until(self._answers, 60)
        return self

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self._url}/_stcore/health", timeout=2).is_success
        except httpx.HTTPError:
            return False

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()


_ROWS = "all => [...new Set(all.map(it => Math.round(it.getBoundingClientRect().top)))]"


class Visitor:
    """A browser on the dashboard; what it asked for and what went wrong is kept."""

    def __init__(self, house: House, page: Page) -> None:
        self.house, self.page = house, page
        self.away: list[str] = []
        self.trouble: list[str] = []
        page.on("request", lambda request: self._asked(request.url))
        page.on("dialog", lambda dialog: self.trouble.append(dialog.message))
        page.on("pageerror", lambda error: self.trouble.append(str(error)))

    def _asked(self, url: str) -> None:
        if not url.startswith((self.house.url, self.house.url.replace("http", "ws"), "data:", "blob:")):
            self.away.append(url)

    async def open(self, path: str) -> Visitor:
        await self.page.goto(f"{self.house.url}/{path}")
        return await self.settled()

    async def move_on(self, path: str) -> Visitor:
        """To another page as Back and Forward go there: to load Streamlit takes longer than all else of a page."""
        await self.settled()  # drawing because of another theme is no sign that the next page is being drawn
        await self.page.evaluate(GO, f"/{path}")
        return await self.settled()

    async def settled(self) -> Visitor:
        """Drawn, and nothing more is being drawn."""
        app = self.page.locator("[data-testid=stApp]")
        await self.page.locator("h1").first.wait_for()
        await expect(app).to_have_attribute("data-test-script-state", "notRunning")
        await expect(self.page.locator("[data-testid=stSkeleton]")).to_have_count(0)
        await self.page.wait_for_timeout(300)
        await expect(app).to_have_attribute("data-test-script-state", "notRunning")
        return self

    async def sideways(self) -> int:
        """How far the page can be scrolled sideways."""
        return int(
            await self.page.evaluate(
                "Math.max(...[document.documentElement, document.querySelector('[data-testid=stMain]')]"
                ".map(it => it.scrollWidth - it.clientWidth))"
            )
        )

    async def faults(self) -> list[str]:
        """What axe finds that is serious or worse."""
        async with asyncio.timeout(AXE_PATIENCE_SECONDS):
            results = await Axe().run(self.page)
        return [
            f"{one['id']}: {node['html'][:160]}"
            for one in results.response["violations"]
            if one["impact"] in ("serious", "critical")
            for node in one["nodes"]
        ]

    async def misfits(self) -> list[str]:
        """What is wrong with this page in this form."""
        wrong, levels, sideways = await self.faults(), await self.headings(), await self.sideways()
        if levels[:1] != [1] or levels.count(1) != 1 or any(b > a + 1 for a, b in itertools.pairwise(levels)):
            wrong.append(f"headings {levels}")
        if sideways > 0:
            wrong.append(f"scrolls sideways by {sideways} px")
        if await self.page.title() == "AI-Writer":
            wrong.append("the browser's tab does not say which page it is")
        if len(rows := await self.page.locator(".st-key-masthead a").evaluate_all(_ROWS)) > 1:
            wrong.append(f"the masthead stands on lines at {rows}")
        return wrong

    async def first_paint(self) -> int:
        """Milliseconds from the request to the first text or picture."""
        found = await self.page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        return round(found)

    async def become(self, theme: str, size: str) -> None:
        """The page that is open, or the next one, in these colours, of this size, and for fingers on a phone."""
        width, height = SIZES[size]
        await self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        await self.page.set_viewport_size({"width": width, "height": height})
        chromium = await self.page.context.new_cdp_session(self.page)
        await chromium.send("Emulation.setTouchEmulationEnabled", {"enabled": size == "phone"})
        await chromium.detach()

    async def in_forms(self, path: str, forms: Sequence[tuple[str, str]], *, anew: bool) -> AsyncIterator[str]:
        """Show the page, loaded anew or not, in the first form and turn it into the others; the name of each, once it
        is there."""
        for theme, size in forms:
            await self.become(theme, size)
            if (theme, size) == forms[0]:
                await (self.open if anew else self.move_on)(path)
            app = expect(self.page.locator("[data-testid=stApp]"))
            is_dark = app.to_have_css if theme == "dark" else app.not_to_have_css
            await is_dark("background-color", DARK_PAPER)
            await self.settled()
            yield f"{theme}, {size}"

    async def headings(self) -> list[int]:
        """Levels of the headings in the order of reading, those inside our elements as well."""
        found = await self.page.locator("h1, h2, h3, h4").evaluate_all(
            "all => all.filter(it => it.getClientRects().length).map(it => Number(it.tagName[1]))"
        )
        return list(found)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def windows(browser: Browser) -> AsyncIterator[dict[str, BrowserContext]]:
    """One browser a size: what it has loaded and compiled of Streamlit, each test's page need not."""
    opened = {size: await _context(browser, size) for size in SIZES}
    yield opened
    for context in opened.values():
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitor(
    request: pytest.FixtureRequest, windows: dict[str, BrowserContext], house: House
) -> AsyncIterator[Visitor]:
    page = await windows[request.param].new_page()
    yield Visitor(house, page)
    await page.close()


@pytest_asyncio.fixture(loop_scope="session")
async def at_desk(windows: dict[str, BrowserContext], house: House) -> AsyncIterator[Visitor]:
    page = await windows["desk"].new_page()
    yield Visitor(house, page)
    await page.close()


async def _context(browser: Browser, size: str) -> BrowserContext:
    width, height = SIZES[size]
    context = await browser.new_context(
        viewport={"width": width, "height": height}, has_touch=size == "phone", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    return context


# ── every page ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.timeout(600)
@WHOLE
async def test_every_page_is_accessible_in_light_and_dark_fits_each_width_and_asks_nobody_else(
    at_desk: Visitor, whole: bool, record_property: Any
) -> None:
    """Each page is loaded once at most: to load it takes longer than to judge it."""
    wrong: list[str] = []
    paints: dict[str, int] = {}
    for (name, path), form in zip(at_desk.house.pages().items(), itertools.cycle(FORMS), strict=False):
        anew = whole or not paints
        async for seen in at_desk.in_forms(path, FORMS if whole else (form,), anew=anew):
            wrong += [f"{name}, {seen}: {fault}" for fault in await at_desk.misfits()]
        if anew:
            paints[name] = await at_desk.first_paint()
    record_property("first_contentful_paint_ms", paints)
    print(f"first contentful paint, ms: {paints}")
    assert wrong == []
    assert at_desk.away == []
    assert at_desk.trouble == []
    assert all(paints.values())


# ── write ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@at("phone")
async def test_from_the_first_look_to_the_finished_article(visitor: Visitor) -> None:
    page, house = visitor.page, visitor.house
    await visitor.open("")
    await page.get_by_role("textbox", name="What is the article to be about?").fill("Ships that make no noise")  # 1
    await page.get_by_role("textbox", name="Sources, one a line").fill("https://ferries.example/a")  # 2
    await page.get_by_role("button", name="Start writing").click()  # 3
    await page.wait_for_url(re.compile(r"\?run="))
    run_id = UUID(page.url.partition("run=")[2])
    await expect(page.get_by_role("heading", name="Ships that make no noise")).to_be_visible()
    worker = house.served.worker(run_id)
    worker.start()
    worker.stage(Stage.RESEARCH, seconds=1.5)
    worker.tell("stage.started", stage=Stage.SECTIONS, item="0")
    worker.write(0, "Quieter", "On the car deck")
    await expect(page.get_by_text("On the car deck")).to_be_visible()
    worker.write(0, "Quieter", "On the car deck the noise fell from 71 to 58 decibels.")
    await expect(page.get_by_text("from 71 to 58 decibels.")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="Writing")).to_be_visible()
    await page.reload()
    await expect(page.get_by_text("from 71 to 58 decibels.")).to_be_visible()
    worker.end(RunStatus.DONE, article=house.article)
    await page.get_by_role("link", name="Read it").click()
    await expect(page.get_by_role("heading", name=house.article.title)).to_be_visible()


@at("phone")
async def test_from_a_pasted_text_to_the_evidence_of_a_sentence(visitor: Visitor) -> None:
    page, served = visitor.page, visitor.house.served
    await visitor.open("check")
    await page.get_by_role("button", name="Fill in an example").click()
    await expect(page.get_by_role("textbox", name="Text to check")).to_have_value(check_form.EXAMPLE_TEXT)
    await page.get_by_role("button", name="Check it").click()
    await page.wait_for_url(re.compile(r"\?id="))
    await expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    check_id = UUID(page.url.partition("id=")[2])
    await asyncio.to_thread(
        served.do, studies.carry(served.tools.database, OWNER, check_id, served.tools.desk())
    )  # the page finds out by itself
    await page.locator(".s.unsupported.has .ref").first.click()
    await expect(page.get_by_role("region", name="Evidence of the chosen sentence")).to_contain_text("132 passengers")
    for name in ("report", "JSON"):
        async with page.expect_download() as taken:
            await page.get_by_role("button", name=f"Download the {name}").click()
        assert (await taken.value).suggested_filename.startswith(f"check-{check_id}.")
    assert visitor.trouble == []


async def test_the_keyboard_alone_starts_a_run(at_desk: Visitor) -> None:
    page = at_desk.page
    await at_desk.open("")
    topic = page.get_by_role("textbox", name="What is the article to be about?")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await topic.evaluate("it => it === document.activeElement"):
            break
    await page.keyboard.type("Ships by keyboard")
    sources = page.get_by_role("textbox", name="Sources, one a line")
    while not await sources.evaluate("it => it === document.activeElement"):
        await page.keyboard.press("Tab")
    await page.keyboard.type("https://ferries.example/a")
    start = page.get_by_role("button", name="Start writing")
    for _ in range(20):
        await page.keyboard.press("Tab")
        if await start.evaluate("it => it === document.activeElement"):
            break
    outline = await start.evaluate("it => getComputedStyle(it).outlineStyle")
    assert outline != "none"
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"\?run="))


@at("desk")
async def test_cancelling_is_confirmed_and_done(visitor: Visitor) -> None:
    page, house = visitor.page, visitor.house
    run = house.served.ask("A run to be cancelled")
    await visitor.open(f"?run={run.id}")
    await page.get_by_role("button", name="Cancel this run").click()
    await expect(page.get_by_role("button", name="Yes, cancel it")).to_be_visible()
    assert await (await visitor.settled()).faults() == []
    await page.get_by_role("button", name="Yes, cancel it").click()
    await expect(page.get_by_text("The run was cancelled").first).to_be_visible()


@at("phone")
async def test_an_outline_is_changed_and_approved(visitor: Visitor) -> None:
    page, house = visitor.page, visitor.house
    run = house.served.ask("An outline to be changed", approve_outline=True)
    worker = house.served.worker(run.id)
    worker.start()
    worker.leave_outline(sample_outline())
    await visitor.open(f"?run={run.id}")
    await page.get_by_role("textbox", name="Title").fill("Quiet ships")
    await page.get_by_role("button", name="Drop", exact=True).nth(1).click()
    await expect(page.get_by_role("button", name="Drop", exact=True)).to_have_count(2)
    await page.get_by_role("button", name="Approve and write").click()
    await expect(page.get_by_text("Nothing is written before you approve it")).to_have_count(0)


# ── reading ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("visitor", SIZES, indirect=True)  # the panel has a place of its own at each
async def test_one_interaction_leads_from_a_sentence_to_its_source(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.open(f"article?id={visitor.house.article.id}")
    await page.get_by_text(SENTENCE).click()
    panel = page.get_by_role("region", name="Evidence of the chosen sentence")
    await expect(panel).to_be_visible()
    await expect(panel.locator("mark")).to_have_text(
        [
            "the harbour battery at Vell covered 62 per cent of the energy used.",
            "57 per cent of the energy drawn by the ships between 2023 and 2025.",
        ]
    )
    assert await panel.get_by_role("link").first.get_attribute("href") == "https://ferries.example/reports/2025.html"
    box, sentence = await panel.bounding_box(), await page.get_by_text(SENTENCE).bounding_box()
    assert box
    assert sentence
    assert box["y"] + box["height"] <= 845
    assert sentence["y"] + sentence["height"] <= box["y"] or sentence["x"] + sentence["width"] <= box["x"]
    assert await visitor.faults() == []
    assert await visitor.sideways() == 0
    await page.keyboard.press("Escape")
    await expect(panel).to_be_hidden()


async def test_the_keyboard_opens_evidence_moves_on_and_closes(at_desk: Visitor) -> None:
    page = at_desk.page
    await at_desk.open(f"article?id={at_desk.house.article.id}")
    first = page.get_by_role("button", name=re.compile("^Evidence: supported")).first
    for _ in range(40):
        await page.keyboard.press("Tab")
        if await first.evaluate("it => it === it.getRootNode().activeElement"):
            break
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("1 of 13")).to_be_visible()
    await page.keyboard.press("j")
    await expect(page.get_by_text("2 of 13")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("region", name="Evidence of the chosen sentence")).to_be_hidden()


@at("desk")
async def test_a_finding_leads_to_its_sentence(visitor: Visitor) -> None:
    page = visitor.page
    await visitor.open(f"article?id={visitor.house.article.id}&tab=Quality")
    await page.get_by_role("link", name="Show the sentence").click()
    await expect(page.get_by_role("region", name="Evidence of the chosen sentence")).to_be_visible()
    await expect(page.get_by_text("The passage warns against")).to_be_visible()


@WHOLE
async def test_hostile_texts_do_nothing_and_ask_nobody(at_desk: Visitor, whole: bool) -> None:
    """Lists that name them are among the pages that the test of every page opens."""
    page, house = at_desk.page, at_desk.house
    lit = [form for form in FORMS if form[0] == "light"]
    tabs = ("Read", "Quality", "Sources", "Edit", "Versions", "Files")
    for tab, form in zip(tabs, itertools.cycle(reversed(lit)), strict=False):
        path, anew = f"article?id={house.hostile.id}&tab={tab}", whole or tab == tabs[0]
        async for seen in at_desk.in_forms(path, lit if whole else (form,), anew=anew):
            assert await at_desk.sideways() == 0, (tab, seen)
            sentences = page.locator(".s.has")
            for number in range(0, await sentences.count(), 23):
                await sentences.nth(number).click(position={"x": 4, "y": 8})
        assert await page.locator(HARMFUL).count() == 0, tab
    hostile = house.runs["hostile"].id
    for path in ("library?q=evil", "sources?q=evil", f"?run={hostile}", f"run?id={hostile}"):
        await (at_desk.open if whole else at_desk.move_on)(path)
        assert await page.locator(HARMFUL).count() == 0, path
    assert at_desk.away == []
    assert at_desk.trouble == []


async def test_an_article_is_deleted_only_by_name(at_desk: Visitor) -> None:
    page, house = at_desk.page, at_desk.house
    gone = house.served.store(sample_article(id=sample_id("gone"), title="To be deleted"))
    await at_desk.open(f"article?id={gone.id}&tab=Files")
    await page.get_by_role("button", name="Delete this article").click()
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_text("nothing was deleted")).to_be_visible()
    await page.get_by_role("textbox", name="Type delete to confirm").fill("delete")
    await page.get_by_role("button", name="Delete for good").click()
    await expect(page.get_by_role("heading", name="Library")).to_be_visible()
    await expect(page.get_by_role("link", name="To be deleted")).to_have_count(0)


async def test_a_reload_keeps_the_search_and_the_way_back(at_desk: Visitor) -> None:
    page = at_desk.page
    await at_desk.open("library")
    box = page.get_by_role("textbox", name="Search in all articles")
    await box.fill("ferries")
    await box.press("Enter")
    await page.wait_for_url(re.compile("q=ferries"))
    await page.reload()
    await expect(page.get_by_text("best first")).to_be_visible()
    await page.get_by_role("link", name=re.compile("Kestrel Sound")).first.click()
    await page.wait_for_url(re.compile(r"article\?id="))
    await expect(page.get_by_text("Choose a sentence")).to_be_visible()


async def test_what_is_read_appears_without_a_reload(at_desk: Visitor, tmp_path: Path) -> None:
    page, house = at_desk.page, at_desk.house
    (tmp_path / "beacon.md").write_text("# The beacon\n\nThe beacon of Ostrel was built of stone in 1887.\n")
    tools, place = house.served.tools, str(tmp_path / "beacon.md")
    look = house.served.do(looks.ask(tools.database, OWNER, place, tools.clock))
    await at_desk.open("sources")
    await expect(page.get_by_role("heading", name=place)).to_be_visible()
    house.served.do(looks.carry(tools.database, OWNER, look.id, place, tools.finder, tools.shelf()))
    await expect(page.get_by_role("heading", name="The beacon")).to_be_visible()
    await expect(page.get_by_role("heading", name=place)).to_have_count(0)


# ── when the API goes away ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_page_says_that_the_api_is_away_and_goes_on_when_it_is_back(
    browser: Browser, tmp_path: Path, migrated_sqlite: Path
) -> None:
    shutil.copy(migrated_sqlite, tmp_path / "aiwriter.db")
    house = House(tmp_path, free_port(), free_port())
    context = await _context(browser, "desk")
    visitor = Visitor(house, await context.new_page())
    with dashboard(f"http://127.0.0.1:{house.settings.api.port}", int(house.url.rpartition(":")[2]), tmp_path):
        await visitor.open("")
        await expect(visitor.page.get_by_text("The API cannot be reached")).to_be_visible()
        assert await visitor.faults() == []
        with serving(house.settings):
            await expect(visitor.page.get_by_role("button", name="Start writing")).to_be_visible()
            await expect(visitor.page.get_by_text("The API cannot be reached")).to_have_count(0)
        await visitor.page.get_by_role("link", name="Library").click()
        await expect(visitor.page.get_by_text("The API cannot be reached")).to_be_visible()
    await context.close()
