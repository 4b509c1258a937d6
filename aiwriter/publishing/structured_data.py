"""What a search engine reads of an article: schema.org's Article as JSON-LD, made so that it can stand in a page.

Only what the article knows: headline, description, language, dates, words, keywords, the sources it cites (those
without a web address by name), and the organisation in whose name it is published when its brief names one.
"""

from __future__ import annotations

import json
from typing import Any

from aiwriter.documents import Article, SourceRef
from aiwriter.publishing.citing import one_line, web_link

LONGEST_HEADLINE = 110  # characters that search engines take
_TYPES = {"news_report": "NewsArticle", "blog_post": "BlogPosting"}
# Nothing can end a script element or begin a comment in it, and no line ends that JavaScript knows and JSON does not.
_ESCAPED = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


def script_text(article: Article) -> str:
    """The JSON-LD as the text of a script element; it needs no further escaping."""
    return json.dumps(structured(article), ensure_ascii=False).translate(_ESCAPED)


def structured(article: Article) -> dict[str, Any]:
    """The article as schema.org's Article; what is not known is left out."""
    written = article.created_at.isoformat()
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": _TYPES.get(article.brief.format, "Article"),
        "identifier": f"urn:uuid:{article.id}",
        "version": article.version,
        "headline": _headline(one_line(article.title) or "Untitled"),
        "description": one_line(article.description),
        "inLanguage": article.language,
        "dateCreated": written if article.version == 1 else None,
        "dateModified": written,
        "wordCount": article.words,
        "keywords": [one_line(keyword) for keyword in article.brief.keywords],
        "author": _organisation(article),
        "publisher": _organisation(article),
        "citation": [_cited(source) for source in article.sources],
    }
    return {name: value for name, value in data.items() if value not in (None, "", [])}


def _headline(title: str) -> str:
    if len(title) <= LONGEST_HEADLINE:
        return title
    return (title[: LONGEST_HEADLINE - 1].rpartition(" ")[0] or title[: LONGEST_HEADLINE - 1]) + "…"


def _organisation(article: Article) -> dict[str, str] | None:
    name = one_line(article.brief.organisation)
    return {"@type": "Organization", "name": name} if name else None


def _cited(source: SourceRef) -> dict[str, Any]:
    work = {
        "@type": "CreativeWork",
        "name": one_line(source.title) or "Untitled",
        "url": web_link(source.location),
        "creditText": one_line(source.author or ""),  # a person or an organisation: nobody told
        "datePublished": source.published_at.date().isoformat() if source.published_at else None,
    }
    return {name: value for name, value in work.items() if value}
