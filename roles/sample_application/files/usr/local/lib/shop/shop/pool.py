# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Connections to the database, kept open, shared by threads, replaced when they break."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from .errors import DatabaseUnavailableError

Result = TypeVar("Result")


@dataclass(frozen=True)
class PoolState:
    """How the pool stands: connections by use, and what happened since the process started."""

    size: int
    busy: int
    idle: int
    opened: int
    broken: int
    refused: int


class _LostError(DatabaseUnavailableError):
    """The connection broke before the commit: the same work may be tried on a new one."""


class Pool:
    """At most `size` connections.

    connect: opens one. broken: the exceptions that a lost connection raises.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        broken: tuple[type[Exception], ...],
        size: int,
        patience: float = 5.0,
    ) -> None:
        self._connect = connect
        self._broken = broken
        self._size = size
        self._patience = patience
        self._free = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._idle: list[Any] = []
        self._busy = self._opened = self._lost = self._refused = 0

    def run(self, work: Callable[[Any], Result]) -> Result:
        """Do the work in a transaction and commit it.

        A connection that turns out dead before the commit is replaced and the work done once
        more: that is how the shop lives through a restart of the database. A commit that fails
        is not repeated, since it may have taken place.

        Raises:
            DatabaseUnavailableError: no connection to be had in time, or two were lost.
        """
        if not self._free.acquire(timeout=self._patience):
            with self._lock:
                self._refused += 1
            raise DatabaseUnavailableError("every database connection is busy; try again shortly")
        try:
            try:
                return self._transaction(work)
            except _LostError:
                # Lost for all alike: the idle ones are as old as the server they spoke to.
                self._forget_idle()
                return self._transaction(work)
        finally:
            self._free.release()

    def state(self) -> PoolState:
        """Counts for the metrics."""
        with self._lock:
            idle = len(self._idle)
            return PoolState(self._size, self._busy, idle, self._opened, self._lost, self._refused)

    def _transaction(self, work: Callable[[Any], Result]) -> Result:
        connection = self._take()
        committed = False
        try:
            result = self._work(work, connection)
            try:
                connection.commit()
            except self._broken as error:
                raise DatabaseUnavailableError("the database was lost in a commit") from error
            committed = True
        finally:
            self._give_back(connection, committed)
        return result

    def _work(self, work: Callable[[Any], Result], connection: Any) -> Result:
        try:
            return work(connection)
        except self._broken as error:
            if connection.closed:
                raise _LostError("the database closed the connection") from error
            raise DatabaseUnavailableError("the database did not answer in time") from error

    def _take(self) -> Any:
        with self._lock:
            self._busy += 1
            if self._idle:
                return self._idle.pop()
        try:
            connection = self._connect()
        except self._broken as error:
            with self._lock:
                self._busy -= 1
            raise DatabaseUnavailableError("the database does not accept connections") from error
        with self._lock:
            self._opened += 1
        return connection

    def _give_back(self, connection: Any, committed: bool) -> None:
        """Keep a connection that is well; the work of one that failed is undone first."""
        well = not connection.closed
        if well and not committed:
            try:
                connection.rollback()
            except self._broken:
                well = False
        with self._lock:
            self._busy -= 1
            if well:
                self._idle.append(connection)
            else:
                self._lost += 1
        if not well:
            connection.close()

    def _forget_idle(self) -> None:
        with self._lock:
            old, self._idle = self._idle, []
            self._lost += len(old)
        for connection in old:
            connection.close()
