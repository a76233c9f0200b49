# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Argument spec of system_catalogue."""

from __future__ import annotations


def _text(**more):
    return dict(type="str", **more)


def _names(**more):
    return dict(type="list", elements="str", **more)


def _rows(options, **more):
    return dict(type="list", elements="dict", default=[], options=options, **more)


_TRIGGERS = {"restart": _names(default=[]), "reload": _names(default=[])}

_OWNERSHIP = {
    "owner": _text(default="root"),
    "group": _text(default="root"),
}

_GROUP = {
    "name": _text(required=True),
    "system": {"type": "bool", "default": False},
    "gid": {"type": "int"},
}

_USER = {
    "name": _text(required=True),
    "uid": {"type": "int"},
    "group": _text(),
    "groups": _names(),
    "append": {"type": "bool", "default": True},
    "system": {"type": "bool", "default": False},
    "shell": _text(),
    "home": _text(),
    "create_home": {"type": "bool", "default": True},
    "comment": _text(),
    "authorized_keys": _names(no_log=False),
}

_DIRECTORY = {
    "path": {"type": "path", "required": True},
    "state": _text(default="directory", choices=["directory", "absent"]),
    "mode": {"type": "raw", "default": "0755"},
    **_OWNERSHIP,
}

_FILE = {
    "path": {"type": "path", "required": True},
    "state": _text(default="file", choices=["file", "absent"]),
    "content": _text(),
    "template": _text(),
    "src": _text(),
    "mode": {"type": "raw", "default": "0644"},
    "validate": _names(default=[]),
    "no_diff": {"type": "bool", "default": False},
    **_OWNERSHIP,
    **_TRIGGERS,
}

_LINK = {
    "path": {"type": "path", "required": True},
    "target": _text(),
    "state": _text(default="link", choices=["link", "absent"]),
    "force": {"type": "bool", "default": False},
    **_TRIGGERS,
}

_CHECK = {
    "command": _names(required=True),
    "files": _names(required=True),
}

_UNIT = {
    "name": _text(required=True),
    "enabled": {"type": "bool"},
    "state": _text(choices=["started", "stopped"]),
    "masked": {"type": "bool"},
}


def argument_spec():
    """The options of system_catalogue as AnsibleModule takes them."""
    return {
        "name": _text(required=True),
        "packages": _names(default=[]),
        "packages_absent": _names(default=[]),
        "cache_valid_time": {"type": "int", "default": 3600},
        "lock_timeout": {"type": "int", "default": 120},
        "groups": _rows(_GROUP),
        "users": _rows(_USER),
        "directories": _rows(_DIRECTORY),
        "files": _rows(_FILE, mutually_exclusive=[("content", "template", "src")]),
        "contents": {"type": "dict", "no_log": True},
        "links": _rows(_LINK, required_if=[("state", "link", ("target",))]),
        "checks": _rows(_CHECK),
        "sysctl": {"type": "dict"},
        "units": _rows(_UNIT),
    }
