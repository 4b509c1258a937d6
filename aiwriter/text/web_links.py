"""What leads, or could be made to lead, out of a text: addresses in any writing, links of Markdown and HTML.

Found in the text as it stands and in the text as a browser would come to read it: entities and percent signs resolved,
full-width letters and unseen characters undone.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)
_DOTS = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|[\u3002\uff0e\uff61\u2024]")
_SLASHES = str.maketrans({"\\": "/", "\u2044": "/", "\u2215": "/", "\uff0f": "/", "\u29f8": "/"})
_TAIL = ".,;:!?\"'’”»)]}>*_`…"


# Ends of host names that prose does not end a sentence with. Names of files (.md, .py, .rs, .sh, .zip) and words (.it,
# .is, .at, .to, .me, .in) are none unless a path follows.
def _any_of(spaced: str) -> str:
    return "|".join(spaced.split())


_ENDS = _any_of(
    """com org net edu gov mil int info biz io ai app dev co eu uk de fr es nl ch pl ru cn jp br au ca se dk fi cz pt gr
    hu ro ua kr tw hk sg nz za mx xyz online site website top club shop store tech live link click page blog news media
    cloud space fun icu buzz work world today agency email example test invalid onion local"""
)
_TAGS = _any_of(
    """a abbr address applet area article aside audio base b blockquote body br button canvas center code dd details div
    dl dt em embed fieldset figure font footer form frame frameset h[1-6] head header hr html i iframe image img input
    ins kbd keygen label li link main map marquee math meta nav noscript object ol option p param picture plaintext pre
    script section select slot source span strong style sub summary sup svg table tbody td template textarea tfoot th
    thead title tr track u ul use video xml xmp"""
)
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = rf"(?:{_LABEL}\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{{2,24}})"
_MARKS = (
    ("markup", r"!?\[[^\]\n]*\]\([^)\n]*\)?"),  # [text](target)
    ("markup", r"!?\[[^\]\n]*\]\s+\((?=[^)\n]*[/.:])[^)\s]*\)?"),  # [text] (target), ![image](target)
    ("markup", r"^\s*\[[^\]\n]+\]:\s*\S+"),  # [name]: target
    ("markup", r"!?\[[^\]\n]+\]\[[^\]\n]*\]"),  # [text][name]
    ("markup", rf"(?i)</?(?:{_TAGS})\b[^<>]*>?|<!--.*?(?:-->|$)|<!\w[^>]*>?|<\?\w+"),
    ("markup", r"(?i)\b(?:href|src|srcset|(?:form)?action|ping|poster|background|data-\w+)\s*=\s*[\"']?\S+"),
    ("markup", r"(?i)\burl\s*\([^)]*\)?|@import\b[^;]*|\bimage-set\s*\([^)]*\)?"),
    ("scheme", r"(?i)\b(?:java|vb|live)\s?script\s*:\s*(?:[\w$.]+\s*[(=]|/|%|&)\S*"),
    ("scheme", r"(?i)\bdata\s*:\s*(?:[a-z]+/[\w.+-]+\s*[;,]|;|,)\S*"),
    ("scheme", r"(?i)\b(?:mailto|tel|sms|callto|skype|facetime|intent|magnet|blob|cid):(?=\S)[^\s<>]+"),
    ("address", r"(?i)\b[a-z][a-z0-9+.-]{1,20}\s?:\s?//+\s?[^\s<>\"]+"),
    ("address", rf"(?<![\w:/])//{_HOST}\S*"),
    ("address", rf"(?i)\bwww\d?\.{_LABEL}\S*"),
    ("address", r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{2,5}\S*|/[^\s\d]\S*)"),
    ("address", r"\[[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}\]\S*"),
    ("address", rf"(?<![\w@./-]){_HOST}(?::\d{{2,5}})?[/?#](?=\w|\?|%)[^\s<>\"]*"),
    ("host", rf"(?<![\w@./-])(?:{_LABEL}\.)+(?:{_ENDS}|xn--[a-z0-9-]+)(?![\w-]|\.\w|\()"),
    ("host", rf"(?<![\w@./-])(?:{_LABEL}\.)*xn--[a-z0-9-]+\S*"),
    ("host", r"(?i)\b[a-z0-9-]{2,} dot (?:com|org|net|io|example)\b"),
)  # fmt: skip
_SHAPES = tuple((kind, re.compile(shape, re.MULTILINE)) for kind, shape in _MARKS)
_NAMES = frozenset({"asp.net", "ado.net", "vb.net", "ml.net", "socket.io"})  # of products

# Letters that pass for Latin ones, as far as names of hosts are made of them: a few of Unicode TR 39.
_CONFUSABLE = str.maketrans("аеорсухіјѕԁһӏνοαρτκυ0135", "aeopcyxijsdhlvoaptkuoies")


@dataclass(frozen=True, slots=True)
class WebLink:
    """text[start:end] of the text it was found in. `kind`: "address" (leads to a host), "host" (the bare name of one),
    "scheme" (acts by itself: javascript:, data:, mailto:), "markup" (a link or tag of Markdown, HTML, CSS)."""

    kind: str
    text: str
    start: int
    end: int


def web_links(text: str) -> list[WebLink]:
    """Everything that leads out of the text, in order, each place once.

    What only shows when the text is read as a browser reads it has the span of the whole text.
    """
    found = _kept(list(_search(text)))
    if found:
        return found
    resolved = as_read(text)
    hidden = _kept(list(_search(resolved))) if resolved != text else []
    return [WebLink(link.kind, link.text, 0, len(text)) for link in hidden[:1]]


def as_read(text: str) -> str:
    """The text with entities, percent signs, full-width letters, unseen characters and written-out dots resolved."""
    plain = text
    for _ in range(2):  # what was encoded twice
        plain = html.unescape(unquote(plain))
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", plain)).translate(_SLASHES)
    return _DOTS.sub(".", re.sub(r"(?i)\bhxxp", "http", plain))


def _search(text: str) -> Iterator[WebLink]:
    for kind, shape in _SHAPES:
        for match in shape.finditer(text):
            shown = match[0].rstrip(_TAIL) if kind in ("address", "host") else match[0]
            if shown.lower() not in _NAMES and not shown.isdigit():
                yield WebLink(kind, shown, match.start(), match.start() + len(shown))


def _kept(found: list[WebLink]) -> list[WebLink]:
    """Of links that overlap the longest."""
    kept: list[WebLink] = []
    for link in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        if all(link.end <= other.start or link.start >= other.end for other in kept):
            kept.append(link)
    return sorted(kept, key=lambda one: one.start)


def address(link: str) -> str:
    """An address by which two writings of it are equal: without scheme, "www.", fragment, last slash."""
    text = link if "://" in link else f"https://{link}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return link
    host = parts.netloc.lower().removeprefix("www.").removesuffix(":443").removesuffix(":80")
    return f"{host}{parts.path.rstrip('/')}{'?' + parts.query if parts.query else ''}"


def host(link: str) -> str:
    """The host of an address in lower case, its punycode resolved, without "www."; "" when it has none."""
    name = address(link).partition("/")[0].partition("?")[0].rpartition("@")[2].partition(":")[0]
    try:
        return name.encode("ascii").decode("idna") if "xn--" in name else name
    except UnicodeError:
        return name


def looks_like(name: str, other: str) -> bool:
    """Whether a host passes for another: the same to the eye, one letter off, or that name within a longer one."""
    mine, theirs = _skeleton(name), _skeleton(other)
    if name == other or not theirs:
        return False
    return mine == theirs or (len(theirs) > 6 and (_one_off(mine, theirs) or theirs in mine))


def _skeleton(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.translate(_CONFUSABLE))
    return (
        "".join(c for c in plain if not unicodedata.combining(c))
        .replace("rn", "m")
        .replace("vv", "w")
        .replace("l", "i")
    )


def _one_off(mine: str, theirs: str) -> bool:
    """Whether one letter put in, left out or exchanged makes the one the other."""
    if abs(len(mine) - len(theirs)) > 1 or mine == theirs:
        return False
    start = next((n for n, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b), min(len(mine), len(theirs)))
    return (
        theirs[start:] in (mine[start + 1 :],)
        or mine[start:] == theirs[start + 1 :]
        or mine[start + 1 :] == theirs[start + 1 :]
    )
