"""`aiwriter sources` and `feeds`: what is read stays known, is found again, refreshed and forgotten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aiwriter.testing.terminal import ROOT, Terminal
from aiwriter.testing.webserver import Page, WebServer

SOURCES = str(ROOT / "examples" / "sources")
NOTE = "# The lighthouse\n\nThe lighthouse of Ostrel was lit for the first time in 1887.\n\n    lamp --flash 20\n"


def test_a_folder_becomes_known_is_found_refreshed_and_forgotten(terminal: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    note = folder / "light.md"
    note.write_text(NOTE)
    (folder / "faq.md").write_text((ROOT / "examples" / "sources" / "faq.md").read_text())

    added = terminal.run("sources", "add", str(folder), "--json")
    assert added.code == 0, added.err
    assert added.result["places"][0]["counts"] == {"new": 2}
    assert added.result["pending"] == 0
    assert json.loads(added.err.splitlines()[-1])["total"] == 2

    found = terminal.run("sources", "find", "When did the lighthouse first shine?", "--json").result
    assert "1887" in found["passages"][0]["text"]
    assert found["passages"][0]["source"]["place"] == str(note)

    coded = terminal.run("sources", "find", "lamp flash", "--json").result
    assert coded["passages"][0]["text"].strip() == "lamp --flash 20"

    note.write_text(NOTE.replace("1887", "1888"))
    assert "1 changed, 1 unchanged" in terminal.run("sources", "refresh").out
    shown = terminal.run("sources", "find", "lighthouse")
    assert "1888" in shown.out
    assert "1887" not in shown.out

    removed = terminal.run("sources", "remove", str(note))
    assert removed.code == 0, removed.err
    assert "lighthouse" not in terminal.run("sources", "find", "lighthouse of Ostrel lit").out
    assert [one["title"] for one in terminal.run("sources", "list", "--json").result] == [
        "Questions we are asked at the ticket window"
    ]
    assert terminal.run("reconcile", "--check").code == 0


def test_a_feed_is_kept_looked_at_and_listed_with_what_went_wrong(terminal: Terminal) -> None:
    page = Page("<html><body><main><h1>News</h1><p>The harbour is closed.</p></main></body></html>", etag='"1"')
    with WebServer({"/news": page}) as web:
        feed = f"<rss version='2.0'><channel><item><link>{web.url('/news')}</link></item></channel></rss>"
        web.put("/feed.xml", Page(feed, content_type="application/rss+xml"))
        terminal.settings["AIWRITER_SOURCES__ALLOW_PRIVATE_HOSTS"] = json.dumps([web.host])
        place = f"feed:{web.url('/feed.xml')}"
        added = terminal.run("feeds", "add", place, "--name", "harbour", "--every", "6")
        assert added.code == 0, added.err
        assert "1 new" in added.out
        again = terminal.run("feeds", "add", place, "--limit", "7")
        assert "changed: every 6 h, at most 7 documents" in again.out
        assert "No feed is due" in terminal.run("feeds", "refresh").out
        assert "1 unchanged" in terminal.run("feeds", "refresh", "harbour").out
    broken = terminal.run("feeds", "refresh", "harbour")
    assert broken.code == 1
    assert "not read:" in broken.out
    assert "next: try again later" in broken.out
    (listed,) = terminal.run("feeds", "list", "--json").result
    assert (listed["name"], listed["every_hours"], listed["kind"]) == ("harbour", 6, "feed")
    assert "no connection" in listed["error"]
    assert terminal.run("feeds", "remove", "harbour").code == 0
    assert "closed" in terminal.run("sources", "find", "the harbour").out


def test_a_copy_is_listed_as_one_and_found_as_its_original(terminal: Terminal, tmp_path: Path) -> None:
    page = Page("<html><body><main><h1>News</h1><p>The harbour is closed in May.</p></main></body></html>")
    with WebServer({"/news": page}) as web:
        other = web.url("/news").replace("127.0.0.1", "localhost")
        hosts = [web.host, web.host.replace("127.0.0.1", "localhost")]
        terminal.settings["AIWRITER_SOURCES__ALLOW_PRIVATE_HOSTS"] = json.dumps(hosts)
        assert "1 new" in terminal.run("sources", "add", web.url("/news"), other).out
        assert f"{other} (copy of {web.url('/news')})" in terminal.run("sources", "list").out
        nothing = terminal.run("sources", "find", "the harbour", "--domain", "localhost")
        assert f"{other} is a copy of {web.url('/news')}, and is found as that" in nothing.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sources", "add", "no/such/folder"), "there is no file or folder"),
        (("sources", "remove", "no/such/folder"), "is not a known source"),
        (("sources", "refresh"), "no known source"),
        (("sources", "find", "harbour", "--language", "english"), "'english' is no code of a language"),
        (("feeds", "add", "feed:not an address"), "cannot be used"),
        (("sources", "add", ""), "a source is empty"),
        (("feeds", "add", " "), "a source is empty"),
        (("sources", "add", "web:"), "'web:' is a search, and a search cannot be added"),
        (("feeds", "add", "tavily:ferries"), "is a search, and a search cannot be added"),
        (("sources", "add", "wikipdia:ferries"), "there is neither a file nor a search engine"),
        (("feeds", "refresh", "none"), "there is no feed"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_with_a_next_step(
    terminal: Terminal, words: tuple[str, ...], told: str
) -> None:
    said = terminal.run(*words)
    assert said.code == 2
    assert told in said.err
    assert "next:" in said.err
