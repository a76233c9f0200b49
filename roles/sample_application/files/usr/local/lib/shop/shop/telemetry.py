# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shop's own metrics: what /metrics shows."""

from __future__ import annotations

import time

from . import __version__
from .metrics import Counter, Histogram, reading
from .pool import PoolState


class Telemetry:
    """Counts requests and orders; reads the pool when asked."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._requests = Counter(
            "shop_http_requests_total", "Requests answered.", ("method", "route", "status")
        )
        self._seconds = Histogram(
            "shop_http_request_duration_seconds", "Time to answer a request.", ("route",)
        )
        self._orders = Counter("shop_orders_placed_total", "Orders placed.")

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answered request; route is the rule, never the path, so that labels stay few."""
        known = method if method in {"GET", "HEAD", "POST", "OPTIONS"} else "other"
        self._requests.add(known, route, str(status))
        self._seconds.observe(route, seconds=seconds)

    def order(self) -> None:
        """Count a placed order."""
        self._orders.add()

    def text(self, pool: PoolState) -> str:
        """Everything in Prometheus' text format."""
        counts = (
            ("shop_db_pool_connections_max", "gauge", "Most connections at once.", pool.size),
            ("shop_db_pool_connections_busy", "gauge", "Connections at work.", pool.busy),
            ("shop_db_pool_connections_idle", "gauge", "Connections kept open.", pool.idle),
            ("shop_db_connections_opened_total", "counter", "Connections opened.", pool.opened),
            ("shop_db_connections_broken_total", "counter", "Connections lost.", pool.broken),
            ("shop_db_pool_refused_total", "counter", "Requests that got none.", pool.refused),
            ("shop_start_time_seconds", "gauge", "Start, in Unix time.", self._started),
        )
        lines = reading("shop_info", "gauge", "Version; always 1.", 1, {"version": __version__})
        for name, kind, text, number in counts:
            lines += reading(name, kind, text, number)
        for metric in (self._requests, self._seconds, self._orders):
            lines += metric.lines()
        return "\n".join(lines) + "\n"


def now() -> float:
    """Unix time, for the start of the process."""
    return time.time()
