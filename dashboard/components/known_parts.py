"""Known sources, the passages found in them, and feeds, as rows."""

from __future__ import annotations

from aiwriter.api.known import FeedView, KnownSourceView, LookView, PassageView
from dashboard.components.markup import Node, h, web
from dashboard.components.notices import badge, facts
from dashboard.wording import LANGUAGES, ago, count, day, one_line, short

LOCATION_SHOWN = 90
PASSAGE_SHOWN = 600


def source_row(known: KnownSourceView) -> Node:
    """One known source: title, place, how it stands."""
    return h(
        "li",
        h(
            "div",
            h("h2", one_line(known.title) or "Untitled"),
            _side(str(known.passages), "passage" if known.passages == 1 else "passages"),
            h(
                "div",
                h("p", place(known.location), cls="about"),
                facts(
                    f"published {day(known.published_at)}" if known.published_at else "no date",
                    LANGUAGES.get(known.language or "", known.language or ""),
                    one_line(known.licence or ""),
                    f"copy of {short(known.copy_of, LOCATION_SHOWN)}" if known.copy_of else "",
                    f"looked at {ago(known.checked_at)}",
                    "found by its words only, until it is indexed" if known.index == "pending" else "",
                ),
            ),
            cls="row",
        ),
    )


def look_row(look: LookView) -> Node:
    """One place that waits, is being read, or failed: why, and since when."""
    return h(
        "li",
        h(
            "div",
            h("h2", place(look.location)),
            h("div", cls="side"),
            h(
                "div",
                facts(badge("queued" if look.state == "waiting" else look.state), f"since {ago(look.told_at)}"),
                h("p", one_line(look.told), cls="soft small") if look.told else None,
            ),
            cls="row",
        ),
    )


def passage_row(found: PassageView) -> Node:
    """One passage that was found, and where it stands."""
    title = one_line(found.source.title) or "Untitled"
    headings = " › ".join(one_line(one) for one in found.headings if one_line(one) != title)
    return h(
        "li",
        h(
            "div",
            h("h2", title),
            h("div", cls="side"),
            h(
                "div",
                h("p", headings, cls="soft small") if headings else None,
                h("p", short(one_line(found.text), PASSAGE_SHOWN)),
                h("p", place(found.source.location), cls="soft small"),
            ),
            cls="row",
        ),
    )


def feed_row(feed: FeedView) -> Node:
    """One feed: its name, what it is, when it was looked at, what that came to."""
    return h(
        "li",
        h(
            "div",
            h("h2", one_line(feed.name)),
            _side(f"every {feed.every_hours}", "h") if feed.every_hours else h("div", cls="side"),
            h(
                "div",
                h("p", place(feed.location), cls="about") if feed.name != feed.location else None,
                facts(
                    badge("failed") if feed.error else None,
                    feed.kind,
                    "" if feed.every_hours else "only when asked to",
                    f"at most {count(feed.limit, 'document')}",
                    f"looked at {ago(feed.checked_at)}" if feed.checked_at else "not looked at yet",
                ),
                h("p", one_line(told), cls="soft small") if (told := feed.told or feed.error) else None,
            ),
            cls="row",
        ),
    )


def _side(figure: str, unit: str) -> Node:
    """A figure for the right edge of a row."""
    return h("div", h("span", figure, h("small", f" {unit}"), cls="figure"), cls="side")


def place(location: str) -> Node:
    """A location; an address of the web leads there."""
    return web(short(location, LOCATION_SHOWN), location)
