import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aiwriter.documents import Article, ArticleKind, Support
from aiwriter.errors import NotFound
from aiwriter.pipeline.finishing import for_readers
from aiwriter.publishing import RENDERERS, FilesPublisher, provenance_json
from aiwriter.publishing.files import key, safe_name
from aiwriter.testing import HOSTILE, sample_article


class Blobs:
    """Keeps what is written, and how often."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def write(self, key: str, data: bytes) -> str:
        self.kept[key] = data
        return f"memory://{key}"

    async def read(self, key: str) -> bytes:
        if key not in self.kept:
            raise NotFound(key)
        return self.kept[key]

    async def delete(self, key: str) -> None:
        self.kept.pop(key, None)


async def test_publishing_writes_one_file_a_form_and_says_where() -> None:
    blobs = Blobs()
    article = sample_article()
    addresses = await FilesPublisher(blobs).publish(article)
    name = f"electric-ferries-at-kestrel-sound-{article.id.hex[-8:]}/v1/electric-ferries-at-kestrel-sound"
    assert addresses == {
        "markdown": f"memory://{name}.md",
        "html": f"memory://{name}.html",
        "json": f"memory://{name}.json",
        "report": f"memory://{name}.report.html",
    }
    assert blobs.kept[f"{name}.md"].decode() == RENDERERS["md"](article)


async def test_publishing_again_changes_nothing() -> None:
    blobs = Blobs()
    await FilesPublisher(blobs).publish(sample_article())
    before = dict(blobs.kept)
    await FilesPublisher(blobs).publish(sample_article())
    assert blobs.kept == before


async def test_versions_stand_side_by_side() -> None:
    blobs = Blobs()
    await FilesPublisher(blobs).publish(sample_article())
    await FilesPublisher(blobs).publish(sample_article(version=2))
    assert len(blobs.kept) == 8


@given(st.text() | st.sampled_from(HOSTILE))
@settings(deadline=None)
def test_any_slug_makes_a_safe_name(slug: str) -> None:
    name = safe_name(slug)
    assert 1 <= len(name) <= 60
    assert re.fullmatch(r"[^\W_]+(-[^\W_]+)*", name)
    assert key(sample_article(slug=slug), "md").count("/") == 2


@pytest.mark.parametrize("kind", list(ArticleKind))
def test_json_holds_the_whole_article(kind: ArticleKind) -> None:
    article = sample_article(kind)
    document = json.loads(provenance_json.render(article))
    assert list(document) == ["document", "schema_version", "article"]
    assert Article.model_validate(document["article"]) == article


def test_json_does_not_depend_on_the_order_things_were_made_in() -> None:
    article = sample_article()
    turned = tuple(
        verdict.model_copy(update={"highlight": dict(reversed(verdict.highlight.items()))})
        for verdict in article.quality.sentences
    )
    other = sample_article(quality=article.quality.model_copy(update={"sentences": turned}))
    assert provenance_json.render(other) == provenance_json.render(article)


@pytest.mark.parametrize("of", [sample_article, lambda: for_readers(sample_article())], ids=["ours", "published"])
def test_every_form_marks_what_the_checks_were_unsure_of(of: Callable[[], Article]) -> None:
    article = of()
    (unsure,) = [one.sentence_id for one in article.quality.sentences if one.support is Support.UNSURE]
    text = re.escape(next(one.text for one in article.sentences if one.id == unsure))
    marked = {
        "md": rf"{text} \[\d+\] \*\(unsure\)\*",
        "html": rf'class="s unsure has" id="s-{unsure}"><span class="t">{text}</span><a [^>]*>\d+\?</a>',
        "json": rf'"sentence_id": "{unsure}",\s+"support": "unsure"',
        "report": rf"{text}</p>\s*<p class=\"outcome\">.*unsure, 41 % likely",
    }
    assert set(marked) == set(RENDERERS)  # a new form has to show it as well
    assert [form for form, render in RENDERERS.items() if not re.search(marked[form], render(article))] == []
