"""`make demo`: boot the lab, bring its fleet under management, show its health.

Every step says what it does and how long it took; running it again changes nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def step(title: str, command: list[str]) -> None:
    """Run one step in the foreground.

    Raises:
        SystemExit: the step failed; says which and how to run it alone.
    """
    print(f"\n==> {title}\n    {' '.join(command)}", flush=True)
    began = time.monotonic()
    env = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}")
    code = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    took = time.monotonic() - began
    print(f"    {'done' if code == 0 else 'FAILED'} in {took:.1f} s", flush=True)
    if code:
        sys.exit(f"demo: '{title}' ended with {code}; the lines above say why. Run again any time.")


def lab_facts(name: str) -> dict[str, object]:
    """What the lab says of itself (inventory, hosts, addresses)."""
    command = [str(BIN / "holdfast"), "lab", "status", "--name", name, "--format", "json"]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(json.loads(out))


def main() -> int:
    """Run the demonstration; 0 when the fleet is healthy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lab", default="lab", help="name of the lab")
    name = parser.parse_args().lab
    began = time.monotonic()
    step("Boot the lab's hosts", ["holdfast", "lab", "up", "--name", name])
    declared = Path(str(lab_facts(name)["inventory"]))
    inventory = str(declared.relative_to(ROOT) if declared.is_relative_to(ROOT) else declared)
    step("Check the declarations", ["holdfast", "validate", inventory])
    step(
        "Bring every host under management",
        ["ansible-playbook", "-i", inventory, "playbooks/site.yml"],
    )
    step("Ask every service how it is", ["holdfast", "health", "-i", inventory])
    print(f"\nThe fleet is up and healthy after {time.monotonic() - began:.0f} s. Next:")
    extra = "" if name == "lab" else f" --name {name}"
    print(f"  .venv/bin/holdfast lab ssh{extra} acme-web1     look around on a host")
    print(f"  .venv/bin/holdfast health -i {inventory}    ask again")
    print("  make down                               remove every trace")
    return 0


if __name__ == "__main__":
    sys.exit(main())
