"""Faults between files, and that all of them are listed at once."""

import pytest

from tests.unit.clients.folder import ACME, Folder

HOST = "acme-db1: {address: 198.18.0.11, services: [database]}"


@pytest.mark.parametrize(
    ("address", "expected", "found"),
    [
        ("198.18.0.12", "each address once", "acme.yml:13"),
        ("198.18.0.21", "each address once", "clients/globex.yml:12"),
        ("198.18.0.10", "each address once", "provider.yml:4"),
        ("198.18.0.012", "without leading zeros", '"198.18.0.012"'),
        ("198.18.12", "without leading zeros", '"198.18.12"'),
        ("0xc6.18.0.12", "without leading zeros", '"0xc6'),
        ("127.0.0.1", "loopback", '"127.0.0.1"'),
        ("'::1'", "loopback", '"::1"'),
        ("224.0.0.1", "multicast", '"224.0.0.1"'),
        ("'ff02::1'", "multicast", '"ff02::1"'),
        ("'::'", "unspecified", '"::"'),
        ("255.255.255.255", "broadcast", '"255'),
        ("169.254.1.1", "link-local", '"169'),
        ("'fe80::1'", "link-local", '"fe80'),
        ("198.18.0.0/24", "an IPv4 address", '"198.18.0.0/24"'),
        ("acme.example", "an IPv4 address", '"acme.example"'),
    ],
)
def test_an_address_no_single_host_can_have(
    folder: Folder, address: str, expected: str, found: str
) -> None:
    folder.write("clients/acme.yml", ACME.replace("198.18.0.11", address))
    fault = folder.fault()
    # Of two equal addresses the second in the order of the files is the fault.
    assert fault.key.endswith(".address")
    assert expected in fault.expected
    assert found in fault.found or "acme.yml:12" in fault.found


def test_spellings_of_one_address_are_one_address(folder: Folder) -> None:
    folder.write("clients/acme.yml", ACME.replace("198.18.0.11", "'2001:db8::00a1'"))
    folder.change("clients/globex.yml", "198.18.0.21", "2001:DB8:0:0::A1")
    fault = folder.fault()
    assert (fault.file, fault.line) == ("clients/globex.yml", 12)
    assert "2001:db8::a1" in fault.found
    folder.change("clients/globex.yml", "2001:DB8:0:0::A1", "2001:DB8::A2")
    assert {host.address for host in folder.load().hosts()} >= {"2001:db8::a1", "2001:db8::a2"}


def test_an_ipv4_address_in_the_clothes_of_ipv6(folder: Folder) -> None:
    folder.write("clients/acme.yml", ACME.replace("198.18.0.11", "'::ffff:198.18.0.21'"))
    expected = {fault.expected for fault in folder.faults()}
    assert expected == {
        "the IPv4 address itself, 198.18.0.21",
        "each address once in the fleet",
    }


def test_a_host_in_two_clients(folder: Folder) -> None:
    folder.change("clients/globex.yml", "globex-1:", "acme-db1:")
    fault = folder.fault()
    assert (fault.file, fault.line) == ("clients/globex.yml", 12)
    assert fault.expected == "each host name once in the fleet"
    assert "clients/acme.yml:12" in fault.found


@pytest.mark.parametrize("name", ["all", "localhost", "provider", "ungrouped"])
def test_a_host_with_a_name_of_ansible(folder: Folder, name: str) -> None:
    folder.change("clients/globex.yml", "globex-1:", f"{name}:")
    assert folder.fault().expected == "a name Ansible does not use itself"


def test_a_service_without_a_host(folder: Folder) -> None:
    folder.change("clients/acme.yml", "[backend, frontend, proxy]", "[frontend, proxy]")
    fault = folder.fault()
    assert (fault.line, fault.key) == (15, "instances.production.services.backend")
    assert fault.expected == "a host that runs the service"


@pytest.mark.parametrize("settings", ["", "services: {}", "services:", "services: {proxy: {}}"])
def test_a_service_without_its_settings(folder: Folder, settings: str) -> None:
    text = ACME.split("    services:\n")[0]
    folder.write("clients/acme.yml", f"{text}    {settings}\n")
    if settings == "services:":
        assert {fault.expected for fault in folder.faults()} == {
            "a mapping",
            "settings of backend below instances.production.services",
        }
        return
    fault = folder.fault()
    assert (fault.line, fault.found) == (13, "none")
    assert fault.key == "instances.production.hosts.acme-web1.services[0]"
    assert fault.expected == "settings of backend below instances.production.services"


def test_a_client_under_another_files_name(folder: Folder) -> None:
    (folder.path / "clients/acme.yml").rename(folder.path / "clients/acmee.yml")
    fault = folder.fault()
    assert (fault.expected, fault.found) == ('the name of the file, "acmee"', '"acme"')


def test_a_client_in_two_files(folder: Folder) -> None:
    text = ACME.replace("acme-", "copy-").replace("0.11", "0.31").replace("0.12", "0.32")
    folder.write("clients/copy.yml", text)
    expected = [fault.expected for fault in folder.faults()]
    assert "each client key once in the fleet" in expected


def test_keys_whose_groups_would_have_one_name(folder: Folder) -> None:
    folder.change("clients/acme.yml", "  production:\n", "  a-b:\n")
    text = ACME.replace("acme-", "other-").replace("0.11", "0.31").replace("0.12", "0.32")
    folder.write(
        "clients/acme-a.yml",
        text.replace("client: acme", "client: acme-a").replace("  production:\n", "  b:\n"),
    )
    fault = folder.fault()
    assert fault.expected == "each group name once in the fleet"
    assert '"instance_acme_a_b"' in fault.found


NETWORKED = """\
provider:
  name: Lab Operations
  networks: [198.18.0.0/24, 192.0.2.0/24]
  hosts:
    ops1: {address: 198.18.0.10}
"""


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.18.1.11", "an address in the provider's networks (198.18.0.0/24, 192.0.2.0/24)"),
        ("198.18.0.0", "a host's address in 198.18.0.0/24"),
        ("198.18.0.255", "a host's address in 198.18.0.0/24"),
        ("2001:db8::1", "an address in the provider's networks (198.18.0.0/24, 192.0.2.0/24)"),
    ],
)
def test_an_address_outside_the_networks(folder: Folder, address: str, expected: str) -> None:
    folder.write("provider.yml", NETWORKED)
    folder.load()
    folder.write("clients/acme.yml", ACME.replace("198.18.0.11", f'"{address}"'))
    assert folder.fault().expected == expected


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ("[198.18.0.0/24, 198.18.0.128/25]", "networks that do not overlap"),
        ("[198.18.0.5/24]", "no host bits set"),
        ("[198.18.0.0]", "no host bits set"),
    ],
)
def test_networks_that_make_no_sense(folder: Folder, networks: str, expected: str) -> None:
    folder.write("provider.yml", NETWORKED.replace("[198.18.0.0/24, 192.0.2.0/24]", networks))
    assert expected in next(f for f in folder.faults() if "networks" in f.key).expected


def test_a_fleet_without_a_provider_file(folder: Folder) -> None:
    (folder.path / "provider.yml").unlink()
    assert folder.load().provider is None


def test_all_faults_of_all_files_at_their_lines(folder: Folder) -> None:
    folder.write("clients/broken.yml", "client: broken\n  name: x\n")
    folder.change("clients/acme.yml", "plan: gold", "plan: platinum")
    folder.change("clients/acme.yml", "port: 8000", "prot: 8000")
    folder.change("clients/acme.yml", "vars: {}", "vars: {a: 1, a: 2, ansible_host: x}")
    folder.change("clients/globex.yml", "198.18.0.21", "198.18.0.10")
    folder.change("clients/globex.yml", "Europe/London", "Europe/Londn")
    folder.change("plans.yml", "ring: early", "ring: erly")
    folder.change("provider.yml", "name: Lab Operations", "nam: Lab Operations")
    assert [(f.file, f.line, f.key.rsplit(".", 1)[-1]) for f in folder.faults()] == [
        ("clients/acme.yml", 3, "plan"),
        ("clients/acme.yml", 15, "prot"),
        ("clients/acme.yml", 16, "a"),
        ("clients/acme.yml", 16, "ansible_host"),
        ("clients/broken.yml", 2, ""),
        ("clients/globex.yml", 4, "timezone"),
        ("clients/globex.yml", 12, "address"),
        ("plans.yml", 56, "ring"),
        ("provider.yml", 2, "nam"),
    ]


def test_broken_plans_do_not_make_every_plan_unknown(folder: Folder) -> None:
    folder.write("plans.yml", "plans: {gold: \n")
    assert {fault.file for fault in folder.faults()} == {"plans.yml"}


def test_a_broken_client_still_holds_its_addresses(folder: Folder) -> None:
    folder.change("clients/acme.yml", "name: Acme Trading GmbH", "name: 7")
    folder.change("clients/globex.yml", "198.18.0.21", "198.18.0.11")
    assert [fault.key.rsplit(".", 1)[-1] for fault in folder.faults()] == ["name", "address"]
