"""Memory, load, clock, pending reboot: from the kernel's words to items."""

from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health import clock, system
from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import (
    CannotRunError,
    Output,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    UNKNOWN,
    WARN,
    Limits,
)

TRACKING = (
    "C0A80001,{name},{stratum},1700000000.123456,{offset},0.000010,0.000020,-1.2,0.0,0.1,"
    "0.001,0.002,64.2,{leap}\n"
)


def tracking(name: str = "192.168.0.1", stratum: int = 3, offset: str = "0", leap: str = "Normal"):
    return clock.parse_tracking(
        TRACKING.format(name=name, stratum=stratum, offset=offset, leap=leap)
    )


def meminfo(available: int) -> str:
    return (
        f"MemTotal:  1024000 kB\nMemFree: 1 kB\nMemAvailable: {available} kB\nHugePages_Total: 0\n"
    )


@pytest.mark.parametrize(
    ("available", "expected"), [(512000, OK), (102400, WARN), (51200, FAIL), (0, FAIL)]
)
def test_memory_that_cannot_be_given_back_is_judged(available: int, expected: str) -> None:
    item = system.judge_memory(meminfo(available), Limits())
    assert item.status == expected
    assert f"{available // 1024} MiB of 1000 MiB" in item.why


@pytest.mark.parametrize("text", [None, "", "MemTotal: 1000 kB\n"])
def test_memory_that_the_kernel_does_not_tell_is_unknown(text: str) -> None:
    assert system.judge_memory(text, Limits()).status == UNKNOWN


@pytest.mark.parametrize(("full", "expected"), [("0.00", OK), ("10.00", WARN), ("41.50", FAIL)])
def test_memory_pressure_is_the_part_in_which_all_work_waited(full: str, expected: str) -> None:
    text = (
        "some avg10=90.00 avg60=90.00 avg300=0.00 total=1\n"
        f"full avg10=0.00 avg60={full} avg300=0.00 total=1\n"
    )
    (item,) = system.judge_pressure(text, Limits())
    assert (item.status, item.value) == (expected, float(full))


def test_without_pressure_accounting_there_is_no_item() -> None:
    assert system.judge_pressure(None, Limits()) == []


@pytest.mark.parametrize(
    ("average", "cpus", "expected"), [(5.9, 2, OK), (6.0, 2, WARN), (12.0, 2, FAIL), (12.0, 16, OK)]
)
def test_load_is_counted_for_each_cpu(average: float, cpus: int, expected: str) -> None:
    assert system.judge_load(average, cpus, Limits()).status == expected


def test_the_five_minute_load_is_read_from_proc() -> None:
    assert system.parse_loadavg("0.04 0.51 0.00 0/15 17320\n") == 0.51
    assert system.parse_loadavg("") is None
    assert system.judge_load(None, 2, Limits()).status == UNKNOWN


@pytest.mark.parametrize(
    ("offset", "expected"),
    [("0.000001", OK), ("-0.0999", OK), ("0.1", WARN), ("-0.25", WARN), ("1.5", FAIL)],
)
def test_the_clock_is_judged_by_its_distance_either_way(offset: str, expected: str) -> None:
    item = clock.judge(tracking(offset=offset), Limits())
    assert item.status == expected
    assert item.value == round(abs(float(offset)) * 1000, 3)
    assert item.why == "chronyd, 192.168.0.1, stratum 3"


@pytest.mark.parametrize(
    "seen",
    [
        tracking(stratum=0, leap="Not synchronised"),
        clock.parse_tracking("506 Cannot talk to daemon\n"),
        clock.parse_tracking(""),
        clock.parse_kernel(0x40, 0),
    ],
)
def test_a_clock_without_a_source_is_unknown_and_says_why(seen: clock.Clock) -> None:
    item = clock.judge(seen, Limits())
    assert (item.status, item.value) == (UNKNOWN, None)
    assert item.why


@pytest.mark.parametrize(
    ("status", "offset", "expected"), [(0x2001, -250_000_000, 250.0), (0x1, 250_000, 250.0)]
)
def test_the_kernels_offset_is_read_in_its_own_unit(
    status: int, offset: int, expected: float
) -> None:
    assert clock.parse_kernel(status, offset).offset_ms == expected


def test_the_kernel_answers_without_root_and_unchanged() -> None:
    seen = clock.read_kernel()
    assert seen.source
    assert seen.offset_ms is None or seen.offset_ms >= 0


def test_chronyd_is_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Output(0, TRACKING.format(name="ntp", stratum=2, offset="0.2", leap="Normal"), "")
    monkeypatch.setattr(clock, "command", lambda *_: answer)
    (item,) = clock.check(5, Limits())
    assert (item.status, item.value) == (WARN, 200.0)


@pytest.mark.parametrize("missing", [True, False])
def test_where_chronyd_does_not_run_the_kernel_is_asked(
    monkeypatch: pytest.MonkeyPatch, missing: bool
) -> None:
    def run(*_args: object) -> Output:
        if missing:
            raise CannotRunError("cannot run chronyc")
        return Output(1, "506 Cannot talk to daemon\n", "")

    monkeypatch.setattr(clock, "command", run)
    monkeypatch.setattr(clock, "read_kernel", lambda: clock.Clock(3.0, "the kernel"))
    (item,) = clock.check(5, Limits())
    assert (item.status, item.why) == (OK, "the kernel")


@pytest.mark.parametrize(
    ("kernel", "expected"),
    [(clock.Clock(2.0, "the kernel"), "the kernel"), (clock.Clock(None, "?"), "chronyd follows")],
)
def test_a_chronyd_without_a_source_leaves_it_to_the_kernel(
    monkeypatch: pytest.MonkeyPatch, kernel: clock.Clock, expected: str
) -> None:
    text = TRACKING.format(name="", stratum=0, offset="0", leap="Not synchronised")
    monkeypatch.setattr(clock, "command", lambda *_: Output(0, text, ""))
    monkeypatch.setattr(clock, "read_kernel", lambda: kernel)
    (item,) = clock.check(5, Limits())
    assert item.why.startswith(expected)


def test_a_pending_reboot_is_a_warning_and_names_who_wants_it() -> None:
    item = system.judge_reboot(True, "linux-image-6.1\ndbus\ndbus\n")
    assert (item.status, item.why) == (WARN, "wanted by dbus, linux-image-6.1")
    assert system.judge_reboot(True, None).status == WARN
    assert system.judge_reboot(False, None).status == OK


def test_the_reboot_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "REBOOT_REQUIRED", str(tmp_path / "reboot-required"))
    assert system.check_reboot().status == OK
    (tmp_path / "reboot-required").touch()
    (tmp_path / "reboot-required.pkgs").write_text("libc6\n")
    assert system.check_reboot().why == "wanted by libc6"
