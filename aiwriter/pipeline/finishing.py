"""Finishing: what the gate took out, what is left judged anew, and everything an article needs to be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from uuid import UUID

from aiwriter.documents import (
    Article,
    ArticleKind,
    ArticleStatus,
    Brief,
    Draft,
    Evidence,
    Finding,
    Passage,
    Provenance,
    QualityReport,
    Section,
    Sentence,
    Severity,
    SourceRef,
    Support,
    Verdict,
    utc_now,
)
from aiwriter.documents.concealing import concealed_article
from aiwriter.ids import new_id
from aiwriter.pipeline import quality, quoting
from aiwriter.pipeline.formats import Format
from aiwriter.pipeline.heading import headed
from aiwriter.text.counted import counted
from aiwriter.text.identifiers import concealed
from aiwriter.text.slugs import slug


def finish(
    draft: Draft,
    evidence: Evidence,
    report: QualityReport,
    brief: Brief,
    provenance: Provenance,
    fmt: Format,
    *,
    stamp: tuple[UUID, datetime] | None = None,
) -> Article:
    """The article of a draft: unsupported sentences go into `removed`, lines above the text that it does not
    bear give way to others (`heading.headed`), and the rest is judged again.

    A draft that was refused is kept whole, with its reasons, but for secrets, which are dotted out. With the same stamp
    (id and time), the same article.
    """
    removed: tuple[Sentence, ...] = ()
    notes: tuple[str, ...] = ()
    if report.verdict is not Verdict.REFUSE:
        written = len(draft.sentences)
        draft, removed, notes = _borne(draft, evidence, report, brief, fmt)
        if notes:
            report = quality.judge(judged_before(draft, report), evidence, brief, fmt)
        report = _much_quoted(_after_losses(report, len(removed), written, fmt), draft, fmt)
    sources, passages = cited(draft, evidence)
    article_id, created_at = stamp or (new_id(), utc_now())
    article = Article(
        id=article_id,
        kind=draft.kind,
        status=status_of(draft.kind, report.verdict, doubtful=evidence.bears_little),
        brief=brief,
        title=draft.title,
        slug=slug(concealed(draft.title)),
        description=draft.description,
        language=brief.language,
        sections=draft.sections,
        sources=sources,
        passages=passages,
        quality=report,
        coverage=evidence.coverage,
        removed=removed,
        notes=evidence.notes + notes,
        provenance=provenance,
        created_at=created_at,
    )
    return concealed_article(article)


def _borne(
    draft: Draft, evidence: Evidence, report: QualityReport, brief: Brief, fmt: Format
) -> tuple[Draft, tuple[Sentence, ...], tuple[str, ...]]:
    """The draft without its unsupported sentences and under lines that the rest bears, those sentences, and what was
    done, for people."""
    removed = _unsupported(draft, report)
    if removed:
        gone = {sentence.id for sentence in removed}
        sections = tuple(kept for section in draft.sections if (kept := _without(section, gone)).paragraphs)
        draft = draft.model_copy(update={"sections": sections})
    draft, told = headed(draft, evidence, report, brief, fmt)
    return draft, removed, (*_removal_notes(removed, report.findings), *told)


def _after_losses(report: QualityReport, removed: int, written: int, fmt: Format) -> QualityReport:
    """A model that invented so much may have done so elsewhere too: what is left wants a person."""
    limit = fmt.thresholds.removed_max
    if removed <= limit * written or report.verdict is Verdict.REFUSE:
        return report
    reason = f"{removed} of {counted(written, 'sentence')} had to be taken out; beyond {limit:.0%} a person must look."
    return report.model_copy(update={"verdict": Verdict.REVISE, "reasons": (*report.reasons, reason)})


def _much_quoted(report: QualityReport, draft: Draft, fmt: Format) -> QualityReport:
    """An article is to be our own text: of one that is quoted for the most part a person must say whether it may be."""
    share, limit = quoting.share(draft), fmt.thresholds.copied_share_max
    if share <= limit or report.verdict is Verdict.REFUSE:
        return report
    reason = f"{share:.0%} of the words are quoted from sources; beyond {limit:.0%} a person must look."
    return report.model_copy(update={"verdict": Verdict.REVISE, "reasons": (*report.reasons, reason)})


def revise(previous: Article, draft: Draft, evidence: Evidence, fmt: Format) -> Article:
    """The next version, as a person edited it: everything is judged again but for what was dismissed, beside the
    articles of ours that the draft names, and nothing a person wrote is taken out."""
    draft = judged_before(draft, previous.quality).model_copy(update={"neighbours": draft.neighbours})
    report = quality.judge(draft, evidence, previous.brief, fmt, dismissals=previous.dismissals)
    sources, passages = cited(draft, evidence)
    return previous.model_copy(
        update={
            "version": previous.version + 1,
            "status": status_of(draft.kind, report.verdict),
            "title": draft.title,
            "description": draft.description,
            "sections": draft.sections,
            "sources": sources,
            "passages": passages,
            "quality": report,
            "provenance": previous.provenance.model_copy(update={"author": "human"}),
            "created_at": utc_now(),
        }
    )


def for_readers(article: Article) -> Article:
    """The version as it goes out, let through by its gates: without what was taken out of it, without the places on our
    machines where its sources lie, and without what was said of other articles of ours and what a person dismissed."""
    gone = [sentence.text for sentence in article.removed]
    places = (location for location in article.brief.sources if "://" in location)
    return article.model_copy(
        update={
            "status": ArticleStatus.ACCEPTED,
            "brief": article.brief.model_copy(update={"sources": tuple(places)}),
            "removed": (),
            "quality": _without_dismissed(_without_neighbours(article.quality)),
            "dismissals": (),
            "notes": tuple(note for note in article.notes if not any(text in note for text in gone)),
        }
    )


def _without_neighbours(report: QualityReport) -> QualityReport:
    told = [one.location for one in report.neighbours]
    kept = (one for one in report.findings if not any(place in one.message for place in told))
    reasons = (one for one in report.reasons if not any(place in one for place in told))
    return report.model_copy(update={"findings": tuple(kept), "reasons": tuple(reasons), "neighbours": ()})


def _without_dismissed(report: QualityReport) -> QualityReport:
    """Not even counted: who said what of it is for the archive."""
    return report.model_copy(update={"findings": tuple(one for one in report.findings if one.dismissed is None)})


def judged_before(draft: Draft, report: QualityReport) -> Draft:
    """The draft with what a checker and an embedder said of those of its sentences that stand as they stood, and the
    articles of ours that it was held against."""
    ids = {sentence.id for sentence in draft.sentences}
    known = [one for one in report.sentences if one.sentence_id in ids]
    opinions = {one.sentence_id: one.opinion for one in known if one.opinion is not None}
    meant = {one.sentence_id: one.meaning for one in known if one.meaning}
    return draft.model_copy(update={"opinions": opinions, "meant": meant, "neighbours": report.neighbours})


def _unsupported(draft: Draft, report: QualityReport) -> tuple[Sentence, ...]:
    bad = {verdict.sentence_id for verdict in report.sentences if verdict.support is Support.UNSUPPORTED}
    return tuple(sentence for sentence in draft.sentences if sentence.id in bad)


def _without(section: Section, gone: Collection[UUID]) -> Section:
    kept = (
        paragraph.model_copy(update={"sentences": tuple(s for s in paragraph.sentences if s.id not in gone)})
        for paragraph in section.paragraphs
    )
    return section.model_copy(update={"paragraphs": tuple(paragraph for paragraph in kept if paragraph.sentences)})


def _removal_notes(removed: tuple[Sentence, ...], findings: tuple[Finding, ...]) -> Iterator[str]:
    reasons = {
        finding.sentence_id: finding.message for finding in reversed(findings) if finding.severity is Severity.ERROR
    }
    for sentence in removed:
        yield f"Taken out: “{sentence.text}” {reasons.get(sentence.id, 'Nothing it cites supports it.')}"


def cited(draft: Draft, evidence: Evidence) -> tuple[tuple[SourceRef, ...], tuple[Passage, ...]]:
    """Cited sources and passages in order of first citation."""
    by_key = {item.passage.id: item.passage for item in evidence.items}
    keys = dict.fromkeys(key for sentence in draft.sentences for key in sentence.citations if key in by_key)
    passages = tuple(by_key[key] for key in keys)
    by_hash = {source.content_hash: source for source in evidence.sources}
    hashes = dict.fromkeys(passage.source_hash for passage in passages)
    return tuple(by_hash[key] for key in hashes if key in by_hash), passages


def status_of(kind: ArticleKind, verdict: Verdict, *, doubtful: bool = False) -> ArticleStatus:
    """A digest, an article that should still be revised, and one of sources that may not be about its topic need a
    person; a refused text must be mended, or written by another run."""
    if verdict is Verdict.REFUSE:
        return ArticleStatus.REFUSED
    passed = verdict is Verdict.PASS and kind is ArticleKind.ARTICLE and not doubtful
    return ArticleStatus.ACCEPTED if passed else ArticleStatus.NEEDS_APPROVAL
