"""The module and its action plugin: what goes in, what comes out, and what must never."""

import base64
import io
import json
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible.module_utils.testing import patch_module_args
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.holdfast.ops.plugins.action import system_catalogue as action
from ansible_collections.holdfast.ops.plugins.module_utils.system.host import Host, Places
from ansible_collections.holdfast.ops.plugins.module_utils.system.packages import remedy
from ansible_collections.holdfast.ops.plugins.modules import system_catalogue as module

from tests.unit.system.conftest import ME


def run_module(
    monkeypatch: pytest.MonkeyPatch, places: Places, check: bool = False, **params: Any
) -> dict[str, Any]:
    """The module's answer, run in this process on real files."""
    monkeypatch.setattr(module, "Host", lambda ansible: Host(ansible, places, 0, 0))
    out = io.StringIO()
    arguments = {"name": "probe", "_ansible_check_mode": check, "_ansible_diff": True} | params
    with patch_module_args(arguments), redirect_stdout(out), pytest.raises(SystemExit):
        module.main()
    return dict(json.loads(out.getvalue().strip().splitlines()[-1]))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    (tmp_path / "status").write_text("Package: chrony\nStatus: install ok installed\n")
    names = ("records", "status", "kernel", "sysctl")
    return Places(*(str(tmp_path / name) for name in names))


def sent(path: Path, content: bytes) -> dict[str, str]:
    return {str(path): base64.b64encode(content).decode()}


def test_the_module_brings_and_then_finds_nothing_to_do(
    monkeypatch: pytest.MonkeyPatch, places: Places, tmp_path: Path
) -> None:
    target = tmp_path / "etc/f"
    wanted = {"files": [{"path": str(target)} | ME], "contents": sent(target, b"text\n")}
    foreseen = run_module(monkeypatch, places, check=True, **wanted)
    assert not target.exists()
    first = run_module(monkeypatch, places, **wanted)
    assert target.read_text() == "text\n"
    assert target.stat().st_mode & 0o7777 == 0o644
    assert first["changed"] is True
    assert first["items"] == foreseen["items"]
    assert first["diff"] == foreseen["diff"]
    second = run_module(monkeypatch, places, **wanted)
    assert (second["changed"], second["items"]) == (False, [])
    assert "diff" not in second


def test_the_modules_answer_never_holds_a_secret(
    monkeypatch: pytest.MonkeyPatch, places: Places, tmp_path: Path
) -> None:
    target = tmp_path / "f"
    secret = b"hunter2 hunter2"
    wanted = {"files": [{"path": str(target), "no_diff": True} | ME]}
    answer = run_module(monkeypatch, places, contents=sent(target, secret), **wanted)
    assert target.read_bytes() == secret
    text = json.dumps(answer)
    assert "hunter2" not in text
    assert base64.b64encode(secret).decode() not in text
    assert str(target) in text, "hiding the content hides nothing else"


def test_packages_that_are_missing_are_named_and_nothing_else_happens(
    monkeypatch: pytest.MonkeyPatch, places: Places, tmp_path: Path
) -> None:
    target = tmp_path / "f"
    wanted = {"packages": ["chrony", "nginx"], "files": [{"path": str(target)} | ME]}
    answer = run_module(monkeypatch, places, **wanted)
    assert answer["needs"] == {"install": ["nginx"], "remove": []}
    assert answer["changed"] is False
    assert not target.exists()
    foreseen = run_module(monkeypatch, places, check=True, **wanted)
    assert [item["action"] for item in foreseen["items"]] == ["install", "create"]


def test_a_failure_tells_what_was_done_before_it(
    monkeypatch: pytest.MonkeyPatch, places: Places, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    files = [{"path": str(good)} | ME, {"path": str(bad), "validate": ["false", "%s"]} | ME]
    answer = run_module(monkeypatch, places, files=files)
    assert answer["failed"] is True
    assert answer["changed"] is True
    assert [item["name"] for item in answer["items"]] == [str(good)]
    assert f"expected 'false %s' to accept the new {bad}" in answer["msg"]


class Action(action.ActionModule):
    """The action with the target's answers given; what was called is kept."""

    def __init__(self, root: Path, arguments: dict[str, Any], answers: list[dict[str, Any]]):
        task = mock.MagicMock(args=arguments, async_val=0, diff=False, check_mode=False)
        task.get_search_path.return_value = [str(root)]
        loader = DataLoader()
        loader.set_basedir(str(root))
        super().__init__(
            task=task,
            connection=mock.MagicMock(),
            play_context=mock.MagicMock(),
            loader=loader,
            templar=Templar(loader=loader),
            shared_loader_obj=mock.MagicMock(),
        )
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def _execute_module(self, module_name: str, module_args: Any, task_vars: Any) -> dict[str, Any]:
        self.calls.append((module_name, dict(module_args)))
        return self.answers.pop(0)


OK = {"changed": False, "items": []}


def decoded(call: tuple[str, dict[str, Any]]) -> dict[str, bytes]:
    return {path: base64.b64decode(text) for path, text in call[1]["contents"].items()}


def test_contents_are_rendered_read_and_sent_apart(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "files").mkdir()
    (tmp_path / "templates/t.j2").write_text(
        "{{ ansible_managed }}\n{% if x %}\n{{ x }}\n{% endif %}\n"
    )
    (tmp_path / "files/b").write_bytes(b"\x00\xff")
    files = [
        {"path": "/a", "content": "plain"},
        {"path": "/b", "template": "t.j2", "mode": "0600"},
        {"path": "/c", "src": "b"},
        {"path": "/d", "state": "absent", "template": "none.j2"},
    ]
    run = Action(tmp_path, {"name": "probe", "files": files}, [dict(OK, invocation={"x": 1})])
    result = run.run(task_vars={"x": trust_as_template("{{ y }}"), "y": "Ä"})
    assert len(run.calls) == 1, "the normal case is one call"
    assert decoded(run.calls[0]) == {
        "/a": b"plain",
        "/b": "Ansible managed\nÄ\n".encode(),
        "/c": b"\x00\xff",
    }
    assert run.calls[0][1]["files"] == [
        {"path": "/a"},
        {"path": "/b", "mode": "0600"},
        {"path": "/c"},
        {"path": "/d", "state": "absent"},
    ]
    assert "invocation" not in result


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([{"path": "/a", "content": "x", "src": "y"}], "found content and src; keep one"),
        ([{"path": "/a", "content": {"x": 1}}], "expected content of /a to be text"),
        ([{"path": "/a", "template": "none.j2"}], "'none.j2' below templates/"),
        ("text", "a list of dictionaries"),
    ],
)
def test_what_cannot_be_read_is_said_before_the_host_is_asked(
    tmp_path: Path, files: Any, words: str
) -> None:
    run = Action(tmp_path, {"name": "probe", "files": files}, [])
    with pytest.raises(AnsibleActionFail, match=words):
        run.run(task_vars={})
    assert run.calls == []


NEEDS = dict(OK, needs={"install": ["nginx"], "remove": ["apache2"]})


def test_missing_packages_are_brought_by_apt_and_the_module_runs_again(tmp_path: Path) -> None:
    item = {"kind": "file", "name": "/a", "changed": True, "action": "create", "why": "not there"}
    after = {"changed": True, "items": [item]}
    run = Action(tmp_path, {"name": "probe"}, [NEEDS, {"changed": True}, {"changed": True}, after])
    result = run.run(task_vars={})
    assert [name for name, _arguments in run.calls] == [
        "holdfast.ops.system_catalogue",
        "ansible.builtin.apt",
        "ansible.builtin.apt",
        "holdfast.ops.system_catalogue",
    ]
    removal, install = run.calls[1][1], run.calls[2][1]
    assert (removal["name"], removal["state"]) == (["apache2"], "absent")
    assert (install["name"], install["install_recommends"]) == (["nginx"], False)
    assert (install["update_cache"], install["lock_timeout"]) == (True, 120)
    assert [(i["name"], i["action"]) for i in result["items"]] == [
        ("apache2", "remove"),
        ("nginx", "install"),
        ("/a", "create"),
    ]
    assert result["changed"] is True


def test_a_download_that_fails_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(action.time, "sleep", slept.append)
    failed = {"failed": True, "msg": "Failed to fetch http://x: Connection timed out"}
    needs = dict(OK, needs={"install": ["nginx"], "remove": []})
    run = Action(tmp_path, {"name": "probe"}, [needs, failed, failed, {"changed": True}, dict(OK)])
    assert run.run(task_vars={})["changed"] is True
    assert slept == [2, 8]


def test_what_a_dead_run_left_half_installed_is_finished_first(tmp_path: Path) -> None:
    failed = {"failed": True, "msg": "E: dpkg was interrupted, you must manually run 'dpkg ...'"}
    needs = dict(OK, needs={"install": ["nginx"], "remove": []})
    answers = [needs, failed, {"rc": 0}, {"changed": True}, dict(OK)]
    run = Action(tmp_path, {"name": "probe"}, answers)
    assert run.run(task_vars={})["changed"] is True
    assert run.calls[2][0] == "ansible.builtin.command"
    assert "dpkg --configure -a" in " ".join(run.calls[2][1]["argv"])


def test_what_apt_cannot_do_is_said_and_the_catalogue_is_not_applied(tmp_path: Path) -> None:
    failed = {"failed": True, "msg": "nginx : Depends: x but it is not installable"}
    needs = dict(OK, needs={"install": ["nginx"], "remove": []})
    run = Action(tmp_path, {"name": "probe"}, [needs, failed])
    result = run.run(task_vars={})
    assert result["failed"] is True
    assert result["msg"].startswith("expected apt to install nginx, found: nginx : Depends")
    assert len(run.calls) == 2


def test_apt_that_says_yes_and_does_nothing_is_a_failure(tmp_path: Path) -> None:
    needs = dict(OK, needs={"install": ["nginx"], "remove": []})
    run = Action(tmp_path, {"name": "probe"}, [needs, {"changed": False}, dict(needs)])
    assert run.run(task_vars={})["failed"] is True


@pytest.mark.parametrize(
    ("message", "tried", "step"),
    [
        ("Failed to lock apt for exclusive operation", [], "wait"),
        ("E: Failed to fetch http://x 503 Service Unavailable", ["wait"] * 2, "wait"),
        ("Temporary failure resolving 'mirror.example'", ["wait"] * 3, None),
        ("No package matching 'nginx' is available", ["wait"], "refresh"),
        ("No package matching 'nginx' is available", ["refresh"], None),
        ("E: dpkg was interrupted, you must ...", ["refresh"], "finish"),
        ("E: dpkg was interrupted, you must ...", ["finish"], None),
        ("unable to correct problems, you have held broken packages", [], None),
    ],
)
def test_only_what_can_be_helped_is_tried_again(message: str, tried: list[str], step: Any) -> None:
    assert remedy(message, tried) == step
