"""A run whose embedder is paid: on the run's account to the cent; a second run over the same sources pays nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from aiwriter.testing.fake_embedder import FakeEmbedder
from aiwriter.testing.terminal import ROOT, Terminal

pytestmark = pytest.mark.flow

WRITE = ("write", "--brief", str(ROOT / "examples" / "briefs" / "blackout.toml"), "--json")


def at(server: FakeEmbedder, terminal: Terminal) -> Terminal:
    settings = {
        "AIWRITER_EMBEDDER": "openai:heron@64",
        "AIWRITER_EMBEDDINGS__BASE_URL": server.base_url(),
        "AIWRITER_EMBEDDINGS__INPUT_USD": "1.00",
    }
    return replace(terminal, settings=terminal.settings | settings)


def test_a_run_pays_for_its_embeddings_and_the_next_over_the_same_sources_for_none(terminal: Terminal) -> None:
    with FakeEmbedder() as server:
        paying = at(server, terminal)
        first = paying.run(*WRITE)
        paid, requests = server.billed_usd, len(server.requests)
        second = paying.run(*WRITE)
    assert first.result["status"] in ("done", "refused"), first.err
    assert Decimal(first.result["cost_usd"]) == pytest.approx(paid, abs=Decimal("0.0001"))
    assert (first.result["model_calls"], requests > 0) == (0, True)
    assert second.result["status"] == first.result["status"], second.err
    assert (Decimal(second.result["cost_usd"]), len(server.requests)) == (0, requests)


def test_a_cap_that_the_embeddings_pass_refuses_the_run_before_money_is_spent(terminal: Terminal) -> None:
    with FakeEmbedder() as server:
        ended = at(server, terminal).run(*WRITE, "--budget", "0.0001")
    assert (ended.code, ended.result["status"]) == (1, "refused"), ended.err
    assert "budget" in ended.result["reason"].lower()
    assert server.requests == []
