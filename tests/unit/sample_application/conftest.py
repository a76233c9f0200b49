# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The shop ships as files of the role: import it from where it lies, over a database of paper."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROLE = Path(__file__).parents[3] / "roles" / "sample_application"
LIBRARY = ROLE / "files" / "usr" / "local" / "lib" / "shop"
sys.path.insert(0, str(LIBRARY))


class LostError(Exception):
    """What a driver raises when the connection is gone."""


class Cursor:
    """Answers statements from a list of (words, rows or error); remembers what it was told."""

    def __init__(self, connection):
        self.connection = connection
        self.rows = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def execute(self, statement, values=()):
        self.connection.told.append((" ".join(statement.split()), values))
        for words, answer in self.connection.server.answers:
            if words in statement:
                if isinstance(answer, Exception):
                    raise answer
                self.rows = list(answer(values) if callable(answer) else answer)
                return
        self.rows = []

    def executemany(self, statement, rows):
        for row in rows:
            self.execute(statement, row)

    def copy_expert(self, statement, stream):
        self.connection.told.append((statement, stream.read()))

    def fetchone(self):
        return self.rows[0] if self.rows else None

    def fetchall(self):
        return self.rows


class Connection:
    """A connection to the paper server."""

    def __init__(self, server):
        self.server = server
        self.closed = 0
        self.told = []
        self.commits = self.rollbacks = 0

    def cursor(self):
        if self.server.generation != self.generation:
            self.closed = 2
            raise LostError("server closed the connection")
        return Cursor(self)

    def commit(self):
        if self.server.fail_commit:
            self.closed = 2
            raise LostError("lost in commit")
        self.commits += 1

    def rollback(self):
        self.rollbacks += 1

    def close(self):
        self.closed = 1


class Server:
    """A server that can restart, be away, and fail in a commit."""

    def __init__(self):
        self.answers = []
        self.connections = []
        self.generation = 0
        self.away = self.fail_commit = False

    def connect(self):
        if self.away:
            raise LostError("connection refused")
        made = Connection(self)
        made.generation = self.generation
        self.connections.append(made)
        return made

    def restart(self):
        self.generation += 1

    @property
    def told(self):
        return [entry for connection in self.connections for entry in connection.told]


@pytest.fixture
def server():
    """A paper server: no answers yet."""
    return Server()


@pytest.fixture
def pool(server):
    """The shop's pool over the paper server, two connections at most."""
    from shop.pool import Pool

    return Pool(server.connect, (LostError,), 2, patience=0.0)


@pytest.fixture(scope="session")
def role():
    """The role's directory."""
    return ROLE


@pytest.fixture(scope="session")
def library():
    """What PYTHONPATH is on a host."""
    return LIBRARY
