"""Groups and variables that follow from a fleet."""

from ansible_collections.holdfast.ops.plugins.plugin_utils.clients import variables

from tests.unit.clients.folder import Folder


def test_groups_hold_each_other_parents_first(folder: Folder) -> None:
    groups = list(variables.groups(folder.load()))
    parents = {group.name: group.parents for group in groups}
    assert parents["client_acme"] == ("plan_gold",)
    assert parents["plan_gold"] == ("ring_standard",)
    assert parents["instance_acme_production"] == ("client_acme", "environment_production")
    assert {"service_database", "service_backend", "service_frontend", "service_proxy"} < set(
        parents
    )
    seen: set[str] = set()
    for group in groups:
        assert set(group.parents) <= seen, group.name
        assert group.name not in seen
        seen.add(group.name)


def test_shared_values_stand_on_groups(folder: Folder) -> None:
    groups = {group.name: group.variables for group in variables.groups(folder.load())}
    assert groups["all"] == {
        "holdfast_provider_hosts": {"ops1": {"address": "198.18.0.10", "services": []}},
        "holdfast_provider_addresses": ["198.18.0.10"],
    }
    assert groups["plan_gold"]["holdfast_plan"] == "gold"
    assert groups["plan_gold"]["holdfast_plan_terms"]["availability_percent"] == 99.9
    assert "incr" not in groups["plan_silver"]["holdfast_plan_terms"]["backup"]
    assert groups["client_acme"] == {
        "holdfast_client": "acme",
        "holdfast_client_name": "Acme Trading GmbH",
        "holdfast_timezone": "Europe/Berlin",
        "holdfast_contacts": [
            {
                "name": "Operations",
                "role": "technical",
                "email": "ops@acme.example",
                "phone": "+49 30 5550100",
            }
        ],
    }
    assert groups["instance_acme_production"] == {
        "holdfast_instance": "acme_production",
        "holdfast_instance_name": "production",
        "holdfast_environment": "production",
        "holdfast_url": "https://shop.acme.example/",
        "holdfast_instance_hosts": {
            "acme-db1": {"address": "198.18.0.11", "services": ["database"]},
            "acme-web1": {
                "address": "198.18.0.12",
                "services": ["backend", "frontend", "proxy"],
            },
        },
    }


def test_a_host_has_its_own_services_alone(folder: Folder) -> None:
    folder.change("clients/acme.yml", "vars: {}", "vars: {shop_workers: 4, motd: '{{ x }}'}")
    hosts = {host.name: host for host in variables.hosts(folder.load())}
    assert hosts["acme-db1"].groups == ("instance_acme_production", "service_database")
    assert hosts["acme-db1"].variables == {
        "ansible_host": "198.18.0.11",
        "holdfast_service_names": ["database"],
        "holdfast_services": [
            {
                "name": "database",
                "address": "127.0.0.1",
                "unit": "postgresql@*-main.service",
                "port": 5432,
                "scheme": "postgresql",
                "database": "postgres",
            }
        ],
        "shop_workers": 4,
        "motd": "{{ x }}",
    }
    assert hosts["acme-web1"].variables["holdfast_services"] == [
        {
            "name": "backend",
            "address": "127.0.0.1",
            "health": "/health",
            "metrics": "/metrics",
            "unit": "shop-backend.service",
            "port": 8000,
            "scheme": "http",
        },
        {
            "name": "frontend",
            "address": "127.0.0.1",
            "health": "/",
            "unit": "nginx.service",
            "port": 8080,
            "scheme": "http",
        },
        {
            "name": "proxy",
            "address": "127.0.0.1",
            "health": "/",
            "unit": "nginx.service",
            "port": 443,
            "scheme": "https",
            "server_name": "shop.acme.example",
        },
    ]


def test_the_providers_hosts_belong_to_no_client(folder: Folder) -> None:
    ops1 = next(iter(variables.hosts(folder.load())))
    assert (ops1.name, ops1.groups) == ("ops1", ("provider",))
    assert ops1.variables == {
        "ansible_host": "198.18.0.10",
        "holdfast_timezone": "Etc/UTC",
        "holdfast_services": [],
        "holdfast_service_names": [],
    }


def test_hyphens_of_keys_become_underscores(folder: Folder) -> None:
    text = (folder.path / "clients/acme.yml").read_text()
    (folder.path / "clients/acme.yml").unlink()
    folder.write("clients/acme-eu.yml", text.replace("client: acme", "client: acme-eu"))
    groups = {group.name: group.variables for group in variables.groups(folder.load())}
    assert groups["client_acme_eu"]["holdfast_client"] == "acme-eu"
    assert groups["instance_acme_eu_production"]["holdfast_instance"] == "acme_eu_production"


def test_the_fleet_lists_every_host(folder: Folder) -> None:
    rows = [(h.name, h.client, h.instance, h.services) for h in folder.load().hosts()]
    assert rows == [
        ("ops1", "", "", ()),
        ("acme-db1", "acme", "production", ("database",)),
        ("acme-web1", "acme", "production", ("backend", "frontend", "proxy")),
        ("globex-1", "globex", "production", ("database", "backend", "frontend", "proxy")),
    ]
