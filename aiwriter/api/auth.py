"""Who asks: `Authorization: Bearer aw_…` → a principal with scopes, in a workspace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from aiwriter.api.errors import Unauthorized
from aiwriter.api.house import House
from aiwriter.bootstrap import Tools
from aiwriter.ports import Database, Principal
from aiwriter.services import keys

bearer = HTTPBearer(
    scheme_name="api_key",
    bearerFormat="aw_…",
    description="A key made with `aiwriter keys add`, or printed at the first start.",
    auto_error=False,
)


@dataclass(frozen=True)
class Visit:
    """One request of somebody we know: what it may use."""

    house: House
    tools: Tools
    key_id: str

    @property
    def principal(self) -> Principal:
        return self.tools.principal

    @property
    def database(self) -> Database:
        return self.tools.database


async def house_of(request: Request) -> House:
    """What the running API consists of."""
    house: House = request.app.state.house
    return house


async def visit(
    house: Annotated[House, Depends(house_of)],
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Visit:
    """Raises Unauthorized for a key that is missing or not valid, Unavailable when that cannot be found out."""
    if credentials is None:
        raise Unauthorized("there is no API key", hint="Send it as `Authorization: Bearer aw_…`.")
    text = credentials.credentials
    caller = house.known_keys.get(text)
    if caller is None:
        house.require_database()
        caller = await keys.authenticate(house.tools.database, text, house.tools.clock.now())
        if caller is None:
            raise Unauthorized(
                "the API key is not valid: mistyped, expired, revoked or unknown",
                hint="`aiwriter keys list` shows the keys there are; `aiwriter keys add` makes one.",
            )
        house.known_keys.put(text, caller)
    return Visit(house, house.acting_for(caller.principal), caller.key_id)


def _with(scope: str) -> Callable[..., Awaitable[Visit]]:
    async def allowed(who: Annotated[Visit, Depends(visit)]) -> Visit:
        who.principal.require(scope)
        return who

    return allowed


Reader = Annotated[Visit, Depends(_with("read"))]
Writer = Annotated[Visit, Depends(_with("write"))]
Admin = Annotated[Visit, Depends(_with("admin"))]
