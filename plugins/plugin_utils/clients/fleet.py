# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A directory of declarations as one fleet: all of it, or one error that lists every fault."""

from __future__ import annotations

import dataclasses
import gc
import os
from collections.abc import Iterator
from typing import Any, Optional

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import _thirdparty
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.check import validate
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.client import (
    ClientFile,
    Provider,
    ProviderFile,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.crosscheck import (
    CrossCheck,
    mapping,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.faults import (
    DeclarationError,
    Fault,
    describe,
    meant,
)
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.locate import Places
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.plan import Plan, PlansFile
from ansible_collections.holdfast.ops.plugins.plugin_utils.clients.source import Source, read

PLUGIN = "holdfast.ops.clients"
ENTRY, PLANS, PROVIDER, CLIENTS = "holdfast.yml", "plans.yml", "provider.yml", "clients"
#: Files beside the entry that are no inventory of their own; lab.yml is the lab's settings.
BESIDE = (PLANS, PROVIDER, "lab.yml")


@dataclasses.dataclass(frozen=True)
class FleetHost:
    """One host with where it belongs; client and instance are empty for the provider's own."""

    name: str
    address: str
    services: tuple[str, ...]
    client: str = ""
    instance: str = ""


@dataclasses.dataclass(frozen=True)
class Fleet:
    """Everything that is declared below one directory.

    clients: by key (ClientFile: name, plan, timezone, contacts, instances).
    plans: by key. provider: None where there is no provider.yml.
    """

    root: str
    clients: dict[str, ClientFile]
    plans: dict[str, Plan]
    provider: Optional[Provider]

    def hosts(self) -> Iterator[FleetHost]:
        """Every host: the provider's first, then client by client."""
        if self.provider is not None:
            for name, host in self.provider.hosts.items():
                yield FleetHost(name, host.address, tuple(host.services))
        for key, client in self.clients.items():
            for instance_key, instance in client.instances.items():
                for name, host in instance.hosts.items():
                    yield FleetHost(name, host.address, tuple(host.services), key, instance_key)


def load_declarations(path: str | os.PathLike[str]) -> Fleet:
    """Read and check a directory of declarations (or its holdfast.yml).

    Raises:
        DeclarationError: with every fault of every file.
        MissingPackageError: pydantic or netaddr is not installed.
    """
    _thirdparty.require()
    root = os.fspath(path)
    if os.path.basename(root) == ENTRY:
        root = os.path.dirname(root) or "."
    collecting = gc.isenabled()
    # Thousands of small objects that all live on: the collector would walk them for nothing.
    gc.disable()
    try:
        return _load(root)
    finally:
        if collecting:
            gc.enable()


def _load(root: str) -> Fleet:
    faults: list[Fault] = []
    _entry(root, faults)
    plans_source = read(os.path.join(root, PLANS))
    plans = validate(plans_source, PlansFile)
    provider_source = provider = None
    if os.path.lexists(os.path.join(root, PROVIDER)):
        provider_source = read(os.path.join(root, PROVIDER))
        provider = validate(provider_source, ProviderFile)
    sources = [read(file) for file in _client_files(root, faults)]
    clients = [validate(source, ClientFile) for source in sources]
    between = CrossCheck(_plan_keys(plans_source))
    if provider_source is not None:
        between.provider(provider_source)
    for source in sources:
        between.client(source)
    for source in (plans_source, provider_source, *sources):
        faults += source.faults if source is not None else []
    if faults:
        raise DeclarationError(root, faults)
    by_key = {client.client: client for client in clients}
    return Fleet(root, by_key, plans.plans, provider.provider if provider else None)


def _plan_keys(source: Source) -> Optional[dict[str, Any]]:
    """The plans clients may name; None when plans.yml itself cannot say."""
    plans = mapping(source.data).get("plans")
    return plans if isinstance(plans, dict) else None


def _entry(root: str, faults: list[Fault]) -> None:
    """holdfast.yml: names the plugin, and nothing else."""
    source = read(os.path.join(root, ENTRY))
    data = mapping(source.data)
    places = Places(source.text)
    if source.readable and data.get("plugin") != PLUGIN:
        found = describe(data["plugin"]) if "plugin" in data else "none"
        source.wrong(places.line(["plugin"]), ("plugin",), f'"{PLUGIN}"', found)
    for key in sorted(set(data) - {"plugin"}):
        words = meant(key, ["plugin"])
        source.wrong(places.line([key]), (key,), "the key plugin alone", f'"{key}"', words)
    faults += source.faults


def _client_files(root: str, faults: list[Fault]) -> list[str]:
    """Files of clients/, in order; anything else there is a fault, never skipped in silence."""
    folder = os.path.join(root, CLIENTS)
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        found = (error.strerror or str(error)).lower()
        faults.append(Fault(folder, 0, "", "a folder of client files", found))
        return []
    files = []
    for entry in entries:
        if entry.name.startswith(".") or entry.name.endswith("~"):
            continue
        if entry.name.endswith(".yml") and entry.is_file():
            files.append(entry.path)
        else:
            kind = "a folder" if entry.is_dir() else "another file"
            hint = "move it elsewhere or give it the ending .yml"
            faults.append(Fault(entry.path, 0, "", "files named <client>.yml only", kind, hint))
    return files
