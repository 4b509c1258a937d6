"""Checks: a text that anybody wrote is held against sources, and single claims against texts."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from aiwriter.api import asking
from aiwriter.api.auth import Reader, Visit, Writer
from aiwriter.api.checks import (
    LONGEST_TEXT,
    CheckAccepted,
    CheckedClaim,
    CheckedClaims,
    CheckHead,
    CheckPage,
    CheckQuery,
    CheckRemoved,
    CheckRequest,
    CheckView,
    ClaimsRequest,
    ClaimToCheck,
)
from aiwriter.api.schemas import PREFIX, FieldProblem
from aiwriter.documents import Brief, CheckAsked, CheckedText, GivenSource, KeptStudy, Reviewed, StudyKind, ToldFinding
from aiwriter.errors import BadInput, Conflict, UnreadableSource
from aiwriter.pipeline import claims
from aiwriter.pipeline.quality import meaning
from aiwriter.services import checking, generating, studies
from aiwriter.threads import computed

router = APIRouter(prefix="/checks", tags=["checks"])

REPORT_REPLIES: dict[int | str, dict[str, object]] = {
    200: {"description": "The report as a page.", "content": {"text/html": {"schema": {"type": "string"}}}}
}


@router.post("", status_code=202, response_model=CheckAccepted)
async def start_check(who: Writer, asked: CheckRequest, idempotency_key: asking.IdempotencyKey = None) -> Response:
    """Check a text against sources: stored and handed to a worker."""
    sent = asking.sent_once(who, "checks", asked, idempotency_key)
    now = who.tools.clock.now()
    if sent is not None:
        before = await generating.earlier_answer(who.database, who.principal, sent, now)
        if before is not None:
            return asking.accepted(before)
    check = await _understood(who, asked)
    told = CheckAccepted(check_id=check.id, status=check.status, href=f"{PREFIX}/checks/{check.id}")
    answer = await generating.ask(who.database, who.principal, check, told.model_dump_json(), sent, now)
    who.house.dispatcher.poke()
    return asking.accepted(answer)


async def _understood(who: Visit, asked: CheckRequest) -> KeptStudy:
    """The check to store. Raises InvalidRequest with every field that cannot be used."""
    problems = [*_named_twice(asked), *asking.refused("language", lambda: checking.asked_language(asked.language))]
    places: tuple[str, ...] = ()
    if asked.sources or not asked.given:
        places, found = await asyncio.to_thread(asking.lasting, who.tools, asked.sources, "sources")
        problems += found
    asking.refuse(problems)
    language = checking.asked_language(asked.language)
    text = CheckAsked(name=asked.name, text=await _text(who, asked), given=asked.given, language=language)
    try:
        known = await checking.understood(text)
    except BadInput as error:
        raise asking.invalid([FieldProblem(field="text", message=asking.with_step(error))]) from error
    limits = {"since": asked.since, "domains": asked.domains, "without_domains": asked.without_domains}
    brief = Brief.model_validate({**checking.topic_of(text, known), **limits, "sources": places})
    return KeptStudy(kind=StudyKind.TEXT, topic=brief.topic, brief=brief, asked=text)


async def _text(who: Visit, asked: CheckRequest) -> str:
    """The text to check; that of a file is read from it. Raises InvalidRequest when it cannot be."""
    if asked.data is None:
        return asked.text
    problem = f"its text has more than {LONGEST_TEXT:,} characters. Give a part of it"
    try:
        text = await checking.text_in(GivenSource.file(asked.name, asked.data), who.tools.read_given)
        if len(text) <= LONGEST_TEXT:
            return text
    except (BadInput, UnreadableSource) as error:
        problem = asking.with_step(error)
    raise asking.invalid([FieldProblem(field="data", message=problem)])


def _named_twice(asked: CheckRequest) -> list[FieldProblem]:
    names = [one.name for one in asked.given]
    return [
        FieldProblem(field=f"given.{number}.name", message="another source has this name. Give each its own")
        for number, name in enumerate(names)
        if name in names[:number]
    ]


@router.post("/claims")
async def check_claims(who: Reader, asked: ClaimsRequest) -> CheckedClaims:
    """Check single claims against texts, at once; nothing is stored."""
    given = [_claim(number, one) for number, one in enumerate(asked.claims)]
    name = who.tools.settings.embedder  # another one is not even opened: it would not be asked
    words = meaning.knows_words(who.tools.word_embedder(name)) if meaning.may_know_words(name) else None
    found = [
        CheckedClaim(
            id=one.id,
            outcome=one.outcome,
            probability=one.probability,
            findings=tuple(map(ToldFinding.of, one.findings)),
        )
        async for one in claims.check_claims(given, words)
    ]
    note = None if words else f"by words alone: the score by meaning is fitted for {meaning.EMBEDDER}"
    return CheckedClaims(items=tuple(found), counts=dict(Counter(str(one.outcome) for one in found)), note=note)


def _claim(number: int, asked: ClaimToCheck) -> claims.Claim:
    """Raises InvalidRequest for what is no language."""
    field = f"claims.{number}.language"
    asking.refuse([*asking.refused(field, lambda: checking.asked_language(asked.language))])
    return claims.Claim(**asked.model_dump())


@router.get("")
async def list_checks(who: Reader, query: Annotated[CheckQuery, Query()]) -> CheckPage:
    """Checks of texts, newest first by default; `words` searches their titles."""
    page = await studies.page(who.database, who.principal, query.wanted(), query.paging())
    return CheckPage(items=tuple(map(CheckHead.of, page.items)), total=page.total, next_cursor=page.next_cursor)


@router.get("/{check_id}")
async def get_check(who: Reader, check_id: UUID) -> CheckView:
    """One check: its progress, and its results once it is done: each sentence with outcome, findings and evidence."""
    return await computed(CheckView.of_kept, await _kept(who, check_id))  # of a long text it takes a while


@router.get("/{check_id}/text")
async def get_checked_text(who: Reader, check_id: UUID) -> Reviewed:
    """The checked text as it was read, with its sections, its evidence and the whole report on its quality."""
    return _checked(await _kept(who, check_id)).reviewed


@router.get("/{check_id}/asked")
async def get_check_asked(who: Reader, check_id: UUID) -> CheckRequest:
    """What was asked for, with text and sources as they were sent, to ask it again."""
    return CheckRequest.of(await _kept(who, check_id))


@router.get("/{check_id}/report", response_class=Response, responses=REPORT_REPLIES)
async def get_check_report(who: Reader, check_id: UUID) -> Response:
    """The reviewer's report on a checked text, a self-contained page; it loads nothing from elsewhere."""
    kept = await _kept(who, check_id)
    _checked(kept)
    headers = {"Content-Disposition": f'attachment; filename="check-{check_id}.html"'}
    page = await computed(who.tools.report, kept)
    return Response(page, media_type="text/html; charset=utf-8", headers=headers)


@router.post("/{check_id}/cancel")
async def cancel_check(who: Writer, check_id: UUID) -> CheckView:
    """Cancel a check for good; its worker stops within about a second."""
    return CheckView.of_kept(await studies.cancel(who.database, who.principal, check_id, StudyKind.TEXT))


@router.delete("/{check_id}")
async def remove_check(who: Writer, check_id: UUID) -> CheckRemoved:
    """Delete a check with its text and the sources that came with it. Whoever works on it stops."""
    await studies.remove(who.database, who.principal, check_id, StudyKind.TEXT)
    return CheckRemoved(check_id=check_id)


async def _kept(who: Visit, check_id: UUID) -> KeptStudy:
    return await studies.get(who.database, who.principal, check_id, StudyKind.TEXT)


def _checked(kept: KeptStudy) -> CheckedText:
    """Raises Conflict while there is nothing to show."""
    if kept.checked is None:
        raise Conflict(
            f"check {kept.id} has no results: it is {kept.status}", hint=kept.reason or "Ask again when it is done."
        )
    return kept.checked
