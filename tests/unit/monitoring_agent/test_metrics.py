# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Prometheus reads: sums, their bounds, and nothing about a person."""

from __future__ import annotations

import re

from holdfast_request_metrics.metrics import RequestMetrics, sample
from holdfast_request_metrics.sessions import SessionWindow
from hypothesis import given
from hypothesis import strategies as st

SAMPLE = re.compile(r'^([a-z_]+)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)*)\})? (-?[0-9.e+-]+)$')


def metrics(limit=100, servers=10, bounds=(0.1, 1.0)):
    return RequestMetrics(SessionWindow(300, limit), bounds, servers, 1700000000.0)


def samples(text: str) -> dict[str, float]:
    """Each sample line by its name and labels; fails on a line that is neither."""
    found: dict[str, float] = {}
    for row in text.splitlines():
        if row.startswith("# "):
            continue
        assert SAMPLE.match(row), row
        name, _, value = row.rpartition(" ")
        assert name not in found, name
        found[name] = float(value)
    return found


def read(told: RequestMetrics, now=0.0, **more) -> dict[str, float]:
    return samples(told.render(now, 1700000005.0, **more))


def test_requests_are_counted_by_server_and_class(line):
    told = metrics()
    for status in ("200", "204", "404", "502"):
        told.take(line(status=status), 0.0)
    told.take(line(server="admin"), 0.0)
    values = read(told)
    assert values['holdfast_requests_total{server_name="shop.example",status_class="2xx"}'] == 2
    assert values['holdfast_requests_total{server_name="shop.example",status_class="4xx"}'] == 1
    assert values['holdfast_requests_total{server_name="shop.example",status_class="5xx"}'] == 1
    assert values['holdfast_requests_total{server_name="shop.example",status_class="1xx"}'] == 0
    assert values['holdfast_requests_total{server_name="admin",status_class="2xx"}'] == 1


def test_histogram_is_cumulative_and_bounds_are_inclusive(line):
    told = metrics()
    for seconds in ("0.05", "0.1", "0.5", "7"):
        told.take(line(seconds=seconds, upstream="-"), 0.0)
    values = read(told)
    name = "holdfast_request_duration_seconds"
    label = 'server_name="shop.example"'
    buckets = [values[f'{name}_bucket{{{label},le="{le}"}}'] for le in ("0.1", "1.0", "+Inf")]
    assert buckets == [2, 3, 4]
    assert values[f"{name}_count{{{label}}}"] == 4
    assert values[f"{name}_sum{{{label}}}"] == 7.65
    assert values[f"holdfast_request_upstream_duration_seconds_count{{{label}}}"] == 0


def test_bytes_and_request_lengths_are_added(line):
    told = metrics()
    told.take(line(sent="10"), 0.0)
    told.take(line(sent="32", length="over_1m"), 0.0)
    told.take(line(sent="0", length="17"), 0.0)
    values = read(told)
    assert values['holdfast_response_bytes_total{server_name="shop.example"}'] == 42
    by_length = 'holdfast_requests_by_length_total{server_name="shop.example",length_class="%s"}'
    assert [values[by_length % c] for c in ("under_1k", "over_1m", "other")] == [1, 1, 1]


def test_active_sessions_rise_and_fall_to_zero(line):
    told = metrics()
    name = 'holdfast_active_sessions{server_name="shop.example"}'
    told.take(line(session=""), 0.0)
    assert read(told)[name] == 0
    told.take(line(session="a"), 1.0)
    told.take(line(session="b"), 2.0)
    assert read(told, now=2.0)[name] == 2
    assert read(told, now=302.0)[name] == 0


def test_server_names_over_the_limit_are_other(line):
    told = metrics(servers=2)
    for number in range(50):
        told.take(line(server=f"s{number}"), 0.0)
    values = read(told)
    assert values['holdfast_requests_total{server_name="other",status_class="2xx"}'] == 48
    assert sum(1 for name in values if name.startswith("holdfast_active_sessions")) == 3


def test_lost_lines_are_counted_by_reason(line):
    told = metrics(limit=1)
    told.take(b"rubbish", 0.0)
    told.take(line(sent="x"), 0.0)
    told.take(line(session="x" * 70000), 0.0)
    told.take(line(session="a"), 0.0)
    told.take(line(session="b"), 0.0)
    values = read(told)
    own = "holdfast_request_metrics_"
    reasons = [
        values[f'{own}rejected_lines_total{{reason="{r}"}}']
        for r in ("oversized", "syntax", "field")
    ]
    assert reasons == [1, 1, 1]
    assert values[f"{own}lines_total"] == 5
    assert values[f"{own}untracked_sessions_total"] == 1


def test_its_own_state_is_told():
    told = metrics()
    own = "holdfast_request_metrics_"
    values = read(told)
    assert values[f"{own}up"] == 1
    assert values[f"{own}start_time_seconds"] == 1700000000.0
    assert values[f"{own}last_write_timestamp_seconds"] == 1700000005.0
    assert read(told, up=False)[f"{own}up"] == 0


def test_each_metric_has_one_help_and_type(line):
    told = metrics()
    told.take(line(), 0.0)
    text = told.render(0.0, 0.0)
    types = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    helps = re.findall(r"^# HELP (\S+)", text, re.MULTILINE)
    assert types == helps
    assert len(types) == len(set(types))
    for name in samples(text):
        base = re.sub(r"_(bucket|sum|count)$", "", name.partition("{")[0])
        assert base in types


def test_label_values_cannot_end_the_label(line):
    told = metrics()
    told.take(line(server='~^(x|y)\\d"} 1'), 0.0)
    assert r'server_name="~^(x|y)\\d\"} 1"' in told.render(0.0, 0.0)
    assert sample("a", {"b": "c\nd"}, 1) == r'a{b="c\nd"} 1'


@given(cookie=st.text(min_size=12, max_size=40), broken=st.booleans())
def test_cookie_is_neither_in_the_output_nor_in_the_state(line, reachable, cookie, broken):
    cookie = "PERSON-" + cookie
    told = metrics()
    raw = line(session=cookie)
    told.take(raw[:-2] if broken else raw, 0.0)
    state = dump(reachable(told))
    for form in (cookie.encode("utf-8", "surrogatepass"), b"PERSON-"):
        assert form not in told.render(0.0, 0.0).encode("utf-8", "surrogatepass")
        assert form not in state


def test_dump_would_find_a_cookie(reachable):
    """The proof above has teeth: a cookie put into the state is found."""
    told = metrics()
    told._sessions._current.seen[b"PERSON-1"] = (0.0, "shop")
    assert b"PERSON-1" in dump(reachable(told))


@given(st.lists(st.one_of(st.binary(max_size=300), st.integers(0, 9)), max_size=20))
def test_every_line_is_counted_once_whatever_it_holds(line, lines):
    told = metrics()
    for item in lines:
        told.take(item if isinstance(item, bytes) else line(session=str(item)), 0.0)
    values = read(told)
    counted = sum(v for name, v in values.items() if name.startswith("holdfast_requests_total"))
    lost = sum(v for name, v in values.items() if "rejected_lines_total" in name)
    assert counted + lost == len(lines)


def dump(objects: list[object]) -> bytes:
    """All bytes and text among the objects, as one heap dump would show them."""
    texts = [o.encode("utf-8", "surrogatepass") for o in objects if isinstance(o, str)]
    return b"\x00".join([*texts, *(bytes(o) for o in objects if isinstance(o, (bytes, bytearray)))])
