"""Keys: their form, what is kept of them, and who is known by them."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from pathlib import Path

import pytest

from aiwriter.documents import utc_now
from aiwriter.errors import BadInput, Forbidden, NotFound
from aiwriter.ids import LOCAL_WORKSPACE
from aiwriter.ports import HeldKey, Principal
from aiwriter.services import keys
from aiwriter.storage import open_database
from aiwriter.testing import MemoryDatabase

OWNER = Principal("owner", LOCAL_WORKSPACE)


class CountingDatabase(MemoryDatabase):
    """Counts how often a key is looked up."""

    looks = 0

    async def key(self, key_id: str) -> HeldKey | None:
        self.looks += 1
        return await super().key(key_id)


async def test_a_key_is_known_again_with_its_scopes_and_workspace() -> None:
    database = MemoryDatabase()
    made = await keys.add(database, OWNER, " reader ", ("write", "read"))
    assert re.fullmatch(r"aw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}_[0-9a-f]{6}", made.secret)
    caller = await keys.authenticate(database, made.secret, utc_now())
    assert caller == keys.Caller(Principal("reader", LOCAL_WORKSPACE, frozenset({"read", "write"})), made.key.id)
    assert made.secret not in repr(made)


async def test_a_mistyped_key_is_refused_without_a_look() -> None:
    database = CountingDatabase()
    made = await keys.add(database, OWNER, "x")
    dice, now = random.Random(7), utc_now()
    for _ in range(2000):
        place = dice.randrange(len(made.secret))
        other = made.secret[:place] + dice.choice("abcdef0123456789_-XYZ") + made.secret[place + 1 :]
        if other != made.secret:
            assert await keys.authenticate(database, other, now) is None
    assert database.looks < 5  # one in 16 million checksums fits by chance


async def test_random_well_formed_keys_are_refused() -> None:
    database = MemoryDatabase()
    made, now = await keys.add(database, OWNER, "x"), utc_now()
    for _ in range(10_000):
        guess = keys.new_secret()
        assert await keys.authenticate(database, guess, now) is None
    same_id = keys.new_secret().split("_")
    same_id[1] = made.key.id
    assert await keys.authenticate(database, "_".join(same_id), now) is None


async def test_expired_and_revoked_keys_are_nobodys() -> None:
    database, now = MemoryDatabase(), utc_now()
    made = await keys.add(database, OWNER, "x", days=2, now=now)
    assert await keys.authenticate(database, made.secret, now + timedelta(days=2, seconds=-1)) is not None
    assert await keys.authenticate(database, made.secret, now + timedelta(days=2)) is None
    revoked = await keys.revoke(database, OWNER, made.key.id, now)
    assert revoked.revoked_at == now
    assert await keys.authenticate(database, made.secret, now) is None
    assert (await keys.revoke(database, OWNER, made.key.id)).revoked_at == now
    with pytest.raises(NotFound):
        await keys.revoke(database, OWNER, "0" * 12)


async def test_only_admins_handle_keys() -> None:
    database, writer = MemoryDatabase(), Principal("w", LOCAL_WORKSPACE, frozenset({"read", "write"}))
    for forbidden in (
        keys.add(database, writer, "x"),
        keys.all(database, writer),
        keys.revoke(database, writer, "0" * 12),
        keys.first_key(database, writer, None),
    ):
        with pytest.raises(Forbidden):
            await forbidden


@pytest.mark.parametrize(("name", "scopes"), [("x", ()), ("x", ("read", "root")), (" ", ("read",))])
async def test_a_key_without_name_or_with_strange_scopes_is_not_made(name: str, scopes: tuple[str, ...]) -> None:
    with pytest.raises(BadInput):
        await keys.add(MemoryDatabase(), OWNER, name, scopes)


async def test_a_new_installation_gets_a_first_key_once() -> None:
    database = MemoryDatabase()
    made = await keys.first_key(database, OWNER, None)
    assert made is not None
    assert await keys.first_key(database, OWNER, None) is None
    assert await keys.authenticate(database, made.secret, utc_now()) is not None


async def test_a_key_of_ones_own_is_made_valid_once() -> None:
    database, own = MemoryDatabase(), keys.new_secret()
    await keys.add(database, OWNER, "another")
    assert await keys.first_key(database, OWNER, own) is not None
    assert await keys.first_key(database, OWNER, own) is None
    assert await keys.authenticate(database, own, utc_now()) is not None
    with pytest.raises(BadInput, match="BOOTSTRAP_KEY"):
        await keys.first_key(database, OWNER, "swordfish")


async def test_no_secret_lies_in_the_database(sqlite_url: str) -> None:
    database = open_database(sqlite_url)
    secrets = [(await keys.add(database, OWNER, f"key {number}")).secret for number in range(50)]
    await database.close()
    file = Path(sqlite_url.removeprefix("sqlite+aiosqlite:///"))
    kept = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert b"key 49" in kept
    assert not any(secret.split("_", 2)[2][:43].encode() in kept for secret in secrets)
