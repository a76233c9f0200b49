"""Where things are: the checkout, its collections, and the state kept outside it."""

import os
import sys
from pathlib import Path

from holdfast.core.errors import HoldfastError

STATE_DEFAULT = "/var/lib/holdfast"


def state_dir() -> Path:
    """Directory of Holdfast's own state on this machine (`HOLDFAST_STATE` overrides it)."""
    return Path(os.environ.get("HOLDFAST_STATE", STATE_DEFAULT))


def project_root() -> Path:
    """The checkout this package runs from, found by its `galaxy.yml`.

    Raises:
        HoldfastError: the package was installed without its checkout.
    """
    for folder in Path(__file__).resolve().parents:
        if (folder / "galaxy.yml").is_file():
            return folder
    raise HoldfastError(
        "expected the package inside a Holdfast checkout (a folder with galaxy.yml), "
        f"found it at {Path(__file__).resolve().parent}; install it with `pip install -e CHECKOUT`"
    )


def use_collection() -> None:
    """Make `ansible_collections.holdfast.ops` importable, as Ansible itself finds it.

    Raises:
        HoldfastError: the collection link is missing.
    """
    collections = project_root() / "collections"
    if not (collections / "ansible_collections/holdfast/ops").exists():
        raise HoldfastError(
            "expected the collection link collections/ansible_collections/holdfast/ops, "
            "found none; run `make setup`"
        )
    if str(collections) not in sys.path:
        sys.path.insert(0, str(collections))
