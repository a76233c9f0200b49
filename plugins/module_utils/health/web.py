# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Services that listen: connection, TLS, HTTP, one after another over one connection."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass, replace
from typing import Any, Optional
from urllib.parse import urlsplit

from ansible_collections.holdfast.ops.plugins.module_utils.health.certificate import (
    NotACertificateError,
    not_after,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import Service

# More than any health page; a service that streams for ever is cut off here.
BODY_LIMIT = 256 * 1024
LOOPBACK = ("127.", "::1", "localhost")


@dataclass(frozen=True)
class Seen:
    """What was seen of one service. Faults are texts for people, empty when there is none.

    ms: from the first packet to the end of the answer, without our own fault-finding.
    expires: end of the certificate, seconds since the epoch.
    """

    connect_fault: str = ""
    tls_fault: str = ""
    expires: Optional[float] = None
    http_fault: str = ""
    status: Optional[int] = None
    location: str = ""
    body: bytes = b""
    ms: Optional[float] = None


class Deadline:
    """What is left of a check's time."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout
        self.began = time.monotonic()

    def left(self) -> float:
        """Seconds left.

        Raises:
            socket.timeout: none are.
        """
        rest = self.timeout - (time.monotonic() - self.began)
        if rest <= 0:
            raise socket.timeout("timed out")
        return rest

    def spent_ms(self) -> float:
        """Milliseconds since the start."""
        return (time.monotonic() - self.began) * 1000.0


def trust(place: str) -> Any:
    """A context that verifies against a file of CA certificates or a hashed folder of them.

    Raises:
        OSError: there is no such place or nothing to read in it.
    """
    import os
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if os.path.isdir(place):
        # Only the one issuer is read from a folder: 1 ms in place of 25 ms for the whole bundle.
        context.load_verify_locations(capath=place)
    else:
        context.load_verify_locations(cafile=place)
    return context


def server_name(service: Service) -> str:
    """The name a certificate must have: as declared, else how the service is reached.

    Nobody holds a certificate for loopback: there it is the host's own name.
    """
    if service.server_name:
        return service.server_name
    return socket.gethostname() if service.address.startswith(LOOPBACK) else service.address


def probe(service: Service, context: Any, timeout: float) -> Seen:
    """Connect and ask, all within `timeout` seconds. context: None unless https."""
    deadline = Deadline(timeout)
    try:
        sock = _connect(service, deadline)
    except OSError as error:
        return Seen(connect_fault=_plain(error, service, timeout))
    with sock:
        if context is None:
            return _asked(sock, service, deadline, Seen())
        return _over_tls(sock, service, context, deadline)


def _connect(service: Service, deadline: Deadline) -> socket.socket:
    return socket.create_connection((service.address, service.port or 0), deadline.left())


def _over_tls(sock: socket.socket, service: Service, context: Any, deadline: Deadline) -> Seen:
    import ssl

    try:
        sock.settimeout(deadline.left())
        with context.wrap_socket(sock, server_hostname=server_name(service)) as secure:
            return _asked(secure, service, deadline, Seen(expires=_expires(secure)))
    except ssl.SSLCertVerificationError as error:
        refused = Seen(tls_fault=str(error.verify_message).rstrip("."))
        return _untrusted(service, refused, deadline)
    except OSError as error:
        return Seen(tls_fault=_plain(error, service, deadline.timeout))


def _untrusted(service: Service, seen: Seen, deadline: Deadline) -> Seen:
    """Look behind a certificate that failed: its end, and whether the service works.

    Nothing secret is sent, and the fault that was found stands whatever is seen here.
    """
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with _connect(service, deadline) as sock:
            sock.settimeout(deadline.left())
            with context.wrap_socket(sock, server_hostname=server_name(service)) as secure:
                seen = replace(seen, expires=_expires(secure))
                return replace(_asked(secure, service, deadline, seen), ms=None)
    except OSError as error:
        return replace(seen, http_fault=_plain(error, service, deadline.timeout))


def _expires(secure: Any) -> Optional[float]:
    try:
        return not_after(secure.getpeercert(binary_form=True) or b"")
    except NotACertificateError:
        return None


def _asked(sock: Any, service: Service, deadline: Deadline, seen: Seen) -> Seen:
    """The answer to the health path, where there is one; redirects are told, not followed."""
    if service.scheme not in ("http", "https") or not service.health:
        return replace(seen, ms=deadline.spent_ms())
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(service.address, service.port)
    connection.sock = sock
    try:
        sock.settimeout(deadline.left())
        connection.request("GET", service.health, headers=_headers(service))
        response = connection.getresponse()
        body = _read(response, sock, deadline)
    except HTTPException as error:
        return replace(seen, http_fault=f"not HTTP: {type(error).__name__}")
    except OSError as error:
        return replace(seen, http_fault=_plain(error, service, deadline.timeout))
    location = urlsplit(response.getheader("Location") or "")
    where = f"{location.scheme}://{location.netloc}{location.path}" if location.netloc else ""
    return replace(
        seen,
        status=response.status,
        location=where or location.path,
        body=body,
        ms=deadline.spent_ms(),
    )


def _headers(service: Service) -> dict[str, str]:
    usual = {"http": 80, "https": 443}[service.scheme]
    name = service.server_name or service.address
    name = f"[{name}]" if ":" in name else name
    host = name if service.port == usual else f"{name}:{service.port}"
    return {"Host": host, "User-Agent": "holdfast-health", "Accept": "*/*", "Connection": "close"}


def _read(response: Any, sock: Any, deadline: Deadline) -> bytes:
    """The body, up to the limit; a drip of bytes does not stretch the deadline."""
    parts: list[bytes] = []
    size = 0
    while size < BODY_LIMIT:
        rest = deadline.left()
        if sock.fileno() >= 0:
            sock.settimeout(rest)
        part = response.read1(BODY_LIMIT - size)
        if not part:
            break
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _plain(error: OSError, service: Service, timeout: float) -> str:
    """An error of the network in words."""
    where = f"{service.address}:{service.port}"
    if isinstance(error, socket.timeout):
        return f"no answer from {where} within {timeout:g} s"
    if isinstance(error, ConnectionRefusedError):
        return f"nothing listens on {where}"
    if isinstance(error, (ConnectionResetError, BrokenPipeError)):
        return f"{where} closed the connection without an answer"
    return f"{where}: {getattr(error, 'reason', None) or error.strerror or error}"
