"""What the API says of publishing: how a version stands, what was published, and what the gate found."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from aiwriter.api.parameters import MOST_ROWS, Moment
from aiwriter.api.schemas import Message
from aiwriter.documents import Publication, Standing

VersionWanted = Annotated[int | None, Field(ge=1, le=MOST_ROWS, description="Version; the latest by default.")]


MOST_OF_REASON = 2000
WithdrawnWhy = Annotated[
    str, Field(max_length=MOST_OF_REASON, description="Why; kept with the name of the key and the time.")
]


class ApprovalRequest(Message):
    """A person has read this version and lets it go out."""

    version: VersionWanted = None
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


class PublicationRequest(Message):
    """Where to publish: a target that the settings name. `due_at`: not before then."""

    target: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "site"
    version: VersionWanted = None
    due_at: Moment | None = None


class PublicationView(Message):
    """A version of an article at a target. `error` is why it is not there; who took it away the last time, when and
    why, also stays when it is published again."""

    id: UUID
    article_id: UUID
    version: int
    target: str
    title: str
    status: str
    address: str | None
    error: str | None
    requested_by: str
    due_at: datetime | None
    attempts: int
    withdrawn_by: str = ""
    withdrawn_at: datetime | None = None
    withdrawn_why: str = ""
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, publication: Publication) -> PublicationView:
        """A publication as the API tells of it."""
        return cls(**{name: getattr(publication, name) for name in cls.model_fields})


class ArticlePublications(Message):
    """How the latest version stands before the gate, the targets there are, and what was published, newest first."""

    standing: Standing
    targets: tuple[str, ...]
    items: tuple[PublicationView, ...]


class PublicationList(Message):
    """Those that changed last first."""

    items: tuple[PublicationView, ...]
