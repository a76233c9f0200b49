# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The role's data: what its files promise each other."""

from __future__ import annotations

import re

import pytest
import yaml


@pytest.fixture(scope="module")
def variables(role):
    return yaml.safe_load((role / "vars" / "main.yml").read_text())


def entries(variables):
    parts = [value for name, value in variables.items() if "__part_" in name]
    found = [f for part in parts if isinstance(part["files"], list) for f in part["files"]]
    return found + variables["__sample_application__backend_files"]


def test_every_file_of_the_shop_is_shipped(library, variables):
    shipped = {f["src"] for f in entries(variables) if f.get("src", "").startswith("usr/local")}
    files = {p for p in library.rglob("*") if p.suffix in {".py", ".sql"}}
    assert shipped == {"usr/local/lib/shop/" + str(p.relative_to(library)) for p in files}


def test_every_page_is_shipped(role, variables):
    shipped = {f["path"].rpartition("/")[2] for f in entries(variables) if "/srv/" in f["path"]}
    pages = {p.name for p in (role / "files/srv/shop").iterdir()}
    assert shipped == pages | {"index.html"}


def test_files_of_the_catalogue_lie_at_their_target_path(role, variables):
    for entry in entries(variables):
        kind = "template" if "template" in entry else "src"
        folder = {"template": "templates", "src": "files"}[kind]
        assert (role / folder / entry[kind]).is_file(), entry
        assert entry["path"].lstrip("/") == entry[kind].removesuffix(".j2")


def test_a_change_of_the_code_restarts_the_backend(variables):
    code = [f for f in entries(variables) if f["path"].startswith("/usr/local/lib/shop/")]
    assert code
    assert all(f["restart"] == ["shop-backend.service"] for f in code)


def test_no_server_has_an_access_log_of_its_own(role):
    for path in (role / "templates/etc/nginx").rglob("*.j2"):
        lines = [line.strip() for line in path.read_text().splitlines()]
        assert not [line for line in lines if line.startswith("access_log")], path


def test_the_page_runs_under_its_own_content_security_policy(role):
    page = (role / "templates/srv/shop/index.html.j2").read_text()
    assert not re.search(r"<script(?! src=)|<style|\son\w+=|\sstyle=|javascript:", page)
    code = (role / "files/srv/shop/shop.js").read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", code)
    assert not re.search(r"\.style\.|cssText|https?://(?!www\.w3\.org/2000/svg)", code)


def test_the_script_finds_every_element_it_asks_for(role):
    page = (role / "templates/srv/shop/index.html.j2").read_text()
    code = (role / "files/srv/shop/shop.js").read_text()
    wanted = set(re.findall(r'\$\("([a-z-]+)"\)', code))
    assert wanted
    assert wanted <= set(re.findall(r'id="([a-z-]+)"', page))
