"""What the API says of studies."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from aiwriter.api.parameters import ListQuery
from aiwriter.api.schemas import Message
from aiwriter.documents import Brief, RunStatus, StudyHead, StudyKind
from aiwriter.ports.lists import StudyFilter


class StudyQuery(ListQuery):
    """A list of studies; every one of `words` is searched for anywhere in the topic."""

    status: tuple[RunStatus, ...] = ()
    words: Annotated[str | None, Field(max_length=200)] = None

    def wanted(self) -> StudyFilter:
        return StudyFilter(status=self.status, words=self.words, kind=(StudyKind.TOPIC,))


class StudyRequest(Message):
    """What to look into: of the brief its topic, sources, keywords, language and the limits of its searches count."""

    brief: Brief


class StudyAccepted(Message):
    """A study was stored and handed on; `href` tells how it stands."""

    study_id: UUID
    status: RunStatus
    href: str


class StudyPage(Message):
    """A part of the list of studies; `next_cursor` is None at its end."""

    items: tuple[StudyHead, ...]
    total: int
    next_cursor: str | None = None


class StudyRemoved(Message):
    """What was removed."""

    study_id: UUID
