"""Sources: what is known is listed, found and forgotten; feeds are added, looked at and removed."""

from __future__ import annotations

from aiwriter.services import feeds, ingesting, looks
from aiwriter.testing.launcher import submissions, switch_off
from tests.dashboard.serving import OWNER


def knows(served, folder, *subjects):
    """A folder of notes that are known."""
    folder.mkdir()
    for subject in subjects:
        (folder / f"{subject}.md").write_text(f"# The {subject}\n\nThe {subject} of Ostrel was built in 1887.\n")

    async def work():
        tools = served.tools
        await ingesting.look_at(tools.database, OWNER, str(folder), tools.finder, tools.shelf())

    served.do(work())


def looked_at_feeds(served):
    async def work():
        tools = served.tools
        for feed in await feeds.all_of(tools.database, OWNER):
            await ingesting.look_at_feed(tools.database, OWNER, feed, tools.finder, tools.shelf())

    served.do(work())


def test_with_nothing_known_it_says_how_something_becomes_known(served, visit):
    page = visit("sources")
    assert "Nothing is known yet" in page.text
    assert "No feed yet" in page.text


def test_what_is_known_is_listed_and_found_by_a_question(served, visit, tmp_path):
    knows(served, tmp_path / "notes", "lighthouse", "harbour")
    page = visit("sources")
    assert "2 known sources" in page.text
    assert "The lighthouse" in page.text
    page.app.text_input(key="known-q").input("when was the lighthouse built")
    page.run()
    assert "best first" in page.text
    assert "The lighthouse of Ostrel was built in 1887." in page.text


def test_a_source_is_forgotten(served, visit, tmp_path):
    knows(served, tmp_path / "notes", "lighthouse", "harbour")
    page = visit("sources")
    page.app.selectbox(key="forget").select_index(0)
    page.run()
    page.click("forget-yes")
    assert "1 known source" in page.text


def test_one_place_is_handed_to_a_worker_and_a_known_source_looked_at_again(served, visit, tmp_path):
    knows(served, tmp_path / "notes", "lighthouse")
    page = visit("sources")
    page.app.text_input(key="source-place").input("/no/such/file")
    page.click("source-add")
    assert "/no/such/file" in page.text
    page.app.text_input(key="source-place").input(str(tmp_path / "notes"))
    page.click("source-add")
    assert "A worker will look at it" in page.text
    page.app.selectbox(key="forget").select_index(0)
    page.run()
    page.click("look-again")
    assert "A worker will look at it" in page.text
    assert "2 places not read, or not yet" in page.text
    assert [kind for kind, *_ in submissions(served.settings.home_folder)] == ["place", "place"]


def test_a_place_that_could_not_be_read_stays_with_the_reason_until_it_is_forgotten(served, visit, tmp_path):
    empty = tmp_path / "empty.html"
    empty.write_text("<html><body></body></html>")
    tools = served.tools

    async def failed():
        look = await looks.ask(tools.database, OWNER, str(empty), tools.clock)
        await looks.carry(tools.database, OWNER, look.id, str(empty), tools.finder, tools.shelf())

    served.do(failed())
    page = visit("sources")
    assert "1 place not read, or not yet" in page.text
    assert f"{empty}: " in page.text
    page.app.selectbox(key="look").select_index(0)
    page.run()
    page.click("look-retry")
    assert "In line" in page.text
    page.app.selectbox(key="look").select_index(0)
    page.run()
    page.click("look-forget")
    assert "not read, or not yet" not in page.text


def test_a_feed_is_added_handed_to_a_worker_and_removed(served, visit, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "one.md").write_text("# One\n\nThe harbour is closed.\n")
    page = visit("sources")
    page.app.text_input(key="feed-place").input(str(tmp_path / "notes"))
    page.app.text_input(key="feed-name").input("harbour notes")
    page.click("feed-add")
    assert "1 feed" in page.text
    assert "harbour notes" in page.text
    assert "not looked at yet" in page.text
    assert "It is a feed now" in page.text
    kind, feed_id, _ = submissions(served.settings.home_folder)[0]
    assert kind == "look"
    page.app.number_input(key="feed-limit").set_value(7)
    page.click("feed-add")
    assert "This place was a feed already" in page.text
    assert "at most 7 documents" in page.text
    page.app.selectbox(key="feed").select_index(0)
    page.run()
    page.click("feed-look")
    assert "A worker will look at it" in page.text
    assert {one[1] for one in submissions(served.settings.home_folder)} == {feed_id}
    (tmp_path / "notes" / "two.md").write_text("")
    looked_at_feeds(served)
    assert "1 new, 1 failed; " in page.run().text
    assert "the file is empty" in page.text
    page.click("feed-remove")
    assert "No feed yet" in page.text


def test_a_place_that_cannot_be_read_is_said_beside_the_form(served, visit):
    page = visit("sources")
    page.click("feed-add")
    assert "A place is missing" in page.text
    page.app.text_input(key="feed-place").input("/no/such/folder")
    page.click("feed-add")
    assert "/no/such/folder" in page.text


def test_a_feed_is_kept_though_no_worker_can_be_told(served, visit, tmp_path):
    (tmp_path / "one.md").write_text("# One\n\nThe harbour is closed.\n")
    switch_off(served.settings.home_folder)
    page = visit("sources")
    page.app.text_input(key="feed-place").input(str(tmp_path))
    page.click("feed-add")
    assert "does not answer" in page.text
    assert "It is a feed now" in page.text
    assert "1 feed" in page.text
