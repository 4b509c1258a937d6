"""An article with all that is known of its making, as JSON that can be read back."""

from __future__ import annotations

import json

from aiwriter.documents import Article


def render(article: Article) -> str:
    """{"document": "article", "schema_version": n, "article": …}: keys in a stable order, ending in a line break.

    `Article.model_validate(json.loads(text)["article"])` is the article again.
    """
    document = {"document": "article", "schema_version": article.schema_version, "article": _ordered(article)}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _ordered(article: Article) -> object:
    """Fields by name, since mappings inside (highlights, prompts) keep the order they happened to be made in."""
    return json.loads(json.dumps(article.model_dump(mode="json"), sort_keys=True))
