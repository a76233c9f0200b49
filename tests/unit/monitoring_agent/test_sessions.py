# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Sessions are counted, not known."""

from __future__ import annotations

import itertools

from holdfast_request_metrics.sessions import SessionWindow
from hypothesis import given
from hypothesis import strategies as st


def keys():
    numbers = itertools.count(1)
    return lambda: next(numbers).to_bytes(32, "big")


def window(seconds=300.0, limit=1000, rotate=3600.0):
    return SessionWindow(seconds, limit, rotate, keys())


def test_session_counts_once_however_often_it_asks():
    sessions = window()
    for now in range(5):
        sessions.see("shop", b"a", float(now))
    sessions.see("shop", b"b", 5.0)
    assert sessions.counts(5.0) == {"shop": 2}


def test_session_is_counted_for_each_server():
    sessions = window()
    sessions.see("shop", b"a", 0.0)
    sessions.see("admin", b"a", 0.0)
    assert sessions.counts(0.0) == {"shop": 1, "admin": 1}


def test_session_leaves_after_the_window():
    sessions = window(seconds=300)
    sessions.see("shop", b"a", 0.0)
    sessions.see("shop", b"b", 100.0)
    assert sessions.counts(299.9) == {"shop": 2}
    assert sessions.counts(300.0) == {"shop": 1}
    assert sessions.counts(400.0) == {}
    assert len(sessions) == 0


def test_request_keeps_a_session_in_the_window():
    sessions = window(seconds=300)
    sessions.see("shop", b"a", 0.0)
    sessions.see("shop", b"a", 299.0)
    assert sessions.counts(598.0) == {"shop": 1}


def test_new_key_counts_nobody_twice():
    sessions = window(seconds=300, rotate=1000)
    sessions.see("shop", b"a", 0.0)
    sessions.see("shop", b"a", 900.0)
    sessions.see("shop", b"b", 950.0)
    sessions.counts(1000.0)  # the key is replaced here
    sessions.see("shop", b"b", 1050.0)
    assert sessions.counts(1050.0) == {"shop": 2}
    assert sessions.counts(1200.0) == {"shop": 1}


def test_old_key_is_forgotten(reachable):
    made = []

    def new_key():
        made.append(bytes([len(made)]) * 32)
        return made[-1]

    sessions = SessionWindow(10, 100, 100, new_key)
    sessions.see("shop", b"a", 0.0)
    sessions.see("shop", b"a", 100.0)
    sessions.see("shop", b"a", 120.0)
    assert len(made) == 2
    assert made[0] not in reachable(sessions)
    assert made[1] in reachable(sessions)


def test_limit_bounds_what_is_kept():
    sessions = window(limit=3)
    for number in range(10):
        sessions.see("shop", b"%d" % number, 0.0)
    assert sessions.counts(0.0) == {"shop": 3}
    assert sessions.untracked == 7
    sessions.see("shop", b"0", 1.0)
    assert sessions.untracked == 7


def test_limit_holds_over_a_change_of_key():
    sessions = window(seconds=100, limit=2, rotate=100)
    sessions.see("shop", b"a", 0.0)
    sessions.see("shop", b"b", 99.0)
    sessions.see("shop", b"c", 101.0)
    sessions.see("shop", b"d", 102.0)
    assert len(sessions) == 2
    assert sessions.untracked == 1


@given(
    st.lists(
        st.tuples(st.sampled_from([b"a", b"b", b"c", b"d"]), st.floats(0, 40)),
        max_size=60,
    )
)
def test_count_equals_a_simple_model(steps):
    sessions, last, now = window(seconds=50, rotate=70), {}, 0.0
    for session, pause in steps:
        now += pause
        sessions.see("shop", session, now)
        last[session] = now
        active = sum(1 for seen in last.values() if seen > now - 50)
        assert sessions.counts(now) == {"shop": active}
        assert len(sessions) == active
