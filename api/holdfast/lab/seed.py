"""What makes a shared image one host: name, address, keys, certificates, laid out as a tree."""

import shutil
from pathlib import Path

from holdfast.lab import keys, tls
from holdfast.lab.models import HostSpec, Lab
from holdfast.lab.paths import LabPaths
from holdfast.lab.process import run

TLS = "etc/ssl/holdfast-lab"
TRUST = "usr/local/share/ca-certificates/holdfast-lab.crt"
RESOLVED = Path("/run/systemd/resolve/resolv.conf")


def network_unit(address: str, gateway: str) -> str:
    """systemd-networkd's file for the host's only interface."""
    return (
        "[Match]\nName=host0\n\n"
        f"[Network]\nAddress={address}/24\nGateway={gateway}\n"
        "LinkLocalAddressing=no\nIPv6AcceptRA=no\n"
    )


def resolv_conf(text: str, resolved: str) -> str:
    """Name servers for a host: a resolver on this machine's loopback is out of its reach.

    text: this machine's resolv.conf. resolved: systemd-resolved's list of real servers, or ''.
    """
    servers = [line.split()[1] for line in text.splitlines() if line.startswith("nameserver ")]
    if resolved and all(server.startswith("127.") or server == "::1" for server in servers):
        return resolved
    return text


def read_or_empty(path: Path) -> str:
    """A file's text, or nothing where there is no file."""
    return path.read_text() if path.is_file() else ""


class Tree:
    """A folder of files with their modes, to be laid over the host's root."""

    def __init__(self, root: Path) -> None:
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(parents=True, mode=0o755)
        self.root = root

    def folder(self, path: str, mode: int = 0o755) -> Path:
        """A folder and those above it; modes of folders the image has stay as they are there."""
        made = self.root
        for part in Path(path).parts:
            made = made / part
            if not made.is_dir():
                made.mkdir()
                made.chmod(0o755)
        made.chmod(mode)
        return made

    def file(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file; secret ones are never readable by others, not even for a moment."""
        target = self.root / path
        if not target.parent.is_dir():
            self.folder(str(Path(path).parent))
        target.touch(mode=0o600)
        target.write_text(text)
        target.chmod(mode)

    def link(self, path: str, target: str) -> None:
        """A symbolic link."""
        self.folder(str(Path(path).parent))
        (self.root / path).symlink_to(target)


def build(lab: Lab, host: HostSpec, paths: LabPaths, image: Path) -> None:
    """Lay out the host's seed; its certificate is issued here, its keys are kept ones."""
    folder = paths.host(host.name)
    tree = Tree(folder / "seed")
    tree.file("etc/hostname", f"{host.name}\n")
    tree.file("etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {host.name}\n")
    unit = network_unit(host.address, lab.gateway)
    tree.file("etc/systemd/network/10-host0.network", unit)
    own = read_or_empty(Path("/etc/resolv.conf"))
    tree.file("etc/resolv.conf", resolv_conf(own, read_or_empty(RESOLVED)))
    tree.folder("root/.ssh", 0o700)
    tree.file("root/.ssh/authorized_keys", f"{keys.public_key(paths.key)}\n", 0o600)
    key = keys.host_key(paths, host.name)
    tree.file("etc/ssh/ssh_host_ed25519_key", key.read_text(), 0o600)
    tree.file("etc/ssh/ssh_host_ed25519_key.pub", f"{keys.public_key(key)} root@{host.name}\n")
    certify(host, paths, tls.SERVER_DAYS)
    place_certificates(tree, paths, folder / "tls")
    trust(tree, paths, image)


def certify(host: HostSpec, paths: LabPaths, days: int) -> None:
    """Issue the host's certificate into its folder here."""
    names = tls.alternative_names(host.name, host.address, host.names)
    tls.issue(paths.ca, paths.host(host.name) / "tls", names, days)


def place_certificates(tree: Tree, paths: LabPaths, issued: Path) -> None:
    """CA, certificate and key where the roles expect them."""
    tree.folder(TLS)
    tree.file(f"{TLS}/ca.crt", (paths.ca / "ca.crt").read_text())
    tree.file(f"{TLS}/server.crt", (issued / "server.crt").read_text())
    tree.file(f"{TLS}/server.key", (issued / "server.key").read_text(), 0o600)


def trust(tree: Tree, paths: LabPaths, image: Path) -> None:
    """Trust the CA on the host: the same files that update-ca-certificates would make there."""
    authority = (paths.ca / "ca.crt").read_text()
    bundle = image / "etc/ssl/certs/ca-certificates.crt"
    hashed = run(
        ["chroot", str(image), "openssl", "x509", "-noout", "-subject_hash"], text=authority
    ).strip()
    tree.file(TRUST, authority)
    tree.file("etc/ssl/certs/ca-certificates.crt", read_or_empty(bundle) + authority)
    tree.link("etc/ssl/certs/holdfast-lab.pem", f"/{TRUST}")
    tree.link(f"etc/ssl/certs/{hashed}.0", "holdfast-lab.pem")
