"""Certificates made for the test, and servers on ports that the system picks."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Handler = Callable[[socket.socket], None]
NAME = "shop.example"


@dataclass(frozen=True)
class Issued:
    """Paths of a certificate and its key, its bytes, and its end."""

    cert: Path
    key: Path
    der: bytes
    ends: datetime.datetime


class Authority:
    """A certificate authority for one test run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
        now = datetime.datetime.now(datetime.timezone.utc)
        basic = x509.BasicConstraints(ca=True, path_length=None)
        own = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        self.certificate = (
            self._builder(self.name, self.key, now - datetime.timedelta(days=800), 4000)
            .add_extension(basic, critical=True)
            .add_extension(own, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        self.file = folder / "ca.crt"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        start: datetime.datetime,
        days: float,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=days))
        )

    def issue(self, days: float, name: str = NAME) -> Issued:
        """A certificate that ends in so many days (negative: has ended)."""
        key = ec.generate_private_key(ec.SECP256R1())
        start = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=400)
        alternative: x509.GeneralName = x509.DNSName(name)
        if name[0].isdigit():
            alternative = x509.IPAddress(ipaddress.ip_address(name))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = (
            self._builder(subject, key, start, 400 + days)
            .add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        stem = f"{name}-{days}"
        cert, private = self.folder / f"{stem}.crt", self.folder / f"{stem}.key"
        cert.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        der = certificate.public_bytes(serialization.Encoding.DER)
        return Issued(cert, private, der, certificate.not_valid_after_utc)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The CA that tests trust."""
    return Authority(tmp_path_factory.mktemp("ca"))


@contextmanager
def server(handler: Handler, issued: Issued | None = None) -> Iterator[int]:
    """A server on loopback that gives each connection to the handler; yields its port."""
    context = None
    if issued:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(issued.cert, issued.key)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        try:
            with connection:
                if context is None:
                    handler(connection)
                    return
                with context.wrap_socket(connection, server_side=True) as secure:
                    handler(secure)
        except OSError:
            # The client went away: that is what many of these tests are about.
            return

    def accept() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        # shutdown wakes the thread in accept; close alone does not.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def answering(text: str) -> Handler:
    """A handler that reads a request and sends this."""

    def handle(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(text.encode())

    return handle


def page(body: str = "ok", status: str = "200 OK", *headers: str) -> str:
    """An HTTP answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", body])
