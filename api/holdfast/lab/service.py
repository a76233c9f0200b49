"""The lab's decisions: up, down, reset, certificate; Molecule and people call the same."""

import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from holdfast.lab import (
    cgroups,
    checks,
    image,
    keys,
    machine,
    models,
    network,
    paths,
    reach,
    seed,
    subnets,
    tls,
)
from holdfast.lab.describe import describe
from holdfast.lab.errors import LabError
from holdfast.lab.host import Host, bring_up
from holdfast.lab.locks import locked
from holdfast.lab.models import Lab
from holdfast.lab.paths import LabPaths
from holdfast.lab.progress import Progress
from holdfast.lab.record import each, hosts_of, recorded


def lab_lock(name: str, progress: Progress) -> AbstractContextManager[None]:
    """One command at a time changes a lab."""
    note = f"lab {name}: another command works on it, waiting"
    return locked(paths.locks() / f"lab-{name}.lock", lambda: progress.say(note))


def chosen(lab: Lab, own: LabPaths, names: Sequence[str]) -> list[Host]:
    """All hosts, or those named.

    Raises:
        LabError: a name the lab has not.
    """
    wanted = {lab.host(name).name for name in names} or {spec.name for spec in lab.hosts}
    return [host for host in hosts_of(lab, own) if host.spec.name in wanted]


def up(
    name: str,
    progress: Progress,
    *,
    source: Path | None = None,
    platform_file: Path | None = None,
    only: Sequence[str] = (),
) -> bool:
    """Have the lab's hosts run; True when anything had to be changed.

    Raises:
        LabError: what kept it from doing so.
    """
    checks.require_root()
    own = paths.lab_paths(name)
    with lab_lock(name, progress):
        checks.preconditions()
        before = models.load(own.record)
        lab = describe(name, source, platform_file, before)
        wanted = chosen(lab, own, only)
        checks.preconditions(host.spec.release for host in wanted)
        drop_undeclared(before, lab, own, progress)
        models.save(own.record, lab)
        for release in sorted({host.spec.release for host in wanted}):
            image.ensure(release, progress)
        tls.make_ca(own.ca, name)
        keys.pin(lab, own)
        changed = machine.prepare()
        changed = network.ensure(lab.bridge, lab.subnet, lab.gateway) or changed
        done = each(wanted, lambda host: boot(host, progress))
        return changed or any(action != "leave" for action in done.values())


def boot(host: Host, progress: Progress) -> str:
    """Bring one host up and wait until it answers; what was done."""
    name = host.spec.name
    progress.start(name, "looking")
    plan = bring_up(host, lambda stage: progress.start(name, stage))
    if plan.action == "leave":
        reach.wait_for_banner(host)
        progress.done(name, f"runs at {host.spec.address}")
        return plan.action
    state = reach.wait_for_boot(host, lambda stage: progress.done(name, stage))
    why = f" ({plan.why})" if plan.why else ""
    progress.done(name, f"{state} at {host.spec.address}{why}")
    return plan.action


def drop_undeclared(before: Lab | None, lab: Lab, own: LabPaths, progress: Progress) -> None:
    """Remove hosts that are no longer declared, or whose address another has now."""
    for host in hosts_of(before, own) if before else []:
        now = {spec.name: spec.address for spec in lab.hosts}
        if now.get(host.spec.name) != host.spec.address:
            host.wipe()
            progress.say(f"{host.spec.name}: no longer declared at {host.spec.address}, removed")


def down(name: str, progress: Progress) -> bool:
    """Remove the lab with every trace; False where there was none."""
    checks.require_root()
    own = paths.lab_paths(name)
    with lab_lock(name, progress):
        there = own.root.exists()
        try:
            lab = models.load(own.record)
        except LabError as error:
            progress.say(str(error))
            lab = None
        if lab is None and there:
            # Killed before its record was written: the claim alone may exist.
            given = machine.read_register().labs.get(str(own.root))
            bridge = subnets.bridge(subnets.number_of(given)) if given else ""
            lab = Lab(name, given, bridge, "", ()) if given else None
        if lab:
            each(hosts_of(lab, own), lambda host: wipe(host, progress))
            network.remove(lab.bridge)
        shutil.rmtree(own.root, ignore_errors=True)
        machine.release(own.root)
        return there


def wipe(host: Host, progress: Progress) -> str:
    """Remove one host."""
    progress.start(host.spec.name, "removing")
    host.wipe()
    progress.done(host.spec.name, "removed")
    return "removed"


def reset(name: str, host_name: str, progress: Progress) -> None:
    """A fresh host under the same name, address and SSH host key.

    The key stays: it is pinned in known_hosts, which open terminals and copies of the inventory
    already use; a lab that is taken down and up again has new ones.

    Raises:
        LabError: no such lab or host.
    """
    checks.preconditions()
    with lab_lock(name, progress):
        lab, own = recorded(name)
        host = Host(lab, lab.host(host_name), own, cgroups.detect())
        image.ensure(host.spec.release, progress)
        machine.prepare()
        network.ensure(lab.bridge, lab.subnet, lab.gateway)
        progress.start(host_name, "removing")
        host.stop()
        (host.folder / "seeded").unlink(missing_ok=True)
        boot(host, progress)


def certificate(name: str, host_name: str, days: int) -> None:
    """Reissue a running host's TLS certificate and place it there.

    Raises:
        LabError: no such lab or host, or it does not run.
    """
    checks.require_root()
    lab, own = recorded(name)
    host = Host(lab, lab.host(host_name), own, cgroups.detect())
    if not host.running():
        raise LabError(f"expected {host_name} to run, found it stopped; run `holdfast lab up`")
    seed.certify(host.spec, own, days)
    issued = own.host(host_name) / "tls"
    for part, mode in (("server.key", "600"), ("server.crt", "644")):
        target = f"/{seed.TLS}/{part}"
        line = f"umask 077 && cat > {target}.new && chmod {mode} {target}.new"
        line += f" && mv {target}.new {target}"
        code, said = reach.ssh(host, line, text=(issued / part).read_text())
        if code:
            raise LabError(f"expected to place {part} on {host_name}, found: {said}")
