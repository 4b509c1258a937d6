"""Which addresses belong to a crawl: same host, below the start's path, no trap that makes addresses without end."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_PORTS = {"http": 80, "https": 443}
_LONGEST = 1_000  # characters of an address
_DEEPEST = 12  # segments of a path
_SAME_SEGMENT = 2  # times a segment may come in a path: a/b/a/b/a/b is a trap
_VARIANTS = 5  # queries of one path, and pages of one calendar
_CALENDAR = re.compile(r"/(?:1\d|20|21)\d\d(?:[/-]\d{1,2}){1,2}/?$")
_TRACKING = re.compile(
    r"utm_\w+|[a-z]{1,3}clid|mc_[ce]id|_ga|sid|phpsessid|jsessionid|session_?id|ref|replytocom", re.IGNORECASE
)
_SESSION_IN_PATH = re.compile(r";jsessionid=[^/?]*", re.IGNORECASE)
_NO_DOCUMENT = {
    ".7z", ".avi", ".bmp", ".bz2", ".css", ".csv", ".dmg", ".doc", ".docx", ".eot", ".epub", ".exe", ".gif", ".gz",
    ".ico", ".iso", ".jar", ".jpeg", ".jpg", ".js", ".json", ".m4a", ".mjs", ".mov", ".mp3", ".mp4", ".mpeg", ".ogg",
    ".otf", ".png", ".ppt", ".pptx", ".rar", ".rss", ".svg", ".tar", ".tgz", ".tif", ".tiff", ".ttf", ".wav", ".webm",
    ".webp", ".woff", ".woff2", ".xls", ".xlsx", ".xml", ".zip",
}  # fmt: skip


def tidy(url: str) -> str:
    """One spelling of an address: no fragment, lower-case host, no default port, nothing that only tells visitors
    apart. Raises ValueError when it is no address."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port and parts.port != _PORTS.get(parts.scheme) else ""
    path = _SESSION_IN_PATH.sub("", parts.path) or "/"
    query = parts.query
    if any(_TRACKING.fullmatch(name) for name, _ in parse_qsl(query, keep_blank_values=True)):
        kept = [
            (name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.fullmatch(name)
        ]
        query = urlencode(kept)
    return urlunsplit((parts.scheme, host + port, path, query, ""))


class Scope:
    """The addresses of one crawl. `start` is where the first page was found in the end."""

    def __init__(self, start: str) -> None:
        self.start = tidy(start)
        parts = urlsplit(self.start)
        self._origin = _origin(self.start)
        folder, _, name = parts.path.rpartition("/")
        self._below = f"{folder}/" if not name or PurePosixPath(name).suffix else f"{parts.path}/"
        self._queries: Counter[str] = Counter()
        self._calendars: Counter[str] = Counter()

    def holds(self, url: str) -> bool:
        """Whether a tidy address lies within, whether or not it looks like a trap."""
        path = urlsplit(url).path
        return _origin(url) == self._origin and (path.startswith(self._below) or url == self.start)

    def takes(self, url: str) -> bool:
        """Whether to fetch a tidy address that is new to the crawl. Counts it: call once for each."""
        if not self.holds(url) or len(url) > _LONGEST:
            return False
        parts = urlsplit(url)
        segments = [segment for segment in parts.path.lower().split("/") if segment]
        if len(segments) > _DEEPEST or max(Counter(segments).values(), default=0) > _SAME_SEGMENT:
            return False
        if PurePosixPath(parts.path).suffix.lower() in _NO_DOCUMENT or len(parse_qsl(parts.query)) > 4:
            return False
        if parts.query:
            self._queries[parts.path] += 1
            return self._queries[parts.path] <= _VARIANTS
        if calendar := _CALENDAR.search(parts.path):
            above = parts.path[: calendar.start()]
            self._calendars[above] += 1
            return self._calendars[above] <= _VARIANTS
        return True


def _origin(url: str) -> tuple[str, int]:
    """Host and port, http and https on their usual ports being the same place."""
    parts = urlsplit(url)
    port = parts.port or _PORTS.get(parts.scheme, 0)
    return parts.hostname or "", 443 if port == 80 else port
