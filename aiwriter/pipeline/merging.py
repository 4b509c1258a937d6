"""What several searches found, made one list: pages by canonical address and rank, stories by their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from uuid import UUID

from aiwriter.documents import Source
from aiwriter.ports import SearchHit
from aiwriter.text.words import words

RANK_CONSTANT = 60  # of reciprocal rank fusion, as in its paper
SHINGLE = 5  # words
SAME_STORY = 0.25
FEWEST_SHINGLES = 20  # a text with fewer says too little to be compared

_TRACKING = re.compile(
    r"(?:utm_|mtm_|pk_|hsa_|oly_|vero_)\w+|(?:gcl|fbcl|dcl|gbra|wbra|mscl|ttcl|twcl|ycl|igsh|li_fat_)\w*id|gclsrc|igshid"
    r"|mc_[ce]id|_ga|_gl|yclid|__twitter_impression|ref_src|ref_url|cmpid|s_cid|ocid|fbclid|gbraid|wbraid",
    re.IGNORECASE,
)
_INDEX = re.compile(r"(?<=/)(?:index|default)\.(?:html?|php|aspx?)$", re.IGNORECASE)
_MOBILE = frozenset({"m", "mobile", "amp"})
_UNDER_COUNTRY = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})  # "m.co.uk" is no variant of "co.uk"
_AMP_VALUES = frozenset({("amp", "1"), ("amp", "true"), ("amp", ""), ("outputtype", "amp")})
_PORTS = {"http": 80, "https": 443}
_SAFE = "/!$&'()*+,;=:@-._~"


@dataclass(frozen=True, slots=True)
class Found:
    """A page that searches named: its canonical address, the hit that is read, and which lists named it, by index."""

    key: str
    hit: SearchHit
    lists: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A source that tells what another one told: `first` is the one that is kept."""

    source: Source
    first: Source


def canonical(url: str) -> str:
    """Equal for the ways in which one page is addressed; never itself asked for. A text that is no address stays.

    Not told apart: http and https, case and "www." of the host, the usual port, a fragment, parameters of tracking, the
    order of parameters, a slash at the end, index.html, escapes of plain characters; the mobile and AMP forms of a page
    (m.example.org, example.org/amp/x, x/amp, x?amp=1), but not a page that is itself called amp.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url
    if parts.scheme.lower() not in _PORTS or not parts.hostname:
        return url
    host = _host(parts.hostname)
    if port and port != _PORTS[parts.scheme.lower()]:
        host = f"{host}:{port}"
    query = _query(parts.query)
    return f"https://{host}{_path(parts.path)}{f'?{query}' if query else ''}"


def fused(lists: Sequence[Sequence[SearchHit]]) -> list[Found]:
    """Every page once, best first by reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): the sum over all lists
    of 1 / (60 + rank). Equal sums stay in the order of lists. Of a page's forms the plain one is read."""
    scores: dict[str, float] = {}
    hits: dict[str, list[tuple[int, SearchHit]]] = {}
    for number, found in enumerate(lists):
        first_rank: dict[str, int] = {}
        for rank, hit in enumerate(found, 1):
            key = canonical(hit.url)
            first_rank.setdefault(key, rank)
            hits.setdefault(key, []).append((number, hit))
        for key, rank in first_rank.items():
            scores[key] = scores.get(key, 0.0) + 1 / (RANK_CONSTANT + rank)
    order = sorted(scores, key=lambda key: -scores[key])
    return [Found(key, _best_form(hits[key]), tuple(dict.fromkeys(n for n, _ in hits[key]))) for key in order]


def told_once(given: Sequence[Source], found: Sequence[Source]) -> tuple[list[Source], list[Repeat]]:
    """The found sources that tell something else than those given and than one another, in their order, and the others.

    Of several that tell the same the one published first is kept, of those without a day the one ranked first, an
    article of ours only when nobody else tells it; what was given always is. Same: equal content, or at least a quarter
    of the five-word shingles of the shorter text in the other (containment, Broder 1997). Measured by
    benchmarks/same_story.py on 36 articles: 251 of 252 copies that were cut to 40 %, re-headed, or had up to a fifth of
    their words replaced are the same (0.315–1; the one missed, 0.176, is a note under a head several times its length),
    and none of 702 independent pairs: other topics up to 0.190, two halves of one article up to 0.224, its opening
    against its body up to 0.033.
    """
    shingles = {source.id: shingled(source.text) for source in (*given, *found)}
    kept = list(given)
    repeats: list[Repeat] = []
    for source in sorted(found, key=_precedence):
        first = next((one for one in kept if _is_same(one, source, shingles)), None)
        if first is None:
            kept.append(source)
        else:
            repeats.append(Repeat(source, first))
    remaining = {source.id for source in kept}
    return [source for source in found if source.id in remaining], repeats


def shingled(text: str, width: int = SHINGLE) -> frozenset[int]:
    """Hashes of all runs of `width` words, whatever their case and punctuation."""
    tokens = words(text)
    return frozenset(hash(tuple(tokens[start : start + width])) for start in range(len(tokens) - width + 1))


def containment(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of the smaller set that is in the other, 0–1; 0 when it is too small to say."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller >= FEWEST_SHINGLES else 0.0


def _precedence(source: Source) -> tuple[bool, datetime]:
    return source.own is not None, source.published_at or datetime.max.replace(tzinfo=UTC)


def _is_same(one: Source, other: Source, shingles: Mapping[UUID, frozenset[int]]) -> bool:
    if one.content_hash == other.content_hash:
        return True
    return containment(shingles[one.id], shingles[other.id]) >= SAME_STORY


# ── addresses ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _host(name: str) -> str:
    labels = name.lower().rstrip(".").split(".")
    if labels[0] == "www" and len(labels) > 2:
        labels = labels[1:]
    variant = next((index for index, label in enumerate(labels[:2]) if label in _MOBILE), None)
    if variant is not None and _is_site(labels[variant + 1 :]):
        del labels[variant]
    return ".".join(labels)


def _is_site(labels: Sequence[str]) -> bool:
    """Whether these labels can be a site of their own: two or more, and not just "co.uk"."""
    return len(labels) > 2 or (len(labels) == 2 and not (labels[0] in _UNDER_COUNTRY and len(labels[1]) == 2))


def _path(path: str) -> str:
    plain = quote(unquote(path), safe=_SAFE) if "%2f" not in path.lower() else path
    plain = _INDEX.sub("", plain) or "/"
    steps = [step for step in plain.split("/") if step]
    if len(steps) > 1 and steps[-1].lower() == "amp":
        steps.pop()
    if len(steps) > 1 and steps[0].lower() == "amp":
        steps.pop(0)
    return "/" + "/".join(steps)


def _query(query: str) -> str:
    told = parse_qsl(query, keep_blank_values=True)
    kept = [
        (name, value)
        for name, value in told
        if not _TRACKING.fullmatch(name) and (name.lower(), value.lower()) not in _AMP_VALUES
    ]
    return urlencode(sorted(kept))


def _best_form(hits: Iterable[tuple[int, SearchHit]]) -> SearchHit:
    """The form that is neither the mobile nor the AMP page; the first in doubt."""
    return min((hit for _, hit in hits), key=lambda hit: _is_variant(hit.url))


def _is_variant(url: str) -> bool:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return _host(host) != host or "/amp" in urlsplit(url).path.lower() or "amp" in urlsplit(url).query.lower()
