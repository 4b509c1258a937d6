"""Articles: list, search, read, edit, export, delete."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response

from aiwriter.api.auth import Reader, Visit, Writer
from aiwriter.api.citing import citations_of
from aiwriter.api.errors import ChangedMeanwhile, PreconditionRequired
from aiwriter.api.parameters import ArticleQuery, FindingId, Form, Limit, Version, VersionNumber
from aiwriter.api.schemas import (
    ArticlePage,
    Citations,
    Deleted,
    DismissedFor,
    EditableText,
    EditedText,
    SearchAnswer,
    SearchReply,
    VersionList,
    version_tag,
)
from aiwriter.documents import Article, QualityReport
from aiwriter.documents.concealing import concealed_article
from aiwriter.errors import Conflict
from aiwriter.pipeline.editable import to_editable
from aiwriter.services import articles, dismissing, editing
from aiwriter.threads import computed

router = APIRouter(prefix="/content", tags=["content"])

MEDIA_TYPES = {"md": "text/markdown; charset=utf-8", "html": "text/html; charset=utf-8", "json": "application/json"}
EXPORT_REPLIES: dict[int | str, dict[str, object]] = {
    200: {
        "description": "The article as a file.",
        "content": {kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in MEDIA_TYPES.values()}
        | {"application/json": {"schema": {"type": "object"}}},
    }
}
REPORT_REPLIES: dict[int | str, dict[str, object]] = {
    200: {"description": "The report.", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.get("")
async def list_articles(who: Reader, query: Annotated[ArticleQuery, Query()]) -> ArticlePage:
    """Articles, latest first by default."""
    page = await articles.page(who.database, who.principal, query.wanted(), query.paging())
    return ArticlePage(items=tuple(page.items), total=page.total, next_cursor=page.next_cursor)


@router.get("/search")
async def search_articles(
    who: Reader,
    q: Annotated[str, Query(min_length=1, max_length=500, pattern=r"\S", description="Words, or what is meant.")],
    limit: Limit = 10,
) -> SearchReply:
    """Search articles by words and by meaning, best first. Without the vector index by words alone; `note` says so."""
    name = who.tools.settings.embedder
    found, note = await articles.search(
        who.database, who.principal, q, who.tools.vectors(name), who.tools.embedder(name), limit
    )
    answers = [
        SearchAnswer(
            article_id=answer.article.id,
            version=answer.article.version,
            title=answer.article.title,
            kind=answer.article.kind,
            status=answer.article.status,
            excerpt=answer.excerpt,
            similarity=round(max(0.0, min(1.0, answer.similarity)), 4),
            by="words" if answer.by == "words" else "meaning",
        )
        for answer in found
    ]
    return SearchReply(items=tuple(answers), note=note)


@router.get("/{article_id}")
async def get_article(who: Reader, article_id: UUID) -> Article:
    """The latest version, with the provenance of every sentence; a secret that refuses it is dotted
    out, here and in what follows, but in the editable form of what a person wrote."""
    return concealed_article(await articles.get(who.database, who.principal, article_id))


@router.get("/{article_id}/versions")
async def list_versions(who: Reader, article_id: UUID) -> VersionList:
    """All versions, newest first."""
    return VersionList(items=tuple(await articles.versions(who.database, who.principal, article_id)))


@router.get("/{article_id}/versions/{version}")
async def get_version(who: Reader, article_id: UUID, version: VersionNumber) -> Article:
    """One version."""
    return concealed_article(await articles.get(who.database, who.principal, article_id, version))


@router.get("/{article_id}/editable")
async def get_editable(who: Reader, article_id: UUID, response: Response, version: Version = None) -> EditableText:
    """A version as Markdown with citation tokens. The ETag of the latest is what saving needs as If-Match."""
    article = await articles.get(who.database, who.principal, article_id, version)
    response.headers["ETag"] = version_tag(article.id, article.version)
    return EditableText(article_id=article.id, version=article.version, text=to_editable(article))


@router.put("/{article_id}/editable")
async def save_editable(
    who: Writer,
    article_id: UUID,
    edited: EditedText,
    response: Response,
    if_match: Annotated[str | None, Header(description="The ETag of the editable form that was changed.")] = None,
) -> Article:
    """Save an edit as a new version, checked again; the same one when nothing was changed. 412 when somebody else saved
    first: nothing of theirs is overwritten."""
    article = await _matching(who, article_id, if_match)
    saved = await _saved(who, article, edited.text)
    response.headers["ETag"] = version_tag(saved.id, saved.version)
    return concealed_article(saved)


@router.post("/{article_id}/findings/{finding_id}/dismissal")
async def dismiss_finding(
    who: Writer,
    article_id: UUID,
    finding_id: FindingId,
    why: DismissedFor,
    response: Response,
    if_match: Annotated[str | None, Header(description="The ETag of the editable form of the version judged.")] = None,
) -> Article:
    """Dismiss a finding: a new version, judged without it; the same one when it is dismissed
    already for that reason. 412 when somebody else saved first."""
    article = await _matching(who, article_id, if_match)
    name, tools = article.provenance.embedder, who.tools
    means = (tools.publisher(None), tools.vectors(name), tools.embedder(name))
    try:
        judged = await dismissing.dismiss(who.database, who.principal, article, finding_id, why.reason, *means)
    except Conflict as error:
        raise _changed(article) from error
    response.headers["ETag"] = version_tag(judged.id, judged.version)
    return concealed_article(judged)


async def _matching(who: Visit, article_id: UUID, if_match: str | None) -> Article:
    """The latest version, if it is the one that was looked at."""
    article = await articles.get(who.database, who.principal, article_id)
    tag = (if_match or "").strip().removeprefix("W/")  # a proxy that compresses makes tags weak
    if tag == version_tag(article.id, article.version):
        return article
    if tag.startswith(f'"{article.id}-v'):
        raise _changed(article)
    wrong = "is missing" if if_match is None else "names no version of this article"
    raise PreconditionRequired(
        f"If-Match {wrong}: which version was changed?", hint="Send the ETag that GET …/editable gave."
    )


async def _saved(who: Visit, article: Article, text: str) -> Article:
    name = article.provenance.embedder
    tools = who.tools
    try:
        return await editing.save(
            who.database,
            who.principal,
            article,
            text,
            tools.publisher(None),
            tools.vectors(name),
            tools.embedder(name),
        )
    except Conflict as error:
        raise _changed(article) from error


def _changed(article: Article) -> ChangedMeanwhile:
    return ChangedMeanwhile(
        f"article {article.id} was saved by somebody else meanwhile",
        hint="Nothing was overwritten. Read the latest version, put your changes into it, and save again.",
    )


@router.get("/{article_id}/citations")
async def get_citations(who: Reader, article_id: UUID, version: Version = None) -> Citations:
    """Each sentence with its passages, and how well they support it."""
    return citations_of(concealed_article(await articles.get(who.database, who.principal, article_id, version)))


@router.get("/{article_id}/quality")
async def get_quality(who: Reader, article_id: UUID, version: Version = None) -> QualityReport:
    """Verdict, score and findings."""
    return concealed_article(await articles.get(who.database, who.principal, article_id, version)).quality


@router.get("/{article_id}/report", response_class=Response, responses=REPORT_REPLIES)
async def get_report(who: Reader, article_id: UUID, version: Version = None) -> Response:
    """The reviewer's report, a self-contained page: the verdict, and every sentence beside its evidence."""
    article = await articles.get(who.database, who.principal, article_id, version)
    return Response(await computed(who.tools.renderers["report"], article), media_type=MEDIA_TYPES["html"])


@router.get("/{article_id}/export", response_class=Response, responses=EXPORT_REPLIES)
async def export_article(who: Reader, article_id: UUID, form: Form = "md", version: Version = None) -> Response:
    """Export a version: Markdown, a self-contained HTML page, or JSON with provenance."""
    article = concealed_article(await articles.get(who.database, who.principal, article_id, version))
    headers = {"Content-Disposition": f'attachment; filename="{_file_name(article)}.{form}"'}
    return Response(who.tools.renderers[form](article), media_type=MEDIA_TYPES[form], headers=headers)


def _file_name(article: Article) -> str:
    plain = "".join(mark for mark in article.slug if mark.isascii() and (mark.isalnum() or mark in "-_"))
    return plain or str(article.id)


@router.delete("/{article_id}")
async def delete_article(who: Writer, article_id: UUID) -> Deleted:
    """Delete an article with all versions and vectors; an index that is busy drops its part later."""
    article = await articles.get(who.database, who.principal, article_id)
    vectors = who.tools.vectors(article.provenance.embedder)
    gone = await articles.delete(who.database, who.principal, article_id, vectors)
    return Deleted(article_id=article_id, index="deleted" if gone else "pending")
