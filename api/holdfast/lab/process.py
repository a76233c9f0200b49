"""Programs of this machine, run with one clear error."""

import subprocess
from collections.abc import Sequence

from holdfast.lab.errors import LabError


def run(command: Sequence[str], *, text: str | None = None, limit: int = 60) -> str:
    """Run a program to its end and give its stdout.

    text: what it reads on stdin. limit: seconds.

    Raises:
        LabError: it failed or did not end in time; carries the end of its stderr.
    """
    name = " ".join(command[:3])
    try:
        done = subprocess.run(
            list(command),
            input=text if text is not None else "",
            capture_output=True,
            text=True,
            errors="replace",
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise LabError(f"expected `{name}` to end, found it running after {limit} s") from late
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-400:]
        raise LabError(f"expected `{name}` to work, found exit {done.returncode}: {said}")
    return done.stdout


def attempt(command: Sequence[str], *, limit: int = 60) -> bool:
    """Run a program whose failure is an answer; True when it ended with 0."""
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
