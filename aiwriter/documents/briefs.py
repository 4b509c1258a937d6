"""What is asked."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from aiwriter.documents.base import Document, Domain
from aiwriter.documents.voices import Voice


class Brief(Document):
    """What to write, for whom, from what. `sources` are paths, http(s) addresses and searches ("web:", "arxiv:QUERY")
    as the user gave them; `since`, `domains` (empty: any) and `without_domains` limit what searches may find."""

    topic: Annotated[str, Field(min_length=3, max_length=500)]
    sources: tuple[str, ...] = ()
    format: str = "blog_post"
    words: Annotated[int, Field(ge=50, le=10_000)] = 900
    audience: str = ""
    tone: str = ""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] = "en"
    keywords: tuple[str, ...] = ()
    since: date | None = None
    domains: tuple[Domain, ...] = ()
    without_domains: tuple[Domain, ...] = ()
    organisation: str = ""  # in whose name it is published
    voice: Voice | None = None  # how it should sound, learned from samples
    approve_outline: bool = False  # wait for a person's approval of the outline before anything is written
