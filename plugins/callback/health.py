# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Callback: one table and one JSON report of a health run."""

from __future__ import annotations

DOCUMENTATION = r"""
name: health
type: stdout
short_description: One table and one JSON report of a health run
version_added: 0.1.0
author:
  - The Holdfast authors (@holdfast)
description:
  - Made for the playbook C(holdfast.ops.health). Prints a line for each host that is not well as
    it is found, and at the end one table with client, host, service, what is wrong, value, limit
    and why; what is well is counted.
  - Hosts that could not be reached, or where the check could not run, are part of the table and
    of the report, with the reason. A host that shows another SSH host key than the pinned one is
    named as such.
  - Colours are used on a terminal only. C(holdfast health) uses this callback.
options:
  json_path:
    description:
      - File that the report is written to as JSON, replaced as a whole. Nothing is written
        without it.
    type: path
    env:
      - name: HOLDFAST_HEALTH_JSON
    ini:
      - section: callback_health
        key: json_path
seealso:
  - module: holdfast.ops.health_check_info
requirements:
  - Set as stdout callback, by C(ANSIBLE_STDOUT_CALLBACK=holdfast.ops.health) or in ansible.cfg.
"""

import json
import os
import shutil
import sys
import time

from ansible import constants as C  # noqa: N812 - as everywhere in Ansible
from ansible.plugins.callback import CallbackBase
from ansible_collections.holdfast.ops.plugins.plugin_utils.health import report, table

COLOURS = {
    report.UNREACHABLE: C.COLOR_UNREACHABLE,
    report.ERROR: C.COLOR_ERROR,
    report.FAIL: C.COLOR_ERROR,
    report.UNKNOWN: C.COLOR_WARN,
    report.WARN: C.COLOR_WARN,
    report.OK: C.COLOR_OK,
}
# Hosts between two signs of life when all are well.
EVERY = 25


class CallbackModule(CallbackBase):
    """Collects an entry a host and shows them together."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "holdfast.ops.health"

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._entries = {}
        self._started = {}
        self._began = time.time()

    def v2_playbook_on_play_start(self, play):
        self._display.display(f"{play.get_name()} ...")

    def v2_runner_on_start(self, host, task):  # noqa: ARG002 - Ansible passes it by name
        self._started.setdefault(host.get_name(), labels(host))

    def v2_runner_on_ok(self, result):
        self._handle_warnings(result.result)
        if "health_check" in result.result:
            self._keep(report.checked(*named(result), result.result["health_check"]))

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._handle_warnings(result.result)
        if "health_check" in result.result:
            self._keep(report.checked(*named(result), result.result["health_check"]))
        elif not ignore_errors:
            self._keep(report.not_checked(*named(result), result.result.get("msg", "")))

    def v2_runner_on_unreachable(self, result):
        self._keep(report.not_reached(*named(result), result.result.get("msg", "")))

    def v2_playbook_on_no_hosts_matched(self):
        self._display.display("no host matches the play: nothing was checked", color=C.COLOR_ERROR)

    def v2_playbook_on_stats(self, stats):  # noqa: ARG002 - Ansible passes it by name
        for host, known in self._started.items():
            if host not in self._entries:
                entry = report.not_checked(host, known, "the check gave no result")
                self._entries[host] = entry
        began = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._began))
        whole = report.build(self._entries.values(), began, time.time() - self._began)
        if self._entries:
            self._show(whole)
        self._write(whole)

    def _keep(self, entry):
        self._entries[entry["host"]] = entry
        number = len(self._entries)
        if entry["status"] != report.OK or number % EVERY == 0:
            told = f"{number} checked: {entry['host']} {entry['status']}"
            self._display.display(told, color=COLOURS[entry["status"]])

    def _show(self, whole):
        terminal = sys.stdout.isatty()
        width = shutil.get_terminal_size().columns if terminal else None
        self._display.display("")
        for line in table.render(whole, width):
            self._display.display(line.text, color=COLOURS.get(line.status))

    def _write(self, whole):
        path = self.get_option("json_path")
        if not path:
            return
        part = f"{path}.{os.getpid()}.part"
        try:
            with open(part, "w", encoding="utf-8") as file:
                json.dump(whole, file, indent=2, default=str)
                file.write("\n")
            os.replace(part, path)
        except OSError as error:
            self._display.error(f"the health report cannot be written to {path}: {error.strerror}")


def named(result):
    """Host and labels of a result."""
    return result.host.get_name(), labels(result.host)


def labels(host):
    """Client, instance and environment of a host, as the inventory has them."""
    return {
        "client": declared(host, "holdfast_client"),
        "instance": declared(host, "holdfast_instance_name"),
        "environment": declared(host, "holdfast_environment"),
    }


def declared(host, name):
    """A variable of the host or of the nearest of its groups, as text; never rendered."""
    value = host.vars.get(name)
    for group in sorted(host.get_groups(), key=lambda g: -g.depth):
        if value is None:
            value = group.vars.get(name)
    return None if value is None else str(value)
