# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Counters, gauges and histograms in Prometheus' text format; safe for threads."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Labels = tuple[str, ...]


def escape(value: str) -> str:
    """A label's value as the format wants it."""
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def sample(name: str, names: Sequence[str], values: Sequence[str], number: float) -> str:
    """One line: `name{label="value"} number`."""
    pairs = ",".join(f'{n}="{escape(v)}"' for n, v in zip(names, values))
    shown = str(int(number)) if float(number).is_integer() else repr(float(number))
    return f"{name}{{{pairs}}} {shown}" if pairs else f"{name} {shown}"


def header(name: str, kind: str, text: str) -> list[str]:
    """The two lines above a metric's samples."""
    return [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]


class Counter:
    """A number that only grows, for each combination of labels."""

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self._name, self._text, self._labels = name, text, tuple(labels)
        self._lock = threading.Lock()
        self._values: dict[Labels, float] = {} if labels else {(): 0.0}

    def add(self, *values: str, amount: float = 1.0) -> None:
        """Count; values are those of the labels, in order."""
        with self._lock:
            self._values[values] = self._values.get(values, 0.0) + amount

    def lines(self) -> list[str]:
        """The metric as text."""
        with self._lock:
            rows = sorted(self._values.items())
        samples = [sample(self._name, self._labels, values, number) for values, number in rows]
        return header(self._name, "counter", self._text) + samples


class Histogram:
    """Durations in seconds, sorted into buckets, for each combination of labels."""

    def __init__(
        self, name: str, text: str, labels: Sequence[str] = (), bounds: Iterable[float] = BUCKETS
    ) -> None:
        self._name, self._text, self._labels = name, text, tuple(labels)
        self._bounds = tuple(bounds)
        self._lock = threading.Lock()
        # A row: a count for each bucket (the last is +Inf), not yet cumulated; then the sum.
        self._rows: dict[Labels, list[float]] = {}

    def observe(self, *values: str, seconds: float) -> None:
        """Add one duration."""
        place = next((i for i, b in enumerate(self._bounds) if seconds <= b), len(self._bounds))
        with self._lock:
            row = self._rows.setdefault(values, [0.0] * (len(self._bounds) + 2))
            row[place] += 1
            row[-1] += seconds

    def lines(self) -> list[str]:
        """The metric as text, buckets cumulated as the format wants them."""
        with self._lock:
            rows = sorted((values, tuple(row)) for values, row in self._rows.items())
        out = header(self._name, "histogram", self._text)
        edges = [repr(bound) for bound in self._bounds] + ["+Inf"]
        for values, row in rows:
            total = 0.0
            for edge, count in zip(edges, row):
                total += count
                labels, marked = (*self._labels, "le"), (*values, edge)
                out.append(sample(f"{self._name}_bucket", labels, marked, total))
            out.append(sample(f"{self._name}_sum", self._labels, values, row[-1]))
            out.append(sample(f"{self._name}_count", self._labels, values, total))
        return out


def reading(
    name: str, kind: str, text: str, number: float, labels: dict[str, str] | None = None
) -> list[str]:
    """A metric whose value is read at this moment, as text."""
    named = labels or {}
    return [*header(name, kind, text), sample(name, list(named), list(named.values()), number)]
