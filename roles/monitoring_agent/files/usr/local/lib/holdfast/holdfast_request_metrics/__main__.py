# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Command line: python3 -m holdfast_request_metrics --output FILE [options]."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from .daemon import Daemon, SetupError, inherited_socket
from .metrics import RequestMetrics
from .sessions import SessionWindow


def seconds(text: str) -> float:
    """A positive number of seconds, for argparse."""
    value = float(text)
    if not 0 < value < 86400 * 366:
        raise ValueError(text)
    return value


def bounds(text: str) -> list[float]:
    """Upper bounds of the histograms: seconds, separated by commas."""
    return [seconds(part) for part in text.split(",")]


def count(text: str) -> int:
    """A whole number of at least one, for argparse."""
    value = int(text)
    if value < 1:
        raise ValueError(text)
    return value


def options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line; exits with 2 and the reason if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="holdfast-request-metrics",
        description="Count nginx's requests from its log datagrams; keep no personal data.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="Prometheus text file"
    )
    parser.add_argument("--interval", type=seconds, default=5.0, help="seconds between writes")
    parser.add_argument("--window", type=seconds, default=300.0, help="seconds a session is active")
    parser.add_argument("--rotate", type=seconds, default=3600.0, help="seconds a hash key is used")
    parser.add_argument("--max-sessions", type=count, default=50000)
    parser.add_argument("--max-servers", type=count, default=100)
    parser.add_argument(
        "--bounds", type=bounds, default=bounds("0.005,0.01,0.025,0.05,0.1,0.25,0.5,1,2.5,5,10")
    )
    return parser.parse_args(arguments)


def main() -> int:
    """Run until told to stop; 0, or 1 when the start was wrong."""
    chosen = options()
    sessions = SessionWindow(chosen.window, chosen.max_sessions, chosen.rotate)
    metrics = RequestMetrics(sessions, chosen.bounds, chosen.max_servers, round(time.time(), 3))
    try:
        lines = inherited_socket(dict(os.environ))
    except SetupError as error:
        sys.stderr.write(f"holdfast-request-metrics: {error}\n")
        return 1
    with lines:
        Daemon(lines, metrics, chosen.output, chosen.interval).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
