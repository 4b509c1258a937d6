"""`folder:ADDRESS`: a folder an article under any fsspec address, with a page, Markdown and JSON, and an index of all.

An article keeps its folder through all its versions, so that links to it last; the newest published one is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from aiwriter.documents import Article, Publication
from aiwriter.errors import BadInput, NotFound
from aiwriter.ports import BlobStore, Renderer
from aiwriter.publishing import html, markdown, pages, provenance_json
from aiwriter.publishing.citing import one_line
from aiwriter.publishing.files import safe_name
from aiwriter.threads import computed

INDEX = "index.html"
GENERATOR = "AI-Writer: index of a folder"
# The page last: whoever finds it finds the others.
_FILES: tuple[tuple[str, Renderer], ...] = (
    ("article.md", markdown.render),
    ("article.json", provenance_json.render),
    (INDEX, html.render),
)


class FolderTarget:
    """A `Target` of files, each written whole or not at all. The same version gives the same bytes at the same keys, so
    that a second attempt after a crash is no second publication."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs

    async def put(self, article: Article, key: UUID) -> str:  # noqa: ARG002 - the files' keys are the same each time
        """Raises BadInput when the folder has an index that is not ours."""
        await self._require_ours()
        address = ""
        for name, render in _FILES:
            text = await computed(render, article)
            address = await self._blobs.write(f"{_folder(article.slug, article.id)}/{name}", text.encode())
        return address

    async def holds(self, article: Article) -> bool:
        folder = _folder(article.slug, article.id)
        try:
            for key in (INDEX, *(f"{folder}/{name}" for name, _ in _FILES)):
                await self._blobs.read(key)
        except NotFound:
            return False
        return True

    async def remove(self, article: Article) -> None:
        for name, _ in reversed(_FILES):
            await self._blobs.delete(f"{_folder(article.slug, article.id)}/{name}")

    async def show(self, listed: Sequence[Publication]) -> None:
        await self._require_ours()
        style = pages.asset("index.css")
        page = pages.template("index.html").render(
            listed=[_line(one) for one in listed],
            style=style,
            generator=GENERATOR,
            policy=pages.policy(style),
        )
        await self._blobs.write(INDEX, f"{page}\n".encode())

    async def _require_ours(self) -> None:
        """A page that somebody else made is never overwritten."""
        try:
            found = await self._blobs.read(INDEX)
        except NotFound:
            return
        if GENERATOR.encode() not in found:
            raise BadInput(
                "the folder has an index.html that is not ours, and would be overwritten",
                hint="Publish to a folder of its own, or move that file away.",
            )


def _folder(slug: str, article_id: UUID) -> str:
    """The end of the id, since ids of one minute begin alike."""
    return f"{safe_name(slug)}-{article_id.hex[-8:]}"


def _line(one: Publication) -> dict[str, object]:
    """What the index says of an article; its page lies where the end of its address says, whatever stands before."""
    folder = (one.address or "").replace("\\", "/").split("/")[-2:-1]
    return {
        "href": f"{folder[0]}/{INDEX}" if folder else INDEX,
        "title": one_line(one.title) or "Untitled",
        "about": one_line(one.description),
        "language": one.language,
        "at": one.updated_at,
    }
