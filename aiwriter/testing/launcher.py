"""A Launcher that writes down what it is given, in files under the home folder, so that other processes see it too.

AIWRITER_LAUNCHER=aiwriter.testing.launcher:RecordingLauncher
"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

from aiwriter.documents import Run, StudyHead
from aiwriter.errors import Unavailable
from aiwriter.ports import Database, Feed, OrchestratorState, Principal, Submitted
from aiwriter.settings import Settings


class RecordingLauncher:
    """Accepts submissions and starts nothing; refuses them while `down(home)`."""

    def __init__(self, settings: Settings, _database: Database, _principal: Principal) -> None:
        self._home = settings.home_folder

    async def run(self, run_id: UUID) -> Run:
        raise Unavailable(f"run {run_id} is not carried out: this orchestrator only writes down what it is given")

    async def run_batch(self, batch_id: UUID, at_once: int | None = None) -> list[Run]:  # noqa: ARG002
        raise Unavailable(f"batch {batch_id} is not carried out: this orchestrator only writes down what it is given")

    async def submit(self, run_id: UUID, attempt: int) -> Submitted:
        return self._note("run", run_id, attempt)

    async def submit_batch(self, batch_id: UUID, attempt: int) -> Submitted:
        return self._note("batch", batch_id, attempt)

    async def submit_look(self, feed: Feed) -> Submitted:
        return self._note("look", feed.id, 0 if feed.checked_at is None else 1)

    async def submit_place(self, place: str, look_id: UUID) -> Submitted:  # noqa: ARG002
        return self._note("place", look_id, 0)

    async def submit_study(self, study: StudyHead) -> Submitted:
        return self._note("study", study.id, study.attempts)

    async def state(self) -> OrchestratorState:
        if _switch(self._home).exists():
            return OrchestratorState(answers=False, detail="switched off by a test")
        return OrchestratorState(answers=True, workers=1)

    async def describe(self) -> str:
        return "a double that writes down what it is given"

    def _note(self, kind: str, key: UUID, attempt: int) -> Submitted:
        if _switch(self._home).exists():
            raise Unavailable("the orchestrator does not answer", hint="It was switched off by a test.")
        with _book(self._home).open("a", encoding="utf-8") as book:
            book.write(json.dumps([kind, str(key), attempt]) + "\n")
        return Submitted(id=f"{key}-{attempt}", page=f"http://127.0.0.1:4200/runs/{key}")


def submissions(home: Path) -> list[tuple[str, UUID, int]]:
    """What was submitted, in order: ("run" or "batch", its id, the attempt)."""
    book = _book(home)
    lines = book.read_text(encoding="utf-8").splitlines() if book.exists() else []
    return [(kind, UUID(key), attempt) for kind, key, attempt in map(json.loads, lines)]


def switch_off(home: Path) -> None:
    """From now on nothing can be submitted."""
    _switch(home).touch()


def switch_on(home: Path) -> None:
    """It answers again."""
    _switch(home).unlink(missing_ok=True)


def _book(home: Path) -> Path:
    return home / "submissions.jsonl"


def _switch(home: Path) -> Path:
    return home / "orchestrator-is-down"
