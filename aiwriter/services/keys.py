"""API keys: made, shown once, known again by their hash, revoked.

    aw_<12 hex: id>_<43 url-safe characters: 256 random bits>_<6 hex: checksum>

The checksum tells a mistyped key from a strange one before anything is looked up. Kept is the SHA-256 of the whole.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiwriter.documents import ApiKey, utc_now
from aiwriter.errors import BadInput, Conflict, NotFound
from aiwriter.ports import Database, Principal

SCOPES = ("read", "write", "admin")
USUAL_SCOPES = ("read", "write")
SECRET_BYTES = 32
_FORM = re.compile(r"(aw_([0-9a-f]{12})_[A-Za-z0-9_-]{43})_([0-9a-f]{6})")


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key and its secret, which nobody can ask for again."""

    key: ApiKey
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a key speaks for."""

    principal: Principal
    key_id: str


def new_secret() -> str:
    """A key that is not kept anywhere yet."""
    body = f"aw_{secrets.token_hex(6)}_{secrets.token_urlsafe(SECRET_BYTES)}"
    return f"{body}_{_checksum(body)}"


async def add(
    database: Database,
    principal: Principal,
    name: str,
    scopes: Sequence[str] = SCOPES,
    days: int | None = None,
    now: datetime | None = None,
) -> MadeKey:
    """A new key of the principal's workspace, valid for so many days, or until it is revoked. Raises BadInput."""
    principal.require("admin")
    return await _keep(database, principal, new_secret(), name, scopes, days, now or utc_now())


async def all(database: Database, principal: Principal) -> list[ApiKey]:  # noqa: A001 - read as keys.all
    """The workspace's keys, newest first."""
    principal.require("admin")
    async with database.unit_of_work(principal.workspace_id) as work:
        return await work.keys.all()


async def revoke(database: Database, principal: Principal, key_id: str, now: datetime | None = None) -> ApiKey:
    """The key, which is refused from now on, everywhere; revoking again changes nothing. Raises NotFound."""
    principal.require("admin")
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.keys.revoke(key_id, now or utc_now())
        await work.commit()
        known = await work.keys.all()
    found = next((key for key in known if key.id == key_id), None)
    if found is None:
        raise NotFound(f"there is no API key {key_id!r}", hint="`aiwriter keys list` shows them.")
    return found


async def authenticate(database: Database, text: str, now: datetime) -> Caller | None:
    """Who this key speaks for; None for one that is unknown, mistyped, expired or revoked. Raises Unavailable."""
    key_id = _id_of(text)
    held = await database.key(key_id) if key_id else None
    if held is None or not hmac.compare_digest(_digest(text), held.digest):
        return None
    key = held.key
    if not _is_valid(key, now):
        return None
    return Caller(Principal(key.name, held.workspace_id, frozenset(key.scopes)), key.id)


async def is_valid(database: Database, key_id: str, now: datetime) -> bool:
    """Whether a key that was known before still is. Raises Unavailable."""
    held = await database.key(key_id)
    return held is not None and _is_valid(held.key, now)


def _is_valid(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


async def first_key(
    database: Database, principal: Principal, given: str | None, now: datetime | None = None
) -> MadeKey | None:
    """What makes a new installation usable: the given key made valid if it is unknown, or, when none is given and
    there is no key at all, a new one; None when there was nothing to do. Raises BadInput when `given` is no key."""
    principal.require("admin")
    if given is None:
        return None if await all(database, principal) else await add(database, principal, "first key", now=now)
    key_id = _id_of(given)
    if key_id is None:
        raise BadInput(
            "AIWRITER_API__BOOTSTRAP_KEY is no key of the form aw_…",
            hint="Make one with `aiwriter keys make`, or leave it empty and take the key that is printed.",
        )
    if await database.key(key_id) is not None:
        return None
    try:
        return await _keep(database, principal, given, "bootstrap", SCOPES, None, now or utc_now())
    except Conflict:  # another process of ours was faster
        return None


async def _keep(
    database: Database,
    principal: Principal,
    text: str,
    name: str,
    scopes: Sequence[str],
    days: int | None,
    now: datetime,
) -> MadeKey:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise BadInput(f"there is no scope {', '.join(unknown) or '(none)'}", hint=f"Scopes are {', '.join(SCOPES)}.")
    if not name.strip():
        raise BadInput("the key has no name", hint="Name who uses it, so that it can be told from the others.")
    key = ApiKey(
        id=_id_of(text) or "",
        name=name.strip(),
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        created_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
    )
    async with database.unit_of_work(principal.workspace_id) as work:
        await work.keys.add(key, _digest(text))
        await work.commit()
    return MadeKey(key, text)


def _id_of(text: str) -> str | None:
    """The id within a well-formed key; None for anything else, with no look into the database."""
    read = _FORM.fullmatch(text)
    if read is None or not hmac.compare_digest(_checksum(read[1]), read[3]):
        return None
    return read[2]


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:6]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
