"""What is asked of a check, and what came of it: `--json` of the command and the answer of the API in one form."""

from __future__ import annotations

from base64 import b64encode
from collections import Counter
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Base64Bytes, StringConstraints, model_validator

from aiwriter.documents.base import Document, PassageId, Share
from aiwriter.documents.quality import Finding, Severity, Support, Verdict
from aiwriter.documents.reviewed import Reviewed
from aiwriter.documents.sources import SourceProblem

NOT_JUDGED: Literal["not_judged"] = "not_judged"  # nothing was asked of the sources, so there is no probability
LONGEST_NAME = 200

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME, pattern=r"^[^\x00-\x1f]+$")
]


class GivenSource(Document):
    """A source that is sent along: its `text`, or as base64 the bytes of its file. The ending of its name says what it
    is (.md, .html, .csv; of a file .pdf and .docx, too); else it is plain text."""

    name: Name
    text: str = ""
    data: Base64Bytes | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.text) == bool(self.data):
            raise ValueError("give either its text or its data")
        return self

    @classmethod
    def file(cls, name: str, data: bytes) -> Self:
        """A file by its name, with its bytes as they are."""
        return cls(name=name, data=b64encode(data))


class CheckAsked(Document):
    """A text to check, what it is called, and the sources that came with it; without a language it tells its own."""

    name: str
    text: str
    given: tuple[GivenSource, ...] = ()
    language: str | None = None


class ToldFinding(Document):
    """What a check found; `span` is the place in the sentence or claim."""

    rule: str
    severity: Severity
    message: str
    fix: str | None = None
    span: tuple[int, int] | None = None

    @classmethod
    def of(cls, finding: Finding) -> ToldFinding:
        return cls(**{name: getattr(finding, name) for name in cls.model_fields})


class CheckedSentence(Document):
    """A sentence, how it stands to the passages that it was put beside (the best first), and what was found."""

    text: str
    outcome: Support | Literal["not_judged"]
    probability: Share | None
    passages: tuple[PassageId, ...]
    findings: tuple[ToldFinding, ...]


class CheckedPassage(Document):
    """A passage that a sentence was put beside, and the title and place of its source."""

    id: PassageId
    text: str
    headings: tuple[str, ...]
    source: str
    location: str


class CheckResult(Document):
    """What a check came to. `findings` are about the text as a whole; `sources` is the number of those that were read,
    `problems` are the others."""

    language: str
    verdict: Verdict | Literal["not_judged"]
    score: float
    reasons: tuple[str, ...]
    counts: dict[str, int]
    sentences: tuple[CheckedSentence, ...]
    findings: tuple[ToldFinding, ...]
    notes: tuple[str, ...]
    sources: int
    problems: tuple[SourceProblem, ...]
    evidence: tuple[CheckedPassage, ...]


class CheckedText(Document):
    """What is kept of a check: all that a reviewer looks at, without secrets, how many sources were read, and which
    could not be used."""

    reviewed: Reviewed
    read: int
    problems: tuple[SourceProblem, ...] = ()

    @property
    def judged(self) -> tuple[Support, ...]:
        """The outcomes of the sentences that were held against the sources."""
        found = (verdict.support for verdict in self.reviewed.quality.sentences)
        return tuple(support for support in found if support is not Support.NOT_NEEDED)

    @property
    def verdict(self) -> Verdict | Literal["not_judged"]:
        """Not judged is a text of which no sentence was, unless it is refused for something else."""
        verdict = self.reviewed.quality.verdict
        return verdict if self.judged or verdict is Verdict.REFUSE else NOT_JUDGED

    @property
    def result(self) -> CheckResult:
        report = self.reviewed.quality
        by_sentence: dict[UUID | None, list[ToldFinding]] = {}
        for finding in report.findings:
            by_sentence.setdefault(finding.sentence_id, []).append(ToldFinding.of(finding))
        sentences = tuple(self._sentences(by_sentence))
        return CheckResult(
            language=self.reviewed.language,
            verdict=self.verdict,
            score=round(report.score, 1),
            reasons=report.reasons,
            counts=dict(Counter(str(one.outcome) for one in sentences)),
            sentences=sentences,
            findings=tuple(by_sentence.get(None, ())),
            notes=self.reviewed.notes,
            sources=self.read,
            problems=self.problems,
            evidence=tuple(self._evidence()),
        )

    def _sentences(self, findings: dict[UUID | None, list[ToldFinding]]) -> list[CheckedSentence]:
        verdicts, found = self.reviewed.verdicts, []
        for sentence in self.reviewed.sentences:
            verdict = verdicts.get(sentence.id)
            judged = verdict if verdict and verdict.support is not Support.NOT_NEEDED else None
            found.append(
                CheckedSentence(
                    text=sentence.text,
                    outcome=judged.support if judged else NOT_JUDGED,
                    probability=round(judged.probability, 3) if judged else None,
                    passages=sentence.citations,
                    findings=tuple(findings.get(sentence.id, ())),
                )
            )
        return found

    def _evidence(self) -> list[CheckedPassage]:
        sources = {source.content_hash: source for source in self.reviewed.sources}
        found = []
        for passage in self.reviewed.passages:
            source = sources.get(passage.source_hash)
            title, location = (source.title, source.location) if source else ("", "")
            shown = {name: getattr(passage, name) for name in ("id", "text", "headings")}
            found.append(CheckedPassage(**shown, source=title, location=location))
        return found
