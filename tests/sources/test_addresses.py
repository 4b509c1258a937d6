"""Which addresses may be fetched from: a table of special ones, plain and hidden in IPv6."""

from ipaddress import IPv4Address, IPv6Address

import pytest

from aiwriter.sources.addresses import refusal

SPECIAL_V4 = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1",
    "127.1.2.3", "168.63.129.16", "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1",
    "172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255",
]  # fmt: skip
SPECIAL_V6 = [
    "::", "::1", "100::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "3fff::1",
    "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1", "4000::1",
]  # fmt: skip
INSIDE = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.100.100.200", "192.168.1.1", "0.0.0.0"]
FORMS = {
    "mapped": lambda inside: f"::ffff:{inside}",
    "compatible": lambda inside: f"::{inside}",
    "translated": lambda inside: f"::ffff:0:{inside}",
    "nat64": lambda inside: f"64:ff9b::{inside}",
    "local nat64": lambda inside: f"64:ff9b:1::{inside}",
    "6to4": lambda inside: str(IPv6Address((0x2002 << 112) | (int(IPv4Address(inside)) << 80) | 1)),
    "teredo": lambda inside: str(IPv6Address((0x20010000 << 96) | (0xFFFFFFFF ^ int(IPv4Address(inside))))),
}
PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001::200e", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", [*SPECIAL_V4, *SPECIAL_V6])
def test_special_addresses_are_refused_with_a_reason(address):
    assert refusal(address)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("inside", INSIDE)
def test_a_private_address_hidden_in_another_is_refused(form, inside):
    assert refusal(FORMS[form](inside))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    assert refusal(address) is None


def test_the_table_has_the_size_it_is_reported_with():
    assert (len(SPECIAL_V4) + len(SPECIAL_V6) + len(FORMS) * len(INSIDE), len(PUBLIC)) == (87, 6)
