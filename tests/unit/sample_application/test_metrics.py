# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prometheus' text format, as its parser would read it."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st
from shop.metrics import Counter, Histogram, escape, reading
from shop.pool import PoolState
from shop.telemetry import Telemetry

LINE = re.compile(r'[a-z_]+(\{[a-z_]+="(?:[^"\\\n]|\\.)*"(,[a-z_]+="(?:[^"\\\n]|\\.)*")*\})? \S+')


def samples(lines):
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_a_counter_counts_each_combination_of_labels():
    counter = Counter("hits_total", "Hits.", ("route", "status"))
    counter.add("/a", "200")
    counter.add("/a", "200", amount=2)
    counter.add("/a", "500")
    assert counter.lines()[:2] == ["# HELP hits_total Hits.", "# TYPE hits_total counter"]
    assert samples(counter.lines()) == {
        'hits_total{route="/a",status="200"}': "3",
        'hits_total{route="/a",status="500"}': "1",
    }


def test_a_counter_without_labels_begins_at_zero():
    assert Counter("orders_total", "Orders.").lines()[-1] == "orders_total 0"


@given(st.lists(st.floats(0, 20), min_size=1))
def test_a_histogram_agrees_with_what_it_was_told(seconds):
    histogram = Histogram("wait_seconds", "Waiting.", ("route",), bounds=(0.1, 1.0))
    for value in seconds:
        histogram.observe("/", seconds=value)
    found = samples(histogram.lines())
    below = [sum(value <= bound for value in seconds) for bound in (0.1, 1.0)]
    assert found['wait_seconds_bucket{route="/",le="0.1"}'] == str(below[0])
    assert found['wait_seconds_bucket{route="/",le="1.0"}'] == str(below[1])
    assert found['wait_seconds_bucket{route="/",le="+Inf"}'] == str(len(seconds))
    assert found['wait_seconds_count{route="/"}'] == str(len(seconds))
    assert float(found['wait_seconds_sum{route="/"}']) == sum(seconds)


@given(st.text())
def test_a_label_can_hold_anything(value):
    line = reading("x", "gauge", "X.", 1, {"label": value})[-1]
    assert line.count("\n") == 0
    inside = line[len('x{label="') : -len('"} 1')]
    back = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], inside)
    assert back == value
    assert escape(value) == inside


def test_the_page_of_metrics_is_whole_and_names_no_path():
    telemetry = Telemetry(started=1.5)
    telemetry.request("GET", "/api/orders/<int:number>", 404, 0.02)
    telemetry.request("BREW", "none", 405, 0.001)
    telemetry.order()
    text = telemetry.text(PoolState(size=8, busy=1, idle=2, opened=5, broken=2, refused=0))
    lines = text.splitlines()
    assert text.endswith("\n")
    assert all(LINE.fullmatch(line) for line in lines if not line.startswith("# "))
    found = samples(lines)
    assert found['shop_http_requests_total{method="other",route="none",status="405"}'] == "1"
    assert found["shop_db_pool_connections_busy"] == "1"
    assert found["shop_db_connections_broken_total"] == "2"
    assert found["shop_orders_placed_total"] == "1"
    kinds = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(kinds) == len(set(kinds))
