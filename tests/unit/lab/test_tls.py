"""The lab's own certificates."""

import datetime
import ipaddress
from pathlib import Path

import pytest
from cryptography import x509
from holdfast.lab import tls
from holdfast.lab.errors import LabError


def issued(folder: Path, names: list[str], days: int = 30) -> x509.Certificate:
    tls.make_ca(folder / "ca", "t")
    tls.issue(
        folder / "ca",
        folder / "host",
        tls.alternative_names("web-1", "198.18.1.11", names),
        days,
    )
    return x509.load_pem_x509_certificate((folder / "host/server.crt").read_bytes())


def test_names_are_the_host_its_address_and_its_url_each_once(tmp_path: Path) -> None:
    certificate = issued(tmp_path, ["shop.acme.example", "web-1", "198.18.1.11", "10.0.0.9"])
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["web-1", "shop.acme.example"]
    assert names.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("198.18.1.11"),
        ipaddress.ip_address("10.0.0.9"),
    ]


def test_the_lab_s_authority_signed_it_and_it_can_sign_nothing(tmp_path: Path) -> None:
    certificate = issued(tmp_path, [])
    authority = x509.load_pem_x509_certificate((tmp_path / "ca/ca.crt").read_bytes())
    certificate.verify_directly_issued_by(authority)
    basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert basic.ca is False
    assert authority.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is True


@pytest.mark.parametrize("days", [1, 3, 365])
def test_it_expires_after_the_days_asked_for(tmp_path: Path, days: int) -> None:
    left = issued(tmp_path, [], days).not_valid_after_utc - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=days, hours=-1) < left <= datetime.timedelta(days=days)


def test_no_certificate_without_a_day(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="at least 1 day"):
        issued(tmp_path, [], 0)


def test_the_authority_stays_and_a_half_made_one_is_made_again(tmp_path: Path) -> None:
    tls.make_ca(tmp_path, "t")
    first = (tmp_path / "ca.crt").read_bytes()
    tls.make_ca(tmp_path, "t")
    assert (tmp_path / "ca.crt").read_bytes() == first
    (tmp_path / "ca.crt").unlink()
    tls.make_ca(tmp_path, "t")
    assert (tmp_path / "ca.crt").read_bytes() != first


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    issued(tmp_path, [])
    for key in ("ca/ca.key", "host/server.key"):
        assert (tmp_path / key).stat().st_mode & 0o777 == 0o600
