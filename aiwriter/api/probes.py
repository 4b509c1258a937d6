"""How the parts are that the API needs: asked at most every few seconds, each within a short time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from aiwriter.api.schemas import OrchestratorView, Part
from aiwriter.bootstrap import Tools
from aiwriter.errors import AIWriterError

T = TypeVar("T")

ANSWER_SECONDS = 2.0
BELIEVED_SECONDS = 1.0
INDEX_BELIEVED_SECONDS = 5.0  # looking into a Chroma folder keeps its writers waiting


class Remembered(Generic[T]):
    """An answer that is believed for a while; who asks meanwhile waits for the same one."""

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._asking: asyncio.Future[T] | None = None
        self._until = 0.0

    async def get(self) -> T:
        asking = self._asking
        if asking is None or (asking.done() and time.monotonic() > self._until):
            asking = self._asking = asyncio.ensure_future(self._ask())
            asking.add_done_callback(self._believe)
        return await asyncio.shield(asking)

    def _believe(self, _asked: object) -> None:
        self._until = time.monotonic() + self._seconds


class Probes:
    """The state of each part, in words."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._database = Remembered(self._ask_database, BELIEVED_SECONDS)
        self._vectors = Remembered(self._ask_vectors, INDEX_BELIEVED_SECONDS)
        self._orchestrator = Remembered(self._ask_orchestrator, BELIEVED_SECONDS)

    async def database(self) -> Part:
        return await self._database.get()

    async def vectors(self) -> Part:
        return await self._vectors.get()

    async def orchestrator(self) -> OrchestratorView:
        return await self._orchestrator.get()

    async def _ask_database(self) -> Part:
        return await _asked(self._tools.database.ping())

    async def _ask_vectors(self) -> Part:
        try:
            index = self._tools.vectors(self._tools.settings.embedder)
        except AIWriterError as error:
            return Part(state="down", detail=str(error))
        return await _asked(index.ping())

    async def _ask_orchestrator(self) -> OrchestratorView:
        try:
            state = await _soon(self._tools.launcher().state())
        except TimeoutError:
            return OrchestratorView(answers=False, detail=f"no answer within {ANSWER_SECONDS:.0f} s")
        except AIWriterError as error:
            return OrchestratorView(answers=False, detail=str(error))
        return OrchestratorView(
            answers=state.answers,
            address=state.address,
            workers=state.workers,
            queued=state.queued,
            running=state.running,
            limit=state.limit,
            detail=state.detail,
        )


async def _soon(question: Coroutine[Any, Any, T]) -> T:
    """The answer, or TimeoutError; a question that takes longer is left to end by itself, not torn out of its work."""
    asking = asyncio.ensure_future(question)
    done, _late = await asyncio.wait([asking], timeout=ANSWER_SECONDS)
    if not done:
        asking.add_done_callback(lambda late: late.cancelled() or late.exception())  # nobody waits for it any more
        raise TimeoutError
    return asking.result()


async def _asked(question: Coroutine[Any, Any, None]) -> Part:
    try:
        await _soon(question)
    except TimeoutError:
        return Part(state="down", detail=f"no answer within {ANSWER_SECONDS:.0f} s")
    except AIWriterError as error:
        return Part(state="down", detail=str(error))
    return Part(state="ok")
