"""What the labs change on the machine as a whole: subnets given, kernel settings, lxcfs.

The register lies in /run, so that two state directories on one machine know of each other.
What was found before the first lab is put back with the last.
"""

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

from holdfast.lab import network, paths, subnets
from holdfast.lab.errors import LabError
from holdfast.lab.locks import locked, write
from holdfast.lab.process import attempt

LXCFS = Path("/var/lib/lxcfs")
#: Kernel setting -> least value. Each systemd takes about ten of root's inotify instances.
SETTINGS = {"net.ipv4.ip_forward": 1, "fs.inotify.max_user_instances": 1024}


@dataclass
class Register:
    """labs: folder of a lab -> its subnet. saved: kernel setting -> value before the first lab."""

    boot: str = ""
    labs: dict[str, str] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)


def register_file() -> Path:
    """Where the register is."""
    return paths.MACHINE / "machine.json"


def lock_file() -> Path:
    """The lock over the register."""
    return paths.MACHINE / "machine.lock"


def read_register() -> Register:
    """The register; what was saved before a restart of the machine no longer counts."""
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    try:
        found = Register(**json.loads(register_file().read_text()))
    except (OSError, ValueError, TypeError):
        found = Register()
    # A lab whose folder is gone holds nothing any more.
    labs = {root: net for root, net in found.labs.items() if Path(root).is_dir()}
    return Register(boot, labs, found.saved if found.boot == boot else {})


def write_register(register: Register) -> None:
    """Record it."""
    write(register_file(), json.dumps(asdict(register), indent=1) + "\n", 0o644)


def claim(root: Path, wanted: str | None, prefer: str | None = None) -> str:
    """Give a lab its subnet, and keep it: the same one again on every later call.

    root: the lab's folder. wanted: the subnet it must have, None for any.
    prefer: the one it had, taken again where it is free (the register is lost at a restart).

    Raises:
        LabError: the wanted subnet is in use.
    """
    with locked(lock_file()):
        register = read_register()
        held = register.labs.get(str(root))
        if held and wanted in {None, held}:
            return held
        asked = wanted or prefer
        number = subnets.number_of(asked) if asked else None
        mine = subnets.bridge(number) if number is not None else ""
        used = {subnets.number_of(n) for key, n in register.labs.items() if key != str(root)}
        used |= subnets.taken(network.interface_addresses(skip=mine))
        if wanted is None and number in used:
            number = None
        chosen = subnets.subnet(subnets.free(used, number))
        root.mkdir(parents=True, exist_ok=True)
        register.labs[str(root)] = chosen
        write_register(register)
        return chosen


def setting(name: str) -> Path:
    """File of a kernel setting."""
    return Path("/proc/sys") / name.replace(".", "/")


def prepare() -> bool:
    """Raise the kernel settings and start lxcfs; True when anything was changed."""
    changed = False
    with locked(lock_file()):
        register = read_register()
        for name, least in SETTINGS.items():
            now = setting(name).read_text().strip()
            if int(now) < least:
                register.saved.setdefault(name, now)
                write_register(register)
                setting(name).write_text(str(least))
                changed = True
        return start_lxcfs() or changed


def release(root: Path) -> bool:
    """Give a lab's subnet back; with the last lab put the machine back as it was found.

    Returns True when it was the last.
    """
    with locked(lock_file()):
        register = read_register()
        register.labs.pop(str(root), None)
        last = not register.labs
        if last:
            for name, value in register.saved.items():
                setting(name).write_text(value)
            register.saved = {}
            stop_lxcfs()
        write_register(register)
        if last:
            register_file().unlink(missing_ok=True)
        return last


def lxcfs_mounted(mounts: str | None = None) -> bool:
    """Whether lxcfs serves its files (its own service on a systemd machine, or ours)."""
    text = Path("/proc/self/mounts").read_text() if mounts is None else mounts
    return any(
        entry[1] == str(LXCFS) and entry[2] == "fuse.lxcfs"
        for entry in (line.split() for line in text.splitlines())
        if len(entry) > 2
    )


def pid_file() -> Path:
    """Pid file of our own lxcfs; its path in a command line tells it from any other."""
    return paths.MACHINE / "lxcfs.pid"


def our_lxcfs() -> int | None:
    """Process id of the lxcfs that a lab started, None where it is not ours or gone."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"lxcfs") and os.fsencode(pid_file()) in words:
                return int(entry.name)
    return None


def start_lxcfs() -> bool:
    """Start lxcfs where none serves; True when it was started.

    Raises:
        LabError: it does not come up.
    """
    if lxcfs_mounted():
        if (LXCFS / "proc/meminfo").exists():
            return False
        # Its process died and left a dead mount.
        attempt(["umount", "--lazy", str(LXCFS)])
    LXCFS.mkdir(parents=True, exist_ok=True)
    paths.MACHINE.mkdir(parents=True, exist_ok=True)
    with (paths.MACHINE / "lxcfs.log").open("w") as log:
        subprocess.Popen(
            ["lxcfs", "-f", "-l", "-p", str(pid_file()), str(LXCFS)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd="/",
        )
    end = time.monotonic() + 10
    while not (LXCFS / "proc/meminfo").exists():
        if time.monotonic() > end:
            said = (paths.MACHINE / "lxcfs.log").read_text()[-300:]
            raise LabError(f"expected lxcfs to serve {LXCFS} within 10 s, found: {said}")
        time.sleep(0.02)
    return True


def stop_lxcfs() -> None:
    """End our own lxcfs; one that was there before is left alone."""
    pid = our_lxcfs()
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + 5
    while our_lxcfs() == pid and time.monotonic() < end:
        time.sleep(0.02)
    if lxcfs_mounted():
        attempt(["umount", "--lazy", str(LXCFS)])
    pid_file().unlink(missing_ok=True)
    (paths.MACHINE / "lxcfs.log").unlink(missing_ok=True)
