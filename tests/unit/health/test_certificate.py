"""The end of a certificate, from its bytes."""

import calendar
import contextlib

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health.certificate import (
    NotACertificateError,
    not_after,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.health.conftest import Authority


@pytest.mark.parametrize("days", [-30, 0.5, 3, 365, 20000])
def test_the_end_is_read_as_the_certificate_has_it(authority: Authority, days: float) -> None:
    # 20000 days go beyond 2049, where certificates change to another form of time.
    issued = authority.issue(days)
    assert not_after(issued.der) == calendar.timegm(issued.ends.utctimetuple())


def test_a_certificate_of_the_last_century_is_not_taken_for_one_of_this() -> None:
    validity = b"\x17\x0d500101000000Z" + b"\x17\x0d681231235959Z"

    def element(tag: int, content: bytes) -> bytes:
        return bytes([tag, len(content)]) + content

    body = element(2, b"\x01") + element(0x30, b"") + element(0x30, b"") + element(0x30, validity)
    der = element(0x30, element(0x30, body))
    assert not_after(der) == calendar.timegm((1968, 12, 31, 23, 59, 59))


@pytest.mark.parametrize("cut", [0, 1, 10, 60, 100])
def test_a_certificate_cut_short_is_refused(authority: Authority, cut: int) -> None:
    with pytest.raises(NotACertificateError):
        not_after(authority.issue(1).der[:cut])


@given(st.binary(max_size=200))
def test_whatever_the_bytes_are_the_answer_is_a_time_or_one_clear_error(data: bytes) -> None:
    with contextlib.suppress(NotACertificateError):
        assert isinstance(not_after(data), (int, float))
