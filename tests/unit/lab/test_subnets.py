"""Subnets, bridge names and addresses of labs."""

import pytest
from holdfast.lab import subnets
from holdfast.lab.errors import LabError
from holdfast.lab.models import HostSpec, Lab
from hypothesis import given
from hypothesis import strategies as st


def test_the_first_free_number_is_given_and_never_that_of_the_lab_called_lab() -> None:
    assert subnets.free(set(), None) == 1
    assert subnets.free({0, 1, 2, 4}, None) == 3


def test_a_wanted_number_in_use_is_refused() -> None:
    assert subnets.free({1}, 0) == 0
    with pytest.raises(LabError, match=r"198\.18\.0\.0/24 to be free"):
        subnets.free({0}, 0)


def test_none_free_is_said() -> None:
    with pytest.raises(LabError, match="all in use"):
        subnets.free(set(range(256)), None)


@pytest.mark.parametrize(
    ("interface", "numbers"),
    [
        ("198.18.7.1/24", {7}),
        ("198.18.8.1/23", {8, 9}),
        ("198.18.3.5/32", {3}),
        ("198.18.0.1/15", set(range(256))),
        ("10.0.0.1/8", set()),
        ("0.0.0.0/0", set()),
    ],
)
def test_interfaces_of_the_machine_take_their_numbers(interface: str, numbers: set[int]) -> None:
    assert subnets.taken([interface]) == numbers


@given(used=st.sets(st.integers(0, 255)), interfaces=st.sets(st.integers(0, 255)))
def test_what_is_given_is_never_used(used: set[int], interfaces: set[int]) -> None:
    busy = used | subnets.taken(f"198.18.{number}.1/24" for number in interfaces)
    try:
        number = subnets.free(busy, None)
    except LabError:
        assert busy >= set(range(1, 256))
    else:
        assert number not in used | interfaces
        assert 1 <= number <= 255


@given(number=st.integers(0, 255), octet=st.integers(2, 254))
def test_interface_names_fit_the_kernel(number: int, octet: int) -> None:
    spec = HostSpec("a-very-long-host-name-of-a-client", f"198.18.{number}.{octet}")
    lab = Lab("a-very-long-lab-name", subnets.subnet(number), subnets.bridge(number), "", (spec,))
    assert len(f"vb-{lab.machine(spec)}") <= 15
    assert lab.gateway == f"198.18.{number}.1"
    assert subnets.number_of(lab.subnet) == number


def test_machines_of_two_labs_differ() -> None:
    names = {
        Lab("x", subnets.subnet(n), subnets.bridge(n), "", ()).machine(HostSpec("h", f"1.1.1.{o}"))
        for n in range(40)
        for o in range(2, 42)
    }
    assert len(names) == 1600


@pytest.mark.parametrize(
    ("addresses", "words"),
    [
        (["198.18.0.11", "198.18.1.11"], "all lab hosts in one /24"),
        ([], "no host"),
        (["2001:db8::1"], "IPv4"),
        (["198.18.0.1"], r"\.1 is the bridge"),
        (["198.18.0.255"], r"\.2 to \.254"),
    ],
)
def test_addresses_a_lab_cannot_have(addresses: list[str], words: str) -> None:
    with pytest.raises(LabError, match=words):
        subnets.common_subnet(addresses)


def test_the_common_subnet_and_rebasing() -> None:
    assert subnets.common_subnet(["198.18.0.11", "198.18.0.254"]) == "198.18.0.0/24"
    assert subnets.rebase("198.18.0.11", "198.18.9.0/24") == "198.18.9.11"


@pytest.mark.parametrize("network", ["198.18.256.0/24", "198.18.0.0/16", "10.0.0.0/24", ""])
def test_only_a_24_of_the_range_has_a_number(network: str) -> None:
    with pytest.raises(LabError, match="one /24"):
        subnets.number_of(network)
