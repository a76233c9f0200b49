# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Groups, users and their keys: from state to steps."""

from __future__ import annotations

from .catalogue import Catalogue, User
from .change import Change
from .state import State, UserState


def account_faults(catalogue: Catalogue, state: State):
    """Owners and groups that neither the host nor the catalogue has."""
    users = set(state.users) | {user.name for user in catalogue.users}
    groups = set(state.groups) | {group.name for group in catalogue.groups}
    groups |= {user.name for user in catalogue.users if user.group is None}
    for entry in catalogue.directories + catalogue.files:
        if entry.state == "absent":
            continue
        if not entry.owner.isdigit() and entry.owner not in users:
            yield _unknown("user", entry.owner, f"owner of {entry.path}")
        if not entry.group.isdigit() and entry.group not in groups:
            yield _unknown("group", entry.group, f"group of {entry.path}")
    for user in catalogue.users:
        for name in (*(user.groups or ()), *([user.group] if user.group else [])):
            if not name.isdigit() and name not in groups:
                yield _unknown("group", name, f"a group of user {user.name}")


def _unknown(kind: str, name: str, role: str) -> str:
    return (
        f"expected {kind} '{name}' ({role}), found no such {kind}; "
        f"add it to {kind}s or install its package"
    )


def plan_accounts(catalogue: Catalogue, state: State):
    """Groups first, then users, each with the keys it may log in with."""
    for group in catalogue.groups:
        if group.name not in state.groups:
            yield Change("group", group.name, "create", "not there", group, after="present\n")
        elif group.gid is not None and state.groups[group.name] != group.gid:
            before, after = str(state.groups[group.name]), str(group.gid)
            yield Change("group", group.name, "modify", f"gid is {before}", group, before, after)
    for user in catalogue.users:
        yield from _plan_user(user, state)


def _plan_user(user: User, state: State):
    current = state.users.get(user.name)
    if current is None:
        yield Change("user", user.name, "create", "not there", user, after="present\n")
    else:
        wrong = user_differences(user, current, state.groups)
        if wrong:
            before = "".join(f"{key}: {wrong[key][0]}\n" for key in sorted(wrong))
            after = "".join(f"{key}: {wrong[key][1]}\n" for key in sorted(wrong))
            why = f"differs in {', '.join(sorted(wrong))}"
            yield Change("user", user.name, "modify", why, user, before, after, previous=current)
        if user.create_home and not current.home_exists and not user.system:
            yield Change("user", user.name, "create_home", "its home is not there", user)
    if user.authorized_keys is not None:
        yield from _plan_keys(user, current.authorized_keys if current else None)


def user_differences(user: User, current: UserState, gids: dict) -> dict:
    """{property: (has, wants)} of an existing account; groups are names, sorted."""
    wrong = {}
    for name in ("uid", "shell", "home", "comment"):
        wanted = getattr(user, name)
        if wanted is not None and wanted != getattr(current, name):
            wrong[name] = (getattr(current, name), wanted)
    if user.group is not None:
        gid = int(user.group) if user.group.isdigit() else gids.get(user.group)
        if gid != current.gid:
            wrong["group"] = (current.gid, user.group)
    if user.groups is not None:
        wanted = set(user.groups) | (set(current.groups) if user.append else set())
        if wanted != current.groups:
            wrong["groups"] = (",".join(sorted(current.groups)), ",".join(sorted(wanted)))
    return wrong


def keys_content(user: User) -> bytes:
    """The account's whole authorized_keys file: these keys and no other."""
    return "".join(key.strip() + "\n" for key in user.authorized_keys or ()).encode()


def _plan_keys(user: User, current):
    wanted = keys_content(user)
    if wanted == (current or b""):
        return
    count = len(user.authorized_keys or ())
    why = f"expected exactly {count} key{'' if count == 1 else 's'}, found others"
    yield Change("authorized_keys", user.name, "write", why, user, current or b"", wanted)
