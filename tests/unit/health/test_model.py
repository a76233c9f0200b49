"""How statuses rank, where limits begin, which options contradict each other."""

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    UNKNOWN,
    WARN,
    Limits,
    Service,
    falling,
    faults,
    of_host,
    of_service,
    rising,
    worst,
)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([OK, OK], OK),
        ([OK, WARN], WARN),
        ([WARN, UNKNOWN], UNKNOWN),
        ([UNKNOWN, FAIL, OK], FAIL),
        ([], UNKNOWN),
    ],
)
def test_the_worst_status_counts_and_nothing_checked_is_unknown(
    statuses: list[str], expected: str
) -> None:
    assert worst(statuses) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(79.9, (OK, 80)), (80, (WARN, 80)), (89.9, (WARN, 80)), (90, (FAIL, 90)), (100, (FAIL, 90))],
)
def test_a_rising_value_crosses_a_limit_by_reaching_it(
    value: float, expected: tuple[str, float]
) -> None:
    assert rising(value, 80, 90) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(21.1, (OK, 21)), (21, (WARN, 21)), (7.1, (WARN, 21)), (7, (FAIL, 7)), (-3, (FAIL, 7))],
)
def test_a_falling_value_crosses_a_limit_by_reaching_it(
    value: float, expected: tuple[str, float]
) -> None:
    assert falling(value, 21, 7) == expected


def test_ids_name_the_service_or_the_host_and_what_it_is_about() -> None:
    assert of_service("proxy", "tls", OK).id == "proxy.tls"
    assert of_host("disk", OK, "/var/lib").id == "host.disk:/var/lib"
    assert of_host("disk", OK, "/var/lib").service is None


def test_the_defaults_contradict_nothing() -> None:
    assert faults([Service("a"), Service("b", port=80, scheme="http")], Limits(), 5) == []


@pytest.mark.parametrize(
    ("services", "limits", "timeout", "expected"),
    [
        ([Service("a"), Service("a")], Limits(), 5, "service a is given twice"),
        ([Service("a", scheme="https")], Limits(), 5, "scheme https and no port"),
        ([], Limits(disk_warn_percent=95), 5, "disk_warn_percent 95 is beyond disk_fail_percent"),
        ([], Limits(tls_warn_days=3), 5, "tls_warn_days 3 is beyond tls_fail_days 7"),
        ([], Limits(), 0, "timeout is 0"),
        ([], Limits(), 61, "timeout is 61"),
    ],
)
def test_contradicting_options_are_named(
    services: list[Service], limits: Limits, timeout: float, expected: str
) -> None:
    found = faults(services, limits, timeout)
    assert len(found) == 1
    assert expected in found[0]
