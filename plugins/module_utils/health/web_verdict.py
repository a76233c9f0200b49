# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""From what was seen of a listening service to its items."""

from __future__ import annotations

import time
from typing import Optional

from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    NOT_ASKED,
    OK,
    UNKNOWN,
    Item,
    Limits,
    Service,
    falling,
    of_service,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.postgresql import latency
from ansible_collections.holdfast.ops.plugins.module_utils.health.web import Seen, server_name


def judge(service: Service, seen: Seen, limits: Limits, now: float) -> list[Item]:
    """Items in the order of the conversation: port, TLS, HTTP, latency.

    now: seconds since the epoch, for the days left of a certificate.
    """
    name = service.name
    if seen.connect_fault:
        reason = f"{NOT_ASKED}{seen.connect_fault}"
        rest = [of_service(name, check, UNKNOWN, why=reason) for check in _later(service)]
        return [_port(service, FAIL, seen.connect_fault), *rest]
    items = [_port(service, OK)]
    if service.scheme == "https":
        items += [_tls(service, seen), _expiry(service, seen, limits, now)]
    if "http" in _later(service):
        items.append(_http(service, seen))
    # PostgreSQL is timed by its query, not by the bare connection.
    if seen.ms is not None and service.scheme != "postgresql":
        items.append(latency(service, seen.ms, limits))
    return items


def _later(service: Service) -> list[str]:
    tls = ["tls", "tls_expiry"] if service.scheme == "https" else []
    asked = service.scheme in ("http", "https") and service.health
    return [*tls, "http"] if asked else tls


def _port(service: Service, status: str, why: str = "") -> Item:
    value = f"{service.address}:{service.port}"
    return of_service(service.name, "port", status, value=value, limit="listening", why=why)


def _tls(service: Service, seen: Seen) -> Item:
    name = server_name(service)
    if seen.tls_fault:
        why = f"not trusted as {name}: {seen.tls_fault}"
        return of_service(service.name, "tls", FAIL, value=name, limit="trusted", why=why)
    return of_service(service.name, "tls", OK, value=name, limit="trusted")


def _expiry(service: Service, seen: Seen, limits: Limits, now: float) -> Item:
    if seen.expires is None:
        why = f"{NOT_ASKED}{seen.tls_fault or 'the certificate cannot be read'}"
        return of_service(service.name, "tls_expiry", UNKNOWN, unit="days", why=why)
    days = (seen.expires - now) / 86400.0
    status, limit = falling(days, limits.tls_warn_days, limits.tls_fail_days)
    date = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seen.expires))
    why = f"the certificate {'ended' if days <= 0 else 'ends'} on {date}"
    value = round(days, 1)
    return of_service(
        service.name, "tls_expiry", status, value=value, unit="days", limit=limit, why=why
    )


def _http(service: Service, seen: Seen) -> Item:
    fault = seen.http_fault or (seen.tls_fault if seen.status is None else "")
    if fault:
        return of_service(
            service.name,
            "http",
            FAIL,
            limit=service.health_status,
            why=f"{service.health}: {fault}",
        )
    why = _not_as_declared(service, seen)
    status = FAIL if why else OK
    return of_service(
        service.name, "http", status, value=seen.status, limit=service.health_status, why=why or ""
    )


def _not_as_declared(service: Service, seen: Seen) -> Optional[str]:
    if seen.status != service.health_status:
        where = f" to {seen.location}" if seen.location else ""
        return f"{service.health} answers {seen.status}{where}, not {service.health_status}"
    if service.health_body and service.health_body.encode() not in seen.body:
        # The body itself is not shown: health pages carry connection strings at times.
        return f"{service.health} answers without {service.health_body!r} in its body"
    return None
