"""Which backend limits a host, and what it writes or runs."""

from pathlib import Path

import pytest
from holdfast.lab.cgroups import GroupsV1, SystemdUnits, controllers, detect
from holdfast.lab.errors import MissingError
from holdfast.lab.models import Limits

V1 = """\
tmpfs /sys/fs/cgroup tmpfs rw 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
"""
V2 = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n"


def test_v1_without_systemd_uses_groups_by_hand() -> None:
    backend = detect(V1, systemd=False)
    assert isinstance(backend, GroupsV1)
    assert backend.enter("hf0-11") == [
        "/sys/fs/cgroup/memory/holdfast/hf0-11",
        "/sys/fs/cgroup/systemd/holdfast/hf0-11",
        "/sys/fs/cgroup/unified/holdfast/hf0-11",
    ]
    assert backend.wrap("hf0-11", Limits()) == []


@pytest.mark.parametrize("mounts", [V1, V2])
def test_systemd_as_pid_1_always_means_units(mounts: str) -> None:
    assert isinstance(detect(mounts, systemd=True), SystemdUnits)


def test_v2_without_systemd_is_refused_by_name() -> None:
    with pytest.raises(MissingError, match="expected systemd as PID 1 or cgroup v1"):
        detect(V2, systemd=False)


def test_only_cgroup_mounts_are_hierarchies() -> None:
    assert controllers(V1) == [
        Path("/sys/fs/cgroup/memory"),
        Path("/sys/fs/cgroup/systemd"),
        Path("/sys/fs/cgroup/unified"),
    ]


def test_a_unit_carries_every_limit_and_delegates() -> None:
    limits = Limits(memory_mib=512, cpus=0.5, pids=100)
    command = SystemdUnits().wrap("hf3-12", limits)
    assert command[0] == "systemd-run"
    assert command[-1] == "--"
    assert "--unit=holdfast-hf3-12.service" in command
    assert "--slice=holdfast.slice" in command
    for words in ("Delegate=yes", "MemoryMax=512M", "CPUQuota=50%", "TasksMax=100"):
        assert f"--property={words}" in command
    assert SystemdUnits().enter("hf3-12") == []


def hierarchy(root: Path, name: str, files: dict[str, str]) -> Path:
    """A pretended v1 hierarchy, with the parent and a host's group as the kernel fills them."""
    for folder in (root / name, root / name / "holdfast", root / name / "holdfast/hf1-2"):
        folder.mkdir(parents=True)
        for file, text in files.items():
            (folder / file).write_text(text if folder == root / name else "")
    return root / name


def test_v1_writes_the_limits_and_hands_cpus_down(tmp_path: Path) -> None:
    memory = hierarchy(tmp_path, "memory", {"memory.limit_in_bytes": ""})
    cpu = hierarchy(tmp_path, "cpu", {"cpu.cfs_quota_us": "", "cpu.cfs_period_us": ""})
    cpuset = hierarchy(tmp_path, "cpuset", {"cpuset.cpus": "0-1\n", "cpuset.mems": "0\n"})
    pids = hierarchy(tmp_path, "pids", {"pids.max": ""})
    backend = GroupsV1([memory, cpu, cpuset, pids])
    backend.prepare("hf1-2", Limits(memory_mib=256, cpus=1.5, pids=99))
    group = "holdfast/hf1-2"
    assert (memory / group / "memory.limit_in_bytes").read_text() == str(256 * 2**20)
    assert (cpu / group / "cpu.cfs_quota_us").read_text() == "150000"
    assert (cpu / group / "cpu.cfs_period_us").read_text() == "100000"
    assert (pids / group / "pids.max").read_text() == "99"
    assert (cpuset / "holdfast/cpuset.cpus").read_text() == "0-1\n"
    assert (cpuset / group / "cpuset.mems").read_text() == "0\n"


def test_v1_finds_the_host_s_processes_in_all_its_groups(tmp_path: Path) -> None:
    one = hierarchy(tmp_path, "freezer", {"cgroup.procs": ""})
    inner = one / "holdfast/hf1-2/init.scope"
    inner.mkdir()
    (inner / "cgroup.procs").write_text("7\n8\n")
    (one / "holdfast/hf1-2/cgroup.procs").write_text("6\n0\n")
    (one / "cgroup.procs").write_text("1\n")
    backend = GroupsV1([one])
    assert backend.pids("hf1-2") == {6, 7, 8}
    assert backend.pids("hf9-9") == set()


def test_removing_takes_the_parent_with_the_last_host(tmp_path: Path) -> None:
    for name in ("hf1-2/inner/deep", "hf1-3"):
        (tmp_path / "holdfast" / name).mkdir(parents=True)
    backend = GroupsV1([tmp_path])
    backend.remove("hf1-2")
    assert [path.name for path in (tmp_path / "holdfast").iterdir()] == ["hf1-3"]
    backend.remove("hf1-3")
    assert not (tmp_path / "holdfast").exists()
    backend.remove("hf1-3")
