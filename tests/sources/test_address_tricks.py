"""Addresses that try to lead to machines that are not public: whatever is tried, no socket is opened to one.

Hosts in every notation a library somewhere has misread, addresses that two parsers read differently, and odd cases in
the manner of the WHATWG URL test data. Names are resolved by a table, numbers as the system does.
"""

import socket
from ipaddress import IPv6Address, ip_address
from itertools import cycle

import pytest

from aiwriter.errors import UnreadableSource
from aiwriter.sources.fetch import Fetcher
from aiwriter.sources.guard import resolve_by_system
from aiwriter.testing.network import NetworkForbidden, no_network

PUBLIC = "93.184.216.34"
NAMES = {
    "localhost": "127.0.0.1",
    "localhost.": "127.0.0.1",
    "rebound.test": "127.0.0.1",
    "metadata.google.internal": "169.254.169.254",
    "127.0.0.1.nip.test": "127.0.0.1",
    "intranet": "10.0.0.1",
    "[::1].nip.test": "::1",
}
INSIDE = ["127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0"]


def numbers(address):
    """One IPv4 address in the notations of inet_aton, IPv6 and the browsers."""
    a, b, c, d = (int(part) for part in address.split("."))
    whole = (a << 24) | (b << 16) | (c << 8) | d
    last3, last2 = (b << 16) | (c << 8) | d, (c << 8) | d
    yield from (address, f"{whole}", f"{whole:#x}", f"{whole:#X}", f"0{whole:o}", f"0x{whole:016x}", f"{whole + 2**32}")
    yield from (
        f"{a}.{last3}",
        f"{a}.{b}.{last2}",
        f"{a:#x}.{b:#x}.{c:#x}.{d:#x}",
        f"{a:#x}.{last3}",
        f"0{a:o}.{last3:#x}",
    )
    yield from (
        f"0{a:o}.0{b:o}.0{c:o}.0{d:o}",
        f"{a:04o}.{b:04o}.{c:04o}.{d:04o}",
        f"00{a}.{b}.{c}.{d}",
        f"{a + 256}.{b}.{c}.{d}",
    )
    yield from (
        f"{address}.",
        f"{address}..",
        f".{address}",
        f"{a}。{b}。{c}。{d}",
        f"{a}．{b}．{c}．{d}",
        f"{a}｡{b}.{c}.{d}",
    )
    yield "".join(chr(0xFF10 + int(x)) if x.isdigit() else x for x in address)  # full-width digits
    yield "".join(chr(0x245F + int(x)) if x in "123456789" else x for x in address)  # circled digits
    yield "".join(f"%{ord(x):02x}" for x in address)
    yield f"{address}%00.example.com"
    yield from (
        f"[::ffff:{address}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
        f"[0:0:0:0:0:ffff:{whole >> 16:x}:{last2:x}]",
    )
    yield f"[{IPv6Address((0x2002 << 112) | (whole << 80) | 1)}]"
    yield f"[::ffff:{address}%25lo]"


HOSTS = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "ⓛocalhost",
    "loc%61lhost",
    "loc\u00adalhost",
    "rebound.test",
    "intranet",
]
HOSTS += ["metadata.google.internal", "127.0.0.1.nip.test", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[fe80::1%25eth0]"]
HOSTS += [
    "[fd00:ec2::254]",
    "[::1%2525]",
    "[::1",
    "::1",
    "[]",
    "[::1].nip.test",
    "xn--",
    "xn--localhost-",
    "-",
    "..",
    "0",
    "0x",
]

TRICKS = [
    "http://{public}@{inside}/", "http://{inside}@{public}/", "http://{public}:80@{inside}/",
    "http://{public}#@{inside}/", "http://{public}?@{inside}/", "http://{public}\\@{inside}/",
    "http://{inside}\\@{public}/", "http:\\\\{inside}\\", "http:/{inside}/", "http:{inside}", "http:///{inside}/",
    "http:////{inside}/", "//{inside}/", "/\\{inside}/", "http://{public}%40{inside}/",
    "http://{public}%2f{inside}/", "http://{public}%23{inside}/", "http://{public} {inside}/",
    "http://{public}\t{inside}/", "http://{public}\n@{inside}/", "http://{inside}\r\nHost: {public}/",
    "ht\ttp://{inside}/", " http://{inside}/ ", "\x00http://{inside}/", "http://{inside}\x00.{public}/",
    "HTTP://{inside}/", "hTtPs://{inside}/", "https://{inside}:443/", "http://{inside}:80:90/", "http://{inside}:/",
    "http://{inside}:0/", "http://{inside}:65536/", "http://{inside}:-1/", "http://{inside}:8 0/",
    "http://{inside}:８０/", "http://{inside};{public}/", "http://{inside},{public}/", "http://{public}&@{inside}/",
    "http://[{inside}]/", "http://[::ffff:{inside}/", "http://{inside}%/", "http://%{inside}/",
    "gopher://{inside}/", "dict://{inside}:11211/", "file://{inside}/etc/passwd", "jar:http://{inside}!/",
    "view-source:http://{inside}/", "url:http://{inside}/", "http+unix://{inside}/", "ws://{inside}/",
    "http:@{inside}/", "http://@{inside}/", "http://:@{inside}/", "http://a:b@c:d@{inside}/",
    "http://{public}:@{inside}:80/", "http://\u200b{inside}/", "http://{inside}\u3002/",
]  # fmt: skip

ODD = [
    "", " ", "\x00", "http", "http:", "http:/", "http://", "http:///", "http://:80/", "http://?", "http://#",
    "http://@/", "http://[", "http://]", "http://[:", "http://[::1]a/", "http://a[::1]/", "http://[v1.x]/",
    "http://[1:2:3]/", "http://[:::1]/", "http://[::127.0.0.1.]/", "http://[0:1.23.23]/",
    "http://[www.google.com]/", "http://a%00b/", "http://a%ad/", "http://\ufdd0/", "http://\ud800/",
    "http://a.\ud83d/", "http://GOO\u200b\u2060\ufeffgoo.com/", "http://\u0646\u0627\u0645\u0647\u200c/",
    "http://ﷺ/",
    "http://" + "a" * 64 + ".com/", "http://" + "a." * 130 + "com/", "http://" + "a" * 70_000 + "/",
    "http://a/" + "b" * 70_000,
    "http://ho\tst/", "http://ho\nst/", "http://ho\rst/", "http://ho st/", "http://a<b", "http://a>b", "http://a^b",
    "http://a|b/", "http://a`b/", "http://a{b/", "http://a%b/", "http://a%zz/", "http://%25/", "http://%41/",
    "http://*/", "http://!/", "http://$/", "http://a_b/", "http://_/", "http://a_/", "http://-a-/",
    "http://1.2.3.4.5/", "http://256.256.256.256/", "http://0x/", "http://0x.0x/", "http://0xffffffff1/",
    "http://4294967296/", "http://09/", "http://1.08/", "http://1e2/", "http://+1/", "http://１２７.0.0.1/",
    "data:text/html,x", "javascript:alert(1)", "mailto:a@b", "about:blank", "blob:http://a/", "tel:1", "x", "../x",
    "?x", "#x", "http://user@/www.example.com", "http://www.@pple.com", "http://@:www.example.com",
    "http://www.example.com:b/", "http://:b@/", "http://\u2025/foo", "http://\u2024/", "http://a\u2100b/",
    "http://a\u2488com/", "http://。/", "http://./", "http://.../", "http://%2e/", "http://xn--a/",
    "http://xn--zn7c.com/", "http://xn--/", "http://ab\u0640/", "http://\u00df.example/", "http://ſ/", "http://K/",
]  # fmt: skip

SCHEMES = dict(zip(INSIDE, cycle(["http", "https"]), strict=False))
ADDRESSES = [
    *(f"{SCHEMES[inside]}://{host}/" for inside in INSIDE for host in numbers(inside)),
    *(f"http://{host}:8080/x?y" for host in numbers("127.0.0.1")),
    *(f"http://{host}/" for host in HOSTS),
    *(trick.format(public="example.com", inside=inside) for trick in TRICKS for inside in ("127.0.0.1", "localhost")),
    *ODD,
]


async def resolve(host, port):
    """Numbers in all their forms as the system reads them, the table's names, and for the rest one public address."""
    if host in NAMES:
        return [NAMES[host]]
    if ":" in host or (
        host and all(part.isdigit() or part[:2] in ("0x", "0X") for part in host.rstrip(".").split("."))
    ):
        try:
            return await resolve_by_system(host, port)
        except NetworkForbidden as error:  # no number after all, so a name server would be asked
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known") from error
    return [PUBLIC]


async def outcome(fetcher, url):
    """ "refused", or "reached" when a connection was tried; whatever else is raised is a fault."""
    try:
        await fetcher.get(url)
    except UnreadableSource:
        return "refused"
    except NetworkForbidden:
        return "reached"
    except BaseExceptionGroup as several:  # from more than one address of the name
        if several.split(NetworkForbidden)[1] is None:
            return "reached"
        raise
    raise AssertionError(f"{url!r} gave a page")


def is_public(address):
    """By Python's own table, which is not ours."""
    found = ip_address(address)
    return found.is_global and not found.is_multicast


def test_the_list_has_the_size_it_is_reported_with():
    assert len(set(ADDRESSES)) >= 450


async def test_no_trick_opens_a_socket_to_a_machine_that_is_not_public():
    fetcher = Fetcher(resolve=resolve)
    with no_network() as connected:
        outcomes = [await outcome(fetcher, url) for url in ADDRESSES]
    assert [address for address in connected if not is_public(address)] == []
    assert outcomes.count("reached") == len(connected) > 0  # the spy sees what is let through


@pytest.mark.parametrize("begin", ["http://", "https://", "http:\\\\", "http:", " http://", "HTTP:////"])
@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "[::1", "a b", "example.com:x", "ex/am:ple"])
async def test_a_login_in_an_address_is_neither_used_nor_shown(begin, host):
    with no_network() as connected, pytest.raises(UnreadableSource) as failure:
        await Fetcher(resolve=resolve).get(f"{begin}user:s3cr3t@{host}/")
    assert "s3cr3t" not in str(failure.value) + str(failure.value.hint)
    assert connected == []


# ── names that mean one thing now and another a moment later ─────────────────────────────────────────────────────────

ANSWERS = {
    "alternating": cycle([[PUBLIC], ["127.0.0.1"]]),
    "mixed, public first": cycle([[PUBLIC, "127.0.0.1"]]),
    "mixed, private first": cycle([["10.0.0.1", PUBLIC]]),
    "mixed, hidden in IPv6": cycle([[PUBLIC, "::ffff:169.254.169.254"]]),
    "mixed, beyond those that are tried": cycle([[PUBLIC] * 5 + ["192.168.0.1"]]),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_a_name_that_changes_its_meaning_is_never_followed_to_a_private_address(name):
    """200 tries each, 1,000 in all; every look-up brings another answer, as with a TTL of 0."""
    looked_up = []

    async def rebinding(host, port):
        looked_up.append(next(ANSWERS[name]))
        return looked_up[-1]

    fetcher = Fetcher(resolve=rebinding)
    with no_network() as connected:
        outcomes = [await outcome(fetcher, "http://rebinding.test/") for _ in range(200)]
    assert len(looked_up) == 200  # once a try: nothing is looked up again between check and connection
    assert set(connected) <= {PUBLIC}
    assert outcomes == ["reached" if set(answer) == {PUBLIC} else "refused" for answer in looked_up]
