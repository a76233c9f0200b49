"""The plugin through Ansible's own commands."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.clients.folder import ROOT, Folder


def listed(folder: Folder, source: str = "holdfast.yml", *options: str) -> dict[str, Any]:
    done = folder.run("ansible-inventory", "-i", source, "--list", *options)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_hosts_groups_and_variables(folder: Folder) -> None:
    folder.change("clients/acme.yml", "vars: {}", "vars: {shop_workers: 4}")
    said = listed(folder)
    assert said["instance_acme_production"]["hosts"] == ["acme-db1", "acme-web1"]
    assert said["client_acme"]["children"] == ["instance_acme_production"]
    assert said["plan_gold"]["children"] == ["client_acme"]
    assert said["ring_standard"]["children"] == ["plan_gold"]
    assert said["environment_production"]["children"] == [
        "instance_acme_production",
        "instance_globex_production",
    ]
    assert said["service_database"]["hosts"] == ["acme-db1", "globex-1"]
    assert said["provider"]["hosts"] == ["ops1"]
    acme = said["_meta"]["hostvars"]["acme-web1"]
    assert acme["ansible_host"] == "198.18.0.12"
    assert acme["holdfast_client"] == "acme"
    assert acme["holdfast_plan_terms"]["patch"]["ring"] == "standard"
    assert acme["holdfast_provider_addresses"] == ["198.18.0.10"]
    assert acme["holdfast_service_names"] == ["backend", "frontend", "proxy"]
    assert acme["shop_workers"] == 4
    ops = said["_meta"]["hostvars"]["ops1"]
    assert ops["holdfast_services"] == []
    assert "holdfast_client" not in ops


def test_the_folder_says_the_same_as_its_entry(folder: Folder) -> None:
    folder.write("lab.yml", "defaults: {release: bookworm}\nhosts: {ops1: {cpus: 2}}\n")
    by_folder = listed(folder, str(folder.path))
    by_entry = listed(folder, str(folder.path / "holdfast.yml"))
    for said in (by_folder, by_entry):
        for variables in said["_meta"]["hostvars"].values():
            variables.pop("inventory_file", None)
    assert by_folder == by_entry


def test_one_host_has_what_the_list_has(folder: Folder) -> None:
    done = folder.run("ansible-inventory", "-i", "holdfast.yml", "--host", "acme-db1")
    assert json.loads(done.stdout) == listed(folder)["_meta"]["hostvars"]["acme-db1"]


def test_group_vars_beside_the_entry_reach_the_hosts(folder: Folder) -> None:
    (folder.path / "group_vars").mkdir()
    folder.write("group_vars/client_acme.yml", "ansible_user: deploy\nshop_workers: 1\n")
    folder.change("clients/acme.yml", "vars: {}", "vars: {shop_workers: 4}")
    hosts = listed(folder)["_meta"]["hostvars"]
    assert hosts["acme-db1"]["ansible_user"] == "deploy"
    assert "ansible_user" not in hosts["globex-1"]
    # What the declaration says of the instance's hosts is a host variable, and wins.
    assert hosts["acme-db1"]["shop_workers"] == 4


def test_one_error_with_all_faults_and_no_host(folder: Folder) -> None:
    folder.change("clients/acme.yml", "plan: gold", "plan: gould")
    folder.change("clients/globex.yml", "198.18.0.21", "198.18.0.11")
    done = folder.run("ansible-inventory", "-i", "holdfast.yml", "--list")
    assert done.returncode != 0
    assert done.stdout == ""
    assert "2 faults" in done.stderr
    assert 'acme.yml:3: plan: expected one of the plans gold, silver, found "gould"' in done.stderr
    assert "globex.yml:12: instances.production.hosts.globex-1.address" in done.stderr


def test_without_strictness_nothing_is_half_loaded(folder: Folder) -> None:
    folder.change("clients/globex.yml", "name: Globex Corporation Ltd", "name: 7")
    done = folder.run(
        *("ansible-inventory", "-i", "holdfast.yml", "--list"),
        ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="0",
    )
    assert json.loads(done.stdout)["_meta"]["hostvars"] == {}
    assert "acme" not in done.stdout


def canary(path: Path) -> str:
    return "{{ lookup('pipe', 'touch " + str(path) + "') }}"


@pytest.mark.parametrize("tool", ["ansible", "ansible-playbook", "ansible-inventory"])
def test_a_template_in_a_value_is_printed_and_never_rendered(
    folder: Folder, tmp_path: Path, tool: str
) -> None:
    fired = tmp_path / "canary"
    text = canary(fired)
    name = f"Acme {text}"
    folder.change("clients/acme.yml", "Acme Trading GmbH", json.dumps(name))
    folder.change("clients/acme.yml", "name: Operations", f"name: {json.dumps(text)}")
    url = "https://shop.acme.example/{{lookup('pipe','true')}}"
    folder.change("clients/acme.yml", "https://shop.acme.example/", json.dumps(url))
    mine = {"greeting": text, "nested": {"list": [text, "{% raw %}", "{# x #}"]}}
    folder.change("clients/acme.yml", "vars: {}", f"vars: {json.dumps(mine)}")
    expression = (
        "[holdfast_client_name, holdfast_contacts[0].name, holdfast_url, greeting, nested,"
        " hostvars['acme-db1'].greeting, hostvars['acme-db1'].holdfast_client_name]"
    )
    expected = [name, text, url, text, mine["nested"], text, name]
    if tool == "ansible-inventory":
        said = listed(folder)["_meta"]["hostvars"]["acme-web1"]
        # Ansible's own mark for a text that whoever reads it must not render.
        assert said["holdfast_client_name"] == {"__ansible_unsafe": name}
        assert said["greeting"] == {"__ansible_unsafe": text}
    else:
        assert printed(folder, tool, expression) == expected
    assert not fired.exists()


def printed(folder: Folder, tool: str, expression: str) -> Any:
    """What a debug task on acme-web1 shows of an expression."""
    env = {"ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.minimal"}
    message = f"JSON={{{{ ({expression}) | to_json }}}}=END"
    options = ["-i", "holdfast.yml"]
    if tool == "ansible":
        options += ["acme-web1", "-m", "ansible.builtin.debug", "-a", json.dumps({"msg": message})]
    else:
        tasks = [{"name": "Show", "ansible.builtin.debug": {"msg": message}}]
        play = {"name": "Show", "hosts": "acme-web1", "gather_facts": False, "tasks": tasks}
        folder.write("play.json", json.dumps([play]))
        options += ["play.json"]
    done = folder.run(tool, *options, **env)
    assert done.returncode == 0, done.stdout + done.stderr
    shown = json.loads(done.stdout[done.stdout.index("{") :])["msg"]
    return json.loads(shown.removeprefix("JSON=").removesuffix("=END"))


def test_the_canary_itself_sings(folder: Folder, tmp_path: Path) -> None:
    # The same text in a static inventory is rendered: the test above can fail.
    fired = tmp_path / "canary"
    hosts = {"all": {"hosts": {"acme-web1": {"greeting": canary(fired)}}}}
    folder.write("static.yml", json.dumps(hosts))
    options = ["acme-web1", "-m", "ansible.builtin.debug", "-a", "var=greeting"]
    folder.run("ansible", "-i", "static.yml", *options)
    assert fired.exists()


def test_texts_that_look_like_something_else_stay_texts(folder: Folder) -> None:
    texts = {"a": "0123", "b": "yes", "c": "2024-01-01", "d": "1e3", "e": "null", "f": "[1]"}
    folder.change("clients/acme.yml", "vars: {}", f"vars: {json.dumps(texts)}")
    names = ", ".join(texts)
    assert printed(folder, "ansible-playbook", f"[{names}]") == list(texts.values())


def test_a_client_file_alone_adds_nothing(folder: Folder) -> None:
    said = listed(folder, "clients/acme.yml")
    assert said["_meta"]["hostvars"] == {}


def test_the_documentation_is_readable() -> None:
    folder = Folder.__new__(Folder)
    folder.path = ROOT
    done = folder.run("ansible-doc", "-t", "inventory", "--json", "holdfast.ops.clients")
    doc = json.loads(done.stdout)["holdfast.ops.clients"]
    assert doc["doc"]["options"]["plugin"]["choices"] == ["holdfast.ops.clients"]
    assert "plugin: holdfast.ops.clients" in doc["examples"]
