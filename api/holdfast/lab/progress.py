"""What is going on, host by host: a live table for a person, plain lines for a log."""

import sys
import threading
import time
from types import TracebackType
from typing import Any

import click


class Progress:
    """Plain lines: one a subject and stage, with its seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: dict[str, float] = {}
        self._live: Any = None
        self._rows: dict[str, tuple[str, str]] = {}

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to close for lines."""

    def start(self, subject: str, what: str) -> None:
        """A subject (a host, an image) begins its next stage."""
        with self._lock:
            self._began.setdefault(subject, time.monotonic())
            self.show(subject, what, done=False)

    def step(self, subject: str, what: str) -> None:
        """A stage that is long enough to be told in a log when it begins."""
        with self._lock:
            began = self._began.setdefault(subject, time.monotonic())
            self.show(subject, what, done=False)
            if self._live is None:
                self.line(f"{subject:<14} {time.monotonic() - began:5.1f} s  {what}")

    def done(self, subject: str, what: str) -> None:
        """A stage has ended; seconds count from the subject's first stage."""
        with self._lock:
            seconds = time.monotonic() - self._began.setdefault(subject, time.monotonic())
            self.show(subject, f"{what}  {seconds:.1f} s", done=True)

    def say(self, text: str) -> None:
        """A line about the whole lab."""
        with self._lock:
            self.line(text)

    def show(self, subject: str, what: str, *, done: bool) -> None:
        """Lines are for stages that ended: what begins is seen in the live table alone."""
        if done:
            self.line(f"{subject:<14} {what}")

    def line(self, text: str) -> None:
        """One line to the person."""
        click.echo(text, err=True)


class LiveProgress(Progress):
    """A table that shows each host's stage, drawn again as it changes."""

    def __enter__(self) -> "LiveProgress":
        from rich.console import Console
        from rich.live import Live

        self._live = Live(console=Console(stderr=True), refresh_per_second=8, transient=False)
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def show(self, subject: str, what: str, *, done: bool) -> None:
        from rich.spinner import Spinner
        from rich.table import Table

        self._rows[subject] = (what, "done" if done else "busy")
        table = Table.grid(padding=(0, 2))
        for name, (text, state) in self._rows.items():
            mark = "✓" if state == "done" else Spinner("dots")
            table.add_row(mark, name, text)
        self._live.update(table)

    def line(self, text: str) -> None:
        self._live.console.print(text, highlight=False, markup=False)


def progress() -> Progress:
    """A live table on a terminal, lines anywhere else."""
    return LiveProgress() if sys.stderr.isatty() else Progress()
