"""What is mended: sentences that a check failed, and what became of them."""

from __future__ import annotations

from uuid import UUID

from pydantic import Field

from aiwriter.documents.base import Document, Share
from aiwriter.documents.drafts import Section
from aiwriter.documents.quality import Support


class Rewrite(Document):
    """What became of one sentence that failed. `round` counts from 1; 0: no model was asked, the sentence kept its
    words and cites the passage that says them. `reason` is the finding that it answers."""

    round: int
    before: str
    after: str
    reason: str = ""


class MendedSection(Document):
    """A section as it was mended. `calls` of a model were made for it; `opinions` are those of a
    checker, by sentence: how likely its passages say it. `notes` say why it was not mended further, for the report."""

    section: Section
    rewrites: tuple[Rewrite, ...] = ()
    calls: int = 0
    outcomes: dict[UUID, Support] = Field(default_factory=dict)  # of its sentences, by id
    checker: str = ""  # who was asked for opinions
    opinions: dict[UUID, Share] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def news(self) -> dict[str, object]:
        return {"mended": len(self.rewrites), "calls": self.calls}


class Mending(Document):
    """What mending did to a draft, and what it gained: the score of the draft as it was written and as it became."""

    rewrites: tuple[Rewrite, ...] = ()
    calls: int = 0
    score_before: float
    score_after: float
    checker: str = ""
    opinions: int = 0  # sentences that the checker was asked about
    notes: tuple[str, ...] = ()
