"""The nft table of a lab."""

import shutil
import subprocess

import pytest
from holdfast.lab import network


def test_the_table_is_named_after_the_bridge_and_replaced_as_a_whole() -> None:
    lines = network.rules("hf7", "198.18.7.0/24", "eth0").splitlines()
    assert lines[:3] == [
        "table inet holdfast_hf7",
        "delete table inet holdfast_hf7",
        "table inet holdfast_hf7 {",
    ]


def test_only_the_lab_is_masqueraded_and_only_out_of_the_default_route() -> None:
    text = network.rules("hf7", "198.18.7.0/24", "eth0")
    assert text.count("masquerade") == 1
    assert 'ip saddr 198.18.7.0/24 oifname "eth0" masquerade' in text


def test_a_machine_without_default_route_has_no_nat() -> None:
    assert "masquerade" not in network.rules("hf7", "198.18.7.0/24", "")


def test_labs_do_not_reach_each_other() -> None:
    text = network.rules("hf7", "198.18.7.0/24", "eth0")
    assert 'iifname "hf7" oifname "hf*" oifname != "hf7" drop' in text


@pytest.mark.skipif(shutil.which("nft") is None, reason="nft is not installed")
@pytest.mark.parametrize("uplink", ["eth0", ""])
def test_nft_itself_takes_the_script(uplink: str) -> None:
    command = ["unshare", "--user", "--map-root-user", "--net", "nft", "--check", "-f", "-"]
    script = network.rules("hf7", "198.18.7.0/24", uplink)
    done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    if "unshare" in done.stderr:
        pytest.skip("this machine makes no user namespaces")
    assert done.returncode == 0, done.stderr
