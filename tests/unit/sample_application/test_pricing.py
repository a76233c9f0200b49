# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Prices: examples by hand, and what holds for every order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop.pricing import Bill, Line, bill, included_vat, percent

LINES = st.lists(
    st.builds(Line, st.integers(1, 99), st.integers(1, 99), st.integers(1, 50_000)), min_size=1
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([Line(1, 1, 1000)], Bill(1000, 490, 238)),  # 14.90 holds 2.379 of VAT
        ([Line(1, 5, 1000)], Bill(5000, 0, 798)),  # from 50 euros up it travels free
        ([Line(1, 1, 4999)], Bill(4999, 490, 876)),
        ([Line(1, 10, 1000)], Bill(9500, 0, 1517)),  # ten pieces: 5 % less
        ([Line(1, 9, 111), Line(2, 12, 99)], Bill(999 + 1129, 490, 418)),
    ],
)
def test_bills_by_hand(lines, expected):
    assert bill(lines) == expected


@pytest.mark.parametrize(("cents", "rate", "share"), [(10, 5, 1), (9, 5, 0), (29, 5, 1), (0, 5, 0)])
def test_halves_are_rounded_up(cents, rate, share):
    assert percent(cents, rate) == share


@given(LINES)
def test_a_bill_adds_up(lines):
    found = bill(lines)
    assert found.goods_cents == sum(line.cents for line in lines)
    assert found.total_cents == found.goods_cents + found.shipping_cents
    assert (found.shipping_cents == 0) is (found.goods_cents >= 5000)
    net = found.total_cents - found.vat_cents
    assert abs(net * 119 - found.total_cents * 100) <= 60


@given(LINES, LINES)
def test_goods_do_not_depend_on_order_or_company(some, more):
    together = bill([*some, *more]).goods_cents
    assert together == bill(more).goods_cents + bill(some).goods_cents
    assert together == bill([*reversed(more), *some]).goods_cents


@given(st.integers(0, 10**9))
def test_vat_is_within_half_a_cent(cents):
    assert abs(included_vat(cents) * 119 - cents * 19) * 2 <= 119
