"""API keys of the workspace; for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from aiwriter.api.auth import Admin
from aiwriter.api.schemas import KeyList, KeyMade, KeyRequest
from aiwriter.documents import ApiKey
from aiwriter.services import keys

router = APIRouter(prefix="/api-keys", tags=["api-keys"])


@router.get("")
async def list_keys(who: Admin, response: Response) -> KeyList:
    """All keys, newest first; what is secret in them is kept nowhere."""
    response.headers["Cache-Control"] = "no-store"
    return KeyList(items=tuple(await keys.all(who.database, who.principal)))


@router.post("", status_code=201)
async def add_key(who: Admin, asked: KeyRequest) -> KeyMade:
    """Create a key; its secret is shown only now."""
    now = who.tools.clock.now()
    made = await keys.add(who.database, who.principal, asked.name, asked.scopes, asked.days, now)
    return KeyMade(key=made.key, secret=made.secret)


@router.delete("/{key_id}")
async def revoke_key(who: Admin, key_id: Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]) -> ApiKey:
    """Revoke a key: here at once, in other processes within a second."""
    revoked = await keys.revoke(who.database, who.principal, key_id, who.tools.clock.now())
    who.house.known_keys.forget()
    return revoked
