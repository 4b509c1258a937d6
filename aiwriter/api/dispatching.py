"""The loop that hands stored runs and studies to the orchestrator: at once after each POST, and every two seconds.

Nothing that was accepted depends on it being able to: what cannot be handed on stays queued in the database.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

from aiwriter.api.schemas import Part
from aiwriter.bootstrap import Tools
from aiwriter.errors import AIWriterError
from aiwriter.ports import Principal
from aiwriter.services import dispatch, study_sweeping

logger = logging.getLogger("aiwriter.api")

EVERY_SECONDS = 2.0


class Dispatcher:
    """Sweeps every workspace; outages make it wait and say so, nothing makes it stop."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._acting: dict[UUID, Tools] = {}
        self._poked = asyncio.Event()
        self._closing = False
        self.part = Part(state="unknown", detail="no sweep has ended yet")

    def poke(self) -> None:
        """There is something to hand on: do not wait."""
        self._poked.set()

    def close(self) -> None:
        """End after the sweep that goes on."""
        self._closing = True
        self.poke()

    async def run(self) -> None:
        """Until it is closed."""
        while not self._closing:
            self._note(await self._sweep_all())
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_SECONDS):
                    await self._poked.wait()
            self._poked.clear()

    async def _sweep_all(self) -> str | None:
        """What went wrong, if anything did: one workspace's trouble does not keep the others waiting."""
        trouble = None
        try:
            workspaces = await self._tools.database.workspaces()
        except AIWriterError as error:
            return str(error)
        for workspace in workspaces:
            try:
                await self._sweep(workspace)
            except AIWriterError as error:
                trouble = str(error)
            except Exception as error:  # the loop must not die: the runs of everybody go through it
                logger.error("the dispatch of workspace %s failed", workspace, exc_info=error)
                trouble = f"a defect: {type(error).__name__}"
        return trouble

    async def _sweep(self, workspace: UUID) -> None:
        if workspace not in self._acting:
            self._acting[workspace] = self._tools.acting_for(Principal("dispatch", workspace))
        tools = self._acting[workspace]
        for sweep in (dispatch.sweep, study_sweeping.sweep):
            await sweep(tools.database, tools.principal, tools.launcher(), tools.clock)

    def _note(self, trouble: str | None) -> None:
        part = Part(state="down", detail=trouble) if trouble else Part(state="ok")
        if part != self.part and (trouble or self.part.state == "down"):
            logger.warning("dispatch: %s", trouble or "works again")
        self.part = part
