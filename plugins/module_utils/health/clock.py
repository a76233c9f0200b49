# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How far the host's clock is off, by whoever keeps it."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import (
    CannotRunError,
    command,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    UNKNOWN,
    Item,
    Limits,
    of_host,
    rising,
)

TRACKING = ("chronyc", "-n", "-c", "tracking")
_UNSYNCHRONISED, _NANOSECONDS = 0x0040, 0x2000


@dataclass(frozen=True)
class Clock:
    """offset_ms: None when nobody knows; `source` then says why, else who says so."""

    offset_ms: Optional[float]
    source: str


def parse_tracking(text: str) -> Clock:
    """`chronyc -c tracking`: offset of the system clock from the source it follows."""
    fields = text.strip().split(",")
    if len(fields) < 14:
        return Clock(None, "chronyd gives no tracking data")
    name, stratum, offset, leap = fields[1] or fields[0], fields[2], fields[4], fields[13]
    if leap == "Not synchronised" or stratum == "0":
        return Clock(None, "chronyd follows no time source (see: chronyc sources)")
    return Clock(abs(float(offset)) * 1000.0, f"chronyd, {name}, stratum {stratum}")


def parse_kernel(status: int, offset: int) -> Clock:
    """The kernel's own discipline (adjtimex), which any time service sets.

    status: STA_ bits. offset: what is left to correct, in ns or us as STA_NANO says.
    """
    if status & _UNSYNCHRONISED:
        return Clock(None, "no time service has synchronised the clock (see: timedatectl)")
    scale = 1e6 if status & _NANOSECONDS else 1e3
    return Clock(abs(offset) / scale, "the kernel's time discipline")


def _refused(number: int) -> str:
    if number == errno.EPERM:
        return "a container may not ask: its clock is kept by the machine below"
    return f"the kernel does not tell: {os.strerror(number)}"


def read_kernel() -> Clock:
    """Ask the kernel; changes nothing."""
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        # struct timex: modes, offset, freq, maxerror, esterror, status, then what we do not read.
        timex = (ctypes.c_long * 64)()
        if libc.adjtimex(ctypes.byref(timex)) < 0:
            return Clock(None, _refused(ctypes.get_errno()))
        status = ctypes.cast(
            ctypes.byref(timex, 5 * ctypes.sizeof(ctypes.c_long)), ctypes.POINTER(ctypes.c_int)
        ).contents.value
        return parse_kernel(status, timex[1])
    except (ImportError, OSError, AttributeError) as error:
        return Clock(None, f"the kernel cannot be asked: {error}")


def judge(clock: Clock, limits: Limits) -> Item:
    """A clock that follows no source is unknown, however right it may be."""
    if clock.offset_ms is None:
        return of_host("clock", UNKNOWN, unit="ms", limit=limits.clock_warn_ms, why=clock.source)
    status, limit = rising(clock.offset_ms, limits.clock_warn_ms, limits.clock_fail_ms)
    value = round(clock.offset_ms, 3)
    return of_host("clock", status, value=value, unit="ms", limit=limit, why=clock.source)


def check(timeout: float, limits: Limits) -> list[Item]:
    """Ask chronyd where it runs, else the kernel.

    In a container the kernel's clock is kept by the machine, whatever chronyd inside can see.
    """
    try:
        output = command(TRACKING, timeout)
    except CannotRunError:
        return [judge(read_kernel(), limits)]
    followed = parse_tracking(output.out) if output.code == 0 else None
    if followed and followed.offset_ms is not None:
        return [judge(followed, limits)]
    kernel = read_kernel()
    return [judge(followed if followed and kernel.offset_ms is None else kernel, limits)]
