"""How long the health check takes against `ping`, over one host and over all, as JSON.

Two comparisons, in turn within the same run, so that a busy machine slows both alike:
`module` is the module itself, called the same way as ping; `playbook` is playbooks/health.yml,
what people run. The services' own time is what the module measured on the host.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.measure import ok, run  # noqa: E402 - found through the line above


def declared(inventory: str, env: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Host -> its services, as the inventory has them."""
    listed = json.loads(ok(["ansible-inventory", "-i", inventory, "--list"], env).out)
    return {
        host: variables.get("holdfast_services", [])
        for host, variables in listed["_meta"]["hostvars"].items()
    }


def commands(inventory: str, limit: str) -> dict[str, list[str]]:
    """The three calls that are compared."""
    adhoc = ["ansible", "-i", inventory, limit, "-m"]
    module = ["holdfast.ops.health_check_info", "-a", "services={{ holdfast_services }}"]
    return {
        "ping": [*adhoc, "ansible.builtin.ping"],
        "module": [*adhoc, *module],
        "playbook": ["ansible-playbook", "-i", inventory, "-l", limit, "playbooks/health.yml"],
    }


def compare(inventory: str, limit: str, times: int, env: dict[str, str]) -> dict[str, Any]:
    """Medians of alternating runs, and medians of the ratios of each turn."""
    calls = commands(inventory, limit)
    ok(calls["ping"], env)
    walls: dict[str, list[float]] = {name: [] for name in calls}
    for _turn in range(times):
        for name, command in calls.items():
            # A host that is not well ends the playbook with 2: it was timed all the same.
            done = ok(command, env) if name == "ping" else run(command, env)
            walls[name].append(done.wall)
    found: dict[str, Any] = {
        f"{name}_s": round(statistics.median(times), 3) for name, times in walls.items()
    }
    for name in ("module", "playbook"):
        turns = zip(walls[name], walls["ping"], strict=True)
        found[f"{name}_ratio"] = round(statistics.median(ours / base for ours, base in turns), 3)
    return found


def on_host(inventory: str, limit: str, env: dict[str, str]) -> dict[str, float]:
    """Host -> milliseconds that all checks took there, by the module's own clock."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        own = {
            "ANSIBLE_STDOUT_CALLBACK": "holdfast.ops.health",
            "HOLDFAST_HEALTH_JSON": str(report),
        }
        run(commands(inventory, limit)["playbook"], {**env, **own})
        hosts = json.loads(report.read_text())["hosts"]
    return {entry["host"]: entry["duration_ms"] for entry in hosts}


def main() -> int:
    """Measure and print one JSON document."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inventory", default="inventories/lab", help="inventory folder")
    parser.add_argument("--limit", default="all", help="hosts of the second comparison")
    parser.add_argument("--times", type=int, default=7, help="alternating runs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{folder}/facts",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{folder}/cp",
        }
        services = declared(asked.inventory, env)
        most = max(services, key=lambda host: len(services[host]))
        rows = []
        for limit in (most, asked.limit):
            row: dict[str, Any] = {
                "limit": limit,
                **compare(asked.inventory, limit, asked.times, env),
            }
            row["on_host_ms"] = on_host(asked.inventory, limit, env)
            rows.append(row)
        counts = {host: len(given) for host, given in services.items()}
    print(json.dumps({"times": asked.times, "services": counts, "comparisons": rows}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
