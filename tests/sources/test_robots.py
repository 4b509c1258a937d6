"""robots.txt: kept to by what finds its own way, fetched once, and not in the way of a page that a person names."""

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.crawl import Bounds
from aiwriter.sources.fetch import Fetcher, Limits
from aiwriter.sources.finder import Finder
from aiwriter.sources.robots import LONGEST_DELAY, Robots
from aiwriter.testing.webserver import Page, redirect, robots

TEXT = "<html><body><p>A page that says something.</p></body></html>"
RULES = "User-agent: *\nDisallow: /\n\nUser-agent: AI-Writer\nDisallow: /private\nAllow: /private/but\nCrawl-delay: 3\n"


@pytest.fixture
def rules_of(serve):
    async def rules(page, **options):
        web = serve({"/robots.txt": page, "/there": robots(RULES)})
        return await Robots(Fetcher([web.host], Limits(attempts=1), **options)).rules(web.url("/x")), web

    return rules


async def test_the_group_for_us_counts_and_not_the_one_for_all(rules_of):
    rules, web = await rules_of(robots(RULES))
    refused = [path for path in ("/", "/x", "/private", "/private/x", "/private/but") if rules.refuses(web.url(path))]
    assert refused == ["/private", "/private/x"]
    assert rules.delay == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_no_file_means_no_rules(rules_of, status):
    rules, web = await rules_of(Page("User-agent: *\nDisallow: /", status=status))
    assert not rules.refuses(web.url("/x"))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_server_that_fails_to_say_is_left_alone(rules_of, status):
    with pytest.raises(UnreadableSource, match=rf"robots\.txt cannot be had.*HTTP {status}"):
        await rules_of(Page(status=status))


async def test_a_redirect_to_the_rules_is_followed(rules_of):
    rules, web = await rules_of(redirect("/there"))
    assert rules.refuses(web.url("/private"))


@pytest.mark.parametrize(("given", "kept"), [("0.5", 0.5), ("10", 10), ("86400", LONGEST_DELAY), ("-1", 0), ("x", 0)])
async def test_the_delay_is_kept_to_as_far_as_is_sensible(rules_of, given, kept):
    rules, _ = await rules_of(robots(f"User-agent: *\nCrawl-delay: {given}"))
    assert rules.delay == kept


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"<html>no rules</html>", b"Disallow: /", b"\xef\xbb\xbf" + RULES.encode()]
)
async def test_an_odd_file_is_understood_as_far_as_possible(rules_of, body):
    rules, web = await rules_of(Page(body, content_type="text/html"))
    assert not rules.refuses(web.url("/x"))


async def test_the_rules_of_an_origin_are_fetched_once_a_day(serve, waits):
    web = serve({"/robots.txt": robots(RULES)})
    found = Robots(Fetcher([web.host]), waits.now)
    for path in ("/a", "/b", "/a"):
        await found.rules(web.url(path))
    assert web.paths == ["/robots.txt"]
    waits.time += 24 * 3_600 + 1
    await found.rules(web.url("/a"))
    assert web.paths == ["/robots.txt"] * 2


async def test_a_single_page_that_a_person_names_is_read_as_by_a_browser(serve):
    web = serve({"/robots.txt": robots("User-agent: *\nDisallow: /"), "/page": Page(TEXT)})
    finder = Finder(Fetcher([web.host]))
    assert (await finder.read(web.url("/page"))).text == "A page that says something."
    assert web.paths == ["/page"]


@pytest.mark.parametrize("form", ["site", "sitemap"])
async def test_what_finds_its_own_way_is_told_that_it_may_not(serve, form):
    web = serve({"/robots.txt": robots("User-agent: *\nDisallow: /docs"), "/docs/a": Page(TEXT)})
    finder = Finder(Fetcher([web.host]), Bounds(pause=0))
    with pytest.raises(UnreadableSource, match=r"robots\.txt asks programs not to read /docs/a") as failure:
        await finder.discover(f"{form}:{web.url('/docs/a')}")
    assert "name the single pages" in failure.value.hint
    assert web.paths == ["/robots.txt"]


@pytest.mark.parametrize(
    ("tag", "word", "forbids"),
    [
        ("noindex", "noindex", True),
        ("noindex, nofollow", "nofollow", True),
        ("none", "nofollow", True),
        ("noarchive", "noindex", False),
        ("otherbot: noindex", "noindex", False),
        ("otherbot: noindex, nofollow", "nofollow", False),
        ("ai-writer: noindex", "noindex", True),
        ("", "noindex", False),
    ],
)
def test_the_header_for_robots_is_understood(tag, word, forbids):
    assert Robots.headers_forbid(tag, word) is forbids
