"""Exports as files: a folder an article, a folder a version, one file a form."""

from __future__ import annotations

import asyncio
import re

from aiwriter.documents import Article
from aiwriter.documents.concealing import concealed_article
from aiwriter.errors import NotFound
from aiwriter.ports import BlobStore, Renderer
from aiwriter.publishing import html, markdown, provenance_json, report

_FORMS: dict[str, tuple[str, Renderer]] = {
    "markdown": ("md", markdown.render),
    "html": ("html", html.render),
    "json": ("json", provenance_json.render),
    "report": ("report.html", report.render),
}
_NOT_IN_NAMES = re.compile(r"[\W_]+")
_LONGEST_NAME = 60


class FilesPublisher:
    """Writes every form of a version as a file. The same version gives the same bytes at the same keys.

    Refused articles and digests are written too, and say so: a folder of exports is not yet the public.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def publish(self, article: Article) -> dict[str, str]:
        """Address by form: {"markdown": …, "html": …, "json": …, "report": …}. Raises Unavailable."""
        addresses, article = {}, concealed_article(article)
        for form, (suffix, render) in _FORMS.items():
            text = await asyncio.to_thread(render, article)
            addresses[form] = await self._blobs.write(key(article, suffix), text.encode())
        return addresses

    async def missing(self, article: Article) -> list[str]:
        """Keys of the version's files that are not there; what a file holds is its owner's affair."""
        gone = []
        for suffix, _ in _FORMS.values():
            try:
                await self._blobs.read(key(article, suffix))
            except NotFound:
                gone.append(key(article, suffix))
        return gone


def key(article: Article, suffix: str) -> str:
    """`ferries-9c1d04e2/v1/ferries.html`: the end of the id, since ids of one minute begin alike."""
    name = safe_name(article.slug)
    return f"{name}-{article.id.hex[-8:]}/v{article.version}/{name}.{suffix}"


def safe_name(slug: str) -> str:
    """The slug as a file name on any system: letters, digits and single hyphens, at most 60 characters."""
    name = _NOT_IN_NAMES.sub("-", slug.lower()).strip("-")
    if len(name) > _LONGEST_NAME:
        name = name[: _LONGEST_NAME + 1].rpartition("-")[0] or name[:_LONGEST_NAME]
    return name or "article"
