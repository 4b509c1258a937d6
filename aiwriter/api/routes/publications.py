"""Publishing: approve, publish, withdraw, and what the gate over what is stored has found."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from aiwriter.api.auth import Reader, Visit, Writer
from aiwriter.api.parameters import Limit
from aiwriter.api.published import (
    ApprovalRequest,
    ArticlePublications,
    PublicationList,
    PublicationRequest,
    PublicationView,
    WithdrawnWhy,
)
from aiwriter.documents import Approval, GateReport, Publication
from aiwriter.errors import NotFound
from aiwriter.services import articles, gating, publishing, stored_gate

router = APIRouter(tags=["publishing"])

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox"
PAGE_REPLIES: dict[int | str, dict[str, object]] = {
    200: {"description": "A page of Data Docs.", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.post("/content/{article_id}/approval")
async def approve_article(who: Writer, article_id: UUID, asked: ApprovalRequest) -> Approval:
    """Approve a version that needs a person; the approval there is when it was given before."""
    article = await articles.get(who.database, who.principal, article_id, asked.version)
    return await gating.approve(who.database, who.principal, article, who.tools.clock, asked.note)


@router.get("/content/{article_id}/publications")
async def list_article_publications(who: Reader, article_id: UUID) -> ArticlePublications:
    """Publications of an article, and whether its latest version may be published, judged anew."""
    article = await articles.get(who.database, who.principal, article_id)
    found = await publishing.of_article(who.database, who.principal, article_id)
    return ArticlePublications(
        standing=await gating.standing(who.database, who.principal, article),
        targets=tuple(sorted(who.tools.settings.publishing.targets)),
        items=tuple(map(PublicationView.of, found)),
    )


@router.post("/content/{article_id}/publications", status_code=201)
async def publish_article(who: Writer, article_id: UUID, asked: PublicationRequest) -> PublicationView:
    """Publish a version at a target, now or later; again is the same publication. 409 with the reasons when it
    may not be."""
    target = who.tools.target_named(asked.target)
    article = await articles.get(who.database, who.principal, article_id, asked.version)
    made = await publishing.publish(
        who.database, who.principal, article, target, who.tools.target, who.tools.clock, asked.due_at
    )
    return PublicationView.of(made)


@router.delete("/content/{article_id}/publications/{publication_id}")
async def withdraw_publication(
    who: Writer, article_id: UUID, publication_id: UUID, reason: WithdrawnWhy = ""
) -> PublicationView:
    """Withdraw one publication."""
    wanted = await _of_article(who, article_id, publication_id)
    ended = await publishing.withdraw(who.database, who.principal, wanted, who.tools.target, who.tools.clock, reason)
    return PublicationView.of(ended)


@router.delete("/content/{article_id}/publications")
async def unpublish_article(who: Writer, article_id: UUID, reason: WithdrawnWhy = "") -> PublicationList:
    """Withdraw an article from all targets, including scheduled publications: what was withdrawn;
    nothing when nothing was there."""
    ended = await publishing.unpublish(
        who.database, who.principal, article_id, who.tools.target, who.tools.clock, reason=reason
    )
    return PublicationList(items=tuple(map(PublicationView.of, ended)))


async def _of_article(who: Visit, article_id: UUID, publication_id: UUID) -> Publication:
    wanted = await publishing.get(who.database, who.principal, publication_id)
    if wanted.article_id != article_id:
        raise NotFound(f"there is no publication {publication_id} in this workspace", hint="Is it of this article?")
    return wanted


@router.get("/publications")
async def list_publications(who: Reader, limit: Limit = 100) -> PublicationList:
    """Publications of all articles, most recently changed first."""
    found = await publishing.latest(who.database, who.principal, limit)
    return PublicationList(items=tuple(map(PublicationView.of, found)))


@router.get("/gate")
async def get_gate(who: Reader) -> GateReport:
    """The last check of all stored articles, which blocks from publication what fails today's thresholds."""
    return await stored_gate.latest(who.database, who.principal, who.tools.gate_blobs())


@router.get("/gate/pages/{page}", response_class=Response, responses=PAGE_REPLIES)
async def get_gate_page(who: Reader, page: str) -> Response:
    """A page of Data Docs named in the report; it loads nothing and runs nothing."""
    made = await stored_gate.page(who.principal, who.tools.gate_blobs(), page)
    return Response(made, media_type="text/html; charset=utf-8", headers={"Content-Security-Policy": POLICY})
