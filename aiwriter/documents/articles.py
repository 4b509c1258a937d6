"""What is kept."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from aiwriter.documents.base import ContentHash, Document, utc_now
from aiwriter.documents.briefs import Brief
from aiwriter.documents.drafts import ArticleKind, Section, Sentence, words_of
from aiwriter.documents.evidence import Coverage, Passage, SourceRef
from aiwriter.documents.mending import Mending
from aiwriter.documents.quality import Dismissal, QualityReport
from aiwriter.ids import new_id
from aiwriter.source_kinds import SourceKind


class ArticleStatus(StrEnum):
    ACCEPTED = "accepted"  # every gate passed
    NEEDS_APPROVAL = "needs_approval"  # a digest: a person must approve before anything is published
    REFUSED = "refused"


class Provenance(Document):
    """What an article was made with, so that any verdict can be replayed."""

    run_id: UUID
    author: Literal["model", "offline", "human"]
    model: str
    embedder: str
    prompts: dict[str, str] = Field(default_factory=dict)  # prompt name → hash of its file


class Article(Document):
    """A finished version of an article with everything that is needed to show where each sentence comes from."""

    id: UUID = Field(default_factory=new_id)
    version: int = 1
    kind: ArticleKind
    status: ArticleStatus
    brief: Brief
    title: str
    slug: str
    description: str
    language: str
    sections: tuple[Section, ...]
    sources: tuple[SourceRef, ...]  # those cited, in order of first citation: their numbers when rendered
    passages: tuple[Passage, ...]  # those cited
    quality: QualityReport
    coverage: tuple[Coverage, ...] = ()  # what was asked, and whether the evidence answers it
    removed: tuple[Sentence, ...] = ()  # sentences the gate took out, kept for the report
    mending: Mending | None = None  # None: nothing had to be mended
    notes: tuple[str, ...] = ()
    dismissals: tuple[Dismissal, ...] = ()  # all that were ever made, those of findings that are gone as well
    provenance: Provenance
    created_at: AwareDatetime = Field(default_factory=utc_now)

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        return tuple(sentence for section in self.sections for sentence in section.sentences)

    @property
    def words(self) -> int:
        return words_of(self.sections)

    @property
    def needs_person(self) -> bool:
        """Whether a person must let it go out: any digest, and what its checks leave to one."""
        return self.kind is ArticleKind.DIGEST or self.status is ArticleStatus.NEEDS_APPROVAL


def standing_of(status: ArticleStatus, open_errors: int, *, approved: bool = False) -> str:
    """The status of a version; "approved" when that says that a person must approve it, and one did; "needs_mending"
    while an error is open, against which no approval helps."""
    if open_errors and status is not ArticleStatus.REFUSED:
        return "needs_mending"
    return "approved" if approved and status is ArticleStatus.NEEDS_APPROVAL else status.value


class ArticleHead(Document):
    """One line of a list of articles: what is known of the latest version without reading it."""

    id: UUID
    version: int
    kind: ArticleKind
    status: ArticleStatus
    title: str
    slug: str
    description: str
    format: str
    language: str
    author: str  # of the latest version: model, offline, human
    words: int
    score: float
    run_id: UUID
    index_state: Literal["indexed", "pending"]
    created_at: AwareDatetime  # of the first version
    updated_at: AwareDatetime  # of the latest version
    approved: bool = False  # the latest version, by a person
    open_errors: int = 0  # of the latest version: findings that no approval helps against

    @property
    def standing(self) -> str:
        """See `standing_of`."""
        return standing_of(self.status, self.open_errors, approved=self.approved)


class VersionHead(Document):
    """One line of an article's history."""

    version: int
    status: ArticleStatus
    author: str
    words: int
    score: float
    created_at: AwareDatetime
    open_errors: int = 0


class SourceHead(Document):
    """One line of a list of sources; `location` is where it was read, as the user gave it."""

    id: UUID
    location: str
    kind: SourceKind
    title: str
    content_hash: ContentHash
    retrieved_at: AwareDatetime


class StoredRecord(Document):
    """What the store stage leaves: the version, its files by form, and whether it can be found by meaning already."""

    article_id: UUID
    version: int
    paths: dict[str, str]
    index: Literal["indexed", "pending"]
