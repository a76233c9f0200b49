"""SSH keys of a lab and its hosts, pinned before the first connection."""

from pathlib import Path

from holdfast.lab.locks import write
from holdfast.lab.models import Lab
from holdfast.lab.paths import LabPaths
from holdfast.lab.process import run


def make_key(path: Path, comment: str) -> None:
    """An ed25519 key pair where it is not complete; the public half is renamed in last."""
    public = path.with_name(f"{path.name}.pub")
    if path.is_file() and public.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    for leftover in (draft, draft.with_name(f"{draft.name}.pub")):
        leftover.unlink(missing_ok=True)
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(draft)])
    draft.rename(path)
    draft.with_name(f"{draft.name}.pub").rename(public)


def host_key(paths: LabPaths, host: str) -> Path:
    """The host's own private key as kept here."""
    return paths.host(host) / "ssh_host_ed25519_key"


def public_key(path: Path) -> str:
    """Type and key without the comment."""
    return " ".join(path.with_name(f"{path.name}.pub").read_text().split()[:2])


def known_hosts(lab: Lab, keys: dict[str, str]) -> str:
    """The pinned keys, by name and by address. keys: host -> public key."""
    lines = [f"{host.name},{host.address} {keys[host.name]}" for host in lab.hosts]
    return "".join(f"{line}\n" for line in lines)


def ssh_config(lab: Lab, paths: LabPaths) -> str:
    """Settings for `ssh -F`: short host names, our key, pinned host keys, bounded waits."""
    names = " ".join(host.name for host in lab.hosts)
    entries = "".join(f"Host {host.name}\n  HostName {host.address}\n" for host in lab.hosts)
    return (
        f"{entries}Host {names} {lab.subnet.removesuffix('0/24')}*\n"
        "  User root\n"
        f"  IdentityFile {paths.key}\n"
        "  IdentitiesOnly yes\n"
        f"  UserKnownHostsFile {paths.known_hosts}\n"
        "  GlobalKnownHostsFile /dev/null\n"
        "  StrictHostKeyChecking yes\n"
        "  PreferredAuthentications publickey\n"
        "  ServerAliveInterval 5\n"
        "  ServerAliveCountMax 3\n"
        "  ConnectTimeout 10\n"
    )


def pin(lab: Lab, paths: LabPaths) -> None:
    """Make all keys of the lab and write known_hosts and ssh_config where they differ."""
    make_key(paths.key, f"holdfast lab {lab.name}")
    for host in lab.hosts:
        make_key(host_key(paths, host.name), f"root@{host.name}")
    keys = {host.name: public_key(host_key(paths, host.name)) for host in lab.hosts}
    for path, text in (
        (paths.known_hosts, known_hosts(lab, keys)),
        (paths.ssh_config, ssh_config(lab, paths)),
    ):
        if not path.is_file() or path.read_text() != text:
            write(path, text, 0o600)
