"""A run under way: its stages with their state and seconds, and the text as it comes."""

from __future__ import annotations

from datetime import UTC, datetime

from aiwriter.documents import RunStatus, Stage
from dashboard.components.markup import Node, h
from dashboard.components.notices import badge
from dashboard.timeline import ENDED, FINISHED, STOPPED, WAITING, WORKING, StageView, Timeline, Written
from dashboard.wording import STAGE_NAMES, count, lasting

_SIGNS = {WAITING: "·", WORKING: "", FINISHED: "✓", STOPPED: "–"}
_SPOKEN = {WAITING: "to come", WORKING: "under way", FINISHED: "done", STOPPED: "stopped"}
_NOT_SHOWN = {Stage.ANALYTICS.value}


def progress(timeline: Timeline, now: datetime | None = None) -> Node:
    """Stages beside what was written so far; the stage that is under way is announced to screen readers."""
    moment = now or datetime.now(UTC)
    stages = [_stage(name, stage, moment) for name, stage in timeline.stages.items() if name not in _NOT_SHOWN]
    cls = "unseen" if timeline.status in ENDED else "now"  # the notice above tells the end to those who see
    return h(
        "div",
        h("p", badge(timeline.status.value), h("span", spoken(timeline)), cls=cls, role="status"),
        h("ol", *stages, cls="stages", aria_label="Stages"),
        _draft(timeline),
        cls="live",
    )


def spoken(timeline: Timeline) -> str:
    """What is going on, as a sentence."""
    under_way = [(name, stage) for name, stage in timeline.stages.items() if stage.state == WORKING]
    if under_way:
        name, stage = under_way[-1]
        return f"{STAGE_NAMES.get(name, name)}{', ' + _of(stage) if _of(stage) else ''}"
    said = {
        RunStatus.QUEUED: "Waiting for a worker" if timeline.submitted else "In line",
        RunStatus.RUNNING: "Running",
        RunStatus.WAITING: "The outline waits for you",
        RunStatus.DONE: "The article is done",
        RunStatus.REFUSED: "The article was refused",
        RunStatus.FAILED: "The run failed",
        RunStatus.CANCELLED: "The run was cancelled",
    }
    return said[timeline.status]


def _stage(name: str, stage: StageView, now: datetime) -> Node:
    seconds = stage.seconds
    if stage.state == WORKING and stage.began is not None:
        seconds = max(0.0, (now - stage.began).total_seconds())
    remark = _of(stage) or stage.remark
    spent = lasting(seconds) if stage.state in (WORKING, FINISHED) else ""
    return h(
        "li",
        h("span", _SIGNS[stage.state], cls="sign", aria_hidden="true"),
        h(
            "span",
            STAGE_NAMES.get(name, name),
            h("span", f", {_SPOKEN[stage.state]}", cls="unseen"),
        ),
        h("span", " · ".join(part for part in (remark, spent) if part), cls="spent"),
        cls=stage.state,
    )


def _of(stage: StageView) -> str:
    if stage.state == WORKING and stage.remark:
        return stage.remark
    return f"{stage.done} of {stage.total}" if stage.total > 1 else ""


def _draft(timeline: Timeline) -> Node:
    written = timeline.written()
    if not written and timeline.status in ENDED:
        return h("div")
    if not written:
        return h("div", h("p", _not_yet(timeline), cls="soft"), cls="draft")
    words = sum(len(section.text.split()) for section in written)
    texts = [_section(section) for section in written]
    if timeline.status is RunStatus.DONE:  # what was mended or taken out since stands in it: it is not the article
        return h(
            "div",
            h("details", h("summary", "The text as it came, before it was checked and mended"), *texts),
            cls="draft",
        )
    told = {RunStatus.RUNNING: f"{count(words, 'word')} so far, not all checked yet"}
    unchecked = "As it came: not checked, and not for readers."
    return h("div", *texts, h("p", told.get(timeline.status, unchecked), cls="soft"), cls="draft")


def _section(section: Written) -> Node:
    return h("section", h("h3", section.heading) if section.heading else None, h("p", section.text))


def _not_yet(timeline: Timeline) -> str:
    if timeline.status is RunStatus.QUEUED and not timeline.submitted:
        return "The run is stored and in line. It starts as soon as a worker is free; you may close this page."
    if timeline.status is RunStatus.QUEUED:
        return "Handed on; a worker takes it up in a moment. You may close this page."
    if timeline.status is RunStatus.RUNNING:
        return "The text appears here as it is written. You may close this page: the run goes on."
    return ""
