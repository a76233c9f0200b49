"""Our inventory plugin against Ansible's own, over the same fleet: wall seconds and peak memory.

    bench.py [--sizes 100,1000,10000] [--runs N] [--json]

Three sources of the same hosts, groups and variables: our declarations, one static YAML file,
and a script that prints ready JSON. Before anything is timed, the outputs of `--list` are
compared: all three must say the same. Each figure is the median of runs taken in turn.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
COMMAND = str(Path(sys.executable).parent / "ansible-inventory")
PLUGINS = {"clients": "holdfast.ops.clients", "yaml": "yaml", "script": "script"}


@dataclass(frozen=True)
class Cost:
    """What one command took: wall and CPU seconds, peak resident MB."""

    wall: float
    cpu: float
    rss: float


def run(plugin: str, source: Path, *options: str, out: Path | None = None) -> Cost:
    """Run ansible-inventory with one plugin alone and an empty ansible.cfg.

    Raises:
        RuntimeError: it failed.
    """
    env = {key: value for key, value in os.environ.items() if not key.startswith("ANSIBLE_")}
    config = source.parent / "ansible.cfg"
    config.touch()
    env.update(
        ANSIBLE_CONFIG=str(config),
        ANSIBLE_COLLECTIONS_PATH=str(ROOT / "collections"),
        ANSIBLE_INVENTORY_ENABLED=PLUGINS[plugin],
        ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="1",
    )
    with (out or Path(os.devnull)).open("wb") as target:
        began = time.monotonic()
        process = subprocess.Popen(
            [COMMAND, "-i", str(source), *options], cwd=source.parent, env=env, stdout=target
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{plugin} {source} ended with {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def same(sources: dict[str, Path], folder: Path) -> None:
    """Compare what the sources say of every host and group.

    Raises:
        RuntimeError: they differ; names the first difference.
    """
    said = {}
    for plugin, source in sources.items():
        out = folder / f"{plugin}.json"
        run(plugin, source, "--list", out=out)
        said[plugin] = json.loads(out.read_text())
    for plugin in ("yaml", "script"):
        difference = first_difference(said["clients"], said[plugin], "")
        if difference:
            raise RuntimeError(f"clients and {plugin} differ: {difference}")


def first_difference(one: Any, two: Any, path: str) -> str:
    """Where two values differ, or nothing; lists of hosts and children may be in any order."""
    if isinstance(one, dict) and isinstance(two, dict):
        for key in sorted(set(one) | set(two)):
            if key not in one or key not in two:
                return (
                    f"{path}/{key} is missing in {'the first' if key not in one else 'the other'}"
                )
            found = first_difference(one[key], two[key], f"{path}/{key}")
            if found:
                return found
        return ""
    if path.rsplit("/", 1)[-1] in ("hosts", "children") and isinstance(one, list):
        return "" if sorted(one) == sorted(two) else path
    return "" if one == two else f"{path}: {one!r} and {two!r}"


def median(costs: list[Cost]) -> dict[str, float]:
    """Median of each figure."""
    return {
        name: round(statistics.median(getattr(cost, name) for cost in costs), 3)
        for name in ("wall", "cpu", "rss")
    }


def prepare(folder: Path, hosts: int) -> dict[str, Path]:
    """Write the fleet and compare its forms, in a process of its own.

    A child begins with its parent's size as its peak memory: this process has to stay small.

    Raises:
        RuntimeError: the forms differ.
    """
    command = [sys.executable, __file__, "--prepare", str(folder), "--sizes", str(hosts)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the forms of {hosts} hosts cannot be compared; see above")
    return {key: Path(path) for key, path in json.loads(done.stdout).items()}


def write_and_compare(folder: Path, hosts: int) -> None:
    """The work of that process; prints the paths."""
    from generate import write

    sources = write(folder, hosts)
    same(sources, folder)
    print(json.dumps({key: str(path) for key, path in sources.items()}))


def measure(hosts: int, runs: int) -> dict[str, Any]:
    """All figures of one size."""
    with tempfile.TemporaryDirectory(prefix="holdfast-bench-") as name:
        folder = Path(name)
        sources = prepare(folder, hosts)
        size = (folder / "clients.json").stat().st_size
        host = f"client{max(1, hosts // 10):05d}-web1"
        costs: dict[str, list[Cost]] = {key: [] for key in (*sources, "host")}
        for _ in range(runs):
            for plugin, source in sources.items():
                costs[plugin].append(run(plugin, source, "--list"))
            costs["host"].append(run("clients", sources["clients"], "--host", host))
    found: dict[str, Any] = {key: median(values) for key, values in costs.items()}
    ours, base = found["clients"], found["yaml"]
    return {
        "hosts": hosts,
        "runs": runs,
        "output_mb": round(size / 1e6, 1),
        **found,
        "wall_ratio": round(ours["wall"] / base["wall"], 3),
        "rss_ratio": round(ours["rss"] / base["rss"], 3),
        "host_ratio": round(found["host"]["wall"] / ours["wall"], 3),
    }


def row(size: dict[str, Any]) -> str:
    """One size as a line of the table."""
    cells = [f"{size['hosts']:>7,}"]
    kinds = ("clients", "yaml", "script", "host")
    cells += [f"{size[key]['wall']:>6.2f} s {size[key]['rss']:>5.0f} MB" for key in kinds]
    cells.append(f"{size['wall_ratio']:>5.2f} {size['rss_ratio']:>6.2f} {size['host_ratio']:>6.2f}")
    return "  ".join(cells)


def main() -> int:
    """Measure and print; no judgement (the targets stand in docs/benchmarks.md)."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100,1000,10000")
    parser.add_argument("--runs", type=int, default=0, help="0: three, one above 1,000 hosts")
    parser.add_argument("--json", action="store_true", help="last line of output is JSON")
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare:
        write_and_compare(asked.prepare, int(asked.sizes))
        return 0
    sizes = []
    print("  hosts  clients            yaml               script             one host")
    print("         plugin --list      plugin --list      ready JSON         time  memory   host")
    for text in asked.sizes.split(","):
        hosts = int(text)
        sizes.append(measure(hosts, asked.runs or (3 if hosts <= 1000 else 1)))
        print(row(sizes[-1]), flush=True)
    if asked.json:
        print(json.dumps({"sizes": sizes}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
