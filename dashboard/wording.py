"""How values are said: texts without hidden characters, numbers, money, times, and the names of states."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

import streamlit as st

from aiwriter.documents.quality import PART_TITLES
from aiwriter.text.visible import visible

STATUS_NAMES = {
    "queued": "In line",
    "running": "Running",
    "waiting": "Waits for you",
    "done": "Done",
    "refused": "Refused",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "accepted": "Accepted",
    "needs_approval": "Needs approval",
    "needs_mending": "Needs mending",
    "approved": "Approved",
    "published": "Published",
    "replaced": "Replaced",
    "withdrawn": "Withdrawn",
}
STATUS_TONES = {
    "queued": "gray",
    "running": "blue",
    "waiting": "orange",
    "done": "green",
    "refused": "red",
    "failed": "red",
    "cancelled": "gray",
    "accepted": "green",
    "needs_approval": "orange",
    "needs_mending": "red",
    "approved": "green",
}
STAGE_NAMES = {
    "research": "Reading the sources",
    "evidence": "Choosing passages",
    "outline": "Planning",
    "sections": "Writing",
    "mending": "Mending what fails",
    "quality": "Checking each sentence",
    "finish": "Finishing",
    "store": "Storing",
    "analytics": "Counting up",
}
LANGUAGES = {
    "en": "English",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "pt": "Portuguese",
    "nl": "Dutch",
    "pl": "Polish",
    "sv": "Swedish",
    "cs": "Czech",
    "uk": "Ukrainian",
    "tr": "Turkish",
    "ar": "Arabic",
    "hi": "Hindi",
    "ja": "Japanese",
    "zh": "Chinese",
}
AUTHOR_NAMES = {"model": "a language model", "offline": "the offline writer", "human": "a person"}


_ARCHIVED = re.compile(r" ?\(?archive://([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/\d+\)?")


def one_line(text: str) -> str:
    """The visible text on one line, trimmed."""
    return " ".join(visible(text).split())


def short(text: str, length: int = 80) -> str:
    """At most so many characters, cut at a word."""
    line = one_line(text)
    if len(line) <= length:
        return line
    return line[:length].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + "…"


def count(number: float, singular: str, plural: str | None = None) -> str:
    """1 word, 1,200 words."""
    return f"{number:,.0f} {singular if number == 1 else plural or singular + 's'}"


def money(amount: Decimal | float | None) -> str:
    """Dollars, to the cent; small sums to a hundredth of a cent."""
    if amount is None:
        return "no cap"
    if not amount:
        return "$0"
    if amount >= Decimal("0.1"):
        return f"${amount:,.2f}"
    digits = f"{amount:.4f}".rstrip("0")
    return f"${digits}" if len(digits) >= len("0.00") else f"${amount:.2f}"


def spent(cost: Decimal, unknown_calls: int, unknown_usd: Decimal) -> str:
    """A cost, and which part of it is only the most that calls may have cost of which nobody knows."""
    if not unknown_calls:
        return money(cost)
    return f"{money(cost)}, {unknown(unknown_calls, unknown_usd)}"


def unknown(calls: int, usd: Decimal) -> str:
    """What stands beside a cost that is partly a bound."""
    told = count(calls, "unknown call")
    return f"of which at most {money(usd)} in {told}" if usd else f"{told} without a price"


def about(amount: Decimal) -> str:
    """Dollars as an estimate says them: to the cent."""
    if not amount:
        return "nothing"
    return "less than a cent" if amount < Decimal("0.01") else f"${amount:,.2f}"


def lasting(seconds: float | None) -> str:
    """0.4 s, 12 s, 3 min 5 s, 1 h 4 min."""
    if seconds is None:
        return "–"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def day(moment: datetime) -> str:
    """14 September 2026."""
    return f"{moment.day} {moment:%B %Y}"


def instant(moment: datetime, zone: str | None = None) -> str:
    """14 Sep 2026, 08:30 UTC; in this zone, else in the reader's."""
    moment = moment.astimezone(_zone(zone or st.context.timezone))
    return f"{moment.day} {moment:%b %Y, %H:%M} {zone_name(moment)}"


def clock(moment: datetime) -> str:
    """08:30:05, where the reader is."""
    return f"{moment.astimezone(_zone(st.context.timezone)):%H:%M:%S}"


def zone_name(moment: datetime | None = None) -> str:
    """UTC, CET, UTC-03: the zone of this moment, else the reader's."""
    name = f"{moment or datetime.now(_zone(st.context.timezone)):%Z}"
    return name if name.isalpha() else f"UTC{name}"


def _zone(name: str | None) -> tzinfo:
    """The zone of this name; UTC when the browser tells none or one that is not known here."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ValueError, KeyError, OSError):
        return UTC


def ago(moment: datetime, now: datetime | None = None) -> str:
    """just now, 5 min ago, 3 h ago, yesterday, else the day."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86_400:
        return f"{seconds // 3600:.0f} h ago"
    if seconds < 2 * 86_400:
        return "yesterday"
    return day(moment)


def capital(text: str) -> str:
    """A message that begins small, as it follows "error:" at a command line, as a sentence of its own."""
    return text[:1].upper() + text[1:]


def said(name: str) -> str:
    """A name of the machine as people write it: blog_post → Blog post."""
    return capital(one_line(name.replace("_", " ")))


def part_name(part: str) -> str:
    """A part of the score."""
    return PART_TITLES.get(part, said(part))


def rule_name(rule: str) -> str:
    """A rule of a check: seo.title_length → SEO: title length."""
    part, _, rest = rule.partition(".")
    return f"{part_name(part)}: {one_line(rest.replace('_', ' '))}" if rest else part_name(part)


def without_places(text: str) -> tuple[str, list[str]]:
    """A remark without the places of articles of ours in it, and the ids of these articles."""
    return _ARCHIVED.sub("", text), _ARCHIVED.findall(text)
