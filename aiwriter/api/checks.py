"""What the API takes and says of checks: of a text as a whole, and of single claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self, TypeVar
from uuid import UUID

from pydantic import Base64Bytes, Field, field_validator, model_validator

from aiwriter.api.parameters import ListQuery
from aiwriter.api.schemas import Message
from aiwriter.documents import (
    CheckResult,
    Domain,
    GivenSource,
    KeptStudy,
    RunStatus,
    Share,
    Stage,
    StudyHead,
    StudyKind,
    Support,
    ToldFinding,
)
from aiwriter.documents.checks import Name
from aiwriter.ports.lists import StudyFilter

LONGEST_TEXT = 300_000  # characters: about 50,000 words
LONGEST_CLAIM = 2_000
MOST_TEXTS = 100
MOST_CLAIMS = 64
# Characters of a claim's sources, and of those of all claims: who asks waits while they are examined.
LONGEST_GROUND, LONGEST_GROUNDS = 20_000, 200_000

T = TypeVar("T", bound=Sequence[str])
Tag = Annotated[str, Field(min_length=2, max_length=35)]


class CheckRequest(Message):
    """A text to check, as Markdown or plain text, or an article as it was exported as JSON; or as `data` a PDF or Word
    file in base64, whose `name` says which (.pdf, .docx). It is held against `given`,
    sources that are sent along, and `sources`, all that a brief may name; there is at least one of them. `since`,
    `domains` and `without_domains` limit what searches may find."""

    text: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    data: Base64Bytes | None = None
    name: Name = "text"
    given: Annotated[tuple[GivenSource, ...], Field(max_length=MOST_TEXTS)] = ()
    sources: tuple[str, ...] = ()
    language: Tag | None = None
    since: date | None = None
    domains: tuple[Domain, ...] = ()
    without_domains: tuple[Domain, ...] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.text.strip()) == bool(self.data):
            raise ValueError("give either a text with words in it, or the data of a file")
        return self

    @classmethod
    def of(cls, kept: KeptStudy) -> Self:
        """What was asked, as it would be asked again."""
        assert kept.asked is not None
        told = {name: getattr(kept.brief, name) for name in ("sources", "since", "domains", "without_domains")}
        asked = {name: getattr(kept.asked, name) for name in ("text", "name", "language")}
        return cls(**asked, given=kept.asked.given, **told)


class CheckAccepted(Message):
    """A check was stored and handed on; `href` tells how it stands and what came of it."""

    check_id: UUID
    status: RunStatus
    href: str


class CheckHead(Message):
    """One line of the list of checks. `title` is what the text is called. While it runs, `done` of `total` sources are
    read in `stage`; when it is done, `supported` of the `judged` sentences are."""

    id: UUID
    title: str
    status: RunStatus
    stage: Stage | None
    done: int
    total: int
    reason: str | None
    requested_by: str
    sources: int
    passages: int
    judged: int
    supported: int
    created_at: datetime
    told_at: datetime
    finished_at: datetime | None

    @classmethod
    def of(cls, head: StudyHead) -> Self:
        return cls(**_head(head))


class CheckView(CheckHead):
    """A check, and what came of it once it is done."""

    result: CheckResult | None

    @classmethod
    def of_kept(cls, kept: KeptStudy) -> Self:
        return cls(**_head(kept), result=kept.checked.result if kept.checked else None)


def _head(head: StudyHead) -> dict[str, object]:
    other = {"title": head.topic, "judged": head.questions, "supported": head.answered}
    return other | {name: getattr(head, name) for name in CheckHead.model_fields if name not in other}


class CheckPage(Message):
    """A part of the list of checks; `next_cursor` is None at its end."""

    items: tuple[CheckHead, ...]
    total: int
    next_cursor: str | None = None


class CheckQuery(ListQuery):
    """A list of checks; every one of `words` is searched for anywhere in the title."""

    status: tuple[RunStatus, ...] = ()
    words: Annotated[str | None, Field(max_length=200)] = None

    def wanted(self) -> StudyFilter:
        return StudyFilter(status=self.status, words=self.words, kind=(StudyKind.TEXT,))


class CheckRemoved(Message):
    """What was removed."""

    check_id: UUID


class ClaimToCheck(Message):
    """A claim and the texts that it rests on; without any it is unsupported, without a language it tells its own."""

    id: str | int
    claim: Annotated[str, Field(min_length=1, max_length=LONGEST_CLAIM, pattern=r"\S")]
    sources: Annotated[tuple[str, ...], Field(max_length=MOST_TEXTS)]
    language: Tag | None = None

    @field_validator("sources")
    @classmethod
    def _short_enough(cls, sources: tuple[str, ...]) -> tuple[str, ...]:
        return _within(sources, LONGEST_GROUND, "a claim's sources")


class ClaimsRequest(Message):
    """Claims to check at once."""

    claims: Annotated[tuple[ClaimToCheck, ...], Field(min_length=1, max_length=MOST_CLAIMS)]

    @field_validator("claims")
    @classmethod
    def _short_enough(cls, claims: tuple[ClaimToCheck, ...]) -> tuple[ClaimToCheck, ...]:
        _within([source for claim in claims for source in claim.sources], LONGEST_GROUNDS, "the sources of all claims")
        return claims


def _within(texts: T, most: int, what: str) -> T:
    length = sum(map(len, texts))
    if length > most:
        raise ValueError(f"{what} have {length:,} characters; {most:,} is the most. Give the passages that tell of it")
    return texts


class CheckedClaim(Message):
    """How a claim stands to its sources; spans of findings are places in the claim."""

    id: str | int
    outcome: Support
    probability: Share
    findings: tuple[ToldFinding, ...]


class CheckedClaims(Message):
    """In the order of the claims. `note` says when meaning could not be compared, only words."""

    items: tuple[CheckedClaim, ...]
    counts: dict[str, int]
    note: str | None = None
