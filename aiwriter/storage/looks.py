"""Looks: places that somebody asked to have read once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update

from aiwriter.ports import Look, LookState
from aiwriter.ports.knowledge import LOOKS_ENDED, MOST_LOOKS
from aiwriter.storage.records import no_such
from aiwriter.storage.tables import looks
from aiwriter.storage.transaction import Repository

_FIELDS = tuple(Look.__dataclass_fields__)


class SqlLooks(Repository):
    """`LookRepository`."""

    async def put(self, look: Look) -> None:
        row = {name: getattr(look, name) for name in _FIELDS} | {"workspace_id": self._workspace}
        same = [looks.c.workspace_id, looks.c.id]
        insert = self._tx.insert(looks).values(row)
        await self._tx.write(insert.on_conflict_do_update(index_elements=same, set_=row))

    async def tell(self, look_id: UUID, state: LookState, told: str | None, at: datetime) -> bool:
        changed = update(looks).where(*self._this(look_id)).values(state=state, told=told, told_at=at)
        return bool((await self._tx.write(changed)).rowcount)

    async def get(self, look_id: UUID) -> Look:
        found = await self._where(looks.c.id == look_id)
        if not found:
            raise no_such("look", look_id)
        return found[0]

    async def all(self, states: Collection[LookState] = ()) -> list[Look]:
        return await self._where(looks.c.state.in_(states) if states else looks.c.id.is_not(None))

    async def remove(self, look_id: UUID) -> None:
        if not (await self._tx.write(delete(looks).where(*self._this(look_id)))).rowcount:
            raise no_such("look", look_id)

    async def prune(self, before: datetime) -> None:
        old = (looks.c.state.in_(LOOKS_ENDED), looks.c.told_at < before)
        await self._tx.write(delete(looks).where(looks.c.workspace_id == self._workspace, *old))

    def _this(self, look_id: UUID) -> tuple[ColumnElement[bool], ...]:
        return looks.c.workspace_id == self._workspace, looks.c.id == look_id

    async def _where(self, condition: ColumnElement[bool]) -> list[Look]:
        query = select(*(looks.c[name] for name in _FIELDS)).where(looks.c.workspace_id == self._workspace, condition)
        newest = query.order_by(looks.c.asked_at.desc(), looks.c.id).limit(MOST_LOOKS)
        return [Look(**row._mapping) for row in await self._tx.read(newest)]
