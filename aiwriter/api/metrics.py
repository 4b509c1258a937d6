"""What is counted, as Prometheus reads it: a few counters need no library."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
METHODS = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"}
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Sample = tuple[Mapping[str, str], float]


class Metrics:
    """Counts of this process since it started."""

    def __init__(self) -> None:
        self._requests: dict[tuple[str, str, int], int] = defaultdict(int)
        self._buckets: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * (len(BOUNDS) + 1))
        self._seconds: dict[tuple[str, str], float] = defaultdict(float)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request that was answered; a stream counts when it ends. Status 0: nothing was answered."""
        method = method if method in METHODS else "other"  # callers do not make up rows of ours
        self._requests[method, route, status] += 1
        self._seconds[method, route] += seconds
        place = next((number for number, bound in enumerate(BOUNDS) if seconds <= bound), len(BOUNDS))
        self._buckets[method, route][place] += 1

    def text(self, gauges: Mapping[str, tuple[str, Iterable[Sample]]]) -> str:
        """Everything, and the gauges given as name → (help, samples)."""
        lines = []
        for name, (words, samples) in gauges.items():
            lines += [f"# HELP {name} {words}", f"# TYPE {name} gauge"]
            lines += [f"{name}{_labels(labels)} {_number(value)}" for labels, value in samples]
        return "\n".join([*lines, *self._counted(), *self._timed()]) + "\n"

    def _counted(self) -> list[str]:
        name = "aiwriter_http_requests_total"
        lines = [f"# HELP {name} Requests by route and status.", f"# TYPE {name} counter"]
        for (method, route, status), count in sorted(self._requests.items()):
            lines.append(f"{name}{_labels({'method': method, 'route': route, 'status': str(status)})} {count}")
        return lines

    def _timed(self) -> list[str]:
        name = "aiwriter_http_request_seconds"
        lines = [f"# HELP {name} Time to the end of the answer.", f"# TYPE {name} histogram"]
        for (method, route), counts in sorted(self._buckets.items()):
            labels, total = {"method": method, "route": route}, 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), counts, strict=True):
                total += count
                lines.append(f"{name}_bucket{_labels({**labels, 'le': bound})} {total}")
            lines.append(f"{name}_sum{_labels(labels)} {_number(self._seconds[method, route])}")
            lines.append(f"{name}_count{_labels(labels)} {total}")
        return lines


def _labels(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}" if labels else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".") or "0"
