"""A study as it is kept, of a topic or of a text: what was asked, how it stands, and what was found."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, Field

from aiwriter.documents.base import Document, utc_now
from aiwriter.documents.briefs import Brief
from aiwriter.documents.checks import CheckAsked, CheckedText
from aiwriter.documents.evidence import Study
from aiwriter.documents.runs import RunStatus, Stage
from aiwriter.ids import new_id


class StudyKind(StrEnum):
    TOPIC = "topic"  # what sources say of it
    TEXT = "text"  # a check: whether sources say what it says

    @property
    def called(self) -> str:
        """What people call one."""
        return "check" if self is StudyKind.TEXT else "study"


class StudyHead(Document):
    """What lists show of a study: how it stands (queued, running, done, refused, failed, cancelled), what came of it:
    of a topic the questions and how many are answered, of a text the judged sentences and how many are supported.

    While it runs, `done` of `total` are read in `stage`; `told_at` is the last sign of life of whoever works on it.
    """

    id: UUID = Field(default_factory=new_id)
    kind: StudyKind = StudyKind.TOPIC
    topic: str
    status: RunStatus = RunStatus.QUEUED
    stage: Stage | None = None
    done: int = 0
    total: int = 0
    reason: str | None = None  # why it was refused or failed, for people
    requested_by: str = ""
    sources: int = 0
    passages: int = 0
    questions: int = 0
    answered: int = 0
    created_at: AwareDatetime = Field(default_factory=utc_now)
    told_at: AwareDatetime = Field(default_factory=utc_now)
    finished_at: AwareDatetime | None = None
    attempts: int = 0  # how often somebody began with it


class StudyRecord(Document):
    """What is stored of a study beside the columns that lists are made of."""

    brief: Brief
    study: Study | None = None
    asked: CheckAsked | None = None
    checked: CheckedText | None = None


class KeptStudy(StudyHead, StudyRecord):
    """A study with its brief; as soon as it is done there is `study`, or of a text `checked`. Of a text the brief tells
    where else to look than in what was given with it."""

    @property
    def record(self) -> StudyRecord:
        return StudyRecord(**{name: getattr(self, name) for name in StudyRecord.model_fields})
