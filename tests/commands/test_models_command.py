"""`models` says which can be asked for, and tries one with a call that is counted like any other."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr
from typer.testing import CliRunner, Result

from aiwriter import choices
from aiwriter.bootstrap import Tools
from aiwriter.cli import app
from aiwriter.commands import doctor, models
from aiwriter.errors import AccountRefused, AIWriterError
from aiwriter.llm import huggingface
from aiwriter.offered import ask_again
from aiwriter.settings import EmbeddingsSettings, RateSettings
from aiwriter.testing import ManualClock
from aiwriter.testing.fake_embedder import FakeEmbedder
from aiwriter.testing.fake_provider import FakeProvider
from aiwriter.testing.terminal import Terminal


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


def test_what_can_be_asked_for_is_listed_with_price_context_and_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-nobody")
    listed = {one["model"]: one for one in json.loads(run("models", "list", "--json").stdout)["models"]}
    assert listed["offline:extractive"]["state"] == "ready, the default"
    mini = listed["openai:gpt-4.1-mini"]
    assert (Decimal(mini["input_usd"]), mini["state"]) == (Decimal("0.40"), "ready")
    assert mini["context_tokens"] > 100_000
    assert "openai:gpt-4.1-mini" in run("models", "list").stdout


def test_without_a_key_a_model_is_listed_with_what_is_missing() -> None:
    listed = {one["model"]: one for one in json.loads(run("models", "list", "--json").stdout)["models"]}
    mini = listed["openai:gpt-4.1-mini"]
    assert "OPENAI_API_KEY is not set" in mini["state"]
    assert (Decimal(mini["input_usd"]), mini["context_tokens"] > 100_000) == (Decimal("0.40"), True)


def test_without_a_verb_they_are_listed_with_the_providers_of_which_none_is_set_up() -> None:
    listed = run("models")
    assert listed.exit_code == 0
    assert "openai:gpt-4.1-mini" in listed.stdout
    for needed in ("gemini:MODEL needs GEMINI_API_KEY", "anthropic:MODEL needs ANTHROPIC_API_KEY"):
        assert needed in listed.stdout
    absent = " and ".join(huggingface.lacking())
    local = f"needs {absent}: make setup-local-models" if absent else "runs in this process"
    assert f"huggingface:MODEL {local}" in listed.stdout


async def test_an_endpoint_of_ones_own_is_listed_with_its_models(
    tools: Tools, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FakeProvider() as provider:
        openai = tools.settings.openai.model_copy(update={"base_url": provider.base_url})
        there = replace(tools, settings=tools.settings.model_copy(update={"openai": openai}))
        assert await models.show(there, as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert "openai:heron-1" in {one["model"] for one in told["models"]}
    assert provider.calls == []


async def test_an_endpoint_that_does_not_answer_is_told_with_its_address(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    openai = tools.settings.openai.model_copy(update={"base_url": "http://127.0.0.1:9/v1"})
    there = replace(tools, settings=tools.settings.model_copy(update={"openai": openai}))
    assert await models.show(there, as_json=False) == 0
    assert "127.0.0.1:9" in capsys.readouterr().out


async def test_each_model_of_a_default_list_has_a_row_and_one_that_is_left_alone_is_not_called_ready(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"model": "openai:gpt-4.1-mini, gemini:gemini-2.5-flash", "openai_api_key": SecretStr("sk-nobody")}
    there = replace(tools, settings=tools.settings.model_copy(update=given))
    await tools.limits.pause("openai", "disabled", 900, "no such key")
    await models.show(there, as_json=True)
    state = {one["model"]: one["state"] for one in json.loads(capsys.readouterr().out)["models"]}
    assert "left alone until" in state["openai:gpt-4.1-mini"]
    assert state["openai:gpt-4.1-mini"].endswith("1 of 2 of the default")
    assert "GEMINI_API_KEY is not set" in state["gemini:gemini-2.5-flash"]


def test_the_rates_that_a_run_will_keep_to_are_told_before_it(tools: Tools) -> None:
    given = {"openai:a": RateSettings(rpm=5, tpm=6000), "gemini:b": RateSettings(rpm=1)}
    there = replace(tools, settings=tools.settings.model_copy(update={"limits": given}))
    assert list(choices.paced(there, "openai:a, openai:free")) == [
        "openai:a is sent at most 5 requests and 6,000 tokens a minute (AIWRITER_LIMITS): a run waits for its turns"
    ]
    assert "at most 1 request a minute" in next(choices.paced(there, "gemini:b"))


async def test_one_is_tried_by_one_call_that_counts(tmp_path: Path) -> None:
    async with FakeProvider() as provider:
        prices = {"AIWRITER_OPENAI__INPUT_USD": "1.00", "AIWRITER_OPENAI__OUTPUT_USD": "2.00"}
        terminal = Terminal(tmp_path / "home", prices | {"AIWRITER_OPENAI__BASE_URL": provider.base_url})
        tried = [await asyncio.to_thread(terminal.run, "models", "try", "openai:any", "--json") for _ in range(2)]
        assert len(provider.calls) == 2  # a stored answer would try nobody
        assert sum(Decimal(one.result["cost_usd"]) for one in tried) == provider.billed_usd
        assert tried[0].result["text"] == "Hello."
        listed = await asyncio.to_thread(terminal.run, "budgets", "list", "--json")
    spent = {one["scope"]: Decimal(one["spent_usd"]) for one in json.loads(listed.out)}
    assert spent["provider"] == provider.billed_usd


@pytest.mark.parametrize("fault", ["500", "429", "400", "reset", "early_end", "error_midway", "empty"])
async def test_a_trial_that_fails_says_what_to_do_next_and_nothing_of_runs(tools: Tools, fault: str) -> None:
    async with FakeProvider(faults=dict.fromkeys(range(1, 20), fault)) as provider:
        openai = tools.settings.openai.model_copy(update={"base_url": provider.base_url})
        settings = tools.settings.model_copy(update={"openai": openai})
        there = replace(tools, settings=settings, clock=ManualClock())
        with pytest.raises(AIWriterError) as failed:
            await models.try_out(there, "openai:any", as_json=True)
    told = f"{failed.value} {failed.value.hint}"
    assert failed.value.hint
    for word in ("resume", "be brief", "error code", "--model", "{"):
        assert word not in told.lower()


async def test_a_trial_whose_answer_is_cut_off_shows_it_and_pays_for_one_call(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    async with FakeProvider(faults={1: "length"}) as provider:
        openai = tools.settings.openai.model_copy(update={"base_url": provider.base_url})
        there = replace(tools, settings=tools.settings.model_copy(update={"openai": openai}))
        assert await models.try_out(there, "openai:any", as_json=False) == 0
    assert len(provider.calls) == 1
    assert "openai:any: Hel …" in (told := capsys.readouterr().out)
    assert "cut off: more than 1,000 tokens" in told


async def test_an_address_at_home_that_does_not_answer_is_not_said_to_need_a_key(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    group = tools.settings.anthropic.model_copy(update={"base_url": "http://127.0.0.1:9"})
    there = replace(tools, settings=tools.settings.model_copy(update={"anthropic": group}))
    await models.show(there, as_json=True)
    others = json.loads(capsys.readouterr().out)["others"]
    assert "anthropic:MODEL is asked at http://127.0.0.1:9" in others
    assert "gemini:MODEL needs GEMINI_API_KEY" in others


def test_the_offline_writer_is_tried_by_writing() -> None:
    assert run("models", "try", "offline:extractive").exit_code == 2


async def test_what_is_measured_is_the_model_and_not_the_loading_of_its_library(tmp_path: Path) -> None:
    """In a process of its own: this one has loaded it long ago."""
    script = tmp_path / "trying.py"
    script.write_text(
        """
import asyncio, sys
from dataclasses import replace
from aiwriter import bootstrap, preparing, settings
from aiwriter.commands import models
from aiwriter.resilience.clock import SystemClock
loaded = []
class Watching(SystemClock):
    def monotonic(self):
        loaded.append("openai" in sys.modules)
        return super().monotonic()
async def main():
    async with bootstrap.open_tools(settings.load()) as tools:
        await preparing.prepare_database(tools.settings)
        await models.try_out(replace(tools, clock=Watching()), "openai:any", as_json=True)
asyncio.run(main())
assert loaded and all(loaded), loaded
"""
    )
    async with FakeProvider() as provider:
        given = {"AIWRITER_OPENAI__BASE_URL": provider.base_url, "AIWRITER_EMBEDDER": "hashing:64"}
        environment = Terminal(tmp_path / "home", given).environment()
        process = await asyncio.create_subprocess_exec(sys.executable, script, env=environment)
        assert await process.wait() == 0


# ── a provider that refused the account ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def refusing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[FakeProvider]:
    """A provider that refuses the key once."""
    async with FakeProvider(faults={1: "401"}) as provider:
        monkeypatch.setenv("AIWRITER_OPENAI__BASE_URL", provider.base_url)
        yield provider


async def test_a_person_who_tries_a_model_has_it_asked_though_its_provider_is_left_alone(
    refusing: FakeProvider, tools: Tools
) -> None:
    with pytest.raises(AccountRefused):
        await models.try_out(tools, "openai:any", as_json=True)
    with pytest.raises(AccountRefused, match="not asked until") as told:
        await tools.model("openai:any").answer(models.request())
    assert "aiwriter models try openai:any" in str(told.value.hint)
    assert await models.try_out(tools, "openai:any", as_json=True) == 0
    assert len(refusing.calls) == 2
    assert await tools.left_alone() == []


async def test_doctor_asks_every_provider_that_is_left_alone_whatever_the_default_model_is(
    refusing: FakeProvider, tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AccountRefused):
        await models.try_out(tools, "openai:any", as_json=True)
    assert await tools.left_alone()
    await doctor.examine(tools, as_json=False)
    said = capsys.readouterr().out
    assert "openai answers again" in said
    assert "disabled until" not in said
    assert await tools.left_alone() == []


async def test_an_embedder_that_is_asked_elsewhere_is_left_alone_alone_until_a_person_asks(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    with FakeEmbedder(faults={1: "401", 2: "401"}) as server:
        elsewhere = EmbeddingsSettings(base_url=server.base_url())
        changed = tools.settings.model_copy(update={"embedder": "openai:heron", "embeddings": elsewhere})
        there = replace(tools, settings=changed)
        with pytest.raises(AccountRefused) as refused:
            await there.embedder("openai:heron").embed(["one"])
        assert "Check AIWRITER_EMBEDDINGS__API_KEY" in str(refused.value.hint)
        assert [one.name for one in await there.limits.paused()] == ["embeddings"]
        await ask_again(there, "anthropic:m, openai:heron")
        with pytest.raises(AccountRefused):
            await there.embedder("openai:heron").embed(["two"])
        await doctor.examine(there, as_json=False)
        assert "embeddings answers again" in capsys.readouterr().out
    assert await there.left_alone() == []


async def test_a_provider_that_still_refuses_stays_left_alone_and_doctor_says_why(
    tools: Tools, capsys: pytest.CaptureFixture[str]
) -> None:
    await tools.limits.pause("openai", "disabled", 900, "no such key")
    await doctor.examine(tools, as_json=False)
    said = capsys.readouterr().out
    assert "openai is disabled until" in said
    assert "OPENAI_API_KEY is not set" in said
