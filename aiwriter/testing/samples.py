"""One small corpus about a fictional ferry company, and an article and a digest made from it by hand.

Everything is deterministic: ids, times and texts are equal in every process, so fingerprints are too. Two sources
disagree on one number, and one sentence claims more than its passage says.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from uuid import NAMESPACE_URL, UUID, uuid5

from aiwriter.documents import (
    Article,
    ArticleKind,
    ArticleStatus,
    Block,
    BlockKind,
    Brief,
    Coverage,
    Draft,
    Evidence,
    EvidenceItem,
    Finding,
    Paragraph,
    ParagraphKind,
    Passage,
    Provenance,
    QualityReport,
    Run,
    RunFacts,
    RunStatus,
    ScorePart,
    Section,
    Sentence,
    SentenceVerdict,
    Severity,
    Source,
    SourceRef,
    Sources,
    Support,
    Verdict,
)
from aiwriter.ids import content_hash
from aiwriter.testing.ferries import ARTICLE, DIGEST, PARTS, TEXTS, TITLES, Line

_READ_AT = datetime(2026, 9, 14, 8, 30, tzinfo=UTC)
_WRITTEN_AT = datetime(2026, 9, 14, 8, 31, 7, tzinfo=UTC)


def sample_id(name: str) -> UUID:
    """The lasting id of a named thing in the samples."""
    return uuid5(NAMESPACE_URL, f"sample:{name}")


def sample_brief() -> Brief:
    return Brief(
        topic="What Kestrel Sound learned from its electric ferries",
        sources=tuple(text.location for text in TEXTS.values()),
        words=300,
        audience="harbour towns that think of the same",
        tone="plain",
        keywords=("electric ferry", "shore battery"),
    )


def _blocks(text: str) -> Iterable[Block]:
    start = 0
    for part in text.split("\n\n"):
        level = len(part) - len(part.lstrip("#"))
        skip = level + 1 if level else 0
        kind = BlockKind.HEADING if level else BlockKind.PARAGRAPH
        yield Block(kind=kind, start=start + skip, end=start + len(part), level=level)
        start += len(part) + 2


def _source(name: str) -> Source:
    given = TEXTS[name]
    return Source(
        id=sample_id(name),
        location=given.location,
        kind=given.kind,
        title=given.title,
        text=given.text,
        blocks=tuple(_blocks(given.text)),
        content_hash=content_hash(given.text),
        retrieved_at=_READ_AT,
        published_at=given.published,
        author=given.author,
        language="en",
    )


def sample_sources() -> Sources:
    """Four sources: a page, a Markdown file, a PDF and a plain text."""
    return Sources(items=tuple(_source(name) for name in TEXTS))


def sample_passages(source: Source) -> list[Passage]:
    """Every paragraph of a source as a passage, with the headings above it."""
    path: list[str] = []
    passages = []
    for block in source.blocks:
        if block.kind is BlockKind.HEADING:
            path = [*path[: block.level - 1], source.text[block.start : block.end]]
        else:
            passages.append(Passage.of(source, block.start, block.end, tuple(path)))
    return passages


def sample_evidence() -> Evidence:
    """All passages of the sample sources, in their order, with falling relevance."""
    sources = sample_sources().items
    passages = [passage for source in sources for passage in sample_passages(source)]
    items = tuple(EvidenceItem(passage=p, relevance=round(0.9 - 0.03 * n, 2)) for n, p in enumerate(passages))
    return Evidence(items=items, sources=tuple(SourceRef.of(source) for source in sources))


class _Writer:
    """Turns the lines above into sentences, and keeps the verdict on each."""

    def __init__(self) -> None:
        self.passages = [item.passage for item in sample_evidence().items]
        self.verdicts: list[SentenceVerdict] = []

    def sentence(self, line: Line) -> Sentence:
        text, support, spans = line
        found = dict(self._span(span) for span in spans)
        sentence = Sentence(id=sample_id(text), text=text, citations=tuple(found))
        probability = {Support.SUPPORTED: 0.94, Support.UNSURE: 0.41, Support.NOT_NEEDED: 0.5}[support]
        self.verdicts.append(
            SentenceVerdict(sentence_id=sentence.id, support=support, probability=probability, highlight=found)
        )
        return sentence

    def _span(self, span: str) -> tuple[str, tuple[int, int]]:
        begin, _, last = span.partition("|")
        passage = next(p for p in self.passages if begin in p.text)
        start = passage.text.index(begin)
        end = passage.text.index(last, start) + len(last) if last else len(passage.text)
        return passage.id, (start, end)

    def quote(self, begin: str) -> Paragraph:
        passage = next(p for p in self.passages if p.text.startswith(begin))
        return Paragraph(
            kind=ParagraphKind.QUOTE,
            sentences=(self.sentence((passage.text, Support.SUPPORTED, (f"{passage.text[:40]}",))),),
            attribution=passage.source_hash,
        )

    def paragraph(self, kind: ParagraphKind, lines: list[Line]) -> Paragraph:
        sentences = tuple(self.sentence(line) for line in lines)
        cited = {p.id: p.source_hash for p in self.passages}
        attribution = cited[sentences[0].citations[0]] if kind is ParagraphKind.QUOTE else None
        return Paragraph(kind=kind, sentences=sentences, attribution=attribution)

    def sections(self, kind: ArticleKind) -> tuple[Section, ...]:
        if kind is ArticleKind.DIGEST:
            return tuple(Section(heading=h, paragraphs=tuple(map(self.quote, begins))) for h, begins in DIGEST)
        return tuple(
            Section(heading=h, paragraphs=tuple(self.paragraph(k, lines) for k, lines in paragraphs))
            for h, paragraphs in ARTICLE
        )


def sample_draft(kind: ArticleKind = ArticleKind.ARTICLE) -> Draft:
    title, description = TITLES[kind]
    return Draft(kind=kind, title=title, description=description, sections=_Writer().sections(kind))


def _quality(verdicts: list[SentenceVerdict], status: ArticleStatus) -> QualityReport:
    refused = status is ArticleStatus.REFUSED
    unsure = next((v for v in verdicts if v.support is Support.UNSURE), None)
    findings = [
        Finding(
            rule="length.short",
            severity=Severity.INFO,
            message="The text is shorter than the brief asks for.",
            fix="Add a source, or ask for fewer words.",
        )
    ]
    if unsure is not None:
        findings.insert(
            0,
            Finding(
                rule="support.generalised",
                severity=Severity.WARN,
                message="The passage warns against carrying its figures over to other harbours.",
                sentence_id=unsure.sentence_id,
                span=(0, 24),
                fix="Say what was measured at Vell, or take the sentence out.",
            ),
        )
    return QualityReport(
        verdict=Verdict.REFUSE if refused else Verdict.PASS,
        reasons=("7 of 12 factual sentences cite nothing that supports them; 1 in 10 is the limit.",)
        if refused
        else (),
        score=38.0 if refused else 92.4,
        parts=tuple(ScorePart(name=n, score=s * (0.4 if refused else 1), weight=w) for n, s, w in PARTS),
        findings=tuple(findings),
        sentences=tuple(verdicts),
    )


def _cited(sections: tuple[Section, ...], evidence: Evidence) -> tuple[tuple[SourceRef, ...], tuple[Passage, ...]]:
    """Cited sources and passages in order of first citation."""
    keys = dict.fromkeys(key for section in sections for s in section.sentences for key in s.citations)
    passages = [item.passage for key in keys for item in evidence.items if item.passage.id == key]
    hashes = dict.fromkeys(passage.source_hash for passage in passages)
    sources = tuple(source for key in hashes for source in evidence.sources if source.content_hash == key)
    return sources, tuple(passages)


def sample_facts(run: Run, **changes: object) -> RunFacts:
    """What a run came to that wrote an article of 900 words in three calls for a cent; `changes` replace fields."""
    facts = RunFacts(
        run_id=run.id,
        article_id=None,
        status=RunStatus.DONE,
        model=run.model,
        format="blog_post",
        kind=ArticleKind.ARTICLE,
        words=900,
        cost_usd=Decimal("0.01"),
        input_tokens=1000,
        output_tokens=200,
        model_calls=3,
        seconds=4.5,
        seconds_by_stage={"outline": 4.5},
        score=88.5,
        score_parts={"support": 90.0},
        findings_by_rule={"support.number": 2},
        created_at=_WRITTEN_AT,
    )
    return facts.model_copy(update=changes)


def sample_article(
    kind: ArticleKind = ArticleKind.ARTICLE, status: ArticleStatus | None = None, **changes: object
) -> Article:
    """A finished article, or digest, about the sample sources; `changes` replace fields of it.

    The status is what the kind ends with when nothing is wrong: accepted, or needs approval for a digest.
    """
    writer = _Writer()
    sections = writer.sections(kind)
    offline = kind is ArticleKind.DIGEST
    status = status or (ArticleStatus.NEEDS_APPROVAL if offline else ArticleStatus.ACCEPTED)
    sources, passages = _cited(sections, sample_evidence())
    title, description = TITLES[kind]
    article = Article(
        id=sample_id(f"{kind}"),
        kind=kind,
        status=status,
        brief=sample_brief(),
        title=title,
        slug="electric-ferries-at-kestrel-sound" + ("-digest" if offline else ""),
        description=description,
        language="en",
        sections=sections,
        sources=sources,
        passages=passages,
        quality=_quality(writer.verdicts, status),
        coverage=(
            Coverage(question="Electric ferries", passages=(passages[0].id,), confidence=0.81),
            Coverage(question="Electric ferries: ticket prices", passages=(), confidence=0.21),
        ),
        removed=()
        if offline
        else (Sentence(id=sample_id("removed"), text="The ships have carried more than two million passengers."),),
        notes=("Two sources disagree on the share of the harbour battery: 62 and 57 per cent.",),
        provenance=Provenance(
            run_id=sample_id("run"),
            author="offline" if offline else "model",
            model="offline:extractive" if offline else "openai:gpt-5.1-mini",
            embedder="minilm:default",
            prompts={} if offline else {"outline": "9f2c51d04be7a318", "section": "1b77e0a9c4d2f655"},
        ),
        created_at=_WRITTEN_AT,
    )
    return article.model_copy(update=changes)


def sound_article(**changes: object) -> Article:
    """The sample article without what its sources do not surely say, judged as articles are: every gate lets it
    through. `changes` replace fields of it."""
    evidence, article = sample_evidence(), sample_article()
    good = {Support.SUPPORTED, Support.NOT_NEEDED}
    doubtful = {
        v.sentence_id for v in _judged(sample_draft(), evidence, article.brief).sentences if v.support not in good
    }
    sections = tuple(kept for section in article.sections if (kept := _without(section, doubtful)).paragraphs)
    title = article.brief.topic  # the sample's counts years of which a doubtful sentence alone tells
    draft = sample_draft().model_copy(update={"title": title, "sections": sections})
    sources, passages = _cited(sections, evidence)
    brief = article.brief.model_copy(update={"words": 200})
    told = {"title": title, "sections": sections, "sources": sources, "passages": passages, "brief": brief}
    told |= {"quality": _judged(draft, evidence, brief)}
    return article.model_copy(update=told | changes)


def _judged(draft: Draft, evidence: Evidence, brief: Brief) -> QualityReport:
    from aiwriter.pipeline import formats, quality

    return quality.judge(draft, evidence, brief, formats.load(brief.format))


def _without(section: Section, gone: set[UUID]) -> Section:
    paragraphs = (
        p.model_copy(update={"sentences": tuple(s for s in p.sentences if s.id not in gone)})
        for p in section.paragraphs
    )
    return section.model_copy(update={"paragraphs": tuple(p for p in paragraphs if p.sentences)})
