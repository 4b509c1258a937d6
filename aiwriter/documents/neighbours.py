"""Articles of the own archive that stand near what is written, or is going to be."""

from __future__ import annotations

from uuid import UUID

from pydantic import AwareDatetime

from aiwriter.documents.base import Document, Share


class Neighbour(Document):
    """A stored article that says what a draft says: `wording` is the share of five-word sequences that both have of
    those that either has, `meaning` how near the draft's parts are to its parts by an embedder, None where none was
    asked."""

    article_id: UUID
    version: int
    title: str
    location: str  # where it is read: archive://…
    created_at: AwareDatetime
    wording: Share
    meaning: Share | None = None


class Answered(Document):
    """A stored article that seems to answer a topic already; `likeness` of the topics, 0–1."""

    article_id: UUID
    version: int
    title: str
    location: str
    created_at: AwareDatetime
    likeness: Share


class AlreadyAnswered(Document):
    """What was found when it was looked for articles that answer the topic of a run, most alike first."""

    items: tuple[Answered, ...] = ()
