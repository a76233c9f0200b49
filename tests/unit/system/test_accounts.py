"""The words that useradd and its kin are called with."""

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.system.apply_accounts import (
    create_command,
    group_command,
    modify_command,
)
from ansible_collections.holdfast.ops.plugins.module_utils.system.catalogue import Group, User
from ansible_collections.holdfast.ops.plugins.module_utils.system.plan_accounts import (
    user_differences,
)
from ansible_collections.holdfast.ops.plugins.module_utils.system.state import UserState

NOLOGIN = {"shell": "/usr/sbin/nologin"}
BASH = {"shell": "/bin/bash"}
NOW = UserState(999, 999, "/bin/sh", "/home/app", "", frozenset({"adm"}))


@pytest.mark.parametrize(
    ("group", "action", "words"),
    [
        (Group("x"), "create", "groupadd x"),
        (Group("x", system=True, gid=120), "create", "groupadd --system --gid 120 x"),
        (Group("x", system=True, gid=120), "modify", "groupmod --gid 120 x"),
    ],
)
def test_groups(group: Group, action: str, words: str) -> None:
    assert " ".join(group_command(group, action)) == words


@pytest.mark.parametrize(
    ("user", "has_group", "words"),
    [
        (User("app"), False, "useradd --create-home --user-group app"),
        (User("app"), True, "useradd --create-home --no-user-group --gid app app"),
        (
            User("app", system=True, create_home=False, group="web", **NOLOGIN),
            True,
            (
                "useradd --no-create-home --system --no-user-group --gid web"
                " --shell /usr/sbin/nologin app"
            ),
        ),
        (
            User("app", uid=1200, groups=("adm", "web"), home="/srv/app"),
            False,
            (
                "useradd --create-home --user-group --groups adm,web --uid 1200"
                " --home-dir /srv/app app"
            ),
        ),
    ],
)
def test_new_users(user: User, has_group: bool, words: str) -> None:
    assert " ".join(create_command(user, has_group)) == words


def test_no_new_user_gets_a_password() -> None:
    assert not {"-p", "--password"} & set(create_command(User("app", comment="x"), False))


def test_only_what_differs_is_modified() -> None:
    user = User("app", **BASH, home="/home/app", groups=("web",), group="app")
    wrong = user_differences(user, NOW, {"app": 999})
    assert modify_command(user, wrong) == [
        "usermod",
        "--groups",
        "adm,web",
        "--shell",
        "/bin/bash",
        "app",
    ]
