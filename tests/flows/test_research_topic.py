"""A stored study is carried out by a flow: kept when it is done, with the reason when it cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from aiwriter.bootstrap import Tools
from aiwriter.documents import Brief, CheckAsked, GivenSource, KeptStudy, RunStatus, StudyKind
from aiwriter.services import studies
from tests.flows.test_batches import at_the_server

pytestmark = [pytest.mark.flow, pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")]  # Prefect's websockets


async def carried(tools: Tools, topic: str, source: Path) -> tuple[Any, Any, Any]:
    """How the flow ended, the study, and how it ended when it was started again."""
    from flows.research_topic import research_topic

    asked = await studies.ask(tools.database, tools.principal, Brief(topic=topic, sources=(str(source),)))
    with at_the_server():
        state = await research_topic(asked.id, title=topic, return_state=True)
        again = await research_topic(asked.id, return_state=True)
    return state, await studies.get(tools.database, tools.principal, asked.id), again


async def test_a_study_is_carried_out_once(tools: Tools, tmp_path: Path) -> None:
    file = tmp_path / "ferry.md"
    file.write_text("# The ferry\n\nThe ferry of Ostrel carries 120 cars a night.\n", encoding="utf-8")
    state, study, again = await carried(tools, "The ferry of Ostrel", file)
    assert (state.name, study.status) == ("Completed", RunStatus.DONE)
    assert state.message == f"{study.answered} of {study.questions} questions answered from 1 source"
    assert again.name == "Skipped"


async def test_a_cancelled_study_is_told_as_cancelled(tools: Tools) -> None:
    from flows.research_topic import research_topic

    asked = await studies.ask(tools.database, tools.principal, Brief(topic="Ferries", sources=("web:",)))
    await studies.cancel(tools.database, tools.principal, asked.id)
    with at_the_server():
        state = await research_topic(asked.id, return_state=True)
    assert (state.name, state.message) == ("Cancelled", "cancelled by local")


async def test_what_cannot_be_read_is_a_failure_and_what_says_nothing_a_refusal(tools: Tools, tmp_path: Path) -> None:
    state, study, _ = await carried(tools, "The ferry of Ostrel", tmp_path / "missing.md")
    assert (state.name, study.status) == ("Failed", RunStatus.FAILED)
    assert "missing.md" in study.reason
    file = tmp_path / "soup.md"
    file.write_text("# Soup\n\nThe soup of the day is leek.\n", encoding="utf-8")
    state, study, _ = await carried(tools, "Growing apples in orchards", file)
    assert (state.name, study.status) == ("Refused", RunStatus.REFUSED)
    assert "says nothing about" in study.reason


async def test_a_text_is_checked_by_the_same_flow(tools: Tools) -> None:
    from flows.research_topic import research_topic

    source = GivenSource(name="b", text="The ferry of Ostrel carries 120 cars a night.")
    asked = CheckAsked(name="a", text=f"{source.text} She has six cooks.", given=(source,))
    check = KeptStudy(kind=StudyKind.TEXT, topic="Ferries", brief=Brief(topic="Ferries"), asked=asked)
    async with tools.unit_of_work() as work:
        await studies.add(work, tools.principal, check)
        await work.commit()
    with at_the_server():
        state = await research_topic(check.id, title="Ferries", return_state=True)
    assert (state.name, state.message) == ("Completed", "1 of 2 judged sentences supported from 1 source")
    done = await studies.get(tools.database, tools.principal, check.id)
    assert done.checked is not None
