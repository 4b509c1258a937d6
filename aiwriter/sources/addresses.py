"""Which network addresses may be fetched from: public ones. Decided on the resolved address, never on a name.

Tables: IANA IPv4 and IPv6 Special-Purpose Address Registries, plus Azure's 168.63.129.16. IPv4 addresses that travel
inside IPv6 ones (mapped, NAT64, 6to4) are judged by the address inside; forms no public server uses are refused whole.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

_DENIED_V4 = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a carrier",
    "127.0.0.0/8": "this machine",
    "168.63.129.16/32": "a cloud's metadata service",
    "169.254.0.0/16": "link-local or a cloud's metadata service",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "for documentation",
    "192.88.99.0/24": "reserved",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "for benchmarks",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_DENIED_V6 = {
    "::/128": "unspecified",
    "::1/128": "this machine",
    "2001::/23": "reserved (Teredo, ORCHID, benchmarks)",
    "2001:db8::/32": "for documentation",
    "3fff::/20": "for documentation",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
_NETWORKS_V4 = tuple((IPv4Network(network), reason) for network, reason in _DENIED_V4.items())
_NETWORKS_V6 = tuple((IPv6Network(network), reason) for network, reason in _DENIED_V6.items())
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR = IPv6Network("2002::/16")


def refusal(address: str) -> str | None:
    """Why nothing may be fetched from this address, None when it is public. Raises ValueError when it is no address."""
    parsed = ip_address(address)
    if isinstance(parsed, IPv6Address):
        return _refusal_v6(parsed)
    return next((reason for network, reason in _NETWORKS_V4 if parsed in network), None)


def _refusal_v6(address: IPv6Address) -> str | None:
    inside = _embedded(address)
    if inside is not None:
        return refusal(str(inside))
    named = next((reason for network, reason in _NETWORKS_V6 if address in network), None)
    return named or (None if address in _GLOBAL_UNICAST else "outside the public range")


def _embedded(address: IPv6Address) -> IPv4Address | None:
    if address in _MAPPED or address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address(int(address) >> 80 & 0xFFFFFFFF)
    return None
