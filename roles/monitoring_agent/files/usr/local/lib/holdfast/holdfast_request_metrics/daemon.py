# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The loop: take datagrams from the socket, write the text file every few seconds."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import stat
import sys
import time
from pathlib import Path
from types import FrameType

from .metrics import RequestMetrics
from .records import MAX_LINE_BYTES

FIRST_INHERITED_DESCRIPTOR = 3  # systemd's protocol for socket activation
BATCH = 1000  # lines between two looks at the clock


class SetupError(Exception):
    """The daemon was started in a way it cannot work; the text says what to do."""


def inherited_socket(environment: dict[str, str]) -> socket.socket:
    """The datagram socket systemd made for us. Raises SetupError if there is none."""
    mine = environment.get("LISTEN_PID") == str(os.getpid())
    if not mine or environment.get("LISTEN_FDS") != "1":
        raise SetupError(
            "expected one socket from systemd, found none: start holdfast-request-metrics.socket"
        )
    descriptor = FIRST_INHERITED_DESCRIPTOR
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        raise SetupError(f"expected a socket as descriptor {descriptor}, found something else")
    return socket.socket(fileno=descriptor)


def write_atomically(path: Path, text: str) -> None:
    """Replace `path` so that a reader sees the old or the new file whole. Raises OSError."""
    # The hidden name has no .prom ending: node exporter does not read a half-written file.
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with draft.open("x", encoding="utf-8") as stream:  # x: never through somebody's link
        draft.chmod(0o644)  # node exporter reads it, whatever the umask
        stream.write(text)
    draft.replace(path)


class Daemon:
    """Single-threaded. `interval` is seconds between two writes of `path`."""

    def __init__(
        self, lines: socket.socket, metrics: RequestMetrics, path: Path, interval: float
    ) -> None:
        self._lines = lines
        self._metrics = metrics
        self._path = path
        self._interval = interval
        self._stopping = False
        self._write_failed = False

    def run(self) -> None:
        """Work until SIGTERM or SIGINT, then count what is queued and leave a final file."""
        self._lines.setblocking(False)
        woken, waker = socket.socketpair()
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        with woken, waker, selectors.DefaultSelector() as selector:
            selector.register(self._lines, selectors.EVENT_READ)
            selector.register(woken, selectors.EVENT_READ)
            self._loop(selector)
            signal.set_wakeup_fd(-1)
        self._drain()
        self._write(up=False)

    def _loop(self, selector: selectors.BaseSelector) -> None:
        due = time.monotonic()
        while not self._stopping:
            now = time.monotonic()
            if now >= due:
                self._write(up=True)
                due = now + self._interval
            if selector.select(max(0.0, due - time.monotonic())):
                self._drain()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _drain(self) -> None:
        now = time.monotonic()
        for _turn in range(BATCH):
            try:
                line = self._lines.recv(MAX_LINE_BYTES + 1)
            except BlockingIOError:
                return
            self._metrics.take(line, now)

    def _write(self, up: bool) -> None:
        text = self._metrics.render(time.monotonic(), time.time(), up)
        try:
            write_atomically(self._path, text)
        except OSError as error:  # a full disk must not end the counting
            if not self._write_failed:
                self._say(f"cannot write {self._path}: {error.strerror}; counting goes on")
            self._write_failed = True
            return
        if self._write_failed:
            self._say(f"{self._path} is written again")
        self._write_failed = False

    @staticmethod
    def _say(message: str) -> None:
        sys.stderr.write(message + "\n")
        sys.stderr.flush()
