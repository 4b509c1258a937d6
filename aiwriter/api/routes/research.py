"""Research: a topic is looked into, and what was found is listed, searched, read and removed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from aiwriter.api import asking
from aiwriter.api.auth import Reader, Writer
from aiwriter.api.schemas import PREFIX
from aiwriter.api.studies import StudyAccepted, StudyPage, StudyQuery, StudyRemoved, StudyRequest
from aiwriter.documents import KeptStudy, StudyKind
from aiwriter.errors import Conflict
from aiwriter.services import generating, studies

router = APIRouter(prefix="/research", tags=["research"])

REPORT_REPLIES: dict[int | str, dict[str, object]] = {
    200: {"description": "The report as a page.", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.post("", status_code=202, response_model=StudyAccepted)
async def start_research(who: Writer, asked: StudyRequest, idempotency_key: asking.IdempotencyKey = None) -> Response:
    """Start a study: it is stored and handed to a worker; no article is written."""
    sent = asking.sent_once(who, "research", asked, idempotency_key)
    now = who.tools.clock.now()
    if sent is not None:
        before = await generating.earlier_answer(who.database, who.principal, sent, now)
        if before is not None:
            return asking.accepted(before)
    brief = await asking.with_lasting_sources(who.tools, asked.brief)
    study = KeptStudy(topic=brief.topic, brief=brief)
    told = StudyAccepted(study_id=study.id, status=study.status, href=f"{PREFIX}/research/{study.id}")
    answer = await generating.ask(who.database, who.principal, study, told.model_dump_json(), sent, now)
    who.house.dispatcher.poke()
    return asking.accepted(answer)


@router.get("")
async def list_studies(who: Reader, query: Annotated[StudyQuery, Query()]) -> StudyPage:
    """Studies, newest first by default; `words` searches their topics."""
    page = await studies.page(who.database, who.principal, query.wanted(), query.paging())
    return StudyPage(items=tuple(page.items), total=page.total, next_cursor=page.next_cursor)


@router.get("/{study_id}")
async def get_study(who: Reader, study_id: UUID) -> KeptStudy:
    """One study: its progress, and its results once it is done."""
    return await studies.get(who.database, who.principal, study_id, StudyKind.TOPIC)


@router.get("/{study_id}/report", response_class=Response, responses=REPORT_REPLIES)
async def get_study_report(who: Reader, study_id: UUID) -> Response:
    """The report of a study, a self-contained page: figures, tables, sources; it loads nothing from elsewhere."""
    kept = await studies.get(who.database, who.principal, study_id, StudyKind.TOPIC)
    if kept.study is None:
        raise Conflict(
            f"study {study_id} has no report: it is {kept.status}", hint=kept.reason or "Ask again when it is done."
        )
    headers = {"Content-Disposition": f'attachment; filename="study-{study_id}.html"'}
    return Response(who.tools.report(kept), media_type="text/html; charset=utf-8", headers=headers)


@router.post("/{study_id}/cancel")
async def cancel_study(who: Writer, study_id: UUID) -> KeptStudy:
    """Cancel a study for good; its worker stops within about a second."""
    return await studies.cancel(who.database, who.principal, study_id, StudyKind.TOPIC)


@router.delete("/{study_id}")
async def remove_study(who: Writer, study_id: UUID) -> StudyRemoved:
    """Delete a study; what is known and written stays. Whoever works on it stops."""
    await studies.remove(who.database, who.principal, study_id, StudyKind.TOPIC)
    return StudyRemoved(study_id=study_id)
