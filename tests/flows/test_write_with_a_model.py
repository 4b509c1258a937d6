"""A run with a language model over the wire: paid to the cent, stopped by its cap, never paid twice for one answer."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest

from aiwriter.testing.citation_faults import SpoilingWriter
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import ROOT, Ended, Terminal

pytestmark = pytest.mark.flow

WRITE = ("write", "--brief", str(ROOT / "examples" / "briefs" / "blackout.toml"), "--model", "openai:fake", "--json")


def at(provider: FakeProvider, terminal: Terminal) -> Terminal:
    settings = {
        "AIWRITER_OPENAI__BASE_URL": provider.base_url,
        "AIWRITER_OPENAI__INPUT_USD": "1.00",
        "AIWRITER_OPENAI__OUTPUT_USD": "2.00",
        "AIWRITER_BREAKER__OPEN_SECONDS": "1",
    }
    return replace(terminal, settings=terminal.settings | settings)


async def run(terminal: Terminal, *words: str) -> Ended:
    return await asyncio.to_thread(terminal.run, *words)


async def test_the_article_of_a_model_is_checked_and_its_cost_is_what_the_provider_billed(
    terminal: Terminal,
) -> None:
    async with FakeProvider() as provider:
        ended = await run(at(provider, terminal), *WRITE)
    assert ended.result["kind"] == "article", ended.err
    assert ended.result["counts"]["citations"] > 0
    assert ended.result["model_calls"] == len(provider.calls)
    assert Decimal(ended.result["cost_usd"]) == pytest.approx(provider.billed_usd, abs=Decimal("0.0001"))


async def test_a_provider_that_fails_midway_ends_the_run_and_resuming_pays_for_no_answer_twice(
    terminal: Terminal,
) -> None:
    async with FakeProvider(faults=dict.fromkeys(range(3, 60), "503")) as failing:
        paying = at(failing, terminal)
        first = await run(paying, *WRITE)
    assert (first.code, first.result["status"]) == (3, "failed"), first.err
    paid = {call.body_sha256 for call in failing.calls if Decimal(call.price_usd)}
    assert len(paid) == 2
    port = urlsplit(failing.base_url).port
    assert port is not None
    async with FakeProvider(port=port) as healthy:
        command = first.result["resume"].split()[1:]
        second = await run(paying, *command, "--json")
    assert second.result["status"] in ("done", "refused"), second.err
    assert paid.isdisjoint(call.body_sha256 for call in healthy.calls)
    billed = failing.billed_usd + healthy.billed_usd
    assert Decimal(second.result["cost_usd"]) == pytest.approx(billed, abs=Decimal("0.0001"))


async def test_a_cap_that_is_too_small_refuses_the_run_before_money_is_spent(terminal: Terminal) -> None:
    async with FakeProvider() as provider:
        ended = await run(at(provider, terminal), *WRITE, "--budget", "0.0001")
    assert (ended.code, ended.result["status"]) == (1, "refused"), ended.err
    assert "budget" in ended.result["reason"].lower()
    assert provider.calls == []


async def test_sections_can_be_read_while_they_are_written(terminal: Terminal) -> None:
    async with FakeProvider(pace=0.05) as provider:
        ended = await run(at(provider, terminal), *WRITE)
    told = [json.loads(line) for line in ended.err.splitlines() if line.startswith("{")]
    sections: dict[str, list[dict[str, Any]]] = {}
    for event in told:
        if event["kind"] == "section.text":
            sections.setdefault(event["item"], []).append(event)
    written = {event["item"] for event in told if event["kind"] == "stage.finished" and event["stage"] == "sections"}
    assert sections.keys() == written, ended.err
    for events in sections.values():
        texts = [event["text"] for event in events]
        assert len(texts) > 2
        assert all(later.startswith(earlier) for earlier, later in pairwise(texts))
        first, last = (datetime.fromisoformat(event["at"]) for event in (events[0], events[-1]))
        assert len(events) <= 2 * (last - first).total_seconds() + 3
    assert all(body.get("stream") for body in provider.bodies[1:])
    assert Decimal(ended.result["cost_usd"]) == pytest.approx(provider.billed_usd, abs=Decimal("0.0001"))


async def test_what_fails_its_checks_is_mended_in_the_run_and_the_report_says_so(terminal: Terminal) -> None:
    async with FakeProvider() as provider:
        provider.says = SpoilingWriter(seed=1, share=0.3).says
        ended = await run(at(provider, terminal), *WRITE)
    mended = ended.result["mending"]
    assert mended["rewritten"] > 0, ended.err
    assert mended["score_after"] > mended["score_before"]
    asked = [str(body) for body in provider.bodies]
    assert sum("to be rewritten" in text for text in asked) == mended["calls"]
    assert ended.result["model_calls"] == len(provider.calls)
    assert Decimal(ended.result["cost_usd"]) == pytest.approx(provider.billed_usd, abs=Decimal("0.0001"))
