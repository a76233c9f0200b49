"""What a lab is made of, as data: hosts, limits, and the record kept in lab.json."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from holdfast.lab.errors import LabError
from holdfast.lab.locks import write


@dataclass(frozen=True)
class Limits:
    """What one host may use. memory_mib and disk_mib in MiB, cpus in cores, pids in processes."""

    memory_mib: int = 1536
    cpus: float = 2.0
    pids: int = 4096
    disk_mib: int = 4096


@dataclass(frozen=True)
class HostSpec:
    """One host as it should be.

    names: further names its TLS certificate is for (hosts of its instance's url).
    """

    name: str
    address: str
    release: str = "bookworm"
    names: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def number(self) -> int:
        """Last octet of the address."""
        return int(self.address.rsplit(".", 1)[1])


@dataclass(frozen=True)
class Lab:
    """One lab.

    subnet: a /24 in CIDR notation. inventory: directory that Ansible is given, '' for platforms.
    source: directory its declarations come from (the inventory itself, or what it is a copy of).
    """

    name: str
    subnet: str
    bridge: str
    inventory: str
    hosts: tuple[HostSpec, ...]
    source: str = ""

    @property
    def gateway(self) -> str:
        """The bridge's address: the hosts' way out."""
        return f"{self.subnet.rsplit('.', 1)[0]}.1"

    def machine(self, host: HostSpec) -> str:
        """The host's name to the kernel: unique on this machine, and vb-<it> fits 15 letters."""
        return f"{self.bridge}-{host.number}"

    def host(self, name: str) -> HostSpec:
        """A host by name.

        Raises:
            LabError: the lab has none of that name.
        """
        for host in self.hosts:
            if host.name == name:
                return host
        known = ", ".join(host.name for host in self.hosts)
        raise LabError(f"expected a host of lab {self.name} ({known}), found '{name}'")


def host_from(data: dict[str, Any]) -> HostSpec:
    """A host from its JSON."""
    limits = Limits(**data.get("limits", {}))
    names = tuple(data.get("names", ()))
    return HostSpec(data["name"], data["address"], data["release"], names, limits)


def load(path: Path) -> Lab | None:
    """The recorded lab; None where there is none.

    Raises:
        LabError: the record cannot be read.
    """
    try:
        data = json.loads(path.read_text())
        hosts = tuple(host_from(host) for host in data["hosts"])
        return Lab(
            data["name"],
            data["subnet"],
            data["bridge"],
            data["inventory"],
            hosts,
            data.get("source", ""),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise LabError(
            f"expected the record of a lab in {path}, found something else ({error}); "
            "`holdfast lab down` with this lab's name removes it"
        ) from error


def save(path: Path, lab: Lab) -> None:
    """Record the lab where it differs from what is recorded."""
    text = json.dumps(asdict(lab), indent=1) + "\n"
    if not path.is_file() or path.read_text() != text:
        write(path, text)


def limits_from(data: dict[str, Any], where: str, base: Limits | None = None) -> Limits:
    """Limits out of a declaration, over those of `base`.

    Raises:
        LabError: a value is no positive number.
    """
    chosen = asdict(base or Limits())
    for item in fields(Limits):
        value = data.get(item.name, chosen[item.name])
        whole = item.name != "cpus"
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds) or value <= 0:
            kind = "a whole number" if whole else "a number"
            raise LabError(f"{where}: expected {kind} above 0 for {item.name}, found {value!r}")
        chosen[item.name] = value if whole else float(value)
    return Limits(**chosen)
