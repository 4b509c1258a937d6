"""Politeness: few requests at once to a host, pauses, and rest for a host that asks for it."""

import asyncio

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.fetch import Fetcher, Limits
from aiwriter.sources.pace import LONGEST_REST, Hosts
from aiwriter.testing.webserver import Page, redirect

TEXT = "<html><body><p>A page that says something.</p></body></html>"


async def test_a_host_is_asked_for_two_pages_at_once_at_most(serve):
    web = serve({f"/{n}": Page(TEXT, delay=0.02) for n in range(8)})
    fetcher = Fetcher([web.host])
    await asyncio.gather(*(fetcher.get(web.url(f"/{n}")) for n in range(8)))
    assert len(web.requests) == 8
    assert web.most_at_once <= 2


async def test_pages_that_a_person_named_are_not_slowed(serve, waits):
    web = serve({f"/{n}": Page(TEXT) for n in range(4)})
    fetcher = Fetcher([web.host], sleep=waits, now=waits.now)
    await asyncio.gather(*(fetcher.get(web.url(f"/{n}")) for n in range(4)))
    assert waits.seconds == []


async def test_between_two_requests_to_a_host_lies_the_pause_that_was_asked_for(serve, waits):
    web = serve({"/": redirect("/1"), **{f"/{n}": Page(TEXT) for n in range(4)}})
    fetcher = Fetcher([web.host], sleep=waits, now=waits.now)
    for path in ("/2", "/3", "/"):
        await fetcher.get(web.url(path), pause=0.5)
    assert waits.seconds == [0.5, 0.5, 0.5]  # before the 2nd and 3rd page, and before the hop of the redirect


async def test_pauses_are_kept_a_host_not_over_all(serve, waits):
    one, other = serve({"/": Page(TEXT)}), serve({"/": Page(TEXT)})
    fetcher = Fetcher([one.host, other.host], sleep=waits, now=waits.now)
    await fetcher.get(one.url(), pause=0.5)
    await fetcher.get(other.url(), pause=0.5)
    assert waits.seconds == []


async def test_waiting_in_line_before_a_host_costs_a_page_no_time(serve):
    """All together take longer than one may: the last in line would be given up if waiting counted."""
    web = serve({f"/{n}": Page(TEXT, delay=0.6) for n in range(12)})
    fetcher = Fetcher([web.host], Limits(seconds=3, attempts=1))
    pages = await asyncio.gather(*(fetcher.get(web.url(f"/{n}")) for n in range(12)))
    assert len(pages) == 12


async def test_what_a_host_asked_one_reader_all_readers_keep_to(serve, waits):
    web = serve({"/busy": Page(status=429, headers={"Retry-After": "7"}), "/other": Page(TEXT)})
    fetcher = Fetcher([web.host], Limits(attempts=1), sleep=waits, now=waits.now)
    with pytest.raises(UnreadableSource, match="429"):
        await fetcher.get(web.url("/busy"))
    assert waits.seconds == []
    await fetcher.get(web.url("/other"))
    assert waits.seconds == [7.0]


async def test_a_host_that_wants_a_long_rest_is_not_asked_again_until_it_is_over(serve, waits):
    web = serve({"/busy": Page(status=503, headers={"Retry-After": "600"}), "/other": Page(TEXT)})
    fetcher = Fetcher([web.host], sleep=waits, now=waits.now)
    for path in ("/busy", "/other"):
        with pytest.raises(UnreadableSource, match=r"503|Retry-After") as failure:
            await fetcher.get(web.url(path))
        assert failure.value.hint == "try again later"
    assert web.paths == ["/busy"]
    waits.time += 601
    await fetcher.get(web.url("/other"))
    assert web.paths == ["/busy", "/other"]


@pytest.mark.parametrize("header", ["nan", "inf", "1e400", "9" * 40, "٣"])
async def test_an_absurd_retry_after_is_no_number(serve, waits, header):
    web = serve({"/": [Page(status=503, headers={"Retry-After": header.encode().decode("latin-1")}), Page(TEXT)]})
    await Fetcher([web.host], sleep=waits, now=waits.now).get(web.url())
    assert 0.5 <= waits.seconds[0] <= 0.75


async def test_no_host_is_left_alone_for_ever(waits):
    hosts = Hosts(waits, waits.now)
    hosts.rest("example.org", 1e12)
    assert hosts.resting("example.org") == LONGEST_REST
    waits.time += LONGEST_REST
    assert hosts.resting("example.org") == 0


async def test_a_reader_that_is_cancelled_in_line_gives_its_turn_back(waits):
    hosts = Hosts(waits, waits.now)
    for _ in range(2):
        await hosts.enter("a")
    waiting = asyncio.create_task(hosts.enter("a"))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    hosts.leave("a")
    hosts.leave("a")
    for _ in range(2):
        await asyncio.wait_for(hosts.enter("a"), 5)


async def test_hosts_nobody_asks_any_more_are_forgotten(waits):
    hosts = Hosts(waits, waits.now)
    await hosts.enter("kept")
    hosts.rest("resting", 60)
    for number in range(3_000):
        await hosts.enter(f"{number}.example")
        hosts.leave(f"{number}.example")
    assert len(hosts) <= 1_000
    assert hosts.resting("resting") == 60
    hosts.leave("kept")
