"""The Scheduler port made of Prefect: each schedule is a deployment of `write-batch` of its own, in our work pool.

What happens when things do not go as planned, found out by trying (tests/flows/test_schedules.py):

* **Overlap.** A slot that comes while the batch of the slot before still runs is skipped: its flow run ends Cancelled
  (concurrency limit 1, collision CANCEL_NEW). The batch of a worker that is killed in the middle is handed to another
  by the API's dispatch (at once on the same machine, else when our lease lapses, after 30 seconds), and the place is
  free then; without a dispatch it is free when Prefect's own lease lapses, after five minutes. Slots until then are
  skipped.
* **No worker at a slot.** The flow run waits, "Late", and starts as soon as a worker is there. When several slots went
  by, one of them is made up for and the others are skipped: they end Cancelled when two would run at once, and
  Completed as "Skipped" when a run of the same schedule began after their time.
* **No Prefect server at a slot.** Prefect plans at least three slots ahead and at most a hundred; those are there,
  late, when it is back: as above. Slots that it had not planned are gone.
* **A paused schedule** plans nothing; slots that went by while it was paused are not made up for.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from aiwriter.documents import Brief
from aiwriter.errors import BadInput, Conflict, NotFound
from aiwriter.ports import Schedule
from aiwriter.settings import Settings
from flows.deploy import load, server_address
from flows.prefect_server import prepare_environment

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.responses import DeploymentResponse

FLOW, ENTRYPOINT = "write-batch", "flows.write_batch.write_batch"
TAG = "schedule"  # marks the deployments that are schedules of users
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
RESERVED = {"on-demand"}


class PrefectScheduler:
    """Schedules of one Prefect server. All methods raise Unavailable when it does not answer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        prepare_environment(settings.home_folder)

    async def add(
        self,
        name: str,
        cron: str,
        timezone: str,
        *,
        briefs: Sequence[Brief],
        file: str | None,
        model: str,
        budget_usd: Decimal | None,
    ) -> Schedule:
        """Raises Conflict when the name is taken, BadInput for a name, cron line or timezone that cannot be used."""
        check(name, cron, timezone)
        what: dict[str, Any] = (
            {"file": file} if file else {"briefs": [brief.model_dump(mode="json") for brief in briefs]}
        )
        cap = None if budget_usd is None else str(budget_usd)
        source = file or ", ".join(brief.topic for brief in briefs)
        wanted = {
            "name": name,
            "entrypoint": ENTRYPOINT,
            "description": f"Schedule of `aiwriter schedule`. Each slot is a batch: {source}",
            "tags": ["batch", TAG],
            "parameters": {"title": name, "model": model, "budget_usd": cap, **what},
            "concurrency_limit": {"limit": 1, "collision_strategy": "CANCEL_NEW"},
        }
        registering = await self._registering()
        flow = await asyncio.to_thread(load, ENTRYPOINT)
        slot = registering.schedule(cron, timezone, "slot")
        async with self._client() as client:
            if await registering.find(client, f"{FLOW}/{name}"):
                raise Conflict(
                    f"there is a schedule {name!r} already", hint=f"Remove it first: aiwriter schedule remove {name}."
                )
            await registering.ensure_pool(client, self._settings.prefect.pool)
            await registering.create(client, self._settings.prefect.pool, flow, wanted, [slot])
            return await _told(await self._find(client, name))

    async def all(self) -> list[Schedule]:
        """By name."""
        async with self._client() as client:
            from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags

            ours = DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))
            found = await client.read_deployments(deployment_filter=ours)
            return [await _told(one) for one in sorted(found, key=lambda one: one.name)]

    async def pause(self, name: str, *, paused: bool) -> Schedule:
        """Plan no further slots, or plan them again. Raises NotFound."""
        async with self._client() as client:
            found = await self._find(client, name)
            for slot in found.schedules:
                await client.update_deployment_schedule(found.id, slot.id, active=not paused)
            return await _told(await self._find(client, name))

    async def remove(self, name: str) -> None:
        """What it has started goes on. Raises NotFound."""
        async with self._client() as client:
            await client.delete_deployment((await self._find(client, name)).id)

    async def _find(self, client: PrefectClient, name: str) -> DeploymentResponse:
        registering = await self._registering()
        found: DeploymentResponse | None = await registering.find(client, f"{FLOW}/{name}")
        if found is None or TAG not in found.tags:
            raise NotFound(f"there is no schedule {name!r}", hint="`aiwriter schedule list` lists them.")
        return found

    def _client(self) -> Any:
        submitting = import_module("flows.submitting")
        return submitting.client_of(server_address(self._settings.home_folder))

    async def _registering(self) -> Any:
        return await asyncio.to_thread(import_module, "flows.registering")


def check(name: str, cron: str, timezone: str) -> None:
    """Raises BadInput when a schedule cannot be called or timed so."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise BadInput(
            f"a schedule cannot be called {name!r}",
            hint="Use small letters, digits and dashes, at most 40, such as weekly-news.",
        )
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            f"there is no timezone {timezone!r}", hint="Use an IANA name, such as Europe/Berlin or UTC."
        ) from error
    from prefect.client.schemas.schedules import CronSchedule

    fields = cron.split()
    try:
        CronSchedule(cron=cron, timezone=timezone)
        if len(fields) != 5:
            raise ValueError(f"it has {len(fields)} fields")
    except ValueError as error:
        raise BadInput(
            f"the cron line {cron!r} cannot be read",
            hint='Five fields: minute hour day month weekday, such as "0 6 * * 1" for Mondays at six.',
        ) from error


async def _told(found: DeploymentResponse) -> Schedule:
    """A deployment as a schedule."""
    from prefect.server.schemas.schedules import CronSchedule

    slot = found.schedules[0]
    cron, timezone = str(getattr(slot.schedule, "cron", "")), str(getattr(slot.schedule, "timezone", None) or "UTC")
    coming = await CronSchedule(cron=cron, timezone=timezone).get_dates(1, start=datetime.now(UTC))
    return Schedule(
        name=found.name,
        cron=cron,
        timezone=timezone,
        paused=not slot.active,
        briefs=len(found.parameters.get("briefs") or ()),
        file=found.parameters.get("file"),
        next_start=None if not slot.active or not coming else coming[0].astimezone(UTC),
    )
