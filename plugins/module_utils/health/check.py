# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Everything of one host in one go: all checks side by side, then one list of items."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Sequence
from typing import Any, Callable, Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health import (
    clock,
    disk,
    postgresql,
    system,
    units,
    web,
    web_verdict,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import (
    CannotRunError,
    Job,
    command,
    gather,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    NOT_ASKED,
    UNKNOWN,
    WARN,
    Item,
    Limits,
    Service,
    of_host,
    of_service,
)

HOST_CHECKS = ("disk", "memory", "load", "clock", "failed_units", "reboot")


def check_host(
    services: Sequence[Service],
    limits: Limits,
    host_checks: Sequence[str],
    ca: str,
    timeout: float,
) -> list[Item]:
    """Items of the services in their order, then of the host.

    Ends within `timeout` and a second, whatever the services do. ca: file or hashed folder.
    """
    jobs = _unit_jobs(services, limits, timeout)
    jobs += _listening_jobs(services, limits, ca, timeout)
    jobs += [
        Job(s.name, "postgresql", functools.partial(postgresql.check, s, timeout, limits))
        for s in services
        if s.scheme == "postgresql"
    ]
    jobs += _host_jobs(services, limits, host_checks, timeout)
    order = {service.name: number for number, service in enumerate(services)}
    items = gather(jobs, timeout)
    return sorted(items, key=lambda item: order.get(item.service or "", len(order)))


def _unit_jobs(services: Sequence[Service], limits: Limits, timeout: float) -> list[Job]:
    """One question to systemd for all declared units."""
    asked = [(s.name, s.unit) for s in services if s.unit]
    if not asked:
        return []

    def work() -> list[Item]:
        try:
            output = command(units.show([unit for _name, unit in asked]), timeout)
        except CannotRunError as error:
            return [units.unknown(name, str(error)) for name, _unit in asked]
        states = units.parse_show(output.out)
        if output.code and not states:
            return [units.unknown(name, output.complaint()) for name, _unit in asked]
        return [units.judge(name, unit, states, limits) for name, unit in asked]

    return [Job(asked[0][0], "unit", work, UNKNOWN)]


def _listening_jobs(
    services: Sequence[Service], limits: Limits, ca: str, timeout: float
) -> list[Job]:
    """A conversation with each service that has a port."""
    listening = [s for s in services if s.port]
    context, fault = None, None
    if any(s.scheme == "https" for s in listening):
        try:
            context = web.trust(ca)
        except OSError as error:
            fault = f"no CA certificates at {ca}: {error.strerror or error}"
    if any(s.scheme in ("http", "https") for s in listening):
        # Imported here once, not by every thread while it is being timed.
        import http.client  # noqa: F401 - loaded for web.py

    return [
        Job(s.name, "port", functools.partial(_converse, s, context, fault, limits, timeout))
        for s in listening
    ]


def _converse(
    service: Service, context: Any, fault: Optional[str], limits: Limits, timeout: float
) -> list[Item]:
    if service.scheme == "https" and fault:
        return [of_service(service.name, "tls", UNKNOWN, why=fault)]
    own = context if service.scheme == "https" else None
    return web_verdict.judge(service, web.probe(service, own, timeout), limits, time.time())


def _host_jobs(
    services: Sequence[Service], limits: Limits, wanted: Sequence[str], timeout: float
) -> list[Job]:
    work: dict[str, Callable[[], list[Item]]] = {
        "memory": lambda: [
            system.judge_memory(system.read("/proc/meminfo"), limits),
            *system.judge_pressure(system.read("/proc/pressure/memory"), limits),
        ],
        "load": lambda: [system.judge_load(_load(), _cpus(), limits)],
        "clock": lambda: clock.check(timeout, limits),
        "failed_units": lambda: [_failed_units(services, limits, timeout)],
        "reboot": lambda: [system.check_reboot()],
    }
    jobs = _disk_jobs(limits, timeout) if "disk" in wanted else []
    return jobs + [Job(None, name, work[name], UNKNOWN) for name in work if name in wanted]


def _load() -> Optional[float]:
    return system.parse_loadavg(system.read("/proc/loadavg") or "")


def _cpus() -> int:
    return len(os.sched_getaffinity(0))


def _failed_units(services: Sequence[Service], limits: Limits, timeout: float) -> Item:
    declared = [s.unit for s in services if s.unit]
    try:
        output = command(units.FAILED, timeout)
    except CannotRunError as error:
        return units.judge_failed(None, declared, limits, str(error))
    if output.code:
        return units.judge_failed(None, declared, limits, output.complaint())
    return units.judge_failed(units.parse_failed(output.out), declared, limits)


def _disk_jobs(limits: Limits, timeout: float) -> list[Job]:
    """Local filesystems together, each remote one alone, since it may hang."""
    text = system.read("/proc/self/mountinfo")
    if text is None:
        missing = of_host("disk", UNKNOWN, unit="%", why="/proc/self/mountinfo cannot be read")
        return [Job(None, "disk", lambda: [missing])]
    mounts = disk.real(disk.parse_mountinfo(text))
    local = [mount for mount in mounts if not mount.remote]

    def near() -> list[Item]:
        return [item for mount in local for item in disk.check(mount, timeout, limits)]

    far = [
        Job(None, "disk", functools.partial(disk.check, mount, timeout, limits))
        for mount in mounts
        if mount.remote
    ]
    return [Job(None, "disk", near), *far]


def summary(items: Sequence[Item]) -> str:
    """One line: how many are how, and what is wrong, worst first."""
    wrong = [item for item in items if item.status in (FAIL, UNKNOWN, WARN)]
    if not wrong:
        return f"all {len(items)} checks ok" if items else "nothing was checked"
    wrong = [item for item in wrong if not item.why.startswith(NOT_ASKED)] or wrong
    told = sorted(wrong, key=lambda item: (FAIL, UNKNOWN, WARN).index(item.status))
    return "; ".join(f"{item.status} {item.id}: {item.why or item.value}" for item in told)
