"""`dismiss`: what was found in an article, by id, and the word of a person that a finding does not hold."""

from __future__ import annotations

from aiwriter.bootstrap import Tools
from aiwriter.commands import console
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
    report = article.quality
    found = [finding for finding in report.findings if not finding.is_measure]
    if as_json:
        findings = [finding.model_dump(mode="json") for finding in found]
        console.give(
            {
                "article_id": str(article.id),
                "version": article.version,
                "status": article.status,
                "verdict": report.verdict,
                "score": report.score,
                "findings": findings,
            }
        )
        return
    texts = {sentence.id: sentence.text for sentence in article.sentences}
    for finding in found:
        console.say(f"{finding.id}  {finding.severity}: {finding.message}")
        if finding.sentence_id in texts:
            console.say(f"    in  {texts[finding.sentence_id]}")
        if finding.dismissed:
            console.say(f"    dismissed by {finding.dismissed.by}: {finding.dismissed.reason}")
    console.say(f"version {article.version}: {article.status}, score {report.score:.0f} of 100")
    for reason in report.reasons:
        console.say(f"  {reason}")
