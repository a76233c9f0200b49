"""The lab itself: idempotent, fresh when asked, repaired after a kill, gone without a trace."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import suffix
from tests.e2e.fleet import BIN, ROOT, run

pytestmark = pytest.mark.hosts
PATIENCE = 60.0


class Lab:
    """A lab of platforms under a name of its own."""

    def __init__(self, name: str, folder: Path, hosts: list[str]) -> None:
        self.name = name
        self.hosts = hosts
        self.platforms = folder / f"{name}.json"
        self.platforms.write_text(
            json.dumps([{"name": host, "disk_mib": 512, "memory_mib": 512} for host in hosts])
        )

    @property
    def command(self) -> list[str]:
        """`lab up` of it."""
        options = ["--name", self.name, "--platforms", str(self.platforms)]
        return ["holdfast", "lab", "up", *options]

    def up(self) -> str:
        """Boot it; what was said."""
        result = run(*self.command)
        assert result.code == 0, result
        return result.out

    def down(self) -> None:
        """Remove it."""
        result = run("holdfast", "lab", "down", "--name", self.name)
        assert result.code == 0, result

    def status(self) -> dict[str, Any]:
        """Its facts."""
        result = run("holdfast", "lab", "status", "--name", self.name, "--format", "json")
        assert result.code == 0, result
        return dict(json.loads(result.out))

    def on(self, host: str, line: str) -> str:
        """A shell line on a host, that has to succeed."""
        result = run("holdfast", "lab", "ssh", "--name", self.name, host, "--", line, limit=60)
        assert result.code == 0, f"{host}: {line}: {result}"
        return result.out.strip()

    def boots(self) -> dict[str, str]:
        """Host -> id of its systemd's own start: differs after every boot."""
        line = "cat /proc/1/stat | cut -d' ' -f22; cat /etc/machine-id"
        return {host: self.on(host, line) for host in self.hosts}


@pytest.fixture(scope="module")
def lab(isolated: Path) -> Iterator[Lab]:
    """Two hosts that the tests share; each test leaves both running."""
    made = Lab(f"two{suffix()}", isolated, ["one", "other"])
    try:
        made.up()
        yield made
    finally:
        made.down()


@pytest.fixture
def spare(isolated: Path) -> Iterator[Lab]:
    """One host of a lab that a test may do anything to."""
    made = Lab(f"spare{suffix()}", isolated, ["lone"])
    try:
        yield made
    finally:
        made.down()


def text_of(*command: str) -> str:
    """What a program of this machine lists."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def traces(facts: dict[str, Any]) -> dict[str, list[str]]:
    """Everything on this machine that belongs to a lab, by kind."""
    root, bridge = facts["state_dir"], facts["bridge"]
    machines = [host["machine"] for host in facts["hosts"]]
    groups = [str(path) for name in machines for path in Path("/sys/fs/cgroup").rglob(name)]
    listed = text_of("ip", "-o", "link").splitlines()
    links = [line.split(":")[1].strip().split("@")[0] for line in listed]
    tables = text_of("nft", "list", "tables").splitlines()
    mounts = Path("/proc/mounts").read_text().splitlines()
    processes = text_of("ps", "-eo", "pid,args").splitlines()
    return {
        "links": [name for name in links if name == bridge or name.startswith(f"vb-{bridge}-")],
        "tables": [line for line in tables if line.endswith(f"_{bridge}")],
        "mounts": [line for line in mounts if f"{root}/" in line],
        "loops": [line for line in text_of("losetup", "-a").splitlines() if f"{root}/" in line],
        "groups": groups,
        "processes": [line for line in processes if f"{root}/" in line],
        "files": [root] if Path(root).exists() else [],
    }


def eventually(question: Callable[[], bool], what: str) -> None:
    """Wait for something that needs a moment, within a bound."""
    end = time.monotonic() + PATIENCE
    while not question():
        assert time.monotonic() < end, f"expected {what} within {PATIENCE:.0f} s"
        time.sleep(0.01)


def test_hosts_are_complete_systems(lab: Lab) -> None:
    assert {host["state"] for host in lab.status()["hosts"]} == {"running"}
    for host in lab.hosts:
        assert lab.on(host, "hostname") == host
        assert lab.on(host, "systemctl is-system-running --wait") == "running"
        assert lab.on(host, "systemctl is-enabled nginx postgresql 2>&1 || true").split() == [
            "disabled",
            "disabled",
        ]
        lab.on(host, "openssl verify -CApath /etc/ssl/certs /etc/ssl/holdfast-lab/server.crt")
    assert lab.on("one", "cat /etc/machine-id") != lab.on("other", "cat /etc/machine-id")


def test_a_host_sees_and_is_held_to_its_own_limits(lab: Lab) -> None:
    assert int(lab.on("one", "awk '/MemTotal/ {print $2}' /proc/meminfo")) == 512 * 1024
    size = int(lab.on("one", "df --output=size -BM / | tail -1 | tr -d M"))
    assert 400 < size <= 512
    full = lab.on("one", "fallocate -l 600M /fill 2>&1 || true; rm -f /fill")
    assert "No space left" in full
    hog = "systemd-run --wait -q -p MemoryMax=50M python3 -c 'bytearray(200*2**20)' 2>&1 || echo x"
    assert lab.on("one", hog).endswith("x")


def test_no_host_can_move_the_clock(lab: Lab) -> None:
    assert "not permitted" in lab.on("one", "date -s '2020-01-01' 2>&1 || true")


def test_a_second_up_changes_nothing(lab: Lab) -> None:
    before = lab.boots()
    assert "nothing changed" in lab.up()
    assert lab.boots() == before


def test_reset_gives_a_fresh_host_and_leaves_the_other_alone(lab: Lab) -> None:
    before = lab.boots()
    lab.on("one", "touch /root/mark && rm -f /usr/bin/less")
    result = run("holdfast", "lab", "reset", "--name", lab.name, "one")
    assert result.code == 0, result
    # The pinned key still fits, or this could not log in.
    assert lab.on("one", "ls /root/mark /usr/bin/less 2>/dev/null || true") == "/usr/bin/less"
    after = lab.boots()
    assert after["one"] != before["one"]
    assert after["other"] == before["other"]


def test_a_host_that_powered_off_comes_back_as_it_was(lab: Lab) -> None:
    lab.on("one", "echo kept > /root/kept && sync && (systemctl poweroff --no-block)")
    eventually(
        lambda: lab.status()["hosts"][0]["state"] == "stopped", "the host to have powered off"
    )
    assert "it was stopped" in lab.up()
    assert lab.on("one", "cat /root/kept") == "kept"


def test_a_host_can_reboot_itself(lab: Lab) -> None:
    before = lab.boots()["one"]
    lab.on("one", "systemctl reboot --no-block")

    def rebooted() -> bool:
        options = ["-F", lab.status()["ssh_config"], "-o", "ConnectTimeout=1"]
        line = "cat /proc/1/stat | cut -d' ' -f22; cat /etc/machine-id"
        seen = run("ssh", *options, "one", line, limit=60)
        return seen.code == 0 and seen.out.strip() != before

    eventually(rebooted, "the host to have rebooted")
    assert "nothing changed" in lab.up()


def test_two_labs_live_side_by_side_and_apart(lab: Lab, spare: Lab) -> None:
    spare.up()
    ours, theirs = lab.status(), spare.status()
    assert ours["subnet"] != theirs["subnet"]
    assert spare.on("lone", "hostname") == "lone"
    assert lab.on("one", "hostname") == "one"
    address = theirs["hosts"][0]["address"]
    reach = f"timeout 2 bash -c '</dev/tcp/{address}/22' 2>/dev/null && echo open || echo shut"
    assert lab.on("one", reach) == "shut"
    neighbour = ours["hosts"][1]["address"]
    assert lab.on("one", reach.replace(address, neighbour)) == "open"


#: What `lab up` has just made when it is killed; relative to the lab's folder.
MOMENTS = [
    "lab.json",
    "hosts/lone/ssh_host_ed25519_key",
    "hosts/lone/disk.img",
    "hosts/lone/seed/etc",
    "hosts/lone/keeper.sh",
    "hosts/lone/pid",
    "hosts/lone/seeded",
]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_up_is_repaired_by_the_next(spare: Lab, lab: Lab, moment: str) -> None:
    made = Path(lab.status()["state_dir"]).parent / spare.name / moment
    process = subprocess.Popen(
        spare.command,
        cwd=ROOT,
        env=dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        eventually(lambda: made.exists() or process.poll() is not None, f"{moment} to be made")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    spare.up()
    assert spare.on("lone", "systemctl is-system-running --wait") == "running"
    assert spare.on("lone", "hostname") == "lone"
    facts = spare.status()
    found = traces(facts)
    assert len(found["loops"]) == 1, found
    assert found["links"].count(f"vb-{facts['hosts'][0]['machine']}") == 1, found


def test_a_host_without_its_keeper_is_repaired(spare: Lab) -> None:
    spare.up()
    folder = Path(spare.status()["state_dir"]) / "hosts/lone"
    spare.on("lone", "echo kept > /root/kept && sync")
    os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
    assert "keeper was gone" in spare.up()
    assert spare.on("lone", "cat /root/kept") == "kept"


def test_down_leaves_no_trace_and_the_next_up_is_fresh(spare: Lab) -> None:
    spare.up()
    spare.on("lone", "touch /root/mark")
    facts = spare.status()
    there = traces(facts)
    assert all(there[kind] for kind in ("links", "tables", "loops", "groups", "processes")), there
    assert there["mounts"] == [], "mounts belong into the host's own namespace"
    spare.down()
    # The kernel takes a moment to give a loop device and a veth back.
    eventually(lambda: not any(traces(facts).values()), f"nothing to be left: {traces(facts)}")
    gone = run("holdfast", "lab", "status", "--name", spare.name)
    assert gone.code == 1
    assert "expected a lab called" in gone.out
    spare.up()
    assert spare.on("lone", "ls /root") == ""
