# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What must hold between files and between the parts of one file.

Works on the plain data, not on the model, so that one broken file does not hide what is
wrong between the others.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Optional

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import formats
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients._thirdparty import netaddr
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.faults import describe, meant
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.locate import Places
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.service import DEFAULTS, KINDS
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.source import Source

#: Names of hosts that mean something else to Ansible.
RESERVED_HOSTS = frozenset(("all", "ungrouped", "localhost", "127.0.0.1", "provider"))


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if value.__class__ is dict else {}


class CrossCheck:
    """Remembers names and addresses over all files."""

    def __init__(self, plans: Optional[dict[str, Any]]) -> None:
        self.plans = plans
        self.seen: dict[tuple[str, str], tuple[Source, list[Any]]] = {}
        self.networks: list[Any] = []
        self._places: dict[str, Places] = {}

    def line(self, source: Source, path: list[Any]) -> int:
        """The line of a path, composing the file once."""
        if source.file not in self._places:
            self._places[source.file] = Places(source.text)
        return self._places[source.file].line(path)

    def wrong(self, source: Source, path: list[Any], *words: str) -> None:
        """Note a fault at a path."""
        source.wrong(self.line(source, path), path, *words)

    def once(self, kind: str, name: str, source: Source, path: list[Any]) -> None:
        """A name that may stand only once in the whole fleet."""
        if (kind, name) not in self.seen:
            self.seen[kind, name] = (source, path)
            return
        other, where = self.seen[kind, name]
        found = f'"{name}" at {other.file}:{self.line(other, where)} already'
        expected = f"each {kind} once in the fleet"
        self.wrong(source, path, expected, found, f"change one {kind}")

    def host(self, name: str, data: Any, source: Source, path: list[Any]) -> None:
        """A host's name and address."""
        self.once("host name", name, source, path)
        if name in RESERVED_HOSTS:
            self.wrong(source, path, "a name Ansible does not use itself", f'"{name}"')
        written = mapping(data).get("address")
        address = formats.canonical(written) if isinstance(written, str) else None
        if address is None:
            return
        self.once("address", address, source, [*path, "address"])
        if self.networks:
            self._placed(address, source, [*path, "address"])

    def _placed(self, text: str, source: Source, path: list[Any]) -> None:
        """An address against the provider's networks."""
        address = netaddr.IPAddress(text)
        network = next((net for net in self.networks if address in net), None)
        if network is None:
            listed = ", ".join(str(net) for net in self.networks[:5])
            self.wrong(source, path, f"an address in the provider's networks ({listed})", text)
        elif network.size > 2 and address in (network.network, network.broadcast):
            kind = "network" if address == network.network else "broadcast"
            self.wrong(source, path, f"a host's address in {network}", f"its {kind} address {text}")

    def provider(self, source: Source) -> None:
        """provider.yml: networks that do not overlap, its hosts."""
        provider = mapping(mapping(source.data).get("provider"))
        texts = provider.get("networks")
        for number, text in enumerate(texts if isinstance(texts, list) else []):
            if isinstance(text, str) and formats.is_network(text):
                network = netaddr.IPNetwork(text)
                clash = next((n for n in self.networks if n in network or network in n), None)
                if clash is not None:
                    path = ["provider", "networks", number]
                    self.wrong(source, path, "networks that do not overlap", f"{text} and {clash}")
                self.networks.append(network)
        for name, data in mapping(provider.get("hosts")).items():
            self.host(name, data, source, ["provider", "hosts", name])

    def client(self, source: Source) -> None:
        """One client's file."""
        data = mapping(source.data)
        key, stem = data.get("client"), os.path.splitext(os.path.basename(source.file))[0]
        if isinstance(key, str):
            if key != stem:
                hint = f"rename the file to {key}.yml or the client"
                self.wrong(
                    source, ["client"], f'the name of the file, "{stem}"', describe(key), hint
                )
            self.once("client key", key, source, ["client"])
            self.group(f"client_{key}", source, ["client"])
        plan = data.get("plan")
        if self.plans is not None and isinstance(plan, str) and plan not in self.plans:
            known = sorted(self.plans)
            words = f"one of the plans {', '.join(known)}"
            self.wrong(source, ["plan"], words, describe(plan), meant(plan, known))
        for name, instance in mapping(data.get("instances")).items():
            path = ["instances", name]
            self.group(f"instance_{key}_{name}", source, path)
            self.instance(mapping(instance), source, path)

    def group(self, name: str, source: Source, path: list[Any]) -> None:
        """A group's name after its hyphens became underscores must still be its own."""
        self.once("group name", name.replace("-", "_"), source, path)

    def instance(self, data: dict[str, Any], source: Source, path: list[Any]) -> None:
        """Hosts and services of one instance."""
        hosts, declared = mapping(data.get("hosts")), mapping(data.get("services"))
        placed: set[str] = set()
        for name, host in hosts.items():
            self.host(name, host, source, [*path, "hosts", name])
            for number, kind in _kinds(host):
                placed.add(kind)
                if kind not in DEFAULTS and kind in KINDS and not mapping(declared.get(kind)):
                    where = [*path, "hosts", name, "services", number]
                    words = f"settings of {kind} below {path[0]}.{path[1]}.services"
                    self.wrong(source, where, words, "none", "give at least its unit and port")
        for kind in declared:
            if kind in KINDS and kind not in placed:
                hint = "add it to the services of a host or remove it"
                where = [*path, "services", kind]
                self.wrong(source, where, "a host that runs the service", "none", hint)


def _kinds(host: Any) -> Iterator[tuple[int, str]]:
    """(position, kind) of a host's services that are text."""
    services = mapping(host).get("services")
    for number, kind in enumerate(services if isinstance(services, list) else []):
        if isinstance(kind, str):
            yield number, kind
