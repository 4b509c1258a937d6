"""What is known of an article beside its text: its head, its score, what was found, what it cites."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from aiwriter.documents import (
    Approval,
    Article,
    ArticleKind,
    ArticleStatus,
    Finding,
    QualityReport,
    Reviewed,
    Rewrite,
    ScorePart,
    Severity,
    Verdict,
)
from aiwriter.documents.articles import standing_of
from dashboard.components.lists import table
from dashboard.components.markup import Node, h, link
from dashboard.components.notices import badge, facts, notice
from dashboard.components.reader import Book, particulars, source_title
from dashboard.wording import AUTHOR_NAMES, capital, count, day, instant, one_line, rule_name, said, without_places

_SEVERITIES = {
    Severity.ERROR: ("Error", "red"),
    Severity.WARN: ("Warning", "orange"),
    Severity.INFO: ("Note", "gray"),
}
DIGEST = "No language model wrote this text: it is put together from quotations of its sources."
MEND = (
    "Mend what is named on the tab Edit, or dismiss a finding that does not hold on the tab Quality: "
    "no approval helps before that."
)
_VERDICTS = {
    Verdict.PASS: ("It passes its checks", "green"),
    Verdict.REVISE: ("It should be revised", "orange"),
    Verdict.REFUSE: ("Refused: not for publication", "red"),
}
_ORDER = (Severity.ERROR, Severity.WARN, Severity.INFO)


def article_head(article: Article, approval: Approval | None = None) -> Node:
    """Title, description and how the version stands."""
    about = one_line(article.description)
    return h(
        "header",
        h("p", link("Library", "library"), cls="crumb"),
        h("h1", one_line(article.title) or "Untitled", cls="title", lang=article.language),
        h("p", about, cls="lede", lang=article.language) if about else None,
        facts(
            badge(stands(article, approval)),
            "Digest" if article.kind.value == "digest" else said(article.brief.format),
            count(article.words, "word"),
            count(len(article.sources), "source"),
            f"score {article.quality.score:.0f}",
            f"version {article.version} by {AUTHOR_NAMES.get(article.provenance.author, article.provenance.author)}",
            h("time", instant(article.created_at), datetime=article.created_at.isoformat()),
            link("its run", "run", id=article.provenance.run_id),
        ),
    )


def stands(article: Article, approval: Approval | None = None) -> str:
    """See `standing_of`."""
    return standing_of(article.status, len(article.quality.open_errors), approved=approval is not None)


def opened(report: QualityReport) -> str:
    """1 error is open, 2 errors are open."""
    number = len(report.open_errors)
    return f"{count(number, 'error')} {'is' if number == 1 else 'are'} open"


def standing(article: Article, approval: Approval | None = None) -> Node | None:
    """What a reader must know before reading: a refusal, or that a person has to let it go out, or did."""
    if article.status is ArticleStatus.REFUSED:
        return notice(
            "Refused: not for publication",
            "This text did not pass its checks. It is kept so that you can see why.",
            _reasons(article.quality),
            tone="red",
        )
    if article.quality.open_errors:
        title = f"Not for publication yet: {opened(article.quality)}"
        return notice(title, _reasons(article.quality), tone="orange", next_step=MEND)
    return _by_a_person(article, approval) if article.status is ArticleStatus.NEEDS_APPROVAL else None


def _by_a_person(article: Article, approval: Approval | None) -> Node:
    if approval is not None:
        by = f"Approved for publication by {approval.approved_by}, {instant(approval.created_at)}."
        if article.kind is ArticleKind.ARTICLE:
            return notice("A person has approved it", by, approval.note or None, tone="green")
        return notice("This is a digest", DIGEST, by, approval.note or None, tone="green")
    approve = link("Approve it", "article", id=article.id, tab="Publish")
    if article.kind is ArticleKind.ARTICLE:
        title = "A person must approve it before it is published"
        return notice(title, _reasons(article.quality), approve, tone="orange")
    must = f"{DIGEST} A person must approve it before it is published."
    return notice("This is a digest", must, approve, tone="orange")


def _reasons(report: QualityReport) -> Node | None:
    return h("ul", *(h("li", without_places(reason)[0]) for reason in report.reasons)) if report.reasons else None


def verdict(report: QualityReport) -> Node:
    """How the text was judged and by which limits; the score alone decides nothing."""
    title, tone = _VERDICTS[report.verdict]
    if report.open_errors:
        title = f"{title}: {opened(report)}"
    refused = "What is named here refuses a text, whatever its score is." if report.verdict is Verdict.REFUSE else None
    within = None if report.reasons else "Every limit is kept."
    mend = MEND if report.open_errors or report.verdict is Verdict.REFUSE else None
    return notice(title, _reasons(report), refused, within, tone=tone, next_step=mend)


def score(report: QualityReport) -> Node:
    """The score; its parts stand in the figure beneath."""
    return h("p", h("span", f"{report.score:.0f}", cls="figure huge"), h("span", " of 100", cls="soft"))


def parts(report: QualityReport) -> Node:
    """The numbers of the figure of the score's parts."""
    rows = [
        (part.title, f"{part.score:.0f}", f"{part.weight:.0%}", f"{part.score * part.weight:.1f}")
        for part in by_weight(report)
    ]
    shown = table("Parts of the score", ("Part", "Score", "Weight", "Points"), rows, numbers=(1, 2, 3))
    return h("details", h("summary", "The figure as a table"), shown)


def by_weight(report: QualityReport) -> list[ScorePart]:
    """The parts of the score, the weightiest first, their weights as shares of all."""
    total = sum(part.weight for part in report.parts) or 1.0
    parts = (part.model_copy(update={"weight": part.weight / total}) for part in report.parts)
    return sorted(parts, key=lambda part: -part.weight)


def findings(article: Article | Reviewed, lead: Callable[[UUID], Node]) -> Node:
    """What the checks found, by rule, worst first; each with its sentence, what leads to it, and what to do."""
    if not article.quality.findings:
        return notice("Nothing was found", "Every check passed without a remark.", tone="green")
    texts: dict[UUID | None, str] = {sentence.id: sentence.text for sentence in (*article.sentences, *article.removed)}
    leads: dict[UUID | None, Node] = {one.id: lead(one.id) for one in article.sentences}
    groups: dict[str, list[Finding]] = {}
    for severity in _ORDER:
        for finding in article.quality.findings:
            if finding.severity is severity:
                groups.setdefault(finding.rule, []).append(finding)

    def items(found: Iterable[Finding]) -> list[Node]:
        return [_finding(one, texts.get(one.sentence_id), leads.get(one.sentence_id)) for one in found]

    return h(
        "section",
        h("h2", article.quality.found),
        *(
            h(
                "section",
                h("h3", rule_name(rule), " ", h("code", one_line(rule)), f" {len(found)}", cls="rule"),
                h(
                    "ul",
                    *(items(found)),
                    cls="findings",
                ),
            )
            for rule, found in groups.items()
        ),
        cls="stack",
    )


def _finding(finding: Finding, sentence: str | None, lead: Node | None) -> Node:
    name, tone = _SEVERITIES[finding.severity]
    word = finding.dismissed
    message, ours = without_places(finding.message)
    fix = capital(finding.fix or "")
    return h(
        "li",
        h("p", h("span", name, cls=f"badge {tone}"), " ", h("del", message) if word else message),
        h("p", f"Dismissed by {word.by} on {day(word.at)}: {word.reason}", cls="fix") if word else None,
        *(h("p", link(f"Open article {one[:13]}", "article", id=one), cls="fix") for one in ours),
        h("p", fix, cls="fix") if fix and not word else None,
        h("p", f"“{one_line(sentence)}” ", lead, cls="of") if sentence else None,
    )


def asked(article: Article) -> Node | None:
    """What was asked of the sources, and how far they answer it."""
    if len(article.coverage) < 2:
        return None
    rows = [(row.question, row.answer, f"{row.confidence:.0%}") for row in article.coverage]
    shown = table("How far the passages answer", ("Question", "Answer", "Confidence"), rows, numbers=(2,))
    return h("section", h("h2", "Asked of the sources"), shown, cls="stack")


def removed(article: Article) -> Node | None:
    """Sentences that the gate took out."""
    if not article.removed:
        return None
    return h(
        "section",
        h("h2", count(len(article.removed), "sentence") + " taken out"),
        h("p", "The checks found no support in the sources.", cls="soft"),
        h("ul", *(h("li", h("p", h("del", one_line(one.text)), cls="of")) for one in article.removed), cls="findings"),
        cls="stack",
    )


def mended(article: Article) -> Node | None:
    """Sentences that failed the checks while the article was written, and what became of them."""
    mending = article.mending
    if mending is None or not mending.rewrites:
        return None
    gained = f"Score {mending.score_before:.0f} as written, {mending.score_after:.0f} as mended"
    return h(
        "section",
        h("h2", count(len(mending.rewrites), "sentence") + " mended"),
        h("p", f"{gained}; {count(mending.calls, 'further call')} of the model.", cls="soft"),
        h("ul", *map(_rewrite, mending.rewrites), cls="findings"),
        cls="stack",
    )


def _rewrite(one: Rewrite) -> Node:
    moved = one.before == one.after
    shown = [one_line(one.after)] if moved else [h("del", one_line(one.before)), " ", h("ins", one_line(one.after))]
    reason = "It cites the passage that says it now. " if moved else ""
    return h("li", h("p", *shown, cls="of"), h("p", f"{reason}{one_line(one.reason)}", cls="fix"))


def notes(texts: Sequence[str]) -> Node | None:
    """Remarks of the pipeline, such as contradictions between sources."""
    if not texts:
        return None
    return h("section", h("h2", "Notes"), h("ul", *(h("li", text) for text in texts), cls="findings"), cls="stack")


def sources(article: Article) -> Node:
    """The cited sources with how often each is cited."""
    book = Book(article)
    uses: dict[str, int] = {}
    for sentence in article.sentences:
        for key in {passage.source_hash for passage in book.cited(sentence)}:
            uses[key] = uses.get(key, 0) + 1
    return h(
        "ol",
        *(
            h(
                "li",
                h("span", str(number), cls="number"),
                h(
                    "div",
                    h("p", source_title(source), cls="name"),
                    facts(
                        *particulars(source),
                        f"retrieved {day(source.retrieved_at)}",
                        f"cited by {count(uses.get(source.content_hash, 0), 'sentence')}",
                    ),
                    *(h("p", one_line(said), cls="soft small") for said in source.terms),
                    h("p", one_line(source.location), cls="soft small"),
                ),
            )
            for number, source in enumerate(article.sources, 1)
        ),
        cls="sources",
        aria_label="Sources",
    )


def citations(article: Article) -> Node:
    """Every sentence that cites, with its passages: what the panel shows, as one list."""
    book = Book(article)
    proven = [sentence for sentence in article.sentences if book.cited(sentence)]
    return h(
        "div",
        *(
            h(
                "details",
                h("summary", one_line(sentence.text)),
                h("div", *book.evidence(sentence), cls="small unfolded"),
            )
            for sentence in proven
        ),
    )
