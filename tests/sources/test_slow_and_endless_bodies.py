"""Bodies that never end, come slowly, or are more than they seem: given up by the limits, in bounded memory."""

import asyncio
import gzip
import tracemalloc
import zlib

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.answers import Body
from aiwriter.sources.fetch import Fetcher, Limits
from aiwriter.testing.webserver import Page

SMALL = Limits(seconds=20, raw_bytes=200_000, decoded_bytes=400_000, attempts=1)
HURRIED = Limits(seconds=0.4, attempts=1)


@pytest.mark.parametrize(
    "page",
    [
        Page("<p>" * 1_000, drip=0.05),
        Page("<p>" * 1_000, drip=0.05, chunked=False, headers={"Content-Encoding": "gzip"}),
        Page("<html>", chunked=True, stalls=True),
        Page("", stalls=True),
    ],
    ids=["drip", "compressed drip", "chunks that stop", "headers alone"],
)
async def test_a_body_that_comes_too_slowly_is_given_up(serve, page):
    web = serve({"/": page})
    async with asyncio.timeout(60):
        with pytest.raises(UnreadableSource, match=r"longer than 0\.4 s|in time|damaged"):
            await Fetcher([web.host], HURRIED).get(web.url())


@pytest.mark.parametrize(
    "page",
    [
        Page(b"x" * 50_000, chunked=True, endless=True),
        Page(b"x" * 50_000, endless=True),
        Page(b"x", headers={"Content-Length": "200001"}),
        Page(b"x", headers={"Content-Length": "9" * 30}),
        Page(gzip.compress(bytes(40_000_000), 1), chunked=True, headers={"Content-Encoding": "gzip"}),
        Page(zlib.compress(bytes(40_000_000), 1), headers={"Content-Encoding": "deflate"}),
        Page(gzip.compress(bytes(30_000)) * 2, endless=True, headers={"Content-Encoding": "x-gzip"}),
    ],
    ids=["endless chunks", "endless", "announced", "absurdly announced", "gzip bomb", "deflate bomb", "endless gzip"],
)
async def test_a_body_beyond_the_limits_is_given_up_in_bounded_memory(serve, page):
    web = serve({"/": page})
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        with pytest.raises(UnreadableSource, match=r"larger than|broke off"):
            await Fetcher([web.host], SMALL).get(web.url())
        most = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert most < 20 * SMALL.decoded_bytes


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page("half", headers={"Content-Length": "100"}), "broke off"),
        (Page("half", headers={"Content-Length": "-1"}), r"broke off|fetched"),
        (Page("half", headers={"Content-Length": "1, 2"}), r"broke off|fetched"),
        (Page(gzip.compress(b"<p>word</p>" * 500)[:-20], headers={"Content-Encoding": "gzip"}), "cut off"),
        (Page(b"\x1f\x8b damaged", headers={"Content-Encoding": "gzip"}), "damaged"),
    ],
    ids=["too short", "negative", "two lengths", "gzip cut off", "gzip damaged"],
)
async def test_a_body_that_is_not_what_was_announced_is_a_fault(serve, page, reason):
    web = serve({"/": page})
    with pytest.raises(UnreadableSource, match=reason):
        await Fetcher([web.host], SMALL).get(web.url())


async def test_a_length_that_is_too_small_ends_the_body_there(serve):
    web = serve({"/": Page("<p>word</p> and more", headers={"Content-Length": "11"})})
    assert (await Fetcher([web.host], SMALL).get(web.url())).data == b"<p>word</p>"


def test_ten_megabytes_that_would_become_ten_gigabytes_stop_at_one_byte_beyond_the_limit():
    """The default limits and a real bomb of that size, made as it is read: 10 GB of zeros are 10 MB of gzip."""
    limits = Limits()
    compress = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    body = Body({"content-encoding": "gzip"}, limits.raw_bytes, limits.decoded_bytes)
    zeros, taken = bytes(1_000_000), 0
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableSource, match="larger than 50 MB"):
            for _ in range(10_000):
                chunk = compress.compress(zeros)
                body.take(chunk)
                taken += len(chunk)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < 200_000  # given up after a fiftieth of it
    assert most < 150_000_000
