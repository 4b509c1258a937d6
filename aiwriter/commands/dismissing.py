"""`dismiss`: what was found in an article, by id, and the word of a person that a finding does not hold."""

from __future__ import annotations

from aiwriter.bootstrap import Tools
from aiwriter.commands import console, standing
from aiwriter.documents import Article
from aiwriter.services import articles, dismissing


async def dismiss(tools: Tools, prefix: str, finding: str, reason: str, *, as_json: bool) -> int:
    """Dismiss the finding and tell how the article stands then; without a finding only list them."""
    article = await articles.find(tools.database, tools.principal, prefix)
    if finding:
        name = article.provenance.embedder
        article = await dismissing.dismiss(
            tools.database,
            tools.principal,
            article,
            finding,
            reason,
            tools.publisher(None),
            tools.vectors(name),
            tools.embedder(name),
        )
    _tell(article, as_json=as_json)
    return 0


def _tell(article: Article, *, as_json: bool) -> None:
    found = [finding for finding in article.quality.findings if not finding.is_measure]
    if as_json:
        findings = [finding.model_dump(mode="json") for finding in found]
        console.give(standing.result(article) | {"findings": findings})
        return
    console.say(standing.headline(article))
    standing.say_findings(article, found)
    standing.say_reasons(article)
    console.say(standing.next_step(article))
