"""Which /24 of 198.18.0.0/16 a lab gets, and the names that follow from it."""

import ipaddress
import re
from collections.abc import Iterable

from holdfast.lab.errors import LabError

RANGE = ipaddress.ip_network("198.18.0.0/16")
Network = ipaddress.IPv4Network


def subnet(number: int) -> str:
    """The /24 of a number from 0 to 255."""
    return f"198.18.{number}.0/24"


def number_of(network: str) -> int:
    """The third octet.

    Raises:
        LabError: no /24 of the lab's range.
    """
    found = re.match(r"^198\.18\.(\d{1,3})\.0/24$", network)
    if not found or int(found[1]) > 255:
        raise LabError(f"expected lab hosts in one /24 of {RANGE}, found them in {network}")
    return int(found[1])


def bridge(number: int) -> str:
    """The lab's bridge: short, for interface names end at 15 letters."""
    return f"hf{number}"


def common_subnet(addresses: Iterable[str]) -> str:
    """The one /24 that holds all addresses.

    Raises:
        LabError: they lie in several, are no IPv4, or take the gateway's place.
    """
    nets: set[str] = set()
    for text in addresses:
        try:
            address = ipaddress.IPv4Address(text)
        except ValueError as error:
            raise LabError(f"expected IPv4 addresses for lab hosts, found {text}") from error
        if int(address) % 256 in {0, 1, 255}:
            raise LabError(f"expected lab hosts on .2 to .254 (.1 is the bridge), found {address}")
        nets.add(str(ipaddress.ip_network(f"{address}/24", strict=False)))
    if len(nets) != 1:
        found = ", ".join(sorted(nets)) or "no host"
        raise LabError(f"expected all lab hosts in one /24, found {found}")
    return nets.pop()


def taken(interfaces: Iterable[str]) -> set[int]:
    """Numbers whose /24 an interface of this machine (address/prefix) already touches."""
    found: set[int] = set()
    for text in interfaces:
        network = ipaddress.ip_interface(text).network
        if network.version != 4 or not network.overlaps(RANGE) or network.prefixlen == 0:
            continue
        first = max(int(network[0]), int(RANGE[0]))
        last = min(int(network[-1]), int(RANGE[-1]))
        found |= set(range((first >> 8) & 255, ((last >> 8) & 255) + 1))
    return found


def free(used: set[int], wanted: int | None) -> int:
    """A number nobody uses; 0 belongs to the lab called `lab` and is never given by itself.

    Raises:
        LabError: the wanted one is in use, or all are.
    """
    if wanted is not None:
        if wanted in used:
            raise LabError(
                f"expected {subnet(wanted)} to be free on this machine, found it on another "
                "interface or lab; take that down or use a lab of another name"
            )
        return wanted
    for number in range(1, 256):
        if number not in used:
            return number
    raise LabError(f"expected a free /24 in {RANGE}, found all in use; take a lab down")


def rebase(address: str, network: str) -> str:
    """The same last octet in another /24."""
    return f"{network.rsplit('.', 1)[0]}.{address.rsplit('.', 1)[1]}"
