"""Names of hosts on the web, as people write them."""

from __future__ import annotations

import re

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
LONGEST = 253


def domain(text: str) -> str:
    """The domain in lower case and ASCII, "Bücher.example." → "xn--bcher-kva.example". Raises ValueError when it is
    none: it has no dot, a path, a scheme, or a character that no host has."""
    name = text.strip().lower().rstrip(".")
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{text[:80]!r} is no domain") from error
    labels = name.split(".")
    if len(labels) < 2 or len(name) > LONGEST or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError(f"{text[:80]!r} is no domain: write it like example.org, without https:// and path")
    return name
