"""What is judged."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from aiwriter.documents.base import Document, PassageId, Share, utc_now
from aiwriter.documents.neighbours import Neighbour
from aiwriter.ids import finding_id
from aiwriter.text.counted import counted


class Severity(StrEnum):
    INFO = "info"
    WARN = "warn"
    ERROR = "error"  # counts towards a refusal


class Dismissal(Document):
    """A person's word that a finding does not hold: who, when, why. Rule and message are kept, so that the record can
    be read when the finding itself is gone."""

    finding: str  # its id
    rule: str
    message: str
    by: str
    reason: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]
    at: AwareDatetime = Field(default_factory=utc_now)


def _id_of(finding: dict[str, Any]) -> str:
    return finding_id(finding["rule"], finding["sentence_id"], finding["span"], finding["message"])


class Finding(Document):
    """One result of one check: which rule, where, why, what to do. `fix` is a next step for a person or a model.

    The id is the same as long as rule, sentence and span are, so that a dismissal outlives an edit of other sentences;
    one that is dismissed counts neither in the score nor in the verdict.
    """

    rule: str  # "citations.unknown", "support.number" …
    severity: Severity
    message: str
    sentence_id: UUID | None = None
    span: tuple[int, int] | None = None  # within the sentence's text
    fix: str | None = None
    dismissed: Dismissal | None = None
    id: str = Field(default_factory=_id_of)

    @property
    def is_open_error(self) -> bool:
        """An error that no person has dismissed."""
        return self.severity is Severity.ERROR and self.dismissed is None

    @property
    def is_measure(self) -> bool:
        """A note that nothing is to be done about ("within the range"): there is nothing to dismiss."""
        return self.severity is Severity.INFO and self.fix is None


class Support(StrEnum):
    SUPPORTED = "supported"
    VOUCHED = "vouched"  # a person dismissed all that was found about it: counted as it is, but no passage says so
    UNSURE = "unsure"
    UNSUPPORTED = "unsupported"
    NOT_NEEDED = "not_needed"  # adds no fact to the sentences beside it and cites nothing


# Behind a sentence: seen without colour, read aloud.
SUPPORT_MARKS = {Support.VOUCHED: "†", Support.UNSURE: "?", Support.UNSUPPORTED: "!"}
SUPPORT_MEANINGS = {
    Support.SUPPORTED: "its passage says so",
    Support.VOUCHED: "a person vouches for it, the checks do not",
    Support.UNSURE: "the checks could not confirm it",
    Support.UNSUPPORTED: "no passage that it names says so",
    Support.NOT_NEEDED: "joins the sentences beside it, cites nothing",
}


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


PART_TITLES = {"seo": "SEO", "private": "Private data"}  # parts that are not called as they are written


class ScorePart(Document):
    """One named part of the score, 0–100, and its weight in the whole."""

    name: str
    score: Annotated[float, Field(ge=0, le=100)]
    weight: Annotated[float, Field(ge=0)]

    @property
    def title(self) -> str:
        """What people call it."""
        return PART_TITLES.get(self.name, self.name.replace("_", " ").capitalize())


class Verdict(StrEnum):
    PASS = "pass"
    REVISE = "revise"
    REFUSE = "refuse"


class QualityReport(Document):
    """How a text was judged: verdict, score of 100 with its parts, findings, and how each sentence stands."""

    verdict: Verdict
    reasons: tuple[str, ...] = ()  # why it was refused or should be revised, for people
    score: Annotated[float, Field(ge=0, le=100)]
    parts: tuple[ScorePart, ...]
    findings: tuple[Finding, ...]
    sentences: tuple[SentenceVerdict, ...]
    neighbours: tuple[Neighbour, ...] = ()  # of the archive, as they were when the text was judged

    @property
    def open_errors(self) -> tuple[Finding, ...]:
        """Errors that no person has dismissed: while there is one, the text is neither accepted nor approved."""
        return tuple(finding for finding in self.findings if finding.is_open_error)

    @property
    def to_do(self) -> tuple[Finding, ...]:
        """Findings that somebody should look at: neither dismissed nor a measure that is as it should be."""
        return tuple(one for one in self.findings if one.dismissed is None and not one.is_measure)

    @property
    def found(self) -> str:
        """Such as "5 findings, 1 dismissed, 2 measures": what somebody should look at, and what stands beside it."""
        dismissed = sum(one.dismissed is not None for one in self.findings)
        measures = len(self.findings) - dismissed - len(self.to_do)
        beside = [f"{dismissed} dismissed"] * bool(dismissed) + [counted(measures, "measure")] * bool(measures)
        return ", ".join([counted(len(self.to_do), "finding"), *beside])
