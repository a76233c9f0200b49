"""What a lab shall be: its hosts out of declarations or platforms, on a subnet of its own."""

from dataclasses import replace
from pathlib import Path

from holdfast.core.places import STATE_DEFAULT, state_dir
from holdfast.lab import fleet, inventory, machine, paths, subnets
from holdfast.lab.models import HostSpec, Lab
from holdfast.lab.record import DEFAULT


def in_place(name: str, source: Path) -> bool:
    """Whether the lab uses the declarations where they stand: the one everybody starts with."""
    same = source.resolve() == fleet.default_inventory().resolve()
    return name == DEFAULT and same and state_dir() == Path(STATE_DEFAULT)


def wanted_hosts(
    source: Path | None, platform_file: Path | None, before: Lab | None
) -> tuple[tuple[HostSpec, ...], Path | None]:
    """The hosts as declared and the directory that declares them (None for platforms).

    With nothing said, a lab that exists stays what it was.
    """
    if platform_file:
        return fleet.platforms(platform_file), None
    if source is None and before and not before.source:
        return before.hosts, None
    chosen = source or (Path(before.source) if before else fleet.default_inventory())
    return fleet.declared(chosen), chosen.resolve()


def describe(name: str, source: Path | None, platform_file: Path | None, before: Lab | None) -> Lab:
    """The lab as it shall be, with its subnet claimed on this machine.

    before: what it was. Raises LabError for faulty declarations or a subnet in use.
    """
    own = paths.lab_paths(name)
    hosts, origin = wanted_hosts(source, platform_file, before)
    declared = subnets.common_subnet(host.address for host in hosts)
    fixed = declared if name == DEFAULT and origin else None
    given = machine.claim(own.root, fixed, prefer=before.subnet if before else None)
    placed = tuple(replace(host, address=subnets.rebase(host.address, given)) for host in hosts)
    where = ""
    if origin and in_place(name, origin):
        where = str(origin)
    elif origin:
        inventory.copy(origin, own, declared, given)
        where = str(own.inventory)
    bridge = subnets.bridge(subnets.number_of(given))
    return Lab(name, given, bridge, where, placed, str(origin or ""))
