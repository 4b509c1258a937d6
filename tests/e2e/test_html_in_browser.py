import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import expect

from aiwriter.documents import ArticleKind, ArticleStatus
from aiwriter.testing import HOSTILE, hostile_article, sample_article

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Open = Callable[..., Awaitable[Any]]
TWO_SOURCES = "How much of the energy came"  # a sentence that cites two passages
MARKED = [
    "the harbour battery at Vell covered 62 per cent of the energy used.",
    "57 per cent of the energy drawn by the ships between 2023 and 2025.",
]


def line(page: Any, text: str) -> Any:
    return page.locator("main .s", has_text=text)


async def test_a_click_on_a_sentence_shows_its_passages_with_the_span_marked(visit: Open) -> None:
    page = (await visit(sample_article())).page
    assert await page.locator("#panel").is_hidden()
    await line(page, TWO_SOURCES).click()
    assert await page.locator("#panel").is_visible()
    assert await page.locator("#panel mark").all_inner_texts() == MARKED
    assert await page.locator("#panel h3 a").first.get_attribute("href") == "https://ferries.example/reports/2025.html"
    assert "20 February 2026" in await page.locator("#panel .facts").first.inner_text()
    assert "Energy" in await page.locator("#panel .path").first.inner_text()
    beside = await page.locator("#panel").bounding_box()
    text = await page.locator("main").bounding_box()
    assert beside["x"] > text["x"] + text["width"]


async def test_the_keyboard_opens_moves_on_and_closes(visit: Open) -> None:
    page = (await visit(sample_article())).page
    for _ in range(3):  # skip link, link to the sources, first cited sentence
        await page.keyboard.press("Tab")
    reference = page.locator("main .ref").first
    assert await reference.evaluate("it => it === document.activeElement")
    await page.keyboard.press("Enter")
    assert await page.locator("#panel-title").evaluate("it => it === document.activeElement")
    assert await reference.get_attribute("aria-expanded") == "true"
    assert await page.locator(".place-in").inner_text() == "1 of 13"
    await page.keyboard.press("j")
    await page.keyboard.press("ArrowRight")
    assert await page.locator(".place-in").inner_text() == "3 of 13"
    await page.keyboard.press("k")
    assert await page.locator(".place-in").inner_text() == "2 of 13"
    await page.keyboard.press("Escape")
    assert await page.locator("#panel").is_hidden()
    assert await page.locator("main .ref").nth(1).evaluate("it => it === document.activeElement")
    assert await page.locator("[aria-expanded=true]").count() == 0


async def test_on_a_phone_the_sheet_opens_and_nothing_scrolls_sideways(visit: Open) -> None:
    page = (await visit(sample_article(), width=390, has_touch=True, is_mobile=True)).page
    sentence = line(page, "no rise in fares")
    await sentence.tap()
    sheet = await page.locator("#panel").bounding_box()
    assert sheet["x"] == 0
    assert sheet["width"] == 390
    assert sheet["y"] + sheet["height"] == pytest.approx(844, abs=1)
    box = await sentence.bounding_box()
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= sheet["y"]
    assert await page.locator("#panel mark").is_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") == 390


async def test_long_words_and_addresses_fit_every_width(visit: Open) -> None:
    page = (await visit(hostile_article("https://ferries.example/" + "x" * 400))).page
    await page.locator("main .s").first.click()
    for width in (320, 390, 820, 1280):
        await page.set_viewport_size({"width": width, "height": 844})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_an_address_with_a_sentence_opens_its_evidence(visit: Open) -> None:
    article = sample_article()
    sentence = next(s for s in article.sentences if s.text.startswith(TWO_SOURCES))
    page = (await visit(article, at=f"#s-{sentence.id}")).page
    assert await page.locator("#panel mark").all_inner_texts() == MARKED
    await page.keyboard.press("Escape")
    await expect(page).not_to_have_url(re.compile("#"))


async def test_a_click_leaves_the_address_of_the_sentence(visit: Open) -> None:
    article = sample_article()
    page = (await visit(article)).page
    await line(page, "Two of the nine").click()
    await expect(page).to_have_url(re.compile(f"#s-{article.sentences[1].id}$"))


async def test_the_unsure_sentence_shows_what_the_check_found(visit: Open) -> None:
    page = (await visit(sample_article())).page
    sentence = line(page, "any northern harbour")
    assert (await sentence.inner_text()).endswith("4?")
    await sentence.click()
    assert "Unsure" in await page.locator("#panel .verdict").inner_text()
    assert "warns against carrying its figures over" in await page.locator("#panel .finding").inner_text()


async def test_findings_lead_to_their_sentence(visit: Open) -> None:
    page = (await visit(sample_article())).page
    await page.get_by_text("2 findings").click()
    await page.get_by_text("Show the sentence").click()
    assert "Unsure" in await page.locator("#panel .verdict").inner_text()


async def test_without_a_script_the_numbers_lead_to_the_evidence(visit: Open) -> None:
    page = (await visit(sample_article(), java_script_enabled=False)).page
    evidence = page.locator(".ev mark").first
    assert await evidence.is_hidden()
    await page.locator("main .ref").first.click()
    await evidence.wait_for(state="visible")


async def test_dark_and_light_follow_the_system(visit: Open) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        page = (await visit(sample_article(), color_scheme=scheme)).page
        colours[scheme] = await page.evaluate(
            "['color', 'backgroundColor'].map(name => +getComputedStyle(document.body)[name].match(/\\d+/)[0])"
        )
    ink, paper = colours["light"]
    assert paper - ink > 192
    ink, paper = colours["dark"]
    assert ink - paper > 192


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (ArticleKind.ARTICLE, ArticleStatus.ACCEPTED),
        (ArticleKind.ARTICLE, ArticleStatus.REFUSED),
        (ArticleKind.DIGEST, ArticleStatus.NEEDS_APPROVAL),
    ],
)
async def test_the_page_asks_nobody_for_anything(visit: Open, kind: ArticleKind, status: ArticleStatus) -> None:
    seen = await visit(sample_article(kind, status))
    await seen.page.locator("main .s.has").first.click()
    assert [url.split(":")[0] for url in seen.requests] == ["file"]
    assert seen.trouble == []


async def test_hostile_texts_do_nothing(visit: Open) -> None:
    """All of them in one page; each alone is parsed in tests/publishing."""
    hostile = "\n".join(HOSTILE)
    parts = tuple(section for text in HOSTILE for section in hostile_article(text).sections)
    article = hostile_article(hostile, sections=parts)
    seen = await visit(article)
    for number in range(0, await seen.page.locator("main .s.has").count(), 19):
        await seen.page.locator("main .s.has").nth(number).click()
    for summary in await seen.page.locator(".report summary").all():
        await summary.focus()
        await seen.page.keyboard.press("Enter")
    assert len(seen.requests) == 1
    assert seen.trouble == []
