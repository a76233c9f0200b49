"""Labs that exist: their records, and the same done for all their hosts at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from holdfast.lab import cgroups, checks, models, paths
from holdfast.lab.errors import LabError
from holdfast.lab.host import Host
from holdfast.lab.models import Lab
from holdfast.lab.paths import LabPaths

DEFAULT = "lab"


def names() -> list[str]:
    """Every lab of this state directory."""
    folder = paths.labs()
    return sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []


def recorded(name: str) -> tuple[Lab, LabPaths]:
    """A lab that exists, and its files.

    Raises:
        LabError: there is none of that name.
    """
    checks.require_root()
    own = paths.lab_paths(name)
    lab = models.load(own.record)
    if lab is None:
        flag = "" if name == DEFAULT else f" --name {name}"
        known = f" (there are: {', '.join(names())})" if names() else ""
        raise LabError(
            f"expected a lab called '{name}', found none{known}; run `holdfast lab up{flag}`"
        )
    return lab, own


def hosts_of(lab: Lab, own: LabPaths) -> list[Host]:
    """The lab's hosts as they are on this machine."""
    backend = cgroups.detect()
    return [Host(lab, spec, own, backend) for spec in lab.hosts]


def each(hosts: Sequence[Host], work: Callable[[Host], str]) -> dict[str, str]:
    """Do the same for all hosts at once; host -> result.

    Raises:
        LabError: with every host that failed.
    """
    if not hosts:
        return {}
    results: dict[str, str] = {}
    faults: list[str] = []
    with ThreadPoolExecutor(max_workers=min(len(hosts), 16)) as pool:
        futures = {host.spec.name: pool.submit(work, host) for host in hosts}
    for name, future in futures.items():
        error = future.exception()
        if isinstance(error, LabError):
            faults.append(str(error))
        elif error:
            raise error
        else:
            results[name] = future.result()
    if faults:
        raise LabError("; ".join(faults))
    return results
