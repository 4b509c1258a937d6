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
from aiwriter.documents.disputes import Party, disputes
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
    Comparison,
    Coverage,
    Disagreement,
    Evidence,
    EvidenceItem,
    Keyword,
    Passage,
    SourceRef,
    Study,
)
from aiwriter.documents.formats import Demand, FormatHead
from aiwriter.documents.mending import MendedSection, Mending, Rewrite
from aiwriter.documents.neighbours import AlreadyAnswered, Answered, Neighbour
from aiwriter.documents.publications import (
    Approval,
    FailingRow,
    GateBatch,
    GateBlock,
    GateReport,
    Publication,
    PublicationStatus,
    Standing,
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
    Shortage,
    Stage,
    Thrift,
)
from aiwriter.documents.sources import (
    Block,
    CitedSource,
    OwnArticle,
    SearchRecord,
    Source,
    SourceProblem,
    Sources,
    SourcesRecord,
)
from aiwriter.documents.studies import KeptStudy, StudyHead, StudyRecord
from aiwriter.documents.voices import Voice
from aiwriter.source_kinds import BlockKind, SourceKind

__all__ = [
    "AlreadyAnswered",
    "Answered",
    "ApiKey",
    "Approval",
    "Article",
    "ArticleHead",
    "ArticleKind",
    "ArticleStatus",
    "Batch",
    "Block",
    "BlockKind",
    "Brief",
    "Budget",
    "CitedSource",
    "Comparison",
    "ContentHash",
    "Coverage",
    "DailyFigures",
    "Demand",
    "Disagreement",
    "Dismissal",
    "Document",
    "Domain",
    "Draft",
    "Estimate",
    "Evidence",
    "EvidenceItem",
    "FailingRow",
    "Finding",
    "FormatHead",
    "GateBatch",
    "GateBlock",
    "GateReport",
    "KeptStudy",
    "Keyword",
    "MendedSection",
    "Mending",
    "ModelCall",
    "ModelSpec",
    "Neighbour",
    "Outline",
    "OwnArticle",
    "Paragraph",
    "ParagraphKind",
    "Party",
    "Passage",
    "PassageId",
    "Point",
    "Provenance",
    "Publication",
    "PublicationStatus",
    "QualityReport",
    "Rewrite",
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
    "Shortage",
    "Source",
    "SourceHead",
    "SourceKind",
    "SourceProblem",
    "SourceRef",
    "Sources",
    "SourcesRecord",
    "Stage",
    "Standing",
    "StoredRecord",
    "Study",
    "StudyHead",
    "StudyRecord",
    "Support",
    "Thrift",
    "Verdict",
    "VersionHead",
    "Voice",
    "disputes",
    "utc_now",
]
