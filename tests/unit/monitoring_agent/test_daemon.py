# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The daemon as a process: its socket, its file, its end."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest
from holdfast_request_metrics.__main__ import options
from holdfast_request_metrics.daemon import SetupError, inherited_socket, write_atomically

# What systemd does: the socket as descriptor 3, and whom it is for.
LAUNCH = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "holdfast_request_metrics", *sys.argv[2:]])
"""
PATIENCE = 30.0


@pytest.fixture
def nginx():
    """Both ends of the datagram socket: (what nginx writes to, what the daemon reads)."""
    writer, reader = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with writer, reader:
        yield writer, reader


@pytest.fixture
def start(library, nginx):
    """Start the daemon with these options; it is ended with the test."""
    running = []

    def launch(*arguments: str) -> subprocess.Popen[str]:
        descriptor = nginx[1].fileno()
        process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(descriptor), *arguments],
            env={**os.environ, "PYTHONPATH": str(library)},
            pass_fds=[descriptor],
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def wait_for(path, pattern: str) -> str:
    """The file's text once it matches; fails after PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if path.exists() and re.search(pattern, path.read_text(), re.MULTILINE):
            return path.read_text()
        time.sleep(0.02)
    pytest.fail(f"{path} never matched {pattern}")


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=PATIENCE)[1]


def test_file_is_there_from_the_start_and_for_all_to_read(start, tmp_path):
    path = tmp_path / "requests.prom"
    start("--output", str(path), "--interval", "3600")
    wait_for(path, r"^holdfast_request_metrics_up 1$")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_requests_reach_the_file_at_the_next_write(start, nginx, line, tmp_path):
    path = tmp_path / "requests.prom"
    start("--output", str(path), "--interval", "0.05")
    for _ in range(3):
        nginx[0].send(line(session="PERSON"))
    text = wait_for(path, r'^holdfast_requests_total\{.*status_class="2xx"\} 3$')
    assert 'holdfast_active_sessions{server_name="shop.example"} 1' in text
    assert "PERSON" not in text


def test_end_counts_what_is_queued_and_leaves_a_final_file(start, nginx, line, tmp_path):
    path = tmp_path / "requests.prom"
    process = start("--output", str(path), "--interval", "3600")
    wait_for(path, r"_up 1$")
    for _ in range(7):
        nginx[0].send(line())
    assert stop(process) == ""
    assert process.returncode == 0
    text = path.read_text()
    assert re.search(r'^holdfast_requests_total\{.*"2xx"\} 7$', text, re.MULTILINE)
    assert "holdfast_request_metrics_up 0" in text
    assert [p.name for p in tmp_path.iterdir()] == ["requests.prom"]


def test_hostile_datagrams_do_not_end_it_nor_get_logged(start, nginx, line, tmp_path):
    path = tmp_path / "requests.prom"
    process = start("--output", str(path), "--interval", "0.05")
    hostile = [b"", b"\x00", b'PERSON {"a":' * 3000, b"PERSON" * 20000, line(sent="PERSON")]
    for datagram in [*hostile, line()]:
        nginx[0].send(datagram)
    wait_for(path, r'^holdfast_requests_total\{.*"2xx"\} 1$')
    assert stop(process) == ""
    assert "PERSON" not in path.read_text()


def test_directory_that_cannot_be_written_is_said_once_and_survived(start, nginx, line, tmp_path):
    path = tmp_path / "later" / "requests.prom"
    process = start("--output", str(path), "--interval", "0.02")
    nginx[0].send(line())
    assert "cannot write" in process.stderr.readline()
    path.parent.mkdir()
    wait_for(path, r'"2xx"\} 1$')
    assert stop(process).count("\n") == 1


def test_start_without_a_socket_says_what_to_do(library, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "holdfast_request_metrics", "--output", str(tmp_path / "x.prom")],
        env={"PYTHONPATH": str(library)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "start holdfast-request-metrics.socket" in done.stderr


def test_socket_meant_for_another_process_is_not_taken():
    with pytest.raises(SetupError):
        inherited_socket({"LISTEN_FDS": "1", "LISTEN_PID": "1"})


def test_link_left_in_the_way_is_replaced_not_followed(tmp_path):
    victim, path = tmp_path / "victim", tmp_path / "requests.prom"
    victim.write_text("mine")
    (tmp_path / ".requests.prom.draft").symlink_to(victim)
    write_atomically(path, "a 1\n")
    assert victim.read_text() == "mine"
    assert path.read_text() == "a 1\n"


@pytest.mark.parametrize(
    "wrong",
    [["--interval", "0"], ["--bounds", "1,-2"], ["--max-sessions", "0"], ["--window", "nan"], []],
)
def test_wrong_options_are_refused(wrong, capsys):
    with pytest.raises(SystemExit) as ended:
        options(["--output", "x", *wrong] if wrong else [])
    assert ended.value.code == 2
    assert "error" in capsys.readouterr().err
