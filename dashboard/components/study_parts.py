"""Studies as rows, and what a study found: answers with their passages, disagreements, keywords, sources."""

from __future__ import annotations

from collections.abc import Mapping

from aiwriter.documents import Evidence, KeptStudy, Party, Passage, RunStatus, SourceRef, Study, StudyHead, disputes
from dashboard.components.known_parts import place
from dashboard.components.lists import table
from dashboard.components.markup import Node, h, link
from dashboard.components.notices import badge, facts
from dashboard.wording import STAGE_NAMES, ago, count, day, one_line, short

_TONES = {"answered": "green", "partly": "orange", "missing": "red"}


def study_row(head: StudyHead) -> Node:
    """One study: its topic, how it stands, what it came to."""
    return h(
        "li",
        h(
            "div",
            h("h2", link(short(head.topic, 120), "research", id=head.id)),
            h("div", badge(head.status.value), cls="side"),
            h(
                "div",
                h("p", short(head.reason, 200), cls="about") if head.reason else None,
                facts(
                    f"{head.answered} of {count(head.questions, 'question')} answered" if head.questions else "",
                    count(head.sources, "source") if head.sources else "",
                    h("time", ago(head.created_at), datetime=head.created_at.isoformat()),
                    f"for {one_line(head.requested_by)}" if head.requested_by else "",
                ),
            ),
            cls="row",
        ),
    )


def study_head(kept: KeptStudy) -> Node:
    """What was asked, as the title of the page."""
    brief = kept.brief
    return h(
        "header",
        h("p", link("Research", "research"), cls="crumb"),
        h("h1", one_line(kept.topic), cls="title", lang=brief.language),
        facts(
            badge(kept.status.value),
            h("time", ago(kept.created_at), datetime=kept.created_at.isoformat()),
            f"for {one_line(kept.requested_by)}" if kept.requested_by else "",
            f"searches from {brief.since:%d %b %Y} on" if brief.since else "",
            f"searches in {', '.join(brief.domains)}" if brief.domains else "",
            f"searches without {', '.join(brief.without_domains)}" if brief.without_domains else "",
        ),
    )


def progress(head: StudyHead) -> Node:
    """How far a study is; announced to screen readers."""
    under_way = STAGE_NAMES.get(head.stage.value, head.stage.value) if head.stage else "Begun"
    spoken = under_way if head.status is RunStatus.RUNNING else "Waiting for a worker"
    read = f", {head.done} of {head.total}" if head.total > 1 else ""
    share = head.done / head.total if head.total else float(head.stage is not None)
    return h(
        "section",
        h("p", badge(head.status.value), h("span", f"{spoken}{read}"), cls="now", role="status"),
        h("span", cls="bar", share=f"{share:.3f}", aria_hidden="true"),
        h("p", "You may close this page: the study goes on, and stays under Research.", cls="soft small"),
        cls="narrow stack",
    )


def coverage(evidence: Evidence) -> Node:
    """Questions and how surely they are answered, each with its passages to open."""
    titles = _titles(evidence)
    body: list[tuple[Node | str, ...]] = []
    for row in evidence.coverage:
        passages = [found for key in row.passages if (found := evidence.passage(key))]
        shown = [_passage(one, titles[one.source_hash]) for one in passages]
        answers = h("details", h("summary", count(len(shown), "passage"), cls="small soft"), *shown) if shown else None
        question = h("div", h("span", one_line(row.question), dir="auto"), answers)
        body.append((question, badge(row.answer, _TONES[row.answer]), f"{row.confidence:.0%}"))
    head = ("Question, and the passages that answer it", "Answer", "Sure")
    return table("What was asked, and how surely it is answered", head, body, numbers=(2,))


def _passage(passage: Passage, title: str) -> Node:
    return h(
        "figure",
        h("blockquote", one_line(passage.text), dir="auto"),
        h("figcaption", title, cls="soft small"),
        cls="quoted",
    )


def disagreements(evidence: Evidence) -> list[Node]:
    """Each dispute with its parties, the figure that each tells and who does; none of which a passage is not there."""
    titles = _titles(evidence)
    home = {item.passage.id: titles[item.passage.source_hash] for item in evidence.items}
    there = [one for one in evidence.disagreements if {one.one, one.other} <= home.keys()]
    return [h("div", *(_side(party, home) for party in parties), cls="two") for parties in disputes(there)]


def _side(party: Party, home: Mapping[str, str]) -> Node:
    before, found, after = party.sentence.partition(party.says)
    title = "; ".join(dict.fromkeys(home[key] for key in party.passages))
    return h(
        "figure",
        h("blockquote", before, h("mark", found) if found else None, after, dir="auto"),
        h("figcaption", title, cls="soft small"),
        cls="quoted",
    )


def spoken_of(study: Study) -> Node:
    """The keywords with their figures."""
    body = [(one_line(one.phrase), f"{one.weight:.1f}", str(one.times), str(one.sources)) for one in study.keywords]
    return table(
        "Phrases that say most of what the sources are about", ("Phrase", "Weight", "Times", "Sources"), body, (1, 2, 3)
    )


def sources(evidence: Evidence) -> Node:
    """The sources with their dates, latest first; those without a date last."""
    dated = sorted(evidence.sources, key=lambda one: one.published_at or one.retrieved_at, reverse=True)
    ordered = sorted(dated, key=lambda one: one.published_at is None)
    body = [(_title(one), _published(one), place(one.location)) for one in ordered]
    return table(count(len(ordered), "source"), ("Source", "Published", "Place"), body)


def _title(source: SourceRef) -> str:
    return one_line(source.title) or "Untitled"


def _published(source: SourceRef) -> str:
    return day(source.published_at) if source.published_at else "no date"


def _titles(evidence: Evidence) -> dict[str, str]:
    return {one.content_hash: _title(one) for one in evidence.sources}


def searches(study: Study) -> Node | None:
    """Who was asked for what, and what came of it; an engine that failed with the reason."""
    if not study.searches:
        return None
    body = [(one_line(one.query), one.engine, one_line(one.outcome)) for one in study.searches]
    return table("What was searched for", ("Query", "Engine", "What came of it"), body)


def left_out(study: Study) -> Node | None:
    """What was noticed, and which sources could not be used."""
    lines = [*study.notes, *(one.said for one in study.problems)]
    if not lines:
        return None
    return h(
        "details",
        h("summary", f"What was left out: {len(lines)}"),
        h("ul", *(h("li", one_line(line)) for line in lines)),
    )


def listed(lines: list[str]) -> Node:
    return h("ul", *(h("li", one_line(line), dir="auto") for line in lines), cls="dots")
