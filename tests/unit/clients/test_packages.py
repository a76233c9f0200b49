"""Where pydantic or netaddr is missing, files still import, and use says what to install."""

import subprocess
import sys

import pytest

from tests.unit.clients.folder import ROOT

PROGRAM = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked!r}:
            raise ImportError(name)
sys.meta_path.insert(0, Blocker())
sys.path.insert(0, {path!r})
import ansible_collections.holdfast.ops.plugins.inventory.clients
import ansible_collections.holdfast.ops.plugins.plugin_utils.clients.schema as schema
from ansible_collections.holdfast.ops.plugins.plugin_utils import clients
for use in (lambda: clients.load_declarations("x"), lambda: schema.json_schema("client")):
    try:
        use()
    except clients.MissingPackageError as error:
        print(error)
"""


@pytest.mark.parametrize(
    ("blocked", "names"),
    [(["pydantic"], "pydantic"), (["netaddr"], "netaddr"), (["pydantic", "netaddr"], "netaddr")],
)
def test_a_missing_package_is_named(blocked: list[str], names: str) -> None:
    program = PROGRAM.format(blocked=blocked, path=str(ROOT / "collections"))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2
    assert all(f"pip install {' '.join(blocked)}" in line and names in line for line in lines)
