"""Whether a host answers: its SSH banner first, then a real login, then the end of its boot."""

import socket
import subprocess
import time
from collections.abc import Callable

from holdfast.lab.errors import LabError
from holdfast.lab.host import Host

START_LIMIT = 5.0
BANNER_LIMIT = 60.0
BOOT_LIMIT = 90


def banner(address: str, timeout: float = 0.3) -> bool:
    """Whether an SSH server greets at the address.

    Says a version and hangs up in order: a bare hang-up is an error in the host's journal.
    """
    try:
        with socket.create_connection((address, 22), timeout=timeout) as connection:
            connection.settimeout(2.0)
            greeting = connection.recv(255)
            connection.sendall(b"SSH-2.0-holdfast_lab\r\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
    except OSError:
        return False
    return greeting.startswith(b"SSH-")


def wait_for_banner(host: Host, limit: float = BANNER_LIMIT) -> None:
    """Wait until the host greets.

    Raises:
        LabError: it ended, or did not greet in time; carries the end of its console.
    """
    began = time.monotonic()
    seen = False
    while not banner(host.spec.address):
        alive = host.running()
        # A keeper that systemd starts for us needs a moment before it can be seen.
        if not alive and (seen or time.monotonic() - began > START_LIMIT):
            raise LabError(
                f"expected {host.spec.name} to boot, found that it ended: "
                f"{host.console_tail() or 'its console is empty'}"
            )
        seen = seen or alive
        if time.monotonic() - began > limit:
            raise LabError(
                f"expected {host.spec.name} to answer on {host.spec.address}:22 within "
                f"{limit:.0f} s, found no answer; `holdfast lab reset --name {host.lab.name} "
                f"{host.spec.name}` makes it anew. Console: {host.console_tail()}"
            )
        time.sleep(0.05)


def ssh(host: Host, *words: str, text: str = "", limit: int = 60) -> tuple[int, str]:
    """Run a command on the host with its pinned key; (exit code, output).

    Raises:
        LabError: it did not end within `limit` seconds.
    """
    command = ["ssh", "-F", str(host.paths.ssh_config), "-o", "BatchMode=yes"]
    command += ["-o", "ControlPath=none", host.spec.name, *words]
    try:
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise LabError(
            f"expected `{' '.join(words)}` on {host.spec.name} to end within {limit} s"
        ) from late
    return done.returncode, (done.stdout + done.stderr).strip()


def wait_for_boot(host: Host, tell: Callable[[str], None]) -> str:
    """Log in and wait until systemd has started everything; its state (`running`, `degraded`).

    Raises:
        LabError: the login fails.
    """
    wait_for_banner(host)
    tell("ssh")
    code, said = ssh(host, "systemctl", "is-system-running", "--wait", limit=BOOT_LIMIT)
    if code == 255:
        raise LabError(f"expected to log in on {host.spec.name} over SSH, found: {said}")
    state = said.splitlines()[-1] if said else "unknown"
    if state == "degraded":
        _, failed = ssh(host, "systemctl", "--failed", "--plain", "--no-legend")
        units = ", ".join(line.split()[0] for line in failed.splitlines() if line.split())
        state = f"degraded (failed: {units})"
    return state
