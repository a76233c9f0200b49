"""One host: started, looked at, stopped, wiped."""

import fcntl
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from holdfast.lab import disk, image, machine, network, seed
from holdfast.lab.cgroups import Backend
from holdfast.lab.errors import LabError
from holdfast.lab.locks import held, take, write
from holdfast.lab.models import HostSpec, Lab
from holdfast.lab.paths import LabPaths

HERE = Path(__file__).parent
INIT = "/usr/local/sbin/holdfast-lab-init"
POWER_OFF = "SIGRTMIN+3"


@dataclass(frozen=True)
class Plan:
    """What has to be done with a host to have it run.

    action: leave, start (its disk is kept) or fresh. why: shown to the person.
    """

    action: str
    why: str = ""


def decide(*, running: bool, keeper: bool, seeded_as: str, wanted: str, sound: bool) -> Plan:
    """What a look at a host means.

    running: something of it lives. keeper: the process that keeps it is among that.
    seeded_as: mark of what it was seeded for, '' where that never ended. wanted: mark it must have.
    sound: its disk and image can be used again.
    """
    if not seeded_as and running:
        return Plan("fresh", "its first start was not recorded to the end")
    if not seeded_as:
        return Plan("fresh")
    if seeded_as != wanted:
        return Plan("fresh", "its declaration changed")
    if running and keeper:
        return Plan("leave")
    if running:
        return Plan("start", "its keeper was gone")
    if not sound:
        return Plan("fresh", "its disk or image could not be used again")
    return Plan("start", "it was stopped")


class Host:
    """A host of a lab on this machine."""

    def __init__(self, lab: Lab, spec: HostSpec, paths: LabPaths, backend: Backend) -> None:
        self.lab = lab
        self.spec = spec
        self.paths = paths
        self.backend = backend
        self.folder = paths.host(spec.name)
        self.machine = lab.machine(spec)

    def running(self) -> bool:
        """Whether its keeper, or what that started, lives: both hold the lock."""
        return held(self.folder / "lock")

    def keeper(self) -> int | None:
        """Process id of the keeper; a number that now belongs to another program is none."""
        try:
            pid = int((self.folder / "pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self.folder) in words else None

    def mark(self) -> str:
        """Changes when the host has to be made anew: its address, image source, names, disk."""
        spec = self.spec
        names = ",".join(spec.names)
        return f"{spec.address} {spec.release} {spec.limits.disk_mib} {names}"

    def seeded_as(self) -> str:
        """The mark it was seeded for; '' where seeding did not end."""
        if not (self.folder / "seeded").exists():
            return ""
        return seed.read_or_empty(self.folder / "mark")

    def plan(self) -> Plan:
        """What has to be done to have it run."""
        running = self.running()
        return decide(
            running=running,
            keeper=self.keeper() is not None,
            seeded_as=self.seeded_as(),
            wanted=self.mark(),
            sound=running or (self.image().is_dir() and disk.is_sound(self.folder)),
        )

    def image(self) -> Path:
        """The image it was seeded on: another lower folder under the same upper is undefined."""
        return Path(seed.read_or_empty(self.folder / "image").strip() or "/nonexistent")

    def stop(self) -> None:
        """End it at once; a lab host's state is thrown away, so nothing is shut down in order.

        Raises:
            LabError: it does not end.
        """
        self.backend.kill(self.machine)
        end = time.monotonic() + 10
        while self.running():
            # A keeper that has only just been started may not be in its groups yet.
            self.backend.kill(self.machine)
            if time.monotonic() > end:
                raise LabError(f"expected {self.spec.name} to stop, found it alive after 10 s")
            time.sleep(0.02)
        network.remove_veth(self.machine)

    def wipe(self) -> None:
        """Remove all that was made for it; its keys too."""
        self.stop()
        self.backend.remove(self.machine)
        for folder in ("propagate", "unix-export"):
            shutil.rmtree(f"/run/systemd/nspawn/{folder}/{self.machine}", ignore_errors=True)
        disk.remove(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def refresh(self) -> None:
        """A fresh disk and seed; the SSH host key stays, see keys.pin."""
        root = image.root_of(self.spec.release)
        disk.create(self.folder, self.spec.limits)
        seed.build(self.lab, self.spec, self.paths, root)
        write(self.folder / "mark", self.mark())
        write(self.folder / "image", f"{root}\n")

    def start(self) -> None:
        """Start its keeper; returns at once. The lock passes to the keeper without a gap.

        Raises:
            LabError: somebody else starts it.
        """
        lock = take(self.folder / "lock")
        if lock is None:
            raise LabError(f"expected {self.spec.name} to be stopped, found it being started")
        try:
            network.remove_veth(self.machine)
            # Own copies: a shell reads its script as it goes, and the checkout may change.
            for script in ("keeper.sh", "init.sh"):
                shutil.copy(HERE / script, self.folder / script)
            self.backend.prepare(self.machine, self.spec.limits)
            self._spawn(lock)
        finally:
            os.close(lock)

    def _spawn(self, lock: int) -> None:
        """Run the keeper with the lock; one that systemd runs takes it by itself."""
        env = dict(os.environ, LC_ALL="C.UTF-8")
        if self.backend.direct:
            env["HOLDFAST_LOCKED"] = "1"
        else:
            fcntl.flock(lock, fcntl.LOCK_UN)
        with (self.folder / "console.log").open("ab") as console:
            subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
                pass_fds=(lock,) if self.backend.direct else (),
                env=env,
                cwd="/",
            )

    def command(self) -> list[str]:
        """Everything that is run for the host, outermost first."""
        return [
            *self.backend.wrap(self.machine, self.spec.limits),
            *("unshare", "--mount", "--propagation", "private", "--", "sh"),
            *(str(self.folder / "keeper.sh"), str(self.folder), str(self.image()), self.machine),
            *self.backend.enter(self.machine),
            "--",
            *self.nspawn(),
        ]

    def nspawn(self) -> list[str]:
        """The container: default capabilities only, so that no host can set the machine's clock."""
        lxcfs = [f"--bind-ro={machine.LXCFS}"] if machine.lxcfs_mounted() else []
        return [
            "systemd-nspawn",
            "--quiet",
            f"--directory={self.folder / 'root'}",
            f"--machine={self.machine}",
            f"--hostname={self.spec.name}",
            f"--kill-signal={POWER_OFF}",
            "--register=no",
            "--keep-unit",
            f"--network-bridge={self.lab.bridge}",
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
            "--console=pipe",
            f"--bind-ro={self.folder / 'init.sh'}:{INIT}",
            *lxcfs,
            INIT,
        ]

    def console_tail(self, lines: int = 8) -> str:
        """The last lines of its console."""
        text = seed.read_or_empty(self.folder / "console.log")
        return " | ".join(line.strip() for line in text.splitlines()[-lines:] if line.strip())


def bring_up(host: Host, tell: Callable[[str], None]) -> Plan:
    """Have the host started where it is not; tells each stage. Returns what was done."""
    host.folder.mkdir(parents=True, exist_ok=True)
    plan = host.plan()
    if plan.action == "leave":
        return plan
    tell(f"{plan.why}, repairing" if plan.why else "preparing")
    host.stop()
    if plan.action == "fresh":
        host.refresh()
    tell("starting")
    host.start()
    return plan
