# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Add records up and write the sums in Prometheus' text format."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .records import LENGTH_CLASSES, OTHER, Record, RejectedLineError, parse
from .sessions import SessionWindow

STATUS_CLASSES = ("1xx", "2xx", "3xx", "4xx", "5xx", OTHER)
REASONS = ("oversized", "syntax", "field")
OWN_METRICS = (
    ("lines_total", "counter", "Lines received, rejected ones included."),
    ("untracked_sessions_total", "counter", "Requests of sessions over the limit."),
    ("up", "gauge", "1 while the daemon runs, 0 in the file it leaves when stopped."),
    ("start_time_seconds", "gauge", "When all counters here began at 0."),
    ("last_write_timestamp_seconds", "gauge", "When this file was written."),
)


class Histogram:
    """Seconds by upper bound; rendered cumulative, as Prometheus expects."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def lines(self, name: str, server: str) -> Iterator[str]:
        total = 0
        for bound, count in zip([*map(str, self._bounds), "+Inf"], self._counts):
            total += count
            yield sample(name + "_bucket", {"server_name": server, "le": bound}, total)
        yield sample(name + "_sum", {"server_name": server}, round(self._sum, 6))
        yield sample(name + "_count", {"server_name": server}, total)


@dataclass
class ServerSums:
    """What was counted for one server name since the start. All counters only grow."""

    seconds: Histogram
    upstream: Histogram
    sent: int = 0
    statuses: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUS_CLASSES, 0))
    lengths: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys((*LENGTH_CLASSES, OTHER), 0)
    )


class RequestMetrics:
    """Everything the daemon knows. Bounded: `max_servers` names, `sessions`' own limit."""

    def __init__(
        self,
        sessions: SessionWindow,
        bounds: Iterable[float],
        max_servers: int,
        started: float,
    ) -> None:
        self._sessions = sessions
        self._bounds = tuple(sorted(bounds))
        self._max_servers = max_servers
        self._started = started
        self._servers: dict[str, ServerSums] = {}
        self._rejected = dict.fromkeys(REASONS, 0)
        self._lines = 0

    def take(self, line: bytes, now: float) -> None:
        """Count one line; `now` is monotonic seconds. Never raises for what the line holds."""
        self._lines += 1
        try:
            record = parse(line)
        except RejectedLineError as rejected:
            self._rejected[rejected.reason] += 1
            return
        self._count(record, now)

    def _count(self, record: Record, now: float) -> None:
        server, sums = self._sums(record.server)
        sums.statuses[record.status_class] += 1
        sums.lengths[record.length_class] += 1
        sums.sent += record.sent
        sums.seconds.observe(record.seconds)
        if record.upstream is not None:
            sums.upstream.observe(record.upstream)
        if record.session:
            self._sessions.see(server, record.session, now)

    def _sums(self, server: str) -> tuple[str, ServerSums]:
        if server not in self._servers and len(self._servers) >= self._max_servers:
            server = OTHER
        if server not in self._servers:
            self._servers[server] = ServerSums(Histogram(self._bounds), Histogram(self._bounds))
        return server, self._servers[server]

    def render(self, now: float, wall: float, up: bool = True) -> str:
        """The whole text file; `now` is monotonic, `wall` Unix time, both in seconds."""
        servers = sorted(self._servers.items())
        lines = [*self._requests(servers), *self._active(servers, now), *self._own(wall, up)]
        return "\n".join(lines) + "\n"

    def _requests(self, servers: list[tuple[str, ServerSums]]) -> Iterator[str]:
        yield from head("holdfast_requests_total", "counter", "Requests by class of status.")
        for server, sums in servers:
            for status, count in sums.statuses.items():
                labels = {"server_name": server, "status_class": status}
                yield sample("holdfast_requests_total", labels, count)
        name = "holdfast_requests_by_length_total"
        yield from head(name, "counter", "Requests by class of request length.")
        for server, sums in servers:
            for length, count in sums.lengths.items():
                yield sample(name, {"server_name": server, "length_class": length}, count)
        yield from head("holdfast_response_bytes_total", "counter", "Bytes sent to clients.")
        for server, sums in servers:
            yield sample("holdfast_response_bytes_total", {"server_name": server}, sums.sent)
        name = "holdfast_request_duration_seconds"
        yield from head(name, "histogram", "From the first byte read to the last byte sent.")
        for server, sums in servers:
            yield from sums.seconds.lines(name, server)
        name = "holdfast_request_upstream_duration_seconds"
        yield from head(name, "histogram", "Time waited for upstreams, where one was asked.")
        for server, sums in servers:
            yield from sums.upstream.lines(name, server)

    def _active(self, servers: list[tuple[str, ServerSums]], now: float) -> Iterator[str]:
        name = "holdfast_active_sessions"
        yield from head(name, "gauge", "Distinct session cookies seen within the window.")
        counts = self._sessions.counts(now)
        for server, _sums in servers:
            yield sample(name, {"server_name": server}, counts.get(server, 0))

    def _own(self, wall: float, up: bool) -> Iterator[str]:
        own = "holdfast_request_metrics_"
        yield from head(own + "rejected_lines_total", "counter", "Lines lost: not what we send.")
        for reason, count in self._rejected.items():
            yield sample(own + "rejected_lines_total", {"reason": reason}, count)
        values = (self._lines, self._sessions.untracked, int(up), self._started, round(wall, 3))
        for (name, kind, text), value in zip(OWN_METRICS, values):
            yield from head(own + name, kind, text)
            yield sample(own + name, {}, value)


def head(name: str, kind: str, text: str) -> Iterator[str]:
    """The two lines before a metric's samples."""
    yield f"# HELP {name} {text}"
    yield f"# TYPE {name} {kind}"


def sample(name: str, labels: dict[str, str], value: float) -> str:
    """One sample; label values are escaped as the text format asks."""
    if not labels:
        return f"{name} {value}"
    pairs = ",".join(f'{key}="{_escape(text)}"' for key, text in labels.items())
    return f"{name}{{{pairs}}} {value}"


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
