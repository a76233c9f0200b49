# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The kinds of text a declaration may hold, each with the words that explain it."""

from __future__ import annotations

import functools
import keyword
import math
import zoneinfo
from typing import Annotated, Any, Optional
from urllib.parse import urlsplit

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients._thirdparty import (
    AfterValidator,
    Field,
    PydanticCustomError,
    StringConstraints,
    netaddr,
)

#: What a pattern means, for the message when a value does not match it.
MEANING: dict[str, str] = {}


def _text(pattern: str, meaning: str, example: str, limit: int) -> Any:
    """A text type: pattern, words for the message and for the editor."""
    MEANING[pattern] = f"{meaning}, such as {example}"
    return Annotated[
        str,
        StringConstraints(pattern=pattern, min_length=1, max_length=limit),
        Field(examples=[example], json_schema_extra={"x-meaning": MEANING[pattern]}),
    ]


_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"

Key = _text(
    "^[a-z](?:-?[a-z0-9])*$",
    "a short name of lower-case letters, digits and single hyphens, starting with a letter",
    "acme",
    32,
)
HostName = _text(
    rf"^{_LABEL}(?:\.{_LABEL})*$",
    "a host name of lower-case letters, digits, hyphens and dots",
    "acme-db1",
    253,
)
Title = _text(
    r"^[^\x00-\x1f\x7f\s](?:[^\x00-\x1f\x7f]*[^\x00-\x1f\x7f\s])?$",
    "one line of text without spaces round it",
    "Acme Trading GmbH",
    120,
)
Email = _text(
    rf"^[A-Za-z0-9._%+'-]+@{_LABEL}(?:\.{_LABEL})+$",
    "an e-mail address",
    "ops@acme.example",
    254,
)
Phone = _text(
    r"^\+[1-9](?: ?[0-9]){6,14}$",
    "an international telephone number in quotes",
    "+49 30 5550100",
    24,
)
TimeOfDay = _text(
    "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$", "a time of day in quotes, 00:00 to 23:59", '"02:30"', 5
)
EndOfDay = _text(
    "^(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00)$",
    "a time of day in quotes, 00:00 to 24:00",
    '"18:00"',
    5,
)
Unit = _text(
    r"^[A-Za-z0-9:_.\\@*-]+\.(?:service|socket|target)$",
    "the name of a systemd unit with its ending",
    "shop-backend.service",
    255,
)
UrlPath = _text(r"^/[!-~]*$", "the path of a URL, starting with a slash", "/health", 1024)
Identifier = _text(
    "^[A-Za-z_][A-Za-z0-9_-]*$", "the name of a database (letters, digits, _ and -)", "shop", 63
)


def fault(expected: str) -> PydanticCustomError:
    """An error that already says what was expected."""
    return PydanticCustomError("holdfast", "{expected}", {"expected": expected})


@functools.cache
def zone_exists(name: str) -> bool:
    """Whether the IANA database of this machine has the zone."""
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


ZONE = "a time zone of the IANA database, such as Europe/Berlin"
ADDRESS = "an IPv4 address without leading zeros or an IPv6 address, such as 192.0.2.11"


def _zone(name: str) -> str:
    if not zone_exists(name):
        raise fault(ZONE)
    return name


@functools.cache
def _parsed(text: str) -> Any:
    """The address as a number, or None: asked twice a host, answered once."""
    try:
        return netaddr.IPAddress(text)
    except (netaddr.AddrFormatError, ValueError):
        return None


def canonical(text: str) -> Optional[str]:
    """The one spelling equal addresses share; None if it is no address."""
    address = _parsed(text)
    if address is None:
        return None
    if address.version == 6 and address.is_ipv4_mapped():
        address = address.ipv4()
    return str(address)


def _address(text: str) -> str:
    """The address in its one canonical spelling.

    Raises:
        PydanticCustomError: no address, or one that no single host can have.
    """
    address = _parsed(text)
    if address is None:
        raise fault(ADDRESS)
    if address.version == 6 and address.is_ipv4_mapped():
        raise fault(f"the IPv4 address itself, {address.ipv4()}")
    for is_so, name in (
        (int(address) == 0, "unspecified"),
        (address.is_loopback(), "loopback"),
        (address.is_multicast(), "multicast"),
        (address.is_link_local(), "link-local"),
        (int(address) == 0xFFFFFFFF and address.version == 4, "broadcast"),
    ):
        if is_so:
            raise fault(f"an address that one host can have (this is a {name} address)")
    return str(address)


def _listen(text: str) -> str:
    """Where a service answers on its host: loopback is the usual case."""
    address = _parsed(text)
    if address is None or int(address) == 0 or address.is_multicast():
        raise fault("the address at which the service answers on its host, such as 127.0.0.1")
    return str(address)


def is_network(text: str) -> bool:
    """Whether the text is a network in CIDR notation with no host bits set."""
    try:
        network = netaddr.IPNetwork(text)
    except (netaddr.AddrFormatError, ValueError):
        return False
    return "/" in text and network.ip == network.network


def _network(text: str) -> str:
    if not is_network(text):
        raise fault("a network in CIDR notation with no host bits set, such as 192.0.2.0/24")
    return str(netaddr.IPNetwork(text))


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    good = parts.scheme in ("http", "https") and parts.hostname and not parts.username
    if not good or port == 0 or any(ord(c) < 33 or ord(c) > 126 for c in text):
        raise fault("an address of the web without user name, such as https://shop.acme.example/")
    return text


#: Names Ansible keeps for itself: a variable of that name would be shadowed or change a run.
MAGIC = frozenset(
    {
        *("environment", "group_names", "groups", "hostvars", "inventory_dir", "inventory_file"),
        *("inventory_hostname", "inventory_hostname_short", "item", "lookup", "now", "omit"),
        *("play_hosts", "playbook_dir", "q", "query", "role_name", "role_names", "role_path"),
        *("undef", "vars"),
    }
)


def _variable(name: str) -> str:
    if name.lower().startswith(("ansible_", "holdfast_")) or name in MAGIC:
        raise fault(
            "a name of your own: ansible_*, holdfast_* and Ansible's own names are reserved "
            "(connection settings belong in group_vars)"
        )
    if not name.isascii() or not name.isidentifier() or keyword.iskeyword(name):
        raise fault("a variable name of letters, digits and underscores, such as shop_workers")
    return name


def data(value: Any) -> Any:
    """A variable's value, unless something in it has no place in JSON (a date, infinity)."""
    todo = [value]
    while todo:
        item = todo.pop()
        if isinstance(item, (dict, list)):
            todo.extend(item.values() if isinstance(item, dict) else item)
        elif isinstance(item, float) and not math.isfinite(item):
            raise fault("finite numbers")
        elif item is not None and not isinstance(item, (str, bool, int, float)):
            raise fault(f"plain values (write a date in quotes: '{item}')")
    return value


Zone = Annotated[str, Field(max_length=64, examples=["Europe/Berlin"]), AfterValidator(_zone)]
Address = Annotated[str, Field(max_length=45, examples=["192.0.2.11"]), AfterValidator(_address)]
ListenAddress = Annotated[
    str, Field(max_length=45, examples=["127.0.0.1"]), AfterValidator(_listen)
]
Network = Annotated[str, Field(max_length=49, examples=["192.0.2.0/24"]), AfterValidator(_network)]
Url = Annotated[
    str,
    Field(
        max_length=2048,
        examples=["https://shop.acme.example/"],
        json_schema_extra={"format": "uri"},
    ),
    AfterValidator(_url),
]
VariableName = Annotated[str, Field(max_length=64), AfterValidator(_variable)]
Port = Annotated[int, Field(ge=1, le=65535, examples=[8000])]
Milliseconds = Annotated[int, Field(ge=1, le=600_000)]
Minutes = Annotated[int, Field(ge=1, le=525_600)]
Days = Annotated[int, Field(ge=1, le=3650)]
