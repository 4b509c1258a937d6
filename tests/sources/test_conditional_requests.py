"""Asking a server only for what changed, and files as well."""

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.ports import Validators
from aiwriter.sources.fetch import Fetcher, Wanted
from aiwriter.testing.webserver import Page, redirect

TEXT = "<html><body><p>A page that says something.</p></body></html>"
MONDAY = "Mon, 05 Jan 2026 09:00:00 GMT"


@pytest.mark.parametrize("page", [Page(TEXT, etag='"v1"'), Page(TEXT, etag='W/"v1"'), Page(TEXT, last_modified=MONDAY)])
async def test_what_the_server_gave_is_sent_back_and_unchanged_is_a_value(serve, page):
    web = serve({"/": page})
    fetcher = Fetcher([web.host])
    first = await fetcher.get(web.url())
    assert (first.unchanged, first.status, first.data) == (False, 200, TEXT.encode())
    assert first.validators == Validators(page.etag or None, page.last_modified or None, web.url())
    again = await fetcher.get(web.url(), first.validators)
    assert (again.unchanged, again.status, again.data, again.url) == (True, 304, b"", web.url())
    assert again.validators == first.validators


async def test_a_page_that_changed_is_sent_whole_with_its_new_validators(serve):
    web = serve({"/": [Page(TEXT, etag='"v1"'), Page(TEXT + "new", etag='"v2"')]})
    fetcher = Fetcher([web.host])
    first = await fetcher.get(web.url())
    again = await fetcher.get(web.url(), first.validators)
    assert (again.unchanged, again.validators.etag) == (False, '"v2"')
    assert again.data.endswith(b"new")


async def test_what_a_server_without_validators_sends_again_is_known_by_its_hash(serve):
    web = serve({"/": [Page(TEXT), Page(TEXT), Page(TEXT, content_type="text/plain"), Page(TEXT + "new")]})
    fetcher = Fetcher([web.host])
    first, same, *others = [await fetcher.get(web.url(), Validators(etag="body:0", url=web.url())) for _ in range(4)]
    assert first.validators.is_telling
    assert first.validators == same.validators
    assert len({one.validators for one in (first, *others)}) == 3
    assert [path for path, headers in web.requests if "if-none-match" in headers] == []  # no server gave it


async def test_validators_go_only_to_the_address_that_gave_them(serve):
    """A page that moved is new, even if the new place happens to use the same date."""
    web = serve(
        {
            "/": [redirect("/old"), redirect("/new")],
            "/old": Page(TEXT, last_modified=MONDAY),
            "/new": Page(TEXT + "new", last_modified=MONDAY),
        }
    )
    fetcher = Fetcher([web.host])
    first = await fetcher.get(web.url())
    again = await fetcher.get(web.url(), first.validators)
    assert again.data.endswith(b"new")
    assert [path for path, headers in web.requests if "if-modified-since" in headers] == []


async def test_validators_without_an_address_go_wherever_the_location_leads(serve):
    web = serve({"/": redirect("/a"), "/a": Page(TEXT, etag='"v1"')})
    assert (await Fetcher([web.host]).get(web.url(), Validators(etag='"v1"'))).unchanged


@pytest.mark.parametrize("known", [None, Validators(), Validators(etag="a\r\nX: y"), Validators(etag='"é"')])
async def test_a_304_that_was_not_asked_for_is_a_fault(serve, known):
    web = serve({"/": Page(status=304)})
    with pytest.raises(UnreadableSource, match="HTTP 304"):
        await Fetcher([web.host]).get(web.url(), known)
    assert "x" not in web.requests[0][1]


@pytest.mark.parametrize("etag", ["x" * 5_000, "caf\xe9", "\x07"])
async def test_validators_that_could_not_be_sent_back_are_left_out(serve, etag):
    web = serve({"/": Page(TEXT, headers={"ETag": etag})})
    found = (await Fetcher([web.host]).get(web.url())).validators
    assert found.etag is not None
    assert found.etag.startswith("body:")  # as if it had sent none


async def test_other_types_and_statuses_come_only_to_who_asks_for_them(serve):
    web = serve({"/f": Page("<rss/>", content_type="application/rss+xml"), "/no": Page(status=404)})
    fetcher = Fetcher([web.host])
    for path in ("/f", "/no"):
        with pytest.raises(UnreadableSource):
            await fetcher.get(web.url(path))
    wanted = Wanted("application/rss+xml", frozenset({"application/rss+xml"}))
    assert (await fetcher.get(web.url("/f"), wanted=wanted)).data == b"<rss/>"
    assert web.requests[-1][1]["accept"] == "application/rss+xml"
    assert (await fetcher.get(web.url("/no"), wanted=Wanted("*/*", None, frozenset({404})))).status == 404
