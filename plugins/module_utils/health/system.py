# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The host itself: memory, load, pending reboot."""

from __future__ import annotations

import os
from typing import Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    OK,
    UNKNOWN,
    WARN,
    Item,
    Limits,
    of_host,
    rising,
)

REBOOT_REQUIRED = "/run/reboot-required"


def read(path: str) -> Optional[str]:
    """Text of a file of the kernel; None when it has none to give."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None


def parse_meminfo(text: str) -> dict[str, int]:
    """/proc/meminfo in KiB."""
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {key: int(rest.split()[0]) for key, rest in pairs if rest.split()[:1]}


def judge_memory(text: Optional[str], limits: Limits) -> Item:
    """What is in use and cannot be given back, of all memory."""
    seen = parse_meminfo(text or "")
    total, available = seen.get("MemTotal", 0), seen.get("MemAvailable")
    if not total or available is None:
        return of_host("memory", UNKNOWN, unit="%", why="/proc/meminfo does not say MemAvailable")
    percent = 100.0 * (total - available) / total
    status, limit = rising(percent, limits.memory_warn_percent, limits.memory_fail_percent)
    why = f"{available // 1024} MiB of {total // 1024} MiB available"
    return of_host("memory", status, value=round(percent, 1), unit="%", limit=limit, why=why)


def parse_pressure(text: str) -> Optional[float]:
    """Percent of the last minute in which all work waited for memory (PSI, `full avg60`)."""
    for line in text.splitlines():
        if line.startswith("full "):
            return float(dict(field.split("=") for field in line.split()[1:])["avg60"])
    return None


def judge_pressure(text: Optional[str], limits: Limits) -> list[Item]:
    """No item where the kernel does not account for pressure: memory itself is measured."""
    percent = parse_pressure(text or "")
    if percent is None:
        return []
    warn, fail = limits.memory_pressure_warn_percent, limits.memory_pressure_fail_percent
    status, limit = rising(percent, warn, fail)
    why = "" if status == OK else "of the last minute all work waited for memory"
    return [of_host("memory_pressure", status, value=percent, unit="%", limit=limit, why=why)]


def parse_loadavg(text: str) -> Optional[float]:
    """The 5-minute average; the C library would tell a container that of its machine."""
    words = text.split()
    return float(words[1]) if len(words) > 1 else None


def judge_load(average: Optional[float], cpus: int, limits: Limits) -> Item:
    """The 5-minute load average, over the CPUs that may be used."""
    if average is None:
        return of_host("load", UNKNOWN, unit="per CPU", why="/proc/loadavg cannot be read")
    value = round(average / max(cpus, 1), 2)
    status, limit = rising(value, limits.load_warn_per_cpu, limits.load_fail_per_cpu)
    why = f"load {average:.2f} on {cpus} CPUs"
    return of_host("load", status, value=value, unit="per CPU", limit=limit, why=why)


def judge_reboot(needed: bool, packages: Optional[str]) -> Item:
    """packages: text of reboot-required.pkgs, names of those that want it."""
    if not needed:
        return of_host("reboot", OK, value="not needed")
    names = sorted(set((packages or "").split()))
    why = f"wanted by {', '.join(names[:5])}" if names else f"{REBOOT_REQUIRED} exists"
    return of_host("reboot", WARN, value="needed", limit="not needed", why=why)


def check_reboot() -> Item:
    """Debian's packages leave a file when only a reboot makes them whole."""
    return judge_reboot(os.path.exists(REBOOT_REQUIRED), read(f"{REBOOT_REQUIRED}.pkgs"))
