# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a health check is made of: services, limits, items, and how statuses rank."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Optional, Union

OK, WARN, UNKNOWN, FAIL = "ok", "warn", "unknown", "fail"

# Unknown is worse than a warning: a warned service is known to work, an unknown one is not.
RANK = {OK: 0, WARN: 1, UNKNOWN: 2, FAIL: 3}

# Begins the reason of an item that another item of the same service already explains.
NOT_ASKED = "not asked: "


@dataclass(frozen=True)
class Limits:
    """Where warn and fail begin. Percent of the whole, days, milliseconds, or per CPU."""

    disk_warn_percent: float = 80.0
    disk_fail_percent: float = 90.0
    inodes_warn_percent: float = 80.0
    inodes_fail_percent: float = 90.0
    memory_warn_percent: float = 90.0
    memory_fail_percent: float = 95.0
    memory_pressure_warn_percent: float = 10.0
    memory_pressure_fail_percent: float = 40.0
    load_warn_per_cpu: float = 3.0
    load_fail_per_cpu: float = 6.0
    tls_warn_days: float = 21.0
    tls_fail_days: float = 7.0
    clock_warn_ms: float = 100.0
    clock_fail_ms: float = 1000.0
    latency_warn_ms: float = 1000.0
    latency_fail_ms: float = 3000.0
    restarts_warn: int = 3
    failed_units_warn: int = 1
    failed_units_fail: int = 5


@dataclass(frozen=True)
class Service:
    """One declared service of the host.

    scheme: http, https, tcp or postgresql. health: path asked for, or None for no request.
    latency_*_ms: None for the limits of the host.
    """

    name: str
    unit: Optional[str] = None
    port: Optional[int] = None
    scheme: str = "tcp"
    address: str = "127.0.0.1"
    health: Optional[str] = None
    health_status: int = 200
    health_body: Optional[str] = None
    metrics: Optional[str] = None
    server_name: Optional[str] = None
    database: str = "postgres"
    latency_warn_ms: Optional[float] = None
    latency_fail_ms: Optional[float] = None


@dataclass(frozen=True)
class Item:
    """The result of one check.

    service: None for a check of the host itself.
    limit: the limit that was crossed; for ok the nearest one ahead.
    why: empty for ok where the value says it all.
    """

    id: str
    service: Optional[str]
    check: str
    status: str
    value: Union[float, str, None] = None
    unit: Optional[str] = None
    limit: Union[float, str, None] = None
    why: str = ""


def of_service(service: str, check: str, status: str, **more: object) -> Item:
    """An item of a service."""
    return Item(id=f"{service}.{check}", service=service, check=check, status=status, **more)


def of_host(check: str, status: str, about: str = "", **more: object) -> Item:
    """An item of the host itself; `about` tells several of one kind apart (a mount point)."""
    name = f"host.{check}:{about}" if about else f"host.{check}"
    return Item(id=name, service=None, check=check, status=status, **more)


def worst(statuses: Iterable[str]) -> str:
    """The overall status; of nothing at all nothing is known."""
    return max(statuses, key=RANK.__getitem__, default=UNKNOWN)


def rising(value: float, warn: float, fail: float) -> tuple[str, float]:
    """Status and limit of a value that is bad when it is high; a limit itself is crossed."""
    if value >= fail:
        return FAIL, fail
    return (WARN if value >= warn else OK), warn


def falling(value: float, warn: float, fail: float) -> tuple[str, float]:
    """Status and limit of a value that is bad when it is low; a limit itself is crossed."""
    if value <= fail:
        return FAIL, fail
    return (WARN if value <= warn else OK), warn


def faults(services: Sequence[Service], limits: Limits, timeout: float) -> list[str]:
    """What contradicts itself in the options, in words."""
    names = [service.name for service in services]
    found = [
        f"service {name} is given twice" for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    if not 0 < timeout <= 60:
        found.append(f"timeout is {timeout:g}, expected more than 0 and at most 60 seconds")
    found += [
        f"service {service.name} has scheme {service.scheme} and no port"
        for service in services
        if service.scheme != "tcp" and not service.port
    ]
    for field in fields(Limits):
        left, found_warn, right = field.name.partition("_warn")
        other = f"{left}_fail{right}"
        if found_warn and hasattr(limits, other):
            warn, fail = getattr(limits, field.name), getattr(limits, other)
            if (warn < fail) if left == "tls" else (warn > fail):
                found.append(f"{field.name} {warn:g} is beyond {other} {fail:g}")
    return found
