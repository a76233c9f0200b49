# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The pool: connections are shared, replaced when they break, and never more than allowed."""

from __future__ import annotations

import threading

import pytest
from shop.errors import DatabaseUnavailableError, OutOfStockError


def ask(connection):
    connection.cursor().execute("SELECT 1")
    return "answer"


def test_a_connection_is_used_again(server, pool):
    assert [pool.run(ask), pool.run(ask)] == ["answer"] * 2
    assert len(server.connections) == 1
    assert server.connections[0].commits == 2


def test_a_restart_of_the_server_is_not_noticed(server, pool):
    pool.run(ask)
    server.restart()
    assert pool.run(ask) == "answer"
    state = pool.state()
    assert (state.opened, state.broken, state.idle, state.busy) == (2, 1, 1, 0)


def test_all_idle_connections_go_when_one_is_found_dead(server, pool):
    both = threading.Barrier(2)
    threads = [threading.Thread(target=pool.run, args=(lambda _c: both.wait(5),)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pool.state().idle == 2
    server.restart()
    pool.run(ask)
    assert [c.closed > 0 for c in server.connections] == [True, True, False]
    assert pool.state().idle == 1


def test_a_server_that_is_away_is_told_and_does_not_use_up_the_pool(server, pool):
    server.away = True
    for _ in range(5):
        with pytest.raises(DatabaseUnavailableError, match="does not accept"):
            pool.run(ask)
    server.away = False
    assert pool.run(ask) == "answer"
    assert pool.state().busy == 0


def test_work_is_tried_twice_at_most(server, pool):
    tries = []

    def dying(connection):
        tries.append(connection)
        server.restart()
        connection.cursor()

    with pytest.raises(DatabaseUnavailableError):
        pool.run(dying)
    assert len(tries) == 2
    assert pool.state().idle == 0


def test_a_lost_commit_is_not_repeated(server, pool):
    server.fail_commit = True
    tries = []
    with pytest.raises(DatabaseUnavailableError, match="commit"):
        pool.run(tries.append)
    assert len(tries) == 1


def test_a_slow_statement_is_told_and_its_connection_kept(server, pool):
    lost = pool._broken[0]

    def slow(_connection):
        raise lost("canceling statement due to timeout")

    with pytest.raises(DatabaseUnavailableError, match="in time"):
        pool.run(slow)
    assert server.connections[0].rollbacks == 1
    assert pool.state().idle == 1


def test_a_refused_order_is_undone_and_its_connection_kept(server, pool):
    def refuse(_connection):
        raise OutOfStockError("none left")

    with pytest.raises(OutOfStockError):
        pool.run(refuse)
    assert (server.connections[0].commits, server.connections[0].rollbacks) == (0, 1)
    assert pool.state().idle == 1


def test_no_more_connections_than_allowed(server, pool):
    def third(_connection):
        with pytest.raises(DatabaseUnavailableError, match="busy"):
            pool.run(ask)

    pool.run(lambda _first: pool.run(third))
    state = pool.state()
    assert (state.size, state.opened, state.refused) == (2, 2, 1)
