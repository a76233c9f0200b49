"""The pure core: state and catalogue in, steps out. Each no-op case says why it is one."""

from typing import Any

import pytest
from ansible_collections.holdfast.ops.plugins.module_utils.system.catalogue import (
    Catalogue,
    Check,
    Directory,
    File,
    Group,
    Link,
    Unit,
    User,
)
from ansible_collections.holdfast.ops.plugins.module_utils.system.errors import (
    CatalogueFaultsError,
)
from ansible_collections.holdfast.ops.plugins.module_utils.system.plan import plan
from ansible_collections.holdfast.ops.plugins.module_utils.system.state import (
    Owed,
    PathState,
    Setting,
    State,
    UnitState,
    UserState,
)

ROOT = {"root": UserState(0, 0)}
HERE = {"users": ROOT, "groups": {"root": 0}}
ETC = {"/etc": PathState("directory", 0o755)}
CONF = File("/etc/a.conf", b"new", restart=("a.service",), reload=("b.service",))
OLD = ETC | {"/etc/a.conf": PathState("file", 0o644, content=b"old")}
SAME = ETC | {"/etc/a.conf": PathState("file", 0o644, content=b"new")}
UP = UnitState("loaded", "active", "running", "enabled")
DOWN = UnitState("loaded", "inactive", "dead", "disabled")


def steps(catalogue: dict[str, Any], state: dict[str, Any], tolerant: bool = False) -> list[str]:
    changes = plan(Catalogue("probe", **catalogue), State(**(HERE | state)), tolerant)
    return [f"{change.kind} {change.name} {change.action}" for change in changes]


PATHS: list[tuple[str, Any, dict[str, PathState], list[str]]] = [
    ("new file", CONF, ETC, ["file /etc/a.conf create"]),
    ("other content", CONF, OLD, ["file /etc/a.conf write"]),
    ("no-op: same content, owner and mode", CONF, SAME, []),
    (
        "other mode alone",
        CONF,
        ETC | {"/etc/a.conf": PathState("file", 0o600, content=b"new")},
        ["file /etc/a.conf attributes"],
    ),
    (
        "other owner alone",
        CONF,
        ETC | {"/etc/a.conf": PathState("file", 0o644, uid=7, content=b"new")},
        ["file /etc/a.conf attributes"],
    ),
    (
        "a file too large to be read is another",
        CONF,
        ETC | {"/etc/a.conf": PathState("file", 0o644, content=None)},
        ["file /etc/a.conf write"],
    ),
    (
        "a link is replaced by the file",
        CONF,
        ETC | {"/etc/a.conf": PathState("link", target="/elsewhere")},
        ["file /etc/a.conf write"],
    ),
    ("no-op: absent and not there", CONF._replace(state="absent"), ETC, []),
    ("absent", CONF._replace(state="absent"), OLD, ["file /etc/a.conf remove"]),
    (
        "absent removes a link too",
        CONF._replace(state="absent"),
        ETC | {"/etc/a.conf": PathState("link", target="x")},
        ["file /etc/a.conf remove"],
    ),
    (
        "directories above are made from the top",
        File("/a/b/c", b""),
        {},
        ["directory /a create", "directory /a/b create", "file /a/b/c create"],
    ),
    ("new directory", Directory("/etc/d"), ETC, ["directory /etc/d create"]),
    (
        "no-op: directory with owner and mode",
        Directory("/etc/d"),
        ETC | {"/etc/d": PathState("directory", 0o755)},
        [],
    ),
    (
        "directory of another mode",
        Directory("/etc/d", mode="1775"),
        ETC | {"/etc/d": PathState("directory", 0o775)},
        ["directory /etc/d attributes"],
    ),
    ("no-op: directory absent", Directory("/etc/d", state="absent"), ETC, []),
    (
        "directory to be gone",
        Directory("/etc/d", state="absent"),
        ETC | {"/etc/d": PathState("directory")},
        ["directory /etc/d remove"],
    ),
    ("new link", Link("/etc/l", "x"), ETC, ["link /etc/l link"]),
    (
        "no-op: link says the same",
        Link("/etc/l", "x"),
        ETC | {"/etc/l": PathState("link", target="x")},
        [],
    ),
    (
        "link to elsewhere",
        Link("/etc/l", "x"),
        ETC | {"/etc/l": PathState("link", target="y")},
        ["link /etc/l link"],
    ),
    (
        "a file gives way to a link where that is wanted",
        Link("/etc/l", "x", force=True),
        ETC | {"/etc/l": PathState("file")},
        ["link /etc/l link"],
    ),
    (
        "link to be gone",
        Link("/etc/l", state="absent"),
        ETC | {"/etc/l": PathState("link", target="y")},
        ["link /etc/l remove"],
    ),
]
FIELDS = {File: "files", Directory: "directories", Link: "links"}


@pytest.mark.parametrize(
    ("entry", "paths", "wanted"), [p[1:] for p in PATHS], ids=[p[0] for p in PATHS]
)
def test_paths(entry: Any, paths: dict[str, PathState], wanted: list[str]) -> None:
    assert steps({FIELDS[type(entry)]: (entry,)}, {"paths": paths}) == wanted


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        (CONF, "directory"),
        (CONF, "other"),
        (Directory("/etc/a.conf"), "file"),
        (Directory("/etc/a.conf"), "link"),
        (Link("/etc/a.conf", "x"), "file"),
        (Link("/etc/a.conf", "x", force=True), "directory"),
    ],
)
def test_what_is_in_the_way_is_not_replaced(entry: Any, found: str) -> None:
    with pytest.raises(CatalogueFaultsError, match=f"at /etc/a.conf, found a {found}"):
        steps({FIELDS[type(entry)]: (entry,)}, {"paths": {"/etc/a.conf": PathState(found)}})


APP = UserState(1001, 1001, "/bin/sh", "/home/app", "App", frozenset({"adm"}))
ACCOUNTS: list[tuple[str, dict[str, Any], dict[str, Any], list[str]]] = [
    ("new group", {"groups": (Group("x"),)}, {}, ["group x create"]),
    ("no-op: group is there", {"groups": (Group("x"),)}, {"groups": {"x": 5}}, []),
    ("another gid", {"groups": (Group("x", gid=6),)}, {"groups": {"x": 5}}, ["group x modify"]),
    ("new user", {"users": (User("app"),)}, {}, ["user app create"]),
    (
        "no-op: nothing asked but to be there",
        {"users": (User("app"),)},
        {"users": {"app": APP}},
        [],
    ),
    (
        "no-op: a further group is kept",
        {"users": (User("app", groups=(), append=True),)},
        {"users": {"app": APP}},
        [],
    ),
    (
        "a further group goes",
        {"users": (User("app", groups=(), append=False),)},
        {"users": {"app": APP}},
        ["user app modify"],
    ),
    (
        "another home",
        {"users": (User("app", home="/srv/app"),)},
        {"users": {"app": APP}},
        ["user app modify"],
    ),
    (
        "no-op: no key wanted, no file there",
        {"users": (User("app", authorized_keys=()),)},
        {"users": {"app": APP}},
        [],
    ),
    (
        "no-op: keys not asked for",
        {"users": (User("app"),)},
        {"users": {"app": APP._replace(authorized_keys=b"k\n")}},
        [],
    ),
    (
        "exactly these keys",
        {"users": (User("app", authorized_keys=("k2",)),)},
        {"users": {"app": APP._replace(authorized_keys=b"k1\nk2\n")}},
        ["authorized_keys app write"],
    ),
    (
        "a new user with a key",
        {"users": (User("app", authorized_keys=("k",)),)},
        {},
        ["user app create", "authorized_keys app write"],
    ),
    (
        "the home was lost",
        {"users": (User("app"),)},
        {"users": {"app": APP._replace(home_exists=False)}},
        ["user app create_home"],
    ),
]


@pytest.mark.parametrize(
    ("catalogue", "state", "wanted"), [a[1:] for a in ACCOUNTS], ids=[a[0] for a in ACCOUNTS]
)
def test_accounts(catalogue: dict[str, Any], state: dict[str, Any], wanted: list[str]) -> None:
    assert steps(catalogue, state) == wanted


def test_an_unknown_owner_is_a_fault_but_in_check_mode_it_may_be_coming() -> None:
    catalogue = {"files": (CONF._replace(owner="app", group="web"),)}
    with pytest.raises(CatalogueFaultsError, match=r"user 'app'.*group 'web'"):
        steps(catalogue, {"paths": SAME})
    assert steps(catalogue, {"paths": SAME}, tolerant=True) == ["file /etc/a.conf attributes"]


def test_an_owner_from_the_same_catalogue_is_known() -> None:
    catalogue = {"files": (CONF._replace(owner="app", group="app"),), "users": (User("app"),)}
    assert steps(catalogue, {"paths": ETC}) == ["user app create", "file /etc/a.conf create"]


UNITS: list[tuple[str, Unit, UnitState, list[str]]] = [
    ("no-op: enabled and up", Unit("a.service", True, "started"), UP, []),
    ("no-op: nothing asked", Unit("a.service"), DOWN, []),
    ("enable and start", Unit("a.service", True, "started"), DOWN, ["enable", "start"]),
    ("disable and stop", Unit("a.service", False, "stopped"), UP, ["disable", "stop"]),
    ("no-op: stopped and off", Unit("a.service", False, "stopped"), DOWN, []),
    ("no-op: not there, not wanted", Unit("a.service", False, "stopped"), UnitState(), []),
    (
        "failed is not up",
        Unit("a.service", None, "started"),
        DOWN._replace(active="failed"),
        ["start"],
    ),
    (
        "no-op: failed is stopped",
        Unit("a.service", None, "stopped"),
        DOWN._replace(active="failed"),
        [],
    ),
    ("no-op: static cannot be enabled", Unit("a.service", True), DOWN._replace(file="static"), []),
    (
        "for now is not for good",
        Unit("a.service", True),
        UP._replace(file="enabled-runtime"),
        ["enable"],
    ),
    ("mask", Unit("a.service", masked=True), DOWN, ["mask"]),
    ("no-op: masked", Unit("a.service", masked=True), DOWN._replace(file="masked"), []),
    (
        "unmask and enable",
        Unit("a.service", True, masked=False),
        DOWN._replace(file="masked"),
        ["unmask", "enable"],
    ),
    (
        "start what is only starting",
        Unit("a.service", None, "started"),
        DOWN._replace(active="activating"),
        ["start"],
    ),
]


@pytest.mark.parametrize(
    ("unit", "current", "wanted"), [u[1:] for u in UNITS], ids=[u[0] for u in UNITS]
)
def test_units(unit: Unit, current: UnitState, wanted: list[str]) -> None:
    found = steps({"units": (unit,)}, {"units": {"a.service": current}})
    assert found == [f"unit a.service {action}" for action in wanted]


def restarts(state: dict[str, Any], **catalogue: Any) -> list[str]:
    found = steps({"files": (CONF,)} | catalogue, {"paths": OLD} | state)
    return [step.removeprefix("unit ") for step in found if step.startswith("unit")]


def test_running_units_are_restarted_and_reloaded_when_their_file_changes() -> None:
    units = {"a.service": UP, "b.service": UP}
    assert restarts({"units": units}) == ["a.service restart", "b.service reload"]


def test_nothing_is_restarted_when_nothing_changes() -> None:
    assert restarts({"units": {"a.service": UP, "b.service": UP}, "paths": SAME}) == []


def test_a_unit_that_does_not_run_is_not_restarted_but_started_where_wanted() -> None:
    state = {"units": {"a.service": DOWN._replace(file="enabled"), "b.service": DOWN}}
    assert restarts(state) == []
    assert restarts(state, units=(Unit("a.service", True, "started"),)) == ["a.service start"]


def test_a_restart_beats_a_reload_and_comes_once() -> None:
    both = CONF._replace(restart=("a.service",), reload=("a.service",))
    more = File("/etc/b.conf", b"x", restart=("a.service",))
    assert restarts({"units": {"a.service": UP}}, files=(both, more)) == ["a.service restart"]


def test_a_unit_to_be_stopped_is_not_restarted() -> None:
    state = {"units": {"a.service": UP, "b.service": DOWN}}
    assert restarts(state, units=(Unit("a.service", None, "stopped"),)) == ["a.service stop"]


def test_what_an_interrupted_run_owes_is_restarted() -> None:
    owed = Owed(restart=frozenset({"a.service"}), reload=frozenset({"b.service"}))
    units = {"a.service": UP, "b.service": DOWN}
    assert restarts({"units": units, "paths": SAME, "owed": owed}) == ["a.service restart"]


def test_a_changed_unit_file_is_reloaded_by_systemd_first() -> None:
    unit = File("/etc/systemd/system/a.service", b"[Service]", restart=("a.service",))
    assert restarts({"units": {"a.service": UP}}, files=(unit,)) == [
        "systemd daemon_reload",
        "a.service restart",
    ]


def test_a_unit_file_that_an_interrupted_run_left_is_reloaded() -> None:
    state = {"paths": SAME, "units": {"a.service": UP._replace(needs_reload=True)}}
    assert restarts(state, units=(Unit("a.service"),)) == ["systemd daemon_reload"]


CHECK = Check(("nginx", "-t"), ("/etc/a.conf",))


def test_a_check_runs_when_its_files_change_or_an_interrupted_run_owes_it() -> None:
    catalogue = {"files": (CONF,), "checks": (CHECK,)}
    assert "check nginx -t check" in steps(catalogue, {"paths": OLD})
    assert steps(catalogue, {"paths": SAME}) == []
    assert steps(catalogue, {"paths": SAME, "owed": Owed(checks=True)}) == ["check nginx -t check"]


@pytest.mark.parametrize(
    ("setting", "wanted"),
    [
        (Setting("1", True), ["sysctl net.x set"]),
        (Setting("2", True), []),  # no-op: the kernel has it
        (Setting("2", False), []),  # no-op: the kernel has it, writable or not
        (Setting("1", False), ["sysctl net.x skip"]),
        (Setting(), ["sysctl net.x skip"]),
    ],
)
def test_kernel_settings(setting: Setting, wanted: list[str]) -> None:
    assert steps({"sysctl": (("net.x", "2"),)}, {"sysctl": {"net.x": setting}}) == wanted


def test_a_skipped_setting_is_no_change() -> None:
    state = State(**HERE, sysctl={"net.x": Setting("1", False)})
    (change,) = plan(Catalogue("probe", sysctl=(("net.x", "2"),)), state)
    assert change.item()["changed"] is False
    assert "refuses" in change.why


def test_packages() -> None:
    catalogue = {"packages": ("here", "missing"), "packages_absent": ("rest", "gone")}
    assert steps(catalogue, {"packages": frozenset({"here", "rest"})}) == [
        "package missing install",
        "package rest remove",
    ]


def test_the_order_is_the_documented_one() -> None:
    catalogue = {
        "packages": ("p1",),
        "groups": (Group("g"),),
        "users": (User("u"),),
        "directories": (Directory("/etc/d"), Directory("/etc/old", state="absent")),
        "files": (File("/etc/systemd/system/a.service", b"", restart=("a.service",)),),
        "links": (Link("/etc/l", "x"),),
        "checks": (Check(("t",), ("/etc/l",)),),
        "sysctl": (("net.x", "2"),),
        "units": (Unit("b.service", True, "started"),),
    }
    state = {
        "paths": ETC
        | {"/etc/old": PathState("directory"), "/etc/systemd/system": PathState("directory")},
        "sysctl": {"net.x": Setting("1", True)},
        "units": {"a.service": UP, "b.service": DOWN},
    }
    assert [step.rsplit(" ", 1) for step in steps(catalogue, state)] == [
        ["package p1", "install"],
        ["group g", "create"],
        ["user u", "create"],
        ["directory /etc/d", "create"],
        ["file /etc/systemd/system/a.service", "create"],
        ["link /etc/l", "link"],
        ["directory /etc/old", "remove"],
        ["check t", "check"],
        ["sysctl net.x", "set"],
        ["unit systemd", "daemon_reload"],
        ["unit b.service", "enable"],
        ["unit a.service", "restart"],
        ["unit b.service", "start"],
    ]
