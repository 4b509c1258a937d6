"""The rates of providers and their pauses, agreed on through the database by all processes.

A minute is told by no wall clock of a worker: these jump, and those of two machines differ. It is told by PostgreSQL's
clock, which is one for all, and beside SQLite by the monotonic clock of the machine, which all its processes share.
When that has gone back (the machine was started anew, the server's clock was set), all turns move back with it, as if
no time had passed: nobody is let through early or kept out for longer. A server's clock that leaps ahead is believed.

The row of a model is its lock: whoever holds it is alone with its turns until the end of his transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, String, Uuid, and_, delete, func, literal, or_, select, update
from sqlalchemy.sql.selectable import Subquery

from aiwriter.ids import LOCAL_WORKSPACE, new_id
from aiwriter.ports import Clock, Pause, Rates, Turn
from aiwriter.storage.columns import holdable
from aiwriter.storage.tables import provider_states as states
from aiwriter.storage.tables import turns
from aiwriter.storage.transaction import Transaction

WINDOW_MS = 62_000  # a minute, and room for a request that leaves up to two seconds after its turn


class SqlLimits:
    """`SharedLimits`; each method is a transaction of its own. `by_server`: by PostgreSQL's clock, if it is one."""

    def __init__(self, transaction: Callable[[], Transaction], clock: Clock, *, by_server: bool = True) -> None:
        self._transaction = transaction
        self._clock = clock
        self._by_server = by_server

    async def take(self, name: str, tokens: int, rates: Rates, patience: float) -> Turn:
        """A turn, or none. What is more than a whole minute allows gets a minute of its own."""
        call_id = new_id()
        async with self._transaction() as tx:
            now = await self._alone(tx, name)
            await tx.write(delete(turns).where(_of(name), turns.c.at_ms <= now - WINDOW_MS))
            first = _first_turn(tx, name, now, tokens, rates)
            row = select(
                literal(LOCAL_WORKSPACE, Uuid),
                literal(call_id, Uuid),
                literal(name, String),
                first.c.at_ms,
                literal(tokens, Integer),
            ).where(first.c.at_ms <= now + round(patience * 1000))
            columns = ["workspace_id", "id", "name", "at_ms", "tokens"]
            taking = tx.insert(turns).from_select(columns, row).returning(turns.c.at_ms)
            taken = (await tx.write(taking)).one_or_none()
            at = (await tx.write(select(first.c.at_ms))).scalar_one() if taken is None else taken.at_ms
            await tx.commit()
        return Turn((at - now) / 1000, None if taken is None else call_id)

    async def correct(self, name: str, turn: Any, tokens: int) -> None:
        async with self._transaction() as tx:
            await tx.write(update(turns).where(_of(name), turns.c.id == turn).values(tokens=tokens))
            await tx.commit()

    async def pause(self, name: str, kind: str, seconds: float, reason: str) -> bool:
        """One who refuses the account is not refused for longer by what others hear meanwhile."""
        now = self._clock.now()
        until = now + timedelta(seconds=seconds)
        paused = {"paused": kind, "reason": holdable(reason), "paused_until": until, "paused_seconds": seconds}
        row = {"workspace_id": LOCAL_WORKSPACE, "name": name, "lived_ms": 0}
        longer = and_(states.c.paused_until < until, states.c.paused != "disabled")
        free = or_(states.c.paused_until.is_(None), states.c.paused_until <= now)
        async with self._transaction() as tx:
            change = tx.insert(states).values(row | paused)
            change = change.on_conflict_do_update(
                index_elements=states.primary_key.columns, set_=paused, where=or_(free, longer)
            )
            news = (await tx.write(change.returning(states.c.name))).one_or_none() is not None
            await tx.commit()
        return news

    async def paused(self, names: Collection[str] = ()) -> list[Pause]:
        """Those that lie further ahead than they are long were written before a clock was put back: they are over."""
        now = self._clock.now()
        query = select(states).where(states.c.workspace_id == LOCAL_WORKSPACE, states.c.paused_until > now)
        if names:
            query = query.where(states.c.name.in_(sorted(names)))
        async with self._transaction() as tx:
            rows = (await tx.read(query.order_by(states.c.name))).all()
        return [
            Pause(row.name, row.paused, row.reason, row.paused_until)
            for row in rows
            if (row.paused_until - now).total_seconds() <= row.paused_seconds + 1
        ]

    async def resume(self, name: str) -> None:
        nothing = {"paused": None, "reason": None, "paused_until": None, "paused_seconds": None}
        async with self._transaction() as tx:
            await tx.write(update(states).where(_state(name)).values(nothing))
            await tx.commit()

    async def _alone(self, tx: Transaction, name: str) -> int:
        """Take the model's lock, and only then look at the time, in milliseconds."""
        row = {"workspace_id": LOCAL_WORKSPACE, "name": name, "lived_ms": 0}
        locking = (
            tx.insert(states)
            .values(row)
            .on_conflict_do_update(index_elements=states.primary_key.columns, set_={"lived_ms": states.c.lived_ms})
        )
        before: int = (await tx.write(locking.returning(states.c.lived_ms))).scalar_one()
        now = await self._time(tx)
        if now < before:
            back = update(turns).where(_of(name)).values(at_ms=turns.c.at_ms - (before - now))
            await tx.write(back)
        await tx.write(update(states).where(_state(name)).values(lived_ms=now))
        return now

    async def _time(self, tx: Transaction) -> int:
        if tx.is_sqlite or not self._by_server:
            return int(self._clock.monotonic() * 1000)
        return int((await tx.write(select(func.extract("epoch", func.clock_timestamp()) * 1000))).scalar_one())


def _state(name: str) -> Any:
    return and_(states.c.workspace_id == LOCAL_WORKSPACE, states.c.name == name)


def _of(name: str) -> Any:
    return and_(turns.c.workspace_id == LOCAL_WORKSPACE, turns.c.name == name)


def _greatest(tx: Transaction, *values: Any) -> Any:
    return func.max(*values) if tx.is_sqlite else func.greatest(*values)


def _first_turn(tx: Transaction, name: str, now: int, tokens: int, rates: Rates) -> Subquery:
    """When a request may be sent: after all who asked before, and a window after those that fill one with it."""
    newest = (turns.c.at_ms.desc(), turns.c.id.desc())
    since = func.sum(turns.c.tokens).over(order_by=newest)
    number = func.row_number().over(order_by=newest)
    taken = select(turns.c.at_ms, since.label("since"), number.label("number")).where(_of(name)).subquery()
    fills = []
    if rates.rpm is not None:
        fills.append(taken.c.number >= rates.rpm)
    if rates.tpm is not None:
        fills.append(taken.c.since + tokens > rates.tpm)
    full = select(func.max(taken.c.at_ms) + WINDOW_MS).where(or_(*fills)) if fills else None
    last = select(func.max(taken.c.at_ms))
    candidates = [func.coalesce(one.scalar_subquery(), 0) for one in (last, full) if one is not None]
    return select(_greatest(tx, literal(now, BigInteger), *candidates).label("at_ms")).subquery()
