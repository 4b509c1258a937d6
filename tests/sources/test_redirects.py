"""Redirects: each hop is judged like the first address, and nothing is carried along that could be a secret."""

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.fetch import Fetcher
from aiwriter.testing.network import no_network
from aiwriter.testing.webserver import Page, redirect

TEXT = "<html><body><p>A page that says something.</p></body></html>"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_five_redirects_are_followed_and_a_sixth_is_not(serve, status):
    pages = {f"/{n}": redirect(f"/{n + 1}", status) for n in range(6)} | {"/6": Page(TEXT)}
    web = serve(pages)
    assert (await Fetcher([web.host]).get(web.url("/1"))).url == web.url("/6")
    web.requests.clear()
    with pytest.raises(UnreadableSource, match="more than 5 redirects"):
        await Fetcher([web.host]).get(web.url("/0"))
    assert web.paths == [f"/{n}" for n in range(6)]


@pytest.mark.parametrize("hops", [1, 2, 5])
@pytest.mark.parametrize(
    "to",
    [
        "http://127.0.0.1:9/", "http://0x7f.1:9/", "http://[::1]:9/", "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/", "//169.254.169.254/", "http://192.168.0.1/", "https://10.0.0.1/",
        "http://user:s3cr3t@127.0.0.1:9/", "http:\\\\10.0.0.1\\", "file:///etc/passwd", "ftp://127.0.0.1/",
        "gopher://127.0.0.1/", "javascript:alert(1)", "http://", "http://[", "\x01",
    ],
)  # fmt: skip
async def test_a_chain_that_ends_at_a_private_address_reaches_nothing_but_its_own_hops(serve, hops, to):
    web = serve({f"/{n}": redirect(f"/{n + 1}" if n < hops else to) for n in range(1, hops + 1)})
    with no_network() as connected, pytest.raises(UnreadableSource) as failure:
        await Fetcher([web.host]).get(web.url("/1"))
    assert "s3cr3t" not in str(failure.value)
    assert set(connected) == {"127.0.0.1"}
    assert len(connected) == len(web.requests)  # one connection a request to this server, and none besides
    assert web.paths[:hops] == [f"/{n}" for n in range(1, hops + 1)]


async def test_every_hop_is_looked_up_and_judged_again(serve):
    """The first name is an allowed private one; the second, at the same machine, is not."""
    web = serve({"/": Page(TEXT)})
    port = web.host.split(":")[1]
    first = serve({"/": redirect(f"http://other.test:{port}/")})
    asked = []

    async def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    with pytest.raises(UnreadableSource, match=r"'other\.test' is not public"):
        await Fetcher([first.host], resolve=resolve).get(first.url())
    assert asked == ["127.0.0.1", "other.test"]
    assert web.requests == []


async def test_nothing_of_one_origin_is_carried_to_another(serve):
    other = serve({"/": Page(TEXT)})
    first = serve(
        {"/": Page(status=302, headers={"Location": other.url(), "Set-Cookie": "id=s3cr3t; Domain=127.0.0.1"})}
    )
    await Fetcher([first.host, other.host]).get(first.url("/"))
    carried = set(other.requests[0][1])
    assert carried == {"host", "user-agent", "accept", "accept-encoding", "connection"}


async def test_a_login_in_a_redirect_is_refused_at_the_same_origin_too(serve):
    web = serve({"/": Page(), "/b": Page(TEXT)})
    web.put("/", redirect(f"http://user:s3cr3t@{web.host}/b"))
    with pytest.raises(UnreadableSource, match="user name or password"):
        await Fetcher([web.host]).get(web.url())
    assert web.paths == ["/"]


async def test_from_http_to_https_is_followed_and_back_is_refused(serve, certificate):
    shows, believes = certificate
    plain = serve({"/": Page(TEXT)})
    secure = serve({"/": Page(TEXT), "/down": redirect(plain.url())}, tls=shows)
    plain.put("/up", redirect(secure.url()))
    fetcher = Fetcher([plain.host, secure.host], tls=believes)
    assert (await fetcher.get(plain.url("/up"))).url == secure.url()
    for start in (secure.url("/down"), plain.url("/up2")):
        plain.put("/up2", redirect(secure.url("/down")))
        with pytest.raises(UnreadableSource, match="from https to") as failure:
            await fetcher.get(start)
        assert plain.url() in str(failure.value)
    assert "/" not in plain.paths


async def test_a_certificate_nobody_vouches_for_is_refused(serve, certificate):
    secure = serve({"/": Page(TEXT)}, tls=certificate[0])
    with pytest.raises(UnreadableSource, match="certificate is not trusted"):
        await Fetcher([secure.host]).get(secure.url())
    assert secure.requests == []
