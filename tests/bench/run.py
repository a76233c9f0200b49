"""`make bench`: measures the figures of docs/benchmarks.md on this machine, in one run.

Every figure that carries a promise is a ratio against a baseline of the same run.
Prints tables and, with --write, renews the block in docs/benchmarks.md.
"""

import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.bench.health_bench import compare
from tests.bench.measure import ROOT, Run, ok, run, tasks

PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"
Row = tuple[str, str, str]


def say(text: str) -> None:
    """Progress, since the whole takes minutes."""
    print(f"bench: {text}", flush=True)


@contextmanager
def lab(name: str) -> Iterator[tuple[str, list[Row]]]:
    """A fresh lab; gives its inventory and the rows about its boot."""
    say(f"booting lab {name}")
    ok(["holdfast", "lab", "image"])
    first = ok(["holdfast", "lab", "up", "--name", name])
    try:
        again = ok(["holdfast", "lab", "up", "--name", name])
        facts = json.loads(
            ok(["holdfast", "lab", "status", "--name", name, "--format", "json"]).out
        )
        count = len(facts["hosts"])
        greeted = [float(s) for s in re.findall(r"\bssh\s+([\d.]+) s", first.out)]
        yield (
            str(facts["inventory"]),
            [
                ("a host's start until SSH answers, slowest", f"{max(greeted):.1f} s", "5 s"),
                (f"lab up, {count} hosts, image there", f"{first.wall:.1f} s", "20 s"),
                ("lab up again, nothing to do", f"{again.wall:.1f} s", ""),
            ],
        )
    finally:
        ok(["holdfast", "lab", "down", "--name", name])


def timed(done: Run) -> str:
    """Seconds in all and a host, and how many tasks."""
    hosts = len(re.findall(r"^\S+\s+: ok=", done.out, re.MULTILINE))
    return f"{done.wall:.1f} s ({done.wall / hosts:.1f} s a host), {tasks(done.out)} tasks"


def site(inventory: str, env: dict[str, str]) -> list[Row]:
    """First and second run of `site`, against bare fact gathering over the same hosts."""
    play = ["ansible-playbook", "-i", inventory]
    say("site, first run")
    first = ok([*play, "playbooks/site.yml"], env)
    say("site, second run against fact gathering")
    facts = ROOT / "tests" / "bench" / "facts.yml"
    bare = {**env, "ANSIBLE_CACHE_PLUGIN": "memory"}
    pairs = []
    for _ in range(3):
        second = ok([*play, "playbooks/site.yml"], env)
        pairs.append((second, ok([*play, str(facts)], bare)))
    pairs.sort(key=lambda pair: pair[0].wall / pair[1].wall)
    second, base = pairs[1]
    return [
        ("site, first run", timed(first), ""),
        ("site, first run: controller CPU", f"{first.cpu:.1f} s", ""),
        ("site, second run", timed(second), ""),
        ("site, second run: controller CPU", f"{second.cpu:.1f} s", ""),
        ("bare fact gathering, same hosts", f"{base.wall:.1f} s", ""),
        ("site second run / fact gathering", f"{second.wall / base.wall:.2f}", "6"),
    ]


def health(inventory: str, env: dict[str, str]) -> list[Row]:
    """The health playbook against `ping`, over one host with four services and over all."""
    rows = []
    for title, limit in (("1 host, 4 services", "globex-1"), ("4 hosts", "all")):
        say(f"health over {title} against ping")
        found = compare(inventory, limit, 5, env)
        rows.append((f"health over {title}", f"{found['playbook_s']:.2f} s", ""))
        rows.append((f"ping over {title}", f"{found['ping_s']:.2f} s", ""))
        ratio = f"{found['playbook_ratio']:.2f}"
        rows.append((f"health / ping, {title}", ratio, "1.5 and the services' own time"))
    return rows


def unreachable(inventory: str, env: dict[str, str]) -> list[Row]:
    """How long a host whose packets are dropped in the middle of a session takes to be named."""
    say("a host whose network is dropped")
    listed = json.loads(ok(["ansible-inventory", "-i", inventory, "--list"], env).out)
    address = listed["_meta"]["hostvars"]["acme-db1"]["ansible_host"]
    table = f"holdfast_bench_{os.getpid()}"
    with tempfile.NamedTemporaryFile("w", suffix=".nft") as rules:
        rules.write(
            f"table inet {table} {{\n chain o {{\n  type filter hook output priority 0;\n"
            f"  ip daddr {address} drop\n }}\n}}\n"
        )
        rules.flush()
        ok(["ansible", "-i", inventory, "acme-db1", "-m", "ansible.builtin.ping"], env)
        ok(["nft", "-f", rules.name])
        try:
            done = run(["ansible", "-i", inventory, "all", "-m", "ansible.builtin.ping"], env)
        finally:
            ok(["nft", "delete", "table", "inet", table])
    if "UNREACHABLE" not in done.out:
        raise RuntimeError(f"expected acme-db1 UNREACHABLE, found:\n{done.out}")
    return [
        ("network dropped under an open session: UNREACHABLE after", f"{done.wall:.0f} s", "60 s")
    ]


def inventory_rows() -> list[Row]:
    """Our plugin against Ansible's own, at three sizes."""
    say("inventories of 100, 1,000 and 10,000 hosts")
    bench = ROOT / "tests" / "bench" / "inventory" / "bench.py"
    data = json.loads(ok([sys.executable, str(bench), "--json"]).out.strip().splitlines()[-1])
    rows = []
    for size in data["sizes"]:
        hosts = f"{size['hosts']:,} hosts"
        ours, base = size["clients"], size["yaml"]
        rows += [
            (
                f"inventory --list, clients plugin, {hosts}",
                f"{ours['wall']:.2f} s, {ours['rss']:.0f} MB",
                "",
            ),
            (
                f"inventory --list, yaml plugin, {hosts}",
                f"{base['wall']:.2f} s, {base['rss']:.0f} MB",
                "",
            ),
            (f"time ratio, {hosts}", f"{size['wall_ratio']:.2f}", "0.5 at 10,000"),
            (f"memory ratio, {hosts}", f"{size['rss_ratio']:.2f}", "0.5 at 10,000"),
            (f"--host / --list, {hosts}", f"{size['host_ratio']:.2f}", "1.2"),
        ]
    return rows


def markdown(rows: list[Row]) -> str:
    """The figures as a table."""
    lines = ["| figure | measured | promised at most |", "|---|---|---|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def write(text: str) -> None:
    """Renew the block of docs/benchmarks.md."""
    page = PAGE.read_text()
    head, rest = page.split(BEGIN, 1)
    PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}")


def main() -> int:
    """Measure all; 0 when every command worked."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        env = {
            "ANSIBLE_CACHE_PLUGIN_CONNECTION": f"{folder}/facts",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{folder}/cp",
        }
        with lab(f"bench-{os.getpid()}") as (inventory, rows):
            rows += site(inventory, env)
            rows += health(inventory, env)
            rows += unreachable(inventory, env)
    rows += inventory_rows()
    text = markdown(rows)
    print(text)
    if "--write" in sys.argv[1:]:
        write(text)
    say(f"done after {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
