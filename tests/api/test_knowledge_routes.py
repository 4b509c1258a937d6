"""What is known is listed, found and forgotten through the API; feeds are kept there and looked at by a worker."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from aiwriter.api.client import Client
from aiwriter.api.known import FeedRequest, PassageQuery, SourceRequest
from aiwriter.errors import BadInput, Forbidden, NotFound, Unavailable
from aiwriter.ids import new_id
from aiwriter.ports import KnownFilter, Paging
from aiwriter.services import ingesting, keys, looks
from aiwriter.testing import launcher
from tests.api.harness import OWNER, Api

NEVER = ["http://10.0.0.1/", "http://[::1]/x", "http://2130706433:1/", "feed:http://localhost/feed.xml"]


async def knows(api: Api, folder: Path) -> None:
    """Two notes are known."""
    folder.mkdir()
    for subject in ("lighthouse", "harbour"):
        (folder / f"{subject}.md").write_text(f"# The {subject}\n\nThe {subject} of Ostrel was built in 1887.\n")
    tools = api.tools
    await ingesting.look_at(tools.database, OWNER, str(folder), tools.finder, tools.shelf())


async def test_known_sources_are_listed_found_and_forgotten(api: Api, tmp_path: Path) -> None:
    await knows(api, tmp_path / "notes")
    async with api.client() as client:
        first = await client.known(paging=Paging(limit=1, sort=("title",)))
        assert (first.total, [one.title for one in first.items]) == (2, ["The harbour"])
        rest = await client.known(paging=Paging(limit=1, sort=("title",), cursor=first.next_cursor))
        assert [one.title for one in rest.items] == ["The lighthouse"]
        assert (await client.known(KnownFilter(words="harb"))).total == 1

        found = await client.passages(PassageQuery(q="the lighthouse", limit=1))
        assert found.items[0].text == "The lighthouse of Ostrel was built in 1887."
        assert found.items[0].source.title == "The lighthouse"

        assert (await client.forget(found.items[0].source.source_id)).index
        assert [one.title for one in (await client.known()).items] == ["The harbour"]
        with pytest.raises(NotFound):
            await client.forget(found.items[0].source.source_id)


async def test_a_language_is_asked_for_by_its_code(api: Api, tmp_path: Path) -> None:
    await knows(api, tmp_path / "notes")
    async with api.client() as client:
        assert len((await client.passages(PassageQuery(q="the lighthouse", languages=("en",)))).items) == 2
        with pytest.raises(BadInput, match="'english' is no code of a language"):
            await client.passages(PassageQuery(q="the lighthouse", languages=("english",)))
        with pytest.raises(BadInput, match="'english' is no code of a language"):
            await client.known(KnownFilter(languages=("english",)))


async def test_one_source_is_added_and_refreshed_by_a_worker(sqlite_api: Api, tmp_path: Path) -> None:
    await knows(sqlite_api, tmp_path / "notes")
    new = tmp_path / "new.md"
    new.write_text("# New\n\nThe harbour is closed.\n")
    async with sqlite_api.client() as client:
        accepted = await client.add_source(SourceRequest(location=str(new)))
        assert (accepted.location, accepted.page is not None) == (str(new), True)
        (known, *_) = (await client.known(KnownFilter(words="harbour"))).items
        assert (await client.refresh_source(known.source_id)).location == known.location
        handed = launcher.submissions(sqlite_api.settings.home_folder)
        assert [kind for kind, *_ in handed] == ["place", "place"]
        assert len({look for _, look, _ in handed}) == 2
        waiting = await client.looks()
        assert {(one.location, one.state) for one in waiting} == {(str(new), "waiting"), (known.location, "waiting")}
        with pytest.raises(NotFound):
            await client.refresh_source(new_id())
        launcher.switch_off(sqlite_api.settings.home_folder)
        with pytest.raises(Unavailable):
            await client.add_source(SourceRequest(location=str(new)))
        (failed,) = [one for one in await client.looks() if one.state == "failed"]
        assert (failed.location, "does not answer" in (failed.told or "")) == (str(new), True)


async def test_what_came_of_a_place_can_be_asked_tried_again_and_forgotten(sqlite_api: Api, tmp_path: Path) -> None:
    tools = sqlite_api.tools
    empty = tmp_path / "empty.html"
    empty.write_text("<html><body></body></html>")

    async def carried(look_id: UUID) -> None:
        await looks.carry(tools.database, OWNER, look_id, str(empty), tools.finder, tools.shelf())

    async with sqlite_api.client() as client, sqlite_api.http() as http:
        accepted = await client.add_source(SourceRequest(location=str(empty)))
        assert (await http.get(accepted.link.removeprefix("/api/v1"))).json()["state"] == "waiting"
        await carried(accepted.id)
        failed = await client.look(accepted.id)
        assert (failed.state, str(empty) in (failed.told or "")) == ("failed", True)
        again = await client.look_again(failed.id)
        assert [(one.id, one.state) for one in await client.looks()] == [(again.id, "waiting")]
        empty.write_text("<html><body><main><p>The harbour of Ostrel is closed.</p></main></body></html>")
        await carried(again.id)
        done = await client.look(again.id)
        assert (done.state, done.told, await client.looks()) == ("done", "1 new", ())
        await client.forget_look(done.id)
        for refused in (client.look(done.id), client.forget_look(done.id), client.look_again(done.id)):
            with pytest.raises(NotFound):
                await refused


async def test_a_copy_is_listed_as_the_copy_it_is(sqlite_api: Api, tmp_path: Path) -> None:
    await knows(sqlite_api, tmp_path / "notes")
    copy = tmp_path / "copy.md"
    copy.write_bytes((tmp_path / "notes" / "harbour.md").read_bytes())
    tools = sqlite_api.tools
    await ingesting.look_at(tools.database, OWNER, str(copy), tools.finder, tools.shelf())
    async with sqlite_api.client() as client:
        (listed,) = [one for one in (await client.known()).items if one.location == str(copy)]
    assert (listed.copy_of, listed.passages) == (str(tmp_path / "notes" / "harbour.md"), 1)


@pytest.mark.parametrize(
    "place", ["/no/such/folder", "", "feed:not an address", "web:ferries", "ftp://a.example/", *NEVER]
)
async def test_a_source_that_cannot_be_read_is_refused(sqlite_api: Api, place: str) -> None:
    async with sqlite_api.http() as http:
        reply = await http.post("/knowledge", json={"location": place})
        feed = await http.post("/feeds", json={"location": place})
    assert (reply.status_code, feed.status_code) == (422, 422)
    assert not place.startswith("web:") or "a search cannot be added" in reply.text
    assert launcher.submissions(sqlite_api.settings.home_folder) == []


async def test_a_feed_is_kept_once_handed_on_once_and_removed(sqlite_api: Api, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "one.md").write_text("# One\n\nThe harbour is closed.\n")
    async with sqlite_api.client() as client:
        asked = FeedRequest(location=str(tmp_path / "notes"), name="notes", every_hours=6)
        feed = await client.add_feed(asked)
        assert (feed.kind, feed.every_hours, feed.checked_at) == ("folder", 6, None)
        same = await client.add_feed(asked)
        assert (feed.state, same.id, same.state) == ("new", feed.id, "unchanged")
        changed = await client.add_feed(FeedRequest(location=asked.location, limit=7))
        assert (changed.name, changed.limit, changed.every_hours, changed.state) == ("notes", 7, 6, "changed")
        accepted = await client.look_at_feed(feed.id)
        assert accepted.page is not None
        assert launcher.submissions(sqlite_api.settings.home_folder) == [("look", feed.id, 0)]
        assert [(one.id, one.limit) for one in await client.feeds()] == [(feed.id, 7)]
        await client.remove_feed(feed.id)
        assert await client.feeds() == ()
        with pytest.raises(NotFound):
            await client.look_at_feed(feed.id)


async def test_a_look_while_the_orchestrator_is_away_says_so(sqlite_api: Api, tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# One\n\nThe harbour is closed.\n")
    async with sqlite_api.client() as client:
        feed = await client.add_feed(FeedRequest(location=str(tmp_path)))
        launcher.switch_off(sqlite_api.settings.home_folder)
        with pytest.raises(Unavailable):
            await client.look_at_feed(feed.id)


@pytest.mark.parametrize(
    "body",
    [
        {"location": "/no/such/folder"},
        {"location": ""},
        {"location": "feed:not an address"},
        {"location": "feed:https://a.example/", "limit": 0},
        {"location": "feed:https://a.example/", "every_hours": -1},
        {"location": "feed:https://a.example/", "often": True},
    ],
)
async def test_a_feed_that_cannot_be_used_is_refused(sqlite_api: Api, body: dict[str, object]) -> None:
    async with sqlite_api.http() as http:
        reply = await http.post("/feeds", json=body)
    assert reply.status_code == 422
    assert reply.headers["content-type"].startswith("application/problem+json")


async def test_who_may_only_read_changes_nothing(sqlite_api: Api) -> None:
    tools = sqlite_api.tools
    made = await keys.add(tools.database, OWNER, "reader", ("read",), None, tools.clock.now())

    async def refused(client: Client) -> None:
        for attempt in (
            client.add_feed(FeedRequest(location="feed:https://a.example/")),
            client.look_at_feed(new_id()),
            client.remove_feed(new_id()),
            client.forget(new_id()),
            client.add_source(SourceRequest(location="https://a.example/")),
            client.refresh_source(new_id()),
            client.look_again(new_id()),
            client.forget_look(new_id()),
        ):
            with pytest.raises(Forbidden):
                await attempt

    async with sqlite_api.client(made.secret) as client:
        assert (await client.known()).total == 0
        await refused(client)
