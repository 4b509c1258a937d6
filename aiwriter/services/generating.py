"""Asking for an article or a study over the API: stored once, however often the same request is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiwriter.documents import Answered, KeptStudy, Run
from aiwriter.errors import BadInput
from aiwriter.ports import Database, Principal
from aiwriter.services import runs, studies


@dataclass(frozen=True, slots=True)
class SentOnce:
    """A request with an idempotency key: `who` sent it, and the hash of what was asked."""

    who: str
    key: str
    fingerprint: str


async def earlier_answer(database: Database, principal: Principal, request: SentOnce, now: datetime) -> str | None:
    """What was answered to this request before. Raises BadInput when the key was used for another request."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        kept = await work.idempotency.recall(request.who, request.key, now)
    if kept is None:
        return None
    _refuse_another(request, kept.fingerprint)
    return kept.answer


async def ask(
    database: Database,
    principal: Principal,
    asked: Run | KeptStudy,
    answer: str,
    request: SentOnce | None,
    now: datetime,
    found: Sequence[Answered] | None = None,
) -> str:
    """Store the new run or study, queued, and what was answered, in one transaction; the answer, of the first request
    if this one was sent before. `found` are articles that answer a run already. Raises BadInput when its key was used
    for another request."""
    principal.require("write")
    async with database.unit_of_work(principal.workspace_id) as work:
        if request is not None:
            kept = await work.idempotency.remember(request.who, request.key, request.fingerprint, answer, now)
            if kept is not None:
                _refuse_another(request, kept.fingerprint)
                return kept.answer
        if isinstance(asked, Run):
            await runs.add(work, principal, asked, found)
        else:
            await studies.add(work, principal, asked)
        await work.commit()
    return answer


def _refuse_another(request: SentOnce, fingerprint: str) -> None:
    if request.fingerprint != fingerprint:
        raise BadInput(
            f"the idempotency key {request.key!r} was used for another request",
            hint="Use a new key for a new request; the same one only to send the same request again.",
        )
