"""What the command line shows while a run goes on, on standard error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping

from aiwriter.commands.console import printable, tell
from aiwriter.documents import Run, RunEvent, RunStatus, Stage
from aiwriter.text.counted import counted

STAGE_WORDS = {
    "research": "reading the sources",
    "evidence": "choosing the evidence",
    "outline": "planning the sections",
    "sections": "writing the sections",
    "mending": "rewriting what fails its checks",
    "quality": "checking every sentence",
    "finish": "finishing",
    "store": "storing, writing files, indexing",
    "analytics": "recording",
}
LONG_SECONDS = 5  # from which on a person wants to see that time passes


class Progress:
    """Shows a run's events as they come: lines for people, or JSON lines. On a terminal the last line tells what is
    being done, how much of it is written and, when it takes long, for how many seconds (`tick`)."""

    def __init__(self, *, as_json: bool, now: Callable[[], float] = time.monotonic) -> None:
        self._as_json = as_json
        self._live = sys.stderr.isatty() and not as_json
        self._now = now
        self._going: dict[tuple[str, str], tuple[float, str]] = {}  # (stage, item) → since when it goes on, its line
        self._ticked = 0

    def waiting(self, text: str) -> None:
        """Something that takes longer than a second goes on and has no event of its own."""
        if self._as_json:
            tell(json.dumps({"kind": "waiting", "text": text}))
        else:
            self._line(text, final=False)

    def show(self, event: RunEvent) -> None:
        if self._as_json:
            tell(
                json.dumps(
                    {"seq": event.seq, "kind": event.kind, "at": event.at.isoformat(), **event.data}, default=str
                )
            )
            return
        describe = {
            "stage.started": self._started,
            "stage.progress": self._progressed,
            "stage.finished": self._finished,
            "stage.reused": self._reused,
            "section.text": self._grown,
            "call.held_up": self._held_up,
            "run.doubtful": self._noted,
            "run.thrifty": self._noted,
        }.get(event.kind)
        if describe is not None:
            describe(event.data)

    def article(self, run: Run, ended: str) -> None:
        """An article of a batch began or ended; `ended` says how many have, of how many."""
        if self._as_json:
            tell(
                json.dumps(
                    {
                        "kind": "article",
                        "run_id": str(run.id),
                        "status": run.status,
                        "topic": run.brief.topic,
                        "ended": ended,
                    }
                )
            )
            return
        running = run.status is RunStatus.RUNNING
        self._line(f"{ended}  {run.status}: {run.brief.topic}", final=not running)

    def tick(self) -> None:
        """Say on a terminal how long the latest of what goes on has taken: a slow model is silent for minutes."""
        if not self._going:
            return
        began, line = next(reversed(self._going.values()))
        seconds = int(self._now() - began)
        if seconds >= LONG_SECONDS and seconds != self._ticked:
            self._ticked = seconds
            self._line(f"{line} {seconds} s", final=False)

    def close(self) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()

    def _started(self, data: Mapping[str, object]) -> None:
        self._going_on(data, f"{_words(data)} …")

    def _progressed(self, data: Mapping[str, object]) -> None:
        self._going_on(data, f"{_words(data)} … {data['done']} of {data['total']}: {data['what']}")

    def _grown(self, data: Mapping[str, object]) -> None:
        of = {"stage": Stage.SECTIONS, "item": data["item"]}
        self._going_on(of, f"{_words(of)} … {counted(len(str(data['text']).split()), 'word')}")

    def _held_up(self, data: Mapping[str, object]) -> None:
        seconds = float(str(data["seconds"]))
        self._going_on(data, f"{_words(data)} … waits {seconds:.0f} s for {data['model']}: {data['why']} …")

    def _going_on(self, data: Mapping[str, object], line: str) -> None:
        """The latest of what goes on stands last, with the time at which it began."""
        key = _key(data)
        began, _ = self._going.pop(key, (self._now(), ""))
        self._going[key] = began, line
        self._line(line, final=False)

    def _finished(self, data: Mapping[str, object]) -> None:
        self._going.pop(_key(data), None)
        seconds = float(str(data["seconds"]))
        quiet = data.get("stage") == Stage.MENDING and not (data.get("mended") or data.get("calls"))  # no news
        self._line(f"✓ {_words(data)}  {seconds:.1f} s", final=not quiet)

    def _reused(self, data: Mapping[str, object]) -> None:
        self._line(f"✓ {_words(data)}  done before", final=True)

    def _noted(self, data: Mapping[str, object]) -> None:
        self._line(f"! {data['note']}", final=True)

    def _line(self, text: str, *, final: bool) -> None:
        if self._live:
            end = "\n" if final else ""
            sys.stderr.write(f"\r\x1b[2K{printable(text)[:110]}{end}")
            sys.stderr.flush()
        elif final:
            tell(text)


def _key(data: Mapping[str, object]) -> tuple[str, str]:
    return str(data.get("stage")), str(data.get("item") or "")


def _words(data: Mapping[str, object]) -> str:
    stage, item = _key(data)
    words = STAGE_WORDS.get(stage, stage)
    return f"{words} ({int(item) + 1})" if item.isdigit() else words
