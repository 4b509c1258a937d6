"""`keys`: who may use the API. A key's secret is printed once, when it is made."""

from __future__ import annotations

from aiwriter.bootstrap import Tools
from aiwriter.commands import console
from aiwriter.documents import ApiKey
from aiwriter.services import keys


async def add(tools: Tools, name: str, scopes: list[str], days: int | None, *, as_json: bool) -> int:
    """Make a key and print it, this once."""
    made = await keys.add(tools.database, tools.principal, name, scopes or keys.USUAL_SCOPES, days, tools.clock.now())
    if as_json:
        console.give({**made.key.model_dump(mode="json"), "api_key": made.secret})
    else:
        console.say(made.secret)
        console.tell(f"{_described(made.key, tools)}; shown only now; only a hash is stored")
    return 0


async def show(tools: Tools, *, as_json: bool) -> int:
    """Every key there is, without its secret."""
    found = await keys.all(tools.database, tools.principal)
    if as_json:
        console.give([key.model_dump(mode="json") for key in found])
    elif not found:
        console.say("No keys yet. Make one: aiwriter keys add NAME")
    else:
        rows = [
            (key.id, _state(key, tools), " ".join(key.scopes), f"{key.created_at:%Y-%m-%d}", key.name) for key in found
        ]
        console.say(console.table(rows, ("key", "state", "scopes", "made", "name")))
    return 0


async def revoke(tools: Tools, key_id: str, *, as_json: bool) -> int:
    """Revoke a key."""
    revoked = await keys.revoke(tools.database, tools.principal, key_id, tools.clock.now())
    if as_json:
        console.give(revoked.model_dump(mode="json"))
    else:
        console.say(f"{revoked.id} ({revoked.name}) is revoked: it is refused within a second")
    return 0


def make(*, as_json: bool) -> int:
    """Print a key that is kept nowhere, for AIWRITER_API__BOOTSTRAP_KEY."""
    secret = keys.new_secret()
    if as_json:
        console.give({"api_key": secret})
    else:
        console.say(secret)
    return 0


def _described(key: ApiKey, tools: Tools) -> str:
    return f"key {key.id} for {key.name!r}: {', '.join(key.scopes)}; {_state(key, tools)}"


def _state(key: ApiKey, tools: Tools) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "valid"
    return "expired" if key.expires_at <= tools.clock.now() else f"until {key.expires_at:%Y-%m-%d}"
