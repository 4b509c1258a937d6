"""Checks as rows, how far one is, and what it came to."""

from __future__ import annotations

from aiwriter.api.checks import CheckHead, CheckView
from aiwriter.documents import NOT_JUDGED, CheckResult, Reviewed, RunStatus
from dashboard.components.lists import table
from dashboard.components.markup import Node, h, link
from dashboard.components.notices import badge, facts, notice
from dashboard.components.reader import particulars, source_title
from dashboard.wording import LANGUAGES, STAGE_NAMES, ago, count, one_line, short

OUTCOMES = {
    "supported": "Supported",
    "vouched": "Vouched for",
    "unsure": "Unsure",
    "unsupported": "Not supported",
    NOT_JUDGED: "Not judged",
}
_VERDICTS = {
    "pass": ("It passes", "green"),
    "revise": ("It should be revised", "orange"),
    "refuse": ("Refused: not for publication", "red"),
    NOT_JUDGED: ("Nothing was judged", "orange"),
}
_SAY_MORE = "Give a text with sentences that state figures, dates, names, causes or denials."


def check_row(head: CheckHead) -> Node:
    """One check: what the text is called, how it stands, what it came to."""
    return h(
        "li",
        h(
            "div",
            h("h2", link(short(head.title, 120), "check", id=head.id)),
            h("div", badge(head.status.value), cls="side"),
            h(
                "div",
                h("p", short(head.reason, 200), cls="about") if head.reason else None,
                facts(
                    f"{head.supported} of {count(head.judged, 'judged sentence')} supported" if head.judged else "",
                    count(head.sources, "source") if head.sources else "",
                    h("time", ago(head.created_at), datetime=head.created_at.isoformat()),
                    f"for {one_line(head.requested_by)}" if head.requested_by else "",
                ),
            ),
            cls="row",
        ),
    )


def check_head(check: CheckView) -> Node:
    """What the text is called, as the title of the page."""
    result = check.result
    return h(
        "header",
        h("p", link("Check", "check"), cls="crumb"),
        h("h1", one_line(check.title), cls="title", dir="auto"),
        facts(
            badge(check.status.value),
            h("time", ago(check.created_at), datetime=check.created_at.isoformat()),
            f"for {one_line(check.requested_by)}" if check.requested_by else "",
            LANGUAGES.get(result.language, result.language) if result else "",
            count(result.sources, "source") + " read" if result else "",
        ),
    )


def progress(check: CheckView) -> Node:
    """How far a check is; announced to screen readers."""
    under_way = STAGE_NAMES.get(check.stage.value, check.stage.value) if check.stage else "Begun"
    spoken = under_way if check.status is RunStatus.RUNNING else "Waiting for a worker"
    read = f", {check.done} of {check.total}" if check.total > 1 else ""
    share = check.done / check.total if check.total else float(check.stage is not None)
    return h(
        "section",
        h("p", badge(check.status.value), h("span", f"{spoken}{read}"), cls="now", role="status"),
        h("span", cls="bar", share=f"{share:.3f}", aria_hidden="true"),
        h("p", "You may close this page: the check goes on, and stays under Check.", cls="soft small"),
        cls="narrow stack",
    )


def verdict(result: CheckResult) -> Node:
    """The verdict, with its reasons."""
    title, tone = _VERDICTS[result.verdict]
    step = _SAY_MORE if result.verdict == NOT_JUDGED else None
    reasons = result.reasons or ("Every check is within its limits.",)
    return notice(title, *map(one_line, reasons), tone=tone, next_step=step)


def outcomes(result: CheckResult) -> list[tuple[str, str, int]]:
    """Of the outcomes that there are: each, its name, and of how many sentences it is."""
    return [(key, name, result.counts[key]) for key, name in OUTCOMES.items() if result.counts.get(key)]


def sources(text: Reviewed, result: CheckResult) -> Node:
    """What the text was held against, and what could not be used."""
    uses = dict.fromkeys((source.content_hash for source in text.sources), 0)
    home = {passage.id: passage.source_hash for passage in text.passages}
    for sentence in text.sentences:
        for key in {home[one] for one in sentence.citations if one in home}:
            uses[key] = uses.get(key, 0) + 1
    body: list[tuple[Node | str, ...]] = [
        (
            str(number),
            h("div", source_title(source), h("p", " · ".join(particulars(source)), cls="soft small")),
            str(uses[source.content_hash]),
        )
        for number, source in enumerate(text.sources, 1)
    ]
    head = ("", "Source", "Sentences beside it")
    return h("div", table("What the text was held against", head, body, numbers=(2,)), _unused(result), cls="sections")


def _unused(result: CheckResult) -> Node | None:
    if not result.problems:
        return None
    lines = (one_line(one.said) for one in result.problems)
    return h(
        "section",
        h("h2", f"Not used: {len(result.problems)}"),
        h("ul", *(h("li", line, dir="auto") for line in lines), cls="findings"),
        cls="stack",
    )
