"""Which hosts a lab has: out of the declarations of an inventory, or a list of platforms."""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from holdfast.core.places import project_root, use_collection
from holdfast.lab import image, subnets
from holdfast.lab.errors import LabError
from holdfast.lab.models import HostSpec, Limits, limits_from

SETTINGS = "lab.yml"
LIMIT_KEYS = frozenset({"memory_mib", "cpus", "pids", "disk_mib"})
PLATFORM_KEYS = LIMIT_KEYS | {"name", "release", "names", "services", "groups", "children"}
FIRST = 11


def default_inventory() -> Path:
    """The declarations of the lab that everybody starts with."""
    return project_root() / "inventories/lab"


def load_settings(inventory: Path) -> dict[str, Any]:
    """lab.yml beside the declarations: `defaults` and `hosts`, each with limits and a release.

    Raises:
        LabError: it cannot be read, or has an unknown key.
    """
    path = inventory / SETTINGS
    if not path.is_file():
        return {"defaults": {}, "hosts": {}}
    try:
        data = yaml.safe_load(path.read_text()) or {}
    except yaml.YAMLError as error:
        raise LabError(f"{path}: expected YAML, found {str(error).splitlines()[0]}") from error
    _known(data, {"defaults", "hosts"}, str(path))
    found = {"defaults": data.get("defaults") or {}, "hosts": data.get("hosts") or {}}
    for where, entry in [("defaults", found["defaults"]), *_items(found["hosts"], str(path))]:
        _known(entry, LIMIT_KEYS | {"release"}, f"{path}: {where}")
    return found


def _items(data: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(data, dict):
        raise LabError(f"{where}: expected host names with their limits below hosts")
    return [(f"hosts.{name}", entry or {}) for name, entry in data.items()]


def _known(data: Any, keys: Iterable[str], where: str) -> None:
    if not isinstance(data, dict):
        raise LabError(f"{where}: expected a mapping, found {type(data).__name__}")
    unknown = sorted(set(data) - set(keys))
    if unknown:
        known = ", ".join(sorted(keys))
        raise LabError(f"{where}: expected the keys {known}, found {', '.join(unknown)}")


def declared(inventory: Path) -> tuple[HostSpec, ...]:
    """Every host of an inventory, with the addresses as declared.

    Raises:
        LabError: the declarations have faults (all are listed), or addresses in several networks.
    """
    use_collection()
    from ansible_collections.holdfast.ops.plugins.plugin_utils import clients

    try:
        fleet = clients.load_declarations(os.fspath(inventory))
    except (clients.DeclarationError, clients.MissingPackageError) as error:
        raise LabError(str(error)) from error
    settings = load_settings(inventory)
    base = limits_from(settings["defaults"], SETTINGS)
    hosts = []
    for host in fleet.hosts():
        own = settings["hosts"].get(host.name) or {}
        release = own.get("release", settings["defaults"].get("release", "bookworm"))
        image.recipe(release)
        limits = limits_from(own, f"{SETTINGS}: hosts.{host.name}", base)
        hosts.append(HostSpec(host.name, host.address, release, _url_names(fleet, host), limits))
    subnets.common_subnet(host.address for host in hosts)
    strangers = sorted(set(settings["hosts"]) - {host.name for host in hosts})
    if strangers:
        raise LabError(f"{SETTINGS}: expected declared hosts, found {', '.join(strangers)}")
    return tuple(hosts)


def _url_names(fleet: Any, host: Any) -> tuple[str, ...]:
    """The name in the url of the host's instance: what its users ask for."""
    if not host.client:
        return ()
    url = str(fleet.clients[host.client].instances[host.instance].url)
    name = urlsplit(url).hostname
    return (name,) if name else ()


def platforms(path: Path) -> tuple[HostSpec, ...]:
    """Hosts of a JSON list of platforms, numbered from .11 in their order.

    Each: name; optional release, memory_mib, cpus, pids, disk_mib, names (for its certificate).
    The addresses are placed in 198.18.0.0/24 and rebased by the lab.

    Raises:
        LabError: no such list.
    """
    try:
        data = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise LabError(f"expected a JSON list of platforms in {path}, found: {error}") from error
    if not isinstance(data, list) or not data or len(data) > 200:
        raise LabError(f"{path}: expected a list of 1 to 200 platforms")
    hosts = []
    for number, entry in enumerate(data, FIRST):
        where = f"{path}: platform {number - FIRST + 1}"
        _known(entry, PLATFORM_KEYS, where)
        hosts.append(_platform(entry, f"198.18.0.{number}", where))
    names = [host.name for host in hosts]
    if len(set(names)) != len(names):
        raise LabError(f"{path}: expected each name once, found {', '.join(sorted(names))}")
    return tuple(hosts)


def _platform(entry: dict[str, Any], address: str, where: str) -> HostSpec:
    name = entry.get("name")
    allowed = "abcdefghijklmnopqrstuvwxyz0123456789-"
    if not isinstance(name, str) or not name or name[0] == "-" or set(name) - set(allowed):
        raise LabError(f"{where}: expected a name of small letters, digits and '-', found {name!r}")
    release = str(entry.get("release") or "bookworm")
    image.recipe(release)
    names = tuple(str(item) for item in entry.get("names", ()))
    return HostSpec(name, address, release, names, limits_from(entry, where, Limits()))
