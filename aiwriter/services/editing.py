"""Editing: the editable form of an article saved as a new version, checked again."""

from __future__ import annotations

from aiwriter.documents import Article, Draft, Evidence, EvidenceItem, Stage
from aiwriter.errors import NotFound
from aiwriter.pipeline import editable, finishing, formats
from aiwriter.ports import Database, Embedder, Principal, Publisher, VectorIndex
from aiwriter.services import articles, neighbours, stages
from aiwriter.threads import computed


async def save(
    database: Database,
    principal: Principal,
    article: Article,
    text: str,
    publisher: Publisher,
    vectors: VectorIndex,
    embedder: Embedder,
) -> Article:
    """The version after `article`, by a human: unchanged sentences keep id and citations, everything is judged anew.

    Text that equals the given version changes nothing. Raises BadInput for a token that is no passage of the run,
    Conflict when somebody else has made the next version meanwhile: nothing of theirs is overwritten.
    """
    principal.require("write")
    evidence = await evidence_of(database, principal, article)
    sections = editable.from_editable(text, article, evidence)
    title, description = editable.editable_head(text, article)
    if sections == article.sections and (title, description) == (article.title, article.description):
        return article
    draft = Draft(kind=article.kind, title=title, description=description, sections=sections)
    run_id = article.provenance.run_id
    draft = await neighbours.beside(database, principal, draft, vectors, embedder, run_id=run_id, own=article.id)
    edited = await computed(finishing.revise, article, draft, evidence, formats.load(article.brief.format))
    await articles.store(database, principal, edited, publisher, vectors, embedder)
    return edited


async def evidence_of(database: Database, principal: Principal, article: Article) -> Evidence:
    """All the evidence of the article's run; without it, the passages the article cites."""
    try:
        return await stages.kept(database, principal, article.provenance.run_id, Stage.EVIDENCE, Evidence)
    except NotFound:
        items = tuple(EvidenceItem(passage=passage, relevance=1.0) for passage in article.passages)
        return Evidence(items=items, sources=article.sources)
