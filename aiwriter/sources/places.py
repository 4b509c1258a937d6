"""Places that stand for many documents: `feed:URL`, `sitemap:URL`, `site:URL`. Known by their form, nobody is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from aiwriter.errors import BadInput, UnreadableSource
from aiwriter.sources.guard import parse_url, shown

Kind = Literal["feed", "sitemap", "site"]

_FORM = re.compile(r"(feed|sitemap|site):(.*)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """`url` is a full http(s) address. As a string it is the form that a person gives."""

    kind: Kind
    url: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.url}"


def place_of(location: str) -> Place | None:
    """The place that a location names, None when it is a single document. An address without a scheme is https.

    Raises BadInput for an address that cannot be one.
    """
    form = _FORM.fullmatch(location.strip())
    if form is None:
        return None
    kind: Kind = form[1].lower()  # type: ignore[assignment]  # one of the three that the pattern lists
    address = _with_scheme(form[2].strip())
    try:
        return Place(kind, str(parse_url(address)))
    except UnreadableSource as error:
        raise BadInput(
            f"{kind}:{shown(address)} cannot be used: {error}", hint=f"write it like {kind}:https://example.org/"
        ) from error


def _with_scheme(address: str) -> str:
    if address.startswith("//"):  # feed://example.org/…, as feed readers once wrote it
        return f"https:{address}"
    return address if "://" in address or not address else f"https://{address}"
