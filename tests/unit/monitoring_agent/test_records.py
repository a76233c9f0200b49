# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is read from a log line, and what is refused."""

from __future__ import annotations

import pytest
from holdfast_request_metrics.records import MAX_LINE_BYTES, RejectedLineError, parse
from hypothesis import given
from hypothesis import strategies as st


def rejected(line: bytes) -> str:
    with pytest.raises(RejectedLineError) as caught:
        parse(line)
    return caught.value.reason


def test_line_of_nginx_is_read(line):
    record = parse(line())
    assert (record.server, record.status_class, record.length_class) == (
        "shop.example",
        "2xx",
        "under_1k",
    )
    assert (record.seconds, record.upstream, record.sent) == (0.123, 0.1, 512)
    assert record.session == b"c00kie"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("-", None), ("", None), ("0.1, 0.2", 0.3), ("0.1 : 0.2", 0.3), ("0.1, - : 0.5", 0.6)],
)
def test_upstream_time_is_the_sum_of_all_tries(line, text, seconds):
    upstream = parse(line(upstream=text)).upstream
    assert upstream == (None if seconds is None else pytest.approx(seconds))


@pytest.mark.parametrize(
    ("status", "status_class"),
    [
        ("101", "1xx"),
        ("304", "3xx"),
        ("499", "4xx"),
        ("503", "5xx"),
        ("000", "other"),
        ("9", "other"),
    ],
)
def test_status_has_a_class(line, status, status_class):
    assert parse(line(status=status)).status_class == status_class


@pytest.mark.parametrize(
    ("name", "server"),
    [("", "_"), ("a" * 129, "other"), ("tab\there", "other"), ("münchen", "other"), ("*.x", "*.x")],
)
def test_server_name_that_nobody_configured_is_other(line, name, server):
    assert parse(line(server=name)).server == server


@pytest.mark.parametrize(
    "changes",
    [
        {"seconds": "nan"},
        {"seconds": "inf"},
        {"seconds": "-1"},
        {"seconds": "1e9"},
        {"seconds": "1_0"},
        {"seconds": "٣"},
        {"seconds": "9" * 4000},
        {"seconds": "0.1\n"},
        {"sent": "-5"},
        {"sent": "1.5"},
        {"sent": ""},
        {"upstream": "0.1; DROP"},
        {"session": None},
        {"extra": "x"},
    ],
)
def test_field_that_nginx_never_sends_is_refused(line, changes):
    assert rejected(line(**changes)) == "field"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"<190>Nov 23 10:09:12 holdfast: hello",
        b'{"session":"un"escaped"}',
        b'{"session":"line\nbreak"}',
        b"{" * 30000,
        b"[" * 60000,
        b'{"a":' * 10000,
        b"{}}",
        b'{"sent":' + b"9" * 60000,
    ],
)
def test_line_that_is_no_json_is_refused(raw):
    assert rejected(raw) == "syntax"


def test_numbers_instead_of_strings_are_refused_without_being_computed():
    assert rejected(b'{"sent":' + b"9" * 60000 + b"}") == "field"


def test_line_larger_than_any_of_nginx_is_refused(line):
    assert rejected(line(session="x" * MAX_LINE_BYTES)) == "oversized"


def test_refusal_carries_nothing_of_the_line(line):
    with pytest.raises(RejectedLineError) as caught:
        parse(line(session="s3cret")[:-2])
    assert "s3cret" not in repr(caught.value)
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


def test_record_does_not_show_its_session(line):
    assert "c00kie" not in repr(parse(line()))


@given(raw=st.binary(max_size=4096))
def test_any_bytes_are_read_or_refused(raw):
    try:
        parse(raw)
    except RejectedLineError as error:
        assert error.reason in ("oversized", "syntax", "field")  # noqa: PT017


@given(session=st.text(max_size=200))
def test_every_cookie_that_json_can_carry_is_kept_apart(line, session):
    assert parse(line(session=session)).session == session.encode("utf-8", "surrogatepass")


@given(
    raw=st.binary(max_size=64).filter(
        lambda b: not set(b) & {0x22, 0x5C} and min(b, default=32) > 31
    )
)
def test_cookie_of_raw_bytes_passes_as_nginx_leaves_it(line, raw):
    text = line(session="MARK").replace(b"MARK", raw)
    session = parse(text).session
    assert session.decode("utf-8", "surrogatepass").encode("utf-8", "surrogateescape") == raw
