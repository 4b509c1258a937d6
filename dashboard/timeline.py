"""A run as its events tell it: which stage stands how, what was written so far, how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from aiwriter.documents import RunEvent, RunStatus, Stage

ENDED = frozenset({RunStatus.DONE, RunStatus.REFUSED, RunStatus.FAILED, RunStatus.CANCELLED})
RESTING = ENDED | {RunStatus.WAITING}  # nothing happens until a person does something

WAITING, WORKING, FINISHED, STOPPED = "waiting", "working", "finished", "stopped"


@dataclass
class StageView:
    """How one stage stands. `done` of `total` counts its items, where it has several."""

    state: str = WAITING
    seconds: float = 0.0
    began: datetime | None = None
    items: dict[str, bool] = field(default_factory=dict)
    remark: str = ""

    @property
    def done(self) -> int:
        return sum(self.items.values())

    @property
    def total(self) -> int:
        return len(self.items)


@dataclass
class Written:
    """A section as far as it was written."""

    heading: str
    text: str


@dataclass
class Timeline:
    """All that was told so far. `add` takes events in any portions; those already known are passed over."""

    seq: int = 0
    stages: dict[str, StageView] = field(default_factory=lambda: {stage.value: StageView() for stage in Stage})
    sections: dict[str, Written] = field(default_factory=dict)
    status: RunStatus = RunStatus.QUEUED
    reason: str = ""
    page: str = ""  # the orchestrator's page about the run
    submitted: bool = False

    def add(self, events: Iterable[RunEvent]) -> None:
        """Take in what happened next."""
        for event in events:
            if event.seq > self.seq:
                self.seq = event.seq
                self._take(event)

    def written(self) -> list[Written]:
        """The sections in their order, those without any text left out."""
        return [self.sections[item] for item in sorted(self.sections, key=_place) if self.sections[item].text.strip()]

    def _take(self, event: RunEvent) -> None:
        stage = self.stages.get(str(event.data.get("stage", "")))
        if event.kind == "call.held_up" and stage is not None:
            stage.remark = f"waits {float(str(event.data['seconds'])):.0f} s for {event.data['model']}"
        elif event.kind == "section.text":
            heading, text = str(event.data.get("heading") or ""), str(event.data.get("text") or "")
            self.sections[str(event.data.get("item", ""))] = Written(heading, text)
            self.stages[Stage.SECTIONS].remark = ""  # it waits no more
        elif event.kind.startswith("stage.") and stage is not None:
            _tell(stage, event)
        elif event.kind == "run.submitted":
            self.submitted = True
            self.page = str(event.data.get("orchestrator") or "")
        elif event.kind == "run.finished":
            self.status = RunStatus(str(event.data["status"]))
            self.reason = str(event.data.get("reason") or "")
            self._stop()
        elif event.kind in _BECOMES:
            self.status = _BECOMES[event.kind]
            self.submitted = self.status is RunStatus.RUNNING
            self.reason = ""
            self._stop()

    def _stop(self) -> None:
        """No stage goes on while no worker holds the run."""
        for stage in self.stages.values():
            if stage.state == WORKING:
                stage.state = STOPPED


_BECOMES = {
    "run.queued": RunStatus.QUEUED,
    "run.started": RunStatus.RUNNING,
    "run.reclaimed": RunStatus.QUEUED,
    "run.waiting": RunStatus.WAITING,
    "run.approved": RunStatus.QUEUED,
    "run.resumed": RunStatus.QUEUED,
}


def _tell(stage: StageView, event: RunEvent) -> None:
    item = str(event.data.get("item") or "")
    if event.kind == "stage.progress":
        done, total = event.data.get("done"), event.data.get("total")
        stage.remark = f"{done} of {total}" if done is not None and total is not None else ""
        return
    if event.kind == "stage.started":
        stage.items.setdefault(item, False)
        if stage.state != WORKING:
            stage.state, stage.began = WORKING, event.at
        return
    stage.items[item], stage.remark = True, ""
    spent = event.data.get("seconds")
    stage.seconds += float(spent) if isinstance(spent, int | float) else 0.0
    if stage.done == stage.total:
        stage.state = FINISHED
        stage.remark = "kept from before" if event.kind == "stage.reused" else ""
        if stage.total > 1 and stage.began is not None:
            stage.seconds = (event.at - stage.began).total_seconds()


def _place(item: str) -> tuple[int, str]:
    return (int(item), "") if item.isdigit() else (1_000_000, item)
