"""The documents that walk down the corridor, in travelling order.

Brief → Sources → Evidence → Outline → Draft → QualityReport → Article

All are frozen values. A stored document is its validated JSON with `schema_version`; equal ones share a fingerprint.
Texts are plain Unicode; offsets count characters of `Source.text`; times are UTC; money is US dollars.
"""

from __future__ import annotations

from aiwriter.documents.articles import (
    Article,
    ArticleHead,
    ArticleStatus,
    Provenance,
    SourceHead,
    StoredRecord,
    VersionHead,
)
from aiwriter.documents.base import ContentHash, Document, Domain, ModelSpec, PassageId, Share, utc_now
from aiwriter.documents.briefs import Brief
from aiwriter.documents.drafts import (
    ArticleKind,
    Draft,
    Outline,
    Paragraph,
    ParagraphKind,
    Point,
    Section,
    SectionPlan,
    Sentence,
)
from aiwriter.documents.evidence import (
    Coverage,
    Disagreement,
    Evidence,
    EvidenceItem,
    Keyword,
    Passage,
    SourceRef,
    Study,
)
from aiwriter.documents.quality import (
    Dismissal,
    Finding,
    QualityReport,
    ScorePart,
    SentenceVerdict,
    Severity,
    Support,
    Verdict,
)
from aiwriter.documents.runs import (
    ApiKey,
    Batch,
    Budget,
    DailyFigures,
    Estimate,
    ModelCall,
    Run,
    RunEvent,
    RunFacts,
    RunStatus,
    Stage,
    Thrift,
)
from aiwriter.documents.sources import (
    Block,
    BlockKind,
    SearchRecord,
    Source,
    SourceKind,
    SourceProblem,
    Sources,
    SourcesRecord,
)

__all__ = [
    "ApiKey",
    "Article",
    "ArticleHead",
    "ArticleKind",
    "ArticleStatus",
    "Batch",
    "Block",
    "BlockKind",
    "Brief",
    "Budget",
    "ContentHash",
    "Coverage",
    "DailyFigures",
    "Disagreement",
    "Dismissal",
    "Document",
    "Domain",
    "Draft",
    "Estimate",
    "Evidence",
    "EvidenceItem",
    "Finding",
    "Keyword",
    "ModelCall",
    "ModelSpec",
    "Outline",
    "Paragraph",
    "ParagraphKind",
    "Passage",
    "PassageId",
    "Point",
    "Provenance",
    "QualityReport",
    "Run",
    "RunEvent",
    "RunFacts",
    "RunStatus",
    "ScorePart",
    "SearchRecord",
    "Section",
    "SectionPlan",
    "Sentence",
    "SentenceVerdict",
    "Severity",
    "Share",
    "Source",
    "SourceHead",
    "SourceKind",
    "SourceProblem",
    "SourceRef",
    "Sources",
    "SourcesRecord",
    "Stage",
    "StoredRecord",
    "Study",
    "Support",
    "Thrift",
    "Verdict",
    "VersionHead",
    "utc_now",
]
