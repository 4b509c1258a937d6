"""What is asked."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from aiwriter.documents.base import Document, Domain
from aiwriter.documents.voices import Voice
from aiwriter.text.scripts import LEAST_LETTERS, has_word


def _telling(topic: str) -> str:
    """A topic with a word in it."""
    if not has_word(topic):
        raise ValueError(f"a topic has at least {LEAST_LETTERS} letters, or one sign of Chinese, Japanese or Korean")
    return topic


class Brief(Document):
    """What to write, for whom, from what. `sources` are paths, http(s) addresses and searches ("web:", "arxiv:QUERY")
    as the user gave them; `since`, `domains` (empty: any) and `without_domains` limit what searches may find."""

    topic: Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_telling)]
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
