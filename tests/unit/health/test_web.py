"""Services that listen, on real sockets: what is seen, and the items that follow."""

import socket
import time
from typing import Any

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health import web, web_verdict
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    NOT_ASKED,
    OK,
    UNKNOWN,
    WARN,
    Item,
    Limits,
    Service,
)

from tests.unit.health.conftest import NAME, Authority, answering, page, server

# Long enough for a busy machine; what hangs is given less.
AMPLE, SHORT = 20.0, 0.3


def http(port: int, **more: Any) -> Service:
    given = {"scheme": "http", "health": "/health", **more}
    return Service(name="backend", port=port, **given)


def look(service: Service, timeout: float = AMPLE, ca: str = "") -> dict[str, Item]:
    """Items by check."""
    context = web.trust(ca) if service.scheme == "https" else None
    seen = web.probe(service, context, timeout)
    items = web_verdict.judge(service, seen, Limits(), time.time())
    return {item.check: item for item in items}


def statuses(items: dict[str, Item]) -> dict[str, str]:
    return {check: item.status for check, item in items.items()}


def test_a_good_answer_is_ok_and_timed() -> None:
    with server(answering(page("all is well"))) as port:
        items = look(http(port, health_body="is well"))
    assert statuses(items) == {"port": OK, "http": OK, "latency": OK}
    assert items["latency"].value > 0
    assert items["http"].value == 200


def test_the_request_names_host_and_path() -> None:
    requests: list[str] = []

    def handle(connection: socket.socket) -> None:
        requests.append(connection.recv(65536).decode())
        connection.sendall(page().encode())

    with server(handle) as port:
        look(http(port, server_name="shop.example"))
    assert requests[0].startswith("GET /health HTTP/1.1\r\n")
    assert f"Host: shop.example:{port}\r\n" in requests[0]


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        (page("", "500 Oops"), 200, "/health answers 500, not 200"),
        (
            page("", "302 Found", "Location: https://sso.example/in?token=geheim"),
            200,
            "/health answers 302 to https://sso.example/in, not 200",
        ),
        (page("", "301 Moved", "Location: /login?next=x"), 200, "answers 301 to /login, not 200"),
        (page("nothing good"), 200, "/health answers without 'is well' in its body"),
        ("garbage\r\n\r\n", 200, "/health: not HTTP: BadStatusLine"),
        ("", 200, "/health: "),
    ],
)
def test_another_answer_than_declared_fails(answer: str, expected: int, words: str) -> None:
    with server(answering(answer)) as port:
        item = look(http(port, health_status=expected, health_body="is well"))["http"]
    assert item.status == FAIL
    assert words in item.why
    assert "geheim" not in item.why


def test_a_redirect_can_be_the_declared_answer() -> None:
    with server(answering(page("", "301 Moved", "Location: /x"))) as port:
        assert look(http(port, health_status=301))["http"].status == OK


def test_without_a_health_path_the_connection_is_the_check() -> None:
    with server(answering("")) as port:
        items = look(http(port, health=None))
    assert statuses(items) == {"port": OK, "latency": OK}


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_a_closed_port_fails_and_what_follows_from_it_is_not_asked() -> None:
    items = look(http(closed_port()))
    assert statuses(items) == {"port": FAIL, "http": UNKNOWN}
    assert "nothing listens on 127.0.0.1" in items["port"].why
    assert items["http"].why.startswith(NOT_ASKED)


def silent(connection: socket.socket) -> None:
    # Reads until the other side gives up, and never says a word.
    while connection.recv(4096):
        pass


def dripping(connection: socket.socket) -> None:
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b".")
        time.sleep(0.01)


@pytest.mark.parametrize("handler", [silent, dripping])
def test_a_service_that_never_ends_its_answer_does_not_hang_us(handler: Any) -> None:
    with server(handler) as port:
        item = look(http(port), SHORT)["http"]
    assert item.status == FAIL
    assert "within 0.3 s" in item.why


def test_a_server_that_never_shakes_hands_does_not_hang_us(authority: Authority) -> None:
    with server(silent) as port:
        items = look(http(port, scheme="https"), SHORT, str(authority.file))
    assert (items["tls"].status, items["http"].status) == (FAIL, FAIL)
    assert items["tls_expiry"].status == UNKNOWN
    assert "within 0.3 s" in items["tls"].why


def test_an_endless_body_is_cut_off() -> None:
    def flood(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nfirst words")
        while True:
            connection.sendall(b"." * 65536)

    with server(flood) as port:
        seen = web.probe(http(port), None, AMPLE)
    assert (seen.status, len(seen.body)) == (200, web.BODY_LIMIT)
    assert seen.body.startswith(b"first words")


@pytest.mark.parametrize(
    ("days", "expiry", "tls"),
    [(365, OK, OK), (14, WARN, OK), (3, FAIL, OK), (-2, FAIL, FAIL)],
)
def test_a_certificate_is_judged_by_its_end_even_when_it_is_refused(
    authority: Authority, days: float, expiry: str, tls: str
) -> None:
    with server(answering(page()), authority.issue(days)) as port:
        items = look(http(port, scheme="https", server_name=NAME), AMPLE, str(authority.file))
    assert (items["tls_expiry"].status, items["tls"].status) == (expiry, tls)
    assert items["tls_expiry"].value == pytest.approx(days, abs=0.1)
    assert items["http"].status == OK
    if tls == FAIL:
        assert "expired" in items["tls"].why
        assert "ended on" in items["tls_expiry"].why


def test_a_certificate_for_another_name_fails_and_says_so(authority: Authority) -> None:
    with server(answering(page()), authority.issue(90, "other.example")) as port:
        items = look(http(port, scheme="https", server_name=NAME), AMPLE, str(authority.file))
    assert (items["tls"].status, items["tls_expiry"].status) == (FAIL, OK)
    assert f"not trusted as {NAME}" in items["tls"].why
    assert "mismatch" in items["tls"].why.lower()
    # Finding the fault is not the service's time.
    assert "latency" not in items


def test_a_certificate_of_an_unknown_issuer_fails(
    authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> None:
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    with server(answering(page()), stranger.issue(90)) as port:
        items = look(http(port, scheme="https", server_name=NAME), AMPLE, str(authority.file))
    assert (items["tls"].status, items["tls_expiry"].status) == (FAIL, OK)


def test_plain_http_where_tls_is_declared_fails(authority: Authority) -> None:
    with server(answering(page())) as port:
        items = look(http(port, scheme="https", server_name=NAME), AMPLE, str(authority.file))
    assert (items["port"].status, items["tls"].status, items["http"].status) == (OK, FAIL, FAIL)


def test_an_address_can_be_what_the_certificate_names(authority: Authority) -> None:
    with server(answering(page()), authority.issue(90, "127.0.0.1")) as port:
        service = http(port, scheme="https", server_name="127.0.0.1")
        assert look(service, AMPLE, str(authority.file))["tls"].status == OK


def test_a_folder_of_hashed_names_is_trusted_too(authority: Authority, tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError):
        web.trust(str(tmp_path / "missing.crt"))
    with server(answering(page()), authority.issue(90)) as port:
        items = look(http(port, scheme="https", server_name=NAME), AMPLE, str(tmp_path))
    assert items["tls"].status == FAIL, "an empty folder trusts nobody"


@pytest.mark.parametrize(
    ("own", "ms", "expected"),
    [
        ({}, 999.0, OK),
        ({}, 1000.0, WARN),
        ({}, 3000.0, FAIL),
        ({"latency_warn_ms": 50, "latency_fail_ms": 80}, 60.0, WARN),
        ({"latency_fail_ms": 80}, 90.0, FAIL),
    ],
)
def test_latency_is_judged_by_the_services_limits_before_the_hosts(
    own: dict[str, float], ms: float, expected: str
) -> None:
    service = Service("backend", port=1, scheme="tcp", **own)
    items = web_verdict.judge(service, web.Seen(ms=ms), Limits(), 0)
    assert items[-1].check == "latency"
    assert items[-1].status == expected


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        (Service("p", address="10.0.0.1"), "10.0.0.1"),
        (Service("p", address="127.0.0.1"), "host-7"),
        (Service("p", address="::1"), "host-7"),
        (Service("p", address="10.0.0.1", server_name="a.example"), "a.example"),
    ],
)
def test_the_name_asked_for_is_the_declared_one_or_how_it_is_reached(
    monkeypatch: pytest.MonkeyPatch, service: Service, expected: str
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "host-7")
    assert web.server_name(service) == expected
