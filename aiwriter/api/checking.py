"""The part of the client that is about checks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from aiwriter.api import checks as messages
from aiwriter.api.wire import Exported, Wire, listed, sent_once
from aiwriter.documents import Reviewed
from aiwriter.ports.lists import Paging, StudyFilter

ANY_CHECK, FIRST_PAGE = StudyFilter(), Paging()


class Checking:
    """What the client asks of checks."""

    _wire: Wire

    async def start_check(
        self, asked: messages.CheckRequest | Callable[[], messages.CheckRequest], idempotency_key: str | None = None
    ) -> messages.CheckAccepted:
        """POST checks: a check was stored. With the same `idempotency_key` it is asked for once only. A request that is
        still to be made is made here: what it refuses is an InvalidRequest then."""
        headers = sent_once(idempotency_key)
        return await self._wire.ask("POST", "/checks", messages.CheckAccepted, body=asked, headers=headers)

    async def checks(self, wanted: StudyFilter = ANY_CHECK, paging: Paging = FIRST_PAGE) -> messages.CheckPage:
        """GET checks: newest first, those whose title has the words."""
        return await self._wire.ask("GET", "/checks", messages.CheckPage, params=listed(wanted, paging))

    async def check(self, check_id: UUID) -> messages.CheckView:
        """GET checks/{id}: `result` is there once it is done. Raises NotFound."""
        return await self._wire.ask("GET", f"/checks/{check_id}", messages.CheckView)

    async def checked_text(self, check_id: UUID) -> Reviewed:
        """GET checks/{id}/text. Raises Conflict unless it is done."""
        return await self._wire.ask("GET", f"/checks/{check_id}/text", Reviewed)

    async def check_asked(self, check_id: UUID) -> messages.CheckRequest:
        """GET checks/{id}/asked: to ask it again. Raises NotFound."""
        return await self._wire.ask("GET", f"/checks/{check_id}/asked", messages.CheckRequest)

    async def check_report(self, check_id: UUID) -> Exported:
        """GET checks/{id}/report: an HTML page that stands alone. Raises Conflict unless it is done."""
        return await self._wire.exported(f"/checks/{check_id}/report", f"check-{check_id}.html")

    async def cancel_check(self, check_id: UUID) -> messages.CheckView:
        """POST checks/{id}/cancel. Raises Conflict when it has ended."""
        return await self._wire.ask("POST", f"/checks/{check_id}/cancel", messages.CheckView)

    async def remove_check(self, check_id: UUID) -> None:
        """DELETE checks/{id}: with its text and the sources that came with it. Raises NotFound."""
        await self._wire.ask("DELETE", f"/checks/{check_id}", messages.CheckRemoved)

    async def check_claims(self, asked: Sequence[messages.ClaimToCheck]) -> messages.CheckedClaims:
        """POST checks/claims: a verdict on each, in their order; nothing is stored."""
        return await self._wire.ask(
            "POST", "/checks/claims", messages.CheckedClaims, body=lambda: messages.ClaimsRequest(claims=tuple(asked))
        )
