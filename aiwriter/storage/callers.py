"""Who may ask, and what was answered before: API keys and idempotency keys."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, select, tuple_, update

from aiwriter.documents import ApiKey
from aiwriter.ports import HeldKey, Remembered
from aiwriter.storage.columns import holdable
from aiwriter.storage.records import REMEMBERED, no_such
from aiwriter.storage.tables import api_keys, idempotency_keys
from aiwriter.storage.transaction import Repository, Transaction

_SWEPT_AT_ONCE = 100


class SqlKeys(Repository):
    """`KeyRepository`."""

    async def add(self, key: ApiKey, digest: str) -> None:
        """Raises Conflict when there is a key of this id, in whichever workspace."""
        row = {"workspace_id": self._workspace, "digest": digest, **key.model_dump(exclude={"scopes"})}
        await self._tx.write(self._tx.insert(api_keys).values(scopes=json.dumps(key.scopes), **row))

    async def all(self) -> list[ApiKey]:
        mine = select(api_keys).where(api_keys.c.workspace_id == self._workspace)
        rows = await self._tx.read(mine.order_by(api_keys.c.created_at.desc(), api_keys.c.id.desc()))
        return [_key(row) for row in rows]

    async def revoke(self, key_id: str, now: datetime) -> bool:
        this = and_(api_keys.c.workspace_id == self._workspace, api_keys.c.id == holdable(key_id))
        change = update(api_keys).where(this, api_keys.c.revoked_at.is_(None)).values(revoked_at=now)
        if (await self._tx.write(change.returning(api_keys.c.id))).one_or_none() is not None:
            return True
        if (await self._tx.read(select(api_keys.c.id).where(this))).one_or_none() is None:
            raise no_such("API key", key_id)
        return False


async def held_key(tx: Transaction, key_id: str) -> HeldKey | None:
    """The API key of this id, in whichever workspace it is."""
    row = (await tx.read(select(api_keys).where(api_keys.c.id == holdable(key_id)))).one_or_none()
    return None if row is None else HeldKey(_key(row), row.digest, row.workspace_id)


def _key(row: Row[Any]) -> ApiKey:
    times = {name: getattr(row, name) for name in ("created_at", "expires_at", "revoked_at")}
    return ApiKey(id=row.id, name=row.name, scopes=json.loads(row.scopes), **times)


class SqlIdempotency(Repository):
    """`IdempotencyRepository`."""

    async def remember(self, who: str, key: str, fingerprint: str, answer: str, now: datetime) -> Remembered | None:
        """One INSERT decides. Who comes second waits for the first to commit, and then reads what that one kept."""
        kept = {"fingerprint": fingerprint, "answer": json.dumps(answer), "created_at": now}
        names = {"workspace_id": self._workspace, "who": who, "key": key}
        forgotten = idempotency_keys.c.created_at <= now - REMEMBERED
        new = (
            self._tx.insert(idempotency_keys)
            .values(**names, **kept)
            .on_conflict_do_update(index_elements=idempotency_keys.primary_key.columns, set_=kept, where=forgotten)
            .returning(idempotency_keys.c.key)
        )
        if (await self._tx.write(new)).one_or_none() is None:
            return await self.recall(who, key, now)
        await self._sweep(forgotten)
        return None

    async def recall(self, who: str, key: str, now: datetime) -> Remembered | None:
        columns = idempotency_keys.c
        this = and_(self._mine, columns.who == who, columns.key == key, columns.created_at > now - REMEMBERED)
        row = (await self._tx.read(select(columns.fingerprint, columns.answer).where(this))).one_or_none()
        return None if row is None else Remembered(row.fingerprint, json.loads(row.answer))

    async def _sweep(self, forgotten: ColumnElement[bool]) -> None:
        """Throw some of the old ones away, those that nobody else is at: the table does not grow for ever."""
        columns = idempotency_keys.c
        old = select(columns.who, columns.key).where(self._mine, forgotten).limit(_SWEPT_AT_ONCE)
        these = tuple_(columns.who, columns.key).in_(old.with_for_update(skip_locked=True))
        await self._tx.write(delete(idempotency_keys).where(self._mine, forgotten, these))

    @property
    def _mine(self) -> ColumnElement[bool]:
        return idempotency_keys.c.workspace_id == self._workspace
