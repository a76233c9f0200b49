# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes groups, users and their keys with the distribution's own tools (shadow)."""

from __future__ import annotations

import pwd

from .catalogue import Group, User
from .change import Change
from .host import Host
from .keys import write_keys
from .plan_accounts import keys_content, user_differences
from .state import State


def apply_account(change: Change, state: State, host: Host) -> None:
    """Take one step on a group, a user or a user's keys."""
    if change.kind == "group":
        host.run(group_command(change.entry, change.action))
    elif change.kind == "authorized_keys":
        user = pwd.getpwnam(change.name)
        write_keys(user.pw_dir, user.pw_uid, user.pw_gid, keys_content(change.entry))
    elif change.action == "create":
        host.run(create_command(change.entry, change.name in state.groups))
    elif change.action == "create_home":
        host.run(["mkhomedir_helper", change.name, "0077"])
    else:
        wrong = user_differences(change.entry, change.previous, state.groups)
        host.run(modify_command(change.entry, wrong))


def group_command(group: Group, action: str) -> list:
    """groupadd or groupmod for this group."""
    command = ["groupadd" if action == "create" else "groupmod"]
    if group.system and action == "create":
        command.append("--system")
    if group.gid is not None:
        command += ["--gid", str(group.gid)]
    return [*command, group.name]


def create_command(user: User, has_group: bool) -> list:
    """useradd; the password is locked. has_group: a group of the user's name is there already."""
    command = ["useradd", "--create-home" if user.create_home else "--no-create-home"]
    if user.system:
        command.append("--system")
    group = user.group or (user.name if has_group else None)
    command += ["--no-user-group", "--gid", group] if group else ["--user-group"]
    command += ["--groups", ",".join(user.groups)] if user.groups else []
    options = (("--uid", user.uid), ("--shell", user.shell), ("--home-dir", user.home))
    for option, value in (*options, ("--comment", user.comment)):
        if value is not None:
            command += [option, str(value)]
    return [*command, user.name]


def modify_command(user: User, wrong: dict) -> list:
    """usermod for what differs."""
    command = ["usermod"]
    names = {"uid": "--uid", "shell": "--shell", "home": "--home", "comment": "--comment"}
    names.update(group="--gid", groups="--groups")
    for name in sorted(wrong):
        command += [names[name], str(wrong[name][1])]
    return [*command, user.name]
