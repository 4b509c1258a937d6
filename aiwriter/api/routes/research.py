"""Research: a topic is looked into, and what was found is listed, searched, read and removed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from aiwriter.api import asking
from aiwriter.api.auth import Reader, Writer
from aiwriter.api.schemas import PREFIX
from aiwriter.api.studies import StudyAccepted, StudyPage, StudyQuery, StudyRemoved, StudyRequest
from aiwriter.documents import KeptStudy
from aiwriter.errors import Conflict
from aiwriter.services import studies

router = APIRouter(prefix="/research", tags=["research"])

REPORT_REPLIES: dict[int | str, dict[str, object]] = {
    200: {"description": "The report as a page.", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.post("", status_code=202)
async def start_research(who: Writer, asked: StudyRequest, response: Response) -> StudyAccepted:
    """Look into a topic: the study is stored and handed to a worker, and nothing is written about it."""
    brief = await asking.with_lasting_sources(who.tools, asked.brief)
    kept = await studies.ask(who.database, who.principal, brief, who.tools.launcher())
    href = response.headers["Location"] = f"{PREFIX}/research/{kept.id}"
    return StudyAccepted(study_id=kept.id, status=kept.status, href=href)


@router.get("")
async def list_studies(who: Reader, query: Annotated[StudyQuery, Query()]) -> StudyPage:
    """Studies, newest first unless `sort` says otherwise; `words` searches their topics."""
    page = await studies.page(who.database, who.principal, query.wanted(), query.paging())
    return StudyPage(items=tuple(page.items), total=page.total, next_cursor=page.next_cursor)


@router.get("/{study_id}")
async def get_study(who: Reader, study_id: UUID) -> KeptStudy:
    """A study: how far it is, and what was found as soon as it is done."""
    return await studies.get(who.database, who.principal, study_id)


@router.get("/{study_id}/report", response_class=Response, responses=REPORT_REPLIES)
async def get_study_report(who: Reader, study_id: UUID) -> Response:
    """What was found, as a page that stands alone: figures, tables, sources; nothing of it is loaded from elsewhere."""
    kept = await studies.get(who.database, who.principal, study_id)
    if kept.study is None:
        raise Conflict(
            f"study {study_id} has no report: it is {kept.status}", hint=kept.reason or "Ask again when it is done."
        )
    headers = {"Content-Disposition": f'attachment; filename="study-{study_id}.html"'}
    return Response(who.tools.report(kept), media_type="text/html; charset=utf-8", headers=headers)


@router.delete("/{study_id}")
async def remove_study(who: Writer, study_id: UUID) -> StudyRemoved:
    """Forget a study; what is known and written stays. Whoever works on it stops."""
    await studies.remove(who.database, who.principal, study_id)
    return StudyRemoved(study_id=study_id)
