"""What is put before readers: publications, approvals, and what stands in the way."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from aiwriter.documents.base import Document, utc_now
from aiwriter.ids import new_id


class PublicationStatus(StrEnum):
    WAITING = "waiting"  # for its time, or for a person's approval
    PUBLISHING = "publishing"  # somebody puts it there, or was killed while doing so
    WITHDRAWING = "withdrawing"  # likewise
    PUBLISHED = "published"
    REPLACED = "replaced"  # by another version at the same place
    REFUSED = "refused"  # by the gate, when it was to be published
    FAILED = "failed"  # the target did not take it
    WITHDRAWN = "withdrawn"


class Publication(Document):
    """A version of an article at a target ("folder:/srv/site"). There is one for each version and target, and its id is
    what a target knows it by: the idempotency key of all attempts."""

    id: UUID = Field(default_factory=new_id)
    article_id: UUID
    version: int
    target: str
    title: str = ""  # what the target's index says of it
    description: str = ""
    language: str = ""
    status: PublicationStatus = PublicationStatus.WAITING
    address: str | None = None  # of the page a reader opens, as soon as it is there
    error: str | None = None  # why it is not there, for people
    requested_by: str = ""  # the principal's name
    due_at: AwareDatetime | None = None  # not before; None: when it is asked for
    attempts: int = 0
    withdrawn_by: str = ""  # who took it away the last time, or began to, when and why; publishing it again leaves that
    withdrawn_at: AwareDatetime | None = None
    withdrawn_why: str = ""
    created_at: AwareDatetime = Field(default_factory=utc_now)
    updated_at: AwareDatetime = Field(default_factory=utc_now)

    @property
    def may_be_there(self) -> bool:
        """Whether readers may find it: it is published, or somebody is or was at it."""
        there = (PublicationStatus.PUBLISHED, PublicationStatus.PUBLISHING, PublicationStatus.WITHDRAWING)
        return self.status in there


class Approval(Document):
    """A person has read a version and lets it go out."""

    article_id: UUID
    version: int
    approved_by: str
    note: str = ""
    created_at: AwareDatetime = Field(default_factory=utc_now)


class GateBlock(Document):
    """A version that the gate over what is stored found failing: not to be published until it passes again."""

    article_id: UUID
    version: int
    reasons: tuple[str, ...]
    since: AwareDatetime


class Standing(Document):
    """Whether a version may be published now: `hindrances` are the reasons why not, for people; none means it may.
    `can_be_approved`: a person's approval is all that is missing."""

    article_id: UUID
    version: int
    needs_approval: bool
    approval: Approval | None = None
    hindrances: tuple[str, ...] = ()
    can_be_approved: bool = False

    @property
    def may_be_published(self) -> bool:
        return not self.hindrances


class FailingRow(Document):
    """A version that did not meet the expectations, and which. `published` are the targets where readers still find
    it: it is for a person to take it away. `instead` are the versions that readers find while this one is a draft."""

    article_id: UUID
    version: int
    title: str
    reasons: tuple[str, ...]
    published: tuple[str, ...] = ()
    instead: tuple[int, ...] = ()


class GateBatch(Document):
    """What was looked at together, such as all accepted blog posts: how many, how many expectations each had to meet,
    which failed, and the name of its page of Data Docs."""

    name: str
    format: str
    rows: int
    expectations: int
    failing: tuple[FailingRow, ...] = ()
    page: str | None = None


class GateReport(Document):
    """One look of the gate at what is stored. `lifted` versions had been blocked and pass again."""

    at: AwareDatetime
    since: date | None = None  # articles whose latest version is older were not looked at
    batches: tuple[GateBatch, ...] = ()
    lifted: Annotated[int, Field(ge=0)] = 0

    @property
    def rows(self) -> int:
        return sum(batch.rows for batch in self.batches)

    @property
    def failing(self) -> tuple[FailingRow, ...]:
        return tuple(row for batch in self.batches for row in batch.failing)

    @property
    def still_published(self) -> tuple[FailingRow, ...]:
        return tuple(row for row in self.failing if row.published)
