# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role's data: what its files promise each other."""

from __future__ import annotations

import json

import pytest
import yaml
from holdfast_request_metrics.records import LENGTH_CLASSES, parse


@pytest.fixture(scope="module")
def variables(role):
    return yaml.safe_load((role / "vars" / "main.yml").read_text())


def test_role_tells_the_version_of_the_collection(role, variables):
    galaxy = yaml.safe_load((role.parents[1] / "galaxy.yml").read_text())
    assert variables["__monitoring_agent__version"] == galaxy["version"]


def test_every_module_of_the_daemon_is_shipped(library, variables):
    package = library / "holdfast_request_metrics"
    shipped = {f["src"] for f in variables["__monitoring_agent__daemon_files"] if "src" in f}
    root = "usr/local/lib/holdfast/holdfast_request_metrics/"
    assert shipped == {root + module.name for module in package.glob("*.py")}


def test_files_of_the_catalogue_exist_at_their_target_path(role, variables):
    parts = ("host", "database")
    entries = [f for p in parts for f in variables[f"__monitoring_agent__part_{p}"]["files"]]
    entries += variables["__monitoring_agent__daemon_files"]
    entries += variables["__monitoring_agent__nginx_files"]
    for entry in entries:
        kind, source = (
            ("templates", entry["template"]) if "template" in entry else ("files", entry["src"])
        )
        assert (role / kind / source).is_file(), source
        if not entry["path"].startswith("{"):
            assert entry["path"].lstrip("/") == source.removesuffix(".j2")


def test_nginx_logs_exactly_the_fields_the_daemon_reads(role):
    text = (role / "templates/etc/nginx/conf.d/holdfast-monitoring.conf.j2").read_text()
    log_format = text.partition("escape=json")[2].partition(";")[0]
    fields = json.loads("".join(part.strip().strip("'") for part in log_format.splitlines()))
    values = {
        **fields,
        "status": "200",
        "seconds": "1.000",
        "upstream": "-",
        "sent": "1",
        "length": "under_1k",
    }
    assert parse(json.dumps(values).encode()).sent == 1
    for personal in ("remote", "uri", "request}", "args", "user", "referer", "forwarded"):
        assert personal not in log_format


def test_length_classes_of_nginx_are_those_of_the_daemon(role):
    text = (role / "templates/etc/nginx/conf.d/holdfast-monitoring.conf.j2").read_text()
    table = text.partition("holdfast_length_class {")[2].partition("}\n")[0]
    assert (
        tuple(row.split()[-1].rstrip(";") for row in table.strip().splitlines()) == LENGTH_CLASSES
    )
