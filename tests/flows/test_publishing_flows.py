"""By the clock: what is due goes out past the gate, and what is stored is looked at, with an event when it fails."""

from __future__ import annotations

import asyncio
import warnings
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.documents import Article, ArticleKind, PublicationStatus
from aiwriter.services import gating, publishing
from aiwriter.testing import sample_article, sample_id, sound_article
from tests.flows.conftest import Pages
from tests.flows.test_batches import at_the_server

pytestmark = [pytest.mark.flow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]  # Prefect's websockets


async def keep(tools: Tools, *kept: Article) -> None:
    async with tools.unit_of_work() as work:
        for article in kept:
            await work.articles.add_version(article)
        await work.commit()


async def due(tools: Tools, article: Article, folder: Path) -> None:
    at = tools.clock.now() - timedelta(minutes=1)
    target = f"folder:{folder}"
    await publishing.publish(tools.database, tools.principal, article, target, tools.target, tools.clock, at)


async def test_what_is_due_and_passes_goes_out_and_the_rest_waits(tools: Tools, tmp_path: Path) -> None:
    from flows.publish_articles import publish_articles

    sound, digest = sound_article(), sample_article(ArticleKind.DIGEST)
    await keep(tools, sound, digest)
    for article in (sound, digest):
        await due(tools, article, tmp_path / "site")
    with at_the_server():
        state: Any = await publish_articles(return_state=True)
    assert (state.name, state.message) == ("Completed", "1 published, 1 waiting")
    await gating.approve(tools.database, tools.principal, digest, tools.clock)
    with at_the_server():
        assert (await publish_articles(return_state=True)).message == "1 published"
        assert (await publish_articles(return_state=True)).message == "nothing was due"
    found = await publishing.latest(tools.database, tools.principal)
    assert {one.status for one in found} == {PublicationStatus.PUBLISHED}
    assert len(list((tmp_path / "site").glob("*/index.html"))) == 2


async def test_the_night_blocks_what_fails_and_raises_an_event(tools: Tools, pages: Pages) -> None:
    from flows.roll_up_analytics import roll_up_analytics

    failing = sample_article(id=sample_id("below"))
    await keep(tools, sound_article(), failing)
    with warnings.catch_warnings(), at_the_server():  # Great Expectations imports what Python warns of
        warnings.simplefilter("ignore")
        state: Any = await roll_up_analytics(return_state=True)
    assert state.message.endswith("2 versions looked at, 1 blocked from publication")
    async with tools.unit_of_work() as work:
        assert [block.article_id for block in await work.blocks.all()] == [failing.id]
    assert f"aiwriter.article.{failing.id}" in await _related(pages)


async def _related(pages: Pages) -> list[str]:
    """Which articles the events of the gate name, once there is one."""
    wanted = {"filter": {"event": {"name": ["aiwriter.gate.failed"]}}}
    for _ in range(150):
        found = await asyncio.to_thread(lambda: pages.ask("events/filter", **wanted))
        if found["events"]:
            return [one["prefect.resource.id"] for event in found["events"] for one in event["related"]]
        await asyncio.sleep(0.2)
    return []
