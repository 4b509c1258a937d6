"""`reconcile` and `reindex` over a home of its own: what disagrees is said, mended, and the exit code tells."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from typer.testing import CliRunner, Result

from aiwriter.bootstrap import Tools, open_tools
from aiwriter.cli import app
from aiwriter.ports import PassageFilter
from aiwriter.services import knowledge
from aiwriter.settings import Settings
from tests.contracts.test_storage_knowledge_contract import source
from tests.services.test_knowledge import Fragile


@pytest.fixture(autouse=True)
def _plain_embedder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIWRITER_EMBEDDER", "hashing:64")


def run(*words: str) -> Result:
    return CliRunner().invoke(app, [*words])


def with_tools(work: Callable[[Tools], Awaitable[None]]) -> None:
    async def all_of_it() -> None:
        settings = Settings()
        async with open_tools(settings) as tools:
            await work(tools)

    asyncio.run(all_of_it())


async def keep_two(tools: Tools) -> None:
    name = tools.settings.embedder
    shelf = knowledge.Shelf(tools.chunk, tools.passages(name), tools.embedder(name), tools.clock)
    pages = [source(f"https://{one}.example/", f"The ferry of {one} sails at noon today.") for one in ("ost", "vell")]
    await knowledge.keep(tools.database, tools.principal, pages, shelf)


async def keep_twelve_without_an_index(tools: Tools) -> None:
    index = Fragile()
    index.away = True
    shelf = knowledge.Shelf(tools.chunk, index, tools.embedder(tools.settings.embedder), tools.clock)
    pages = [source(f"https://{n}.example/", f"The ferry number {n} sails at noon today.") for n in range(12)]
    await knowledge.keep(tools.database, tools.principal, pages, shelf)


async def lose_vectors(tools: Tools) -> None:
    await tools.passages(tools.settings.embedder).clear()


def test_what_disagrees_is_an_exit_code_and_mended_on_request() -> None:
    with_tools(keep_two)
    agreed = run("reconcile", "--check")
    assert (agreed.exit_code, "agree" in agreed.stdout) == (0, True)
    with_tools(lose_vectors)
    told = run("reconcile", "--check", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["counts"] == {"passage without a vector": 2}
    mended = run("reconcile")
    assert (mended.exit_code, "2 differences" in mended.stdout) == (0, True)
    assert run("reconcile", "--check").exit_code == 0


def test_of_much_that_disagrees_the_sum_comes_first_and_the_list_ends() -> None:
    with_tools(keep_twelve_without_an_index)
    first, *listed = run("reconcile", "--check").stdout.splitlines()
    assert first.startswith("12 differences: 12 × ")
    assert (len(listed), listed[-1].strip()) == (11, "and 2 more: --json has all")


def test_a_source_whose_index_is_pending_is_listed_as_such() -> None:
    with_tools(keep_twelve_without_an_index)
    assert run("sources", "list").stdout.count("1, index pending") == 12
    assert run("reconcile").exit_code == 0
    assert "pending" not in run("sources", "list").stdout


def test_the_whole_index_is_made_anew_and_finds_by_meaning_again() -> None:
    async def look(tools: Tools) -> None:
        retriever = tools.retriever(tools.settings.embedder)
        found = await knowledge.retrieve(tools.principal, retriever, "ferry of Vell", PassageFilter(), 5)
        assert found.passages[0].source.domain == "vell.example"
        assert found.notes == []

    with_tools(keep_two)
    with_tools(lose_vectors)
    assert json.loads(run("reindex", "--all", "--json").stdout) == {"indexed": 0, "sources": 2}
    assert run("reconcile", "--check").exit_code == 0
    with_tools(look)
