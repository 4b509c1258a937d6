"""Progress tells people what goes on, how far it is and, of what takes long, that time passes."""

from __future__ import annotations

import io
import sys

import pytest

from aiwriter.commands.progress import Progress
from aiwriter.documents import RunEvent, utc_now
from aiwriter.testing import ManualClock, sample_id


def event(kind: str, **data: object) -> RunEvent:
    return RunEvent(run_id=sample_id("run"), seq=1, kind=kind, data=data, at=utc_now())


class Screen(io.StringIO):
    """A terminal; `shown` is the line that stands there now."""

    def isatty(self) -> bool:
        return True

    @property
    def shown(self) -> str:
        return self.getvalue().rpartition("\x1b[2K")[2]


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Screen:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    return screen


def test_a_section_in_which_nothing_was_mended_is_no_news_however_long_it_took(
    capsys: pytest.CaptureFixture[str],
) -> None:
    progress = Progress(as_json=False)
    for item, mended in (("0", 0), ("1", 2)):
        data = {"stage": "mending", "item": item, "seconds": 3.0, "mended": mended, "calls": 0}
        progress.show(event("stage.finished", **data))
    assert capsys.readouterr().err == "✓ rewriting what fails its checks (2)  3.0 s\n"


def test_of_a_section_that_is_written_a_terminal_tells_how_many_words_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = on_a_terminal(monkeypatch)
    progress = Progress(as_json=False)
    progress.show(event("stage.started", stage="sections", item="1"))
    progress.show(event("section.text", item="1", heading="Fleet", text="The ferry sails at"))
    assert screen.shown == "writing the sections (2) … 4 words"


def test_of_what_takes_long_a_terminal_tells_that_time_passes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = on_a_terminal(monkeypatch)
    clock = ManualClock()
    progress = Progress(as_json=False, now=clock.monotonic)
    progress.show(event("stage.started", stage="outline", item=""))
    progress.tick()
    assert screen.shown == "planning the sections …"
    clock.advance(75)
    progress.tick()
    assert screen.shown == "planning the sections … 75 s"
    progress.show(event("stage.finished", stage="outline", item="", seconds=75.0))
    progress.tick()
    assert screen.shown == "✓ planning the sections  75.0 s\n"


def test_when_one_of_several_sections_is_done_those_that_go_on_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    screen = on_a_terminal(monkeypatch)
    clock = ManualClock()
    progress = Progress(as_json=False, now=clock.monotonic)
    for item in ("0", "1"):
        progress.show(event("stage.started", stage="sections", item=item))
    clock.advance(20)
    progress.show(event("stage.finished", stage="sections", item="1", seconds=20.0))
    progress.tick()
    assert screen.shown == "writing the sections (1) … 20 s"


def test_without_a_terminal_only_what_is_done_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    progress = Progress(as_json=False, now=clock.monotonic)
    progress.show(event("stage.started", stage="outline", item=""))
    clock.advance(75)
    progress.tick()
    assert capsys.readouterr().err == ""


def test_of_a_call_that_waits_a_terminal_tells_for_whom_how_long_and_why(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_terminal(monkeypatch)
    why = "its rates allow no request before"
    Progress(as_json=False).show(
        event("call.held_up", stage="sections", item="1", model="openai:x", seconds=40.2, why=why)
    )
    assert screen.shown == f"writing the sections (2) … waits 40 s for openai:x: {why} …"
