"""A title as the last part of an address."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
NAMELESS = "article"


def slug(title: str) -> str:
    """Lower-case ASCII words of a title joined by hyphens, cut at a word; "article" when nothing is left."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
    joined = "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))
    if len(joined) > LONGEST:
        joined = joined[: LONGEST + 1].rpartition("-")[0] or joined[:LONGEST]
    return joined or NAMELESS
