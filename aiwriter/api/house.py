"""What lives as long as the API does: tools, the dispatch of runs, what is counted; and making the database ready."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from aiwriter import preparing
from aiwriter.api.dispatching import Dispatcher
from aiwriter.api.known_keys import KnownKeys
from aiwriter.api.metrics import Metrics
from aiwriter.api.probes import Probes
from aiwriter.bootstrap import Tools
from aiwriter.errors import AIWriterError, Unavailable
from aiwriter.ports import Principal
from aiwriter.services import keys

logger = logging.getLogger("aiwriter.api")

Announce = Callable[[keys.MadeKey], None]
PREPARE_AGAIN_SECONDS = WARM_UP_AGAIN_SECONDS = 1.0


@dataclass
class House:
    """The tools of the local owner, in whoever's hands they are wanted, and what works beside the requests."""

    tools: Tools
    dispatcher: Dispatcher
    probes: Probes
    metrics: Metrics
    known_keys: KnownKeys = field(default_factory=KnownKeys)
    trouble: AIWriterError | None = None  # why the database is not prepared yet
    prepared: bool = False
    closing: bool = False  # open streams end
    look_seconds: float = 0.25  # for articles that answer a topic already: a run is accepted within half a second
    _acting: dict[Principal, Tools] = field(default_factory=dict)

    def acting_for(self, principal: Principal) -> Tools:
        """Tools for this principal; the same ones each time, so that what they loaded stays loaded."""
        if principal not in self._acting:
            self._acting[principal] = self.tools.acting_for(principal)
        return self._acting[principal]

    def require_database(self) -> None:
        """Raises Unavailable until the database has been prepared."""
        if not self.prepared:
            reason = f": {self.trouble}" if self.trouble else ""
            raise Unavailable(f"the database is not ready{reason}", hint="Try again in a moment.")

    async def prepare(self, announce: Announce | None) -> None:
        """Prepare the database and make the first key, again and again until it can be had."""
        while not self.prepared and not self.closing:
            try:
                await preparing.prepare_database(self.tools.settings)
                await self._first_key(announce)
            except AIWriterError as error:
                if str(error) != str(self.trouble):
                    logger.warning("the database is not ready: %s", error)
                self.trouble = error
                await asyncio.sleep(PREPARE_AGAIN_SECONDS)
            else:
                self.trouble, self.prepared = None, True

    async def warm_up(self) -> None:
        """Load what handing on a run needs as soon as the orchestrator answers: the first run does not wait for it."""
        while not self.closing:
            if (await self.probes.orchestrator()).answers:
                return
            await asyncio.sleep(WARM_UP_AGAIN_SECONDS)

    def close(self) -> None:
        """Streams end, and what works beside the requests ends after what it is at."""
        self.closing = True
        self.dispatcher.close()

    async def _first_key(self, announce: Announce | None) -> None:
        given = self.tools.settings.api.bootstrap_key
        if given is None and announce is None:
            return  # nobody would see it
        secret = given.get_secret_value() if given else None
        made = await keys.first_key(self.tools.database, self.tools.principal, secret)
        if made is not None and announce is not None:
            announce(made)
