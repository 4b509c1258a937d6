"""What several searches found, made one list: pages by canonical address and rank."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from aiwriter.ports import SearchHit

RANK_CONSTANT = 60  # of reciprocal rank fusion, as in its paper

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
