"""What is judged."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from aiwriter.documents.base import Document, PassageId, Share


class Severity(StrEnum):
    INFO = "info"
    WARN = "warn"
    ERROR = "error"  # counts towards a refusal


class Finding(Document):
    """One result of one check: which rule, where, why, what to do. `fix` is a next step for a person or a model."""

    rule: str  # "citations.unknown", "support.number" …
    severity: Severity
    message: str
    sentence_id: UUID | None = None
    span: tuple[int, int] | None = None  # within the sentence's text
    fix: str | None = None


class Support(StrEnum):
    SUPPORTED = "supported"
    UNSURE = "unsure"
    UNSUPPORTED = "unsupported"
    NOT_NEEDED = "not_needed"  # states no fact and cites nothing


class SentenceVerdict(Document):
    """How a sentence stands to its evidence. `highlight` maps a passage id to the span of that passage's text
    (start, end within the passage) that supports the sentence best; `opinion` is the probability that a checker gave,
    if it was asked, `meaning` what an embedder compared (`quality.meaning`), if there was one."""

    sentence_id: UUID
    support: Support
    probability: Share
    highlight: dict[PassageId, tuple[int, int]] = Field(default_factory=dict)
    opinion: Share | None = None
    meaning: tuple[float, ...] = ()


class ScorePart(Document):
    """One named part of the score, 0–100, and its weight in the whole."""

    name: str
    score: Annotated[float, Field(ge=0, le=100)]
    weight: Annotated[float, Field(ge=0)]


class Verdict(StrEnum):
    PASS = "pass"
    REVISE = "revise"
    REFUSE = "refuse"


class QualityReport(Document):
    verdict: Verdict
    reasons: tuple[str, ...] = ()  # why it was refused or should be revised, for people
    score: Annotated[float, Field(ge=0, le=100)]
    parts: tuple[ScorePart, ...]
    findings: tuple[Finding, ...]
    sentences: tuple[SentenceVerdict, ...]
