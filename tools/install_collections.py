"""Installs the collections of requirements.yml and links the checkout as holdfast.ops.

Two ways: Ansible Galaxy, or, where it is out of reach, the same versions out of
the `ansible` package from the Python package index. Says which way it took.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "collections" / "ansible_collections"
BUNDLE = ROOT / "requirements" / "collections.txt"


def wanted() -> dict[str, str]:
    """Collection name -> version, as requirements.yml pins them."""
    entries = yaml.safe_load((ROOT / "requirements.yml").read_text())["collections"]
    return {entry["name"]: entry["version"] for entry in entries}


def installed_version(name: str) -> str | None:
    """Version of an installed collection, or None."""
    manifest = TARGET / name.replace(".", "/") / "MANIFEST.json"
    if not manifest.is_file():
        return None
    return str(json.loads(manifest.read_text())["collection_info"]["version"])


def link_own() -> None:
    """Make the checkout itself visible to Ansible as holdfast.ops."""
    link = TARGET / "holdfast" / "ops"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink() or link.resolve() != ROOT:
        link.unlink(missing_ok=True)
        link.symlink_to("../../..", target_is_directory=True)


def from_galaxy() -> bool:
    """Try Galaxy; False when it cannot be reached or lacks a version."""
    command = [str(Path(sys.executable).with_name("ansible-galaxy")), "collection", "install"]
    command += ["-r", str(ROOT / "requirements.yml"), "-p", str(TARGET.parent), "--timeout", "15"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.returncode == 0


def from_bundle(missing: dict[str, str]) -> None:
    """Unpack the wanted collections from the hashed `ansible` wheel.

    Raises:
        subprocess.CalledProcessError: the wheel could not be had.
        RuntimeError: the bundle holds another version than requirements.yml names.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check"]
        command += ["--no-deps", "--require-hashes", "--retries", "5", "-d", folder]
        subprocess.run([*command, "-r", str(BUNDLE)], check=True, stderr=subprocess.DEVNULL)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            for name in missing:
                prefix = f"ansible_collections/{name.replace('.', '/')}/"
                shutil.rmtree(TARGET.parent / prefix, ignore_errors=True)
                wheel.extractall(
                    TARGET.parent, [n for n in wheel.namelist() if n.startswith(prefix)]
                )
    for name, version in missing.items():
        found = installed_version(name)
        if found != version:
            raise RuntimeError(f"{name}: expected {version} in the bundle, found {found}")


def main() -> int:
    """Install what is missing; 0 on success."""
    link_own()
    missing = {n: v for n, v in wanted().items() if installed_version(n) != v}
    if not missing:
        return 0
    listed = ", ".join(f"{name} {version}" for name, version in missing.items())
    if from_galaxy():
        print(f"setup: collections from Ansible Galaxy: {listed}")
        return 0
    try:
        from_bundle(missing)
    except (subprocess.CalledProcessError, RuntimeError) as error:
        print(f"setup: neither Galaxy nor the ansible package gave {listed}: {error}")
        return 1
    print(f"setup: Galaxy is out of reach; collections from the ansible package: {listed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
