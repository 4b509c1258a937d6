"""The one HTTP GET: what it brings, what it refuses, and that it never reaches where it must not."""

import asyncio
import gzip
import socket
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.fetch import USER_AGENT, Fetcher, Limits
from aiwriter.sources.guard import Guard, parse_url
from aiwriter.testing.webserver import Page, redirect

TEXT = "<html><body><p>A page that says something.</p></body></html>"


def resolving(**names):
    """A resolver that knows these names, and addresses."""

    async def resolve(host, port):
        found = names.get(host.replace(".", "_"), host)
        return [found] if isinstance(found, str) else list(found)

    return resolve


async def test_a_page_is_fetched_with_its_type_and_final_address(serve):
    web = serve({"/a": redirect("/b"), "/b": Page(TEXT, content_type='text/HTML; charset="latin-1"')})
    page = await Fetcher([web.host]).get(web.url("/a#part"))
    assert (page.data, page.content_type, page.charset, page.url) == (
        TEXT.encode(),
        "text/html",
        "latin-1",
        web.url("/b"),
    )


async def test_a_request_says_who_asks_and_sends_no_secrets(serve):
    web = serve({"/": Page(TEXT, headers={"Set-Cookie": "a=b"})})
    fetcher = Fetcher([web.host])
    await fetcher.get(web.url())
    await fetcher.get(web.url())
    for _, headers in web.requests:
        assert headers["user-agent"] == USER_AGENT
        assert not {"cookie", "authorization"} & set(headers)


async def test_compressed_pages_are_unpacked(serve):
    web = serve({"/": Page(gzip.compress(TEXT.encode()), headers={"Content-Encoding": "gzip"})})
    assert (await Fetcher([web.host]).get(web.url())).data == TEXT.encode()


async def test_a_passing_fault_is_tried_again_after_a_growing_wait(serve, waits):
    web = serve({"/": [Page(status=503), Page(status=500), Page(TEXT)]})
    assert (await Fetcher([web.host], sleep=waits).get(web.url())).data == TEXT.encode()
    assert len(web.requests) == 3
    assert 0.5 <= waits.seconds[0] <= 0.75
    assert 1.0 <= waits.seconds[1] <= 1.5


@pytest.mark.parametrize(
    ("header", "low", "high"),
    [("2", 2, 2), ("0.5", 0.5, 0.5), ("-3", 0, 0), ("soon", 0.5, 0.75)],
)
async def test_retry_after_is_obeyed(serve, waits, header, low, high):
    web = serve({"/": [Page(status=429, headers={"Retry-After": header}), Page(TEXT)]})
    await Fetcher([web.host], sleep=waits).get(web.url())
    assert low <= waits.seconds[0] <= high


async def test_a_date_in_retry_after_is_obeyed(serve, waits):
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=5), usegmt=True)
    web = serve({"/": [Page(status=503, headers={"Retry-After": then}), Page(TEXT)]})
    await Fetcher([web.host], sleep=waits).get(web.url())
    assert 3 <= waits.seconds[0] <= 5


async def test_a_server_that_wants_a_long_pause_is_given_up_at_once(serve, waits):
    web = serve({"/": Page(status=429, headers={"Retry-After": "3600"})})
    with pytest.raises(UnreadableSource, match=r"fewer requests.*429"):
        await Fetcher([web.host], sleep=waits).get(web.url())
    assert len(web.requests) == 1
    assert waits.seconds == []


@pytest.mark.parametrize(
    ("status", "requests"), [(400, 1), (401, 1), (403, 1), (404, 1), (410, 1), (204, 1), (500, 3), (503, 3)]
)
async def test_statuses_are_told_and_only_passing_ones_tried_again(serve, waits, status, requests):
    web = serve({"/": Page(status=status)})
    with pytest.raises(UnreadableSource, match=f"HTTP {status}") as failure:
        await Fetcher([web.host], sleep=waits).get(web.url())
    assert len(web.requests) == requests
    assert failure.value.hint


async def test_a_refused_connection_is_told(waits):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnreadableSource, match="no connection"):
        await Fetcher([host], sleep=waits).get(f"http://{host}/")
    assert len(waits.seconds) == 2


# ── redirects ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ({"/": redirect("/")}, "loop"),
        ({"/": redirect("/a"), "/a": redirect("/")}, "loop"),
        ({"/": redirect("/1")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 9)}, "more than 5 redirects"),
        ({"/": redirect("file:///etc/passwd")}, "not an http"),
        ({"/": redirect("http://[half/")}, "not an http"),
        ({"/": redirect("http://127.0.0.1:9/")}, "not public"),
        ({"/": redirect("http://169.254.169.254/latest/meta-data/")}, "metadata"),
    ],
)
async def test_bad_redirects_are_refused(serve, pages, reason):
    web = serve(pages)
    with pytest.raises(UnreadableSource, match=reason):
        await Fetcher([web.host]).get(web.url())


async def test_a_public_page_cannot_lead_to_an_allowed_private_host():
    guard = Guard(["127.0.0.1:8000"], resolving(public_test="203.0.114.1"))
    typed, from_a_public_page = parse_url("http://127.0.0.1:8000/"), parse_url("http://public.test/")
    assert (await guard.clear(typed)).private
    cleared = await guard.clear(from_a_public_page)
    with pytest.raises(UnreadableSource, match="not public"):
        await guard.clear(typed, trusted=cleared.private)


# ── where it must not go ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://0/",
        "http://localhost/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/", "http://192.168.1.1:8080/",
        "http://169.254.169.254/latest/meta-data/", "http://[fe80::1%25lo]/", "https://100.100.100.200/",
    ],
)  # fmt: skip
async def test_private_addresses_are_refused_before_any_connection(url):
    with pytest.raises(UnreadableSource, match=r"not public|not a web address"):
        await Fetcher().get(url)


async def test_a_name_is_refused_when_one_of_its_addresses_is_private():
    fetcher = Fetcher(resolve=resolving(mixed_test=("93.184.216.34", "127.0.0.1")))
    with pytest.raises(UnreadableSource, match="not public"):
        await fetcher.get("http://mixed.test/")


async def test_the_connection_goes_to_the_address_that_was_checked(serve):
    """The name is looked up once a hop; what it means a moment later does not matter."""
    web = serve({"/": Page(TEXT)})
    asked = []

    async def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    port = web.host.split(":")[1]
    page = await Fetcher([f"rebound.test:{port}"], resolve=resolve).get(f"http://rebound.test:{port}/")
    assert page.data == TEXT.encode()
    assert asked == ["rebound.test"]
    assert web.requests[0][1]["host"] == f"rebound.test:{port}"


async def test_a_private_host_is_fetched_only_under_the_name_and_port_that_was_allowed(serve):
    web = serve({"/": Page(TEXT)})
    await Fetcher([web.host]).get(web.url())
    await Fetcher(["127.0.0.1"]).get(web.url())
    for allowed in ("127.0.0.1:1", "localhost"):
        with pytest.raises(UnreadableSource) as failure:
            await Fetcher([allowed]).get(web.url())
        assert f'add "{web.host}" to AIWRITER_SOURCES__ALLOW_PRIVATE_HOSTS' in failure.value.hint
    assert len(web.requests) == 2


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "http://", "http:///x", "http://[::1", "javascript:alert(1)",
        "http://a b/", "http://user:secret@example.com/", "http://\x00/", "",
    ],
)  # fmt: skip
async def test_odd_addresses_are_refused_before_they_are_looked_up(url):
    async def resolve(host, port):
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(UnreadableSource) as failure:
        await Fetcher(resolve=resolve).get(url)
    assert "secret" not in str(failure.value)


async def test_a_name_that_does_not_exist_is_told():
    async def resolve(host, port):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(UnreadableSource, match="cannot be resolved"):
        await Fetcher(resolve=resolve).get("http://no-such-name.test/")


# ── size and time ────────────────────────────────────────────────────────────────────────────────────────────────────

SMALL = Limits(seconds=5, raw_bytes=200_000, decoded_bytes=400_000, attempts=1)


@pytest.mark.parametrize(
    "page",
    [
        Page(b"x" * 200_001),
        Page(b"x" * 10_000, endless=True),
        Page(b"x", headers={"Content-Length": "99999999"}),
        Page(gzip.compress(bytes(30_000_000), 1), headers={"Content-Encoding": "gzip"}),
    ],
    ids=["too long", "endless", "announced too long", "gzip bomb"],
)
async def test_bodies_beyond_the_limits_are_given_up(serve, page):
    web = serve({"/": page})
    with pytest.raises(UnreadableSource, match="larger than"):
        await Fetcher([web.host], SMALL).get(web.url())


async def test_a_server_that_stalls_is_given_up_in_time(serve):
    web = serve({"/": Page("<html>", stalls=True)})
    async with asyncio.timeout(60):
        with pytest.raises(UnreadableSource, match=r"longer than 0\.3 s|in time"):
            await Fetcher([web.host], Limits(seconds=0.3, attempts=1)).get(web.url())


async def test_a_broken_off_body_is_told(serve):
    web = serve({"/": Page("half", headers={"Content-Length": "100"})})
    with pytest.raises(UnreadableSource, match="broke off"):
        await Fetcher([web.host], SMALL).get(web.url())


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(b"\x89PNG", content_type="image/png"), "image/png"),
        (Page("a,b", content_type="text/calendar"), "text/calendar"),
        (Page(TEXT, headers={"Content-Encoding": "br"}), "not asked for"),
        (Page(b"\x1f\x8b broken", headers={"Content-Encoding": "gzip"}), "damaged"),
    ],
)
async def test_what_cannot_be_read_is_refused(serve, page, reason):
    web = serve({"/": page})
    with pytest.raises(UnreadableSource, match=reason):
        await Fetcher([web.host], SMALL).get(web.url())


async def test_many_pages_are_fetched_at_once(serve):
    web = serve({f"/{n}": Page(TEXT) for n in range(20)})
    fetcher = Fetcher([web.host])
    pages = await asyncio.gather(*(fetcher.get(web.url(f"/{n}")) for n in range(20)))
    assert len({page.url for page in pages}) == 20
