"""Commands and checks end, or are left behind, in time."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.health.bounded import (
    CannotRunError,
    Job,
    Output,
    command,
    gather,
)
from ansible_collections.holdfast.ops.plugins.module_utils.health.model import (
    FAIL,
    OK,
    UNKNOWN,
    of_host,
    of_service,
)


def test_a_command_gives_its_output_and_code() -> None:
    script = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert command([sys.executable, "-c", script], 20) == Output(3, "out\n", "err\n")


def test_a_command_inherits_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "geheim")
    script = "import os; print(os.environ.get('PGPASSWORD'), os.environ['LC_ALL'], os.getcwd())"
    assert command([sys.executable, "-c", script], 20).out == "None C /\n"


def test_a_missing_program_says_so() -> None:
    with pytest.raises(CannotRunError, match="cannot run no-such-program: No such file"):
        command(["no-such-program"], 5)


def running(pid: int) -> bool:
    """Whether a process lives (one that waits to be collected does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_command_that_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "pids"
    with pytest.raises(CannotRunError, match="did not end within 2 s"):
        command(["sh", "-c", f"sleep 600 & echo $$ $! > {mark}; wait"], 2)
    pids = [int(pid) for pid in mark.read_text().split()]
    for _attempt in range(1000):
        if not any(running(pid) for pid in pids):
            break
        time.sleep(0.01)
    assert [pid for pid in pids if running(pid)] == []


@pytest.mark.parametrize(
    ("output", "expected"),
    [(Output(1, "", "\n first \nsecond\n"), "first"), (Output(7, "", ""), "exit code 7")],
)
def test_the_complaint_is_the_first_line_or_the_code(output: Output, expected: str) -> None:
    assert output.complaint() == expected


def test_jobs_run_side_by_side_and_answer_in_their_order() -> None:
    meet = threading.Barrier(2, timeout=20)

    def work(name: str) -> list:
        meet.wait()
        return [of_service(name, "unit", OK)]

    jobs = [Job(name, "unit", lambda name=name: work(name)) for name in ("a", "b")]
    assert [item.id for item in gather(jobs, 20)] == ["a.unit", "b.unit"]


def test_a_job_that_never_ends_is_left_behind_and_reported() -> None:
    never = threading.Event()
    jobs = [
        Job("backend", "port", lambda: never.wait() and []),
        Job(None, "clock", lambda: never.wait() and [], UNKNOWN),
        Job(None, "load", lambda: [of_host("load", OK)]),
    ]
    late, unknown, fine = gather(jobs, 0.05)
    never.set()
    assert (late.id, late.status, late.why) == ("backend.port", FAIL, "no result within 0.05 s")
    assert (unknown.id, unknown.status) == ("host.clock", UNKNOWN)
    assert fine.status == OK


def test_a_check_that_breaks_is_unknown_and_hides_no_other() -> None:
    def broken() -> list:
        raise RuntimeError("what")

    first, second = gather(
        [Job("a", "port", broken), Job(None, "load", lambda: [of_host("load", OK)])], 20
    )
    assert (first.status, first.why) == (UNKNOWN, "the check itself failed: RuntimeError: what")
    assert second.status == OK


def test_threads_that_hang_do_not_keep_the_process_alive() -> None:
    root = Path(__file__).parents[3]
    script = (
        "import threading\n"
        f"from {gather.__module__} import Job, gather\n"
        "jobs = [Job('a', 'port', lambda: threading.Event().wait())]\n"
        "print(gather(jobs, 0.05)[0].status)\n"
    )
    env = {"PYTHONPATH": f"{root}/collections", "PATH": os.environ["PATH"]}
    assert command([sys.executable, "-c", script], 30, env=env).out == "fail\n"
