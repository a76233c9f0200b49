# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What customers send: good requests become values, bad ones a message that says what is wrong."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shop import sessions, settings
from shop.errors import InvalidError
from shop.requests import OrderRequest, like, order_request, product_query

GOOD = {
    "customer": {"name": " Ada ", "email": "ada@shop.example"},
    "lines": [{"product_id": 3, "quantity": 2}, {"product_id": 3, "quantity": 1}],
}


def changed(**parts):
    return {**GOOD, **parts}


def line(product=1, quantity=1, **more):
    return [{"product_id": product, "quantity": quantity, **more}]


def customer(name="Ada", email="ada@shop.example", **more):
    return {"name": name, "email": email, **more}


def test_a_good_order_is_understood_and_its_lines_added_up():
    assert order_request(GOOD) == OrderRequest("Ada", "ada@shop.example", {3: 3})


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (None, "the body"),
        ([], "the body"),
        ({}, "customer, lines"),
        (changed(more=1), "the body"),
        (changed(customer="Ada"), "customer to have"),
        (changed(customer=customer(admin=True)), "customer to have"),
        (changed(customer=customer(name="")), "customer.name"),
        (changed(customer=customer(name="a\x00b")), "customer.name"),
        (changed(customer=customer(name="x" * 101)), "customer.name"),
        (changed(customer=customer(name=5)), "customer.name"),
        (changed(customer=customer(email="nobody")), "customer.email"),
        (changed(customer=customer(email="a@b")), "customer.email"),
        (changed(customer=customer(email="a b@c.de")), "customer.email"),
        (changed(lines=[]), "1 to 20"),
        (changed(lines={}), "1 to 20"),
        (changed(lines=line() * 21), "1 to 20"),
        (changed(lines=[1]), "line 1"),
        (changed(lines=line(price=1)), "line 1"),
        (changed(lines=line(product=0)), "product_id"),
        (changed(lines=line(product=2**31)), "product_id"),
        (changed(lines=line(product="1")), "product_id"),
        (changed(lines=line(quantity=True)), "quantity"),
        (changed(lines=line(quantity=-1)), "quantity"),
        (changed(lines=line(quantity=1.5)), "quantity"),
        (changed(lines=line(quantity=100)), "quantity"),
        (changed(lines=line(quantity=60) * 2), "at most 99"),
    ],
)
def test_a_bad_order_is_told_what_is_wrong(body, says):
    with pytest.raises(InvalidError, match=says):
        order_request(body)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["customer", "lines", "name", "email", "x"]), inner)
    ),
)


@given(json)
def test_no_body_breaks_the_check(body):
    with pytest.raises(InvalidError):
        order_request(body)


@pytest.mark.parametrize(("given_page", "offset"), [("1", 0), ("3", 48)])
def test_pages_are_counted_from_one(given_page, offset):
    assert product_query({"page": given_page}).offset == offset


@pytest.mark.parametrize(
    "arguments",
    [
        *({"page": page} for page in ("0", "-1", "1001", "99999", "x", "", "\u0661")),
        {"order": "price"},
        {"search": "x" * 101},
        {"search": "a\x00"},
    ],
)
def test_bad_queries_are_refused(arguments):
    with pytest.raises(InvalidError):
        product_query(arguments)


@pytest.mark.parametrize(
    ("search", "pattern"),
    [("mug", "%mug%"), ("50%", r"%50\%%"), ("a_b", r"%a\_b%"), ("\\", r"%\\%"), ("", "%%")],
)
def test_wildcards_of_customers_are_letters(search, pattern):
    assert like(search) == pattern


@given(st.text())
def test_every_escape_is_complete(search):
    inner = like(search)[1:-1]
    bare = inner.replace("\\\\", "").replace("\\%", "").replace("\\_", "")
    assert not set(bare) & set("%_\\")


def test_sessions_are_random_and_only_their_hash_is_kept():
    one, two = sessions.new_token(), sessions.new_token()
    assert one != two
    assert sessions.valid(one)
    assert one not in sessions.digest(one)
    assert fnmatch.fnmatchcase(sessions.digest(one), "[0-9a-f]" * 64)


@pytest.mark.parametrize(
    "token", [None, "", "short", "A" * 42, "A" * 44, "A" * 42 + "'", "A" * 43 + "\n"]
)
def test_foreign_cookies_are_no_sessions(token):
    assert not sessions.valid(token)


def test_settings_hold_the_password_of_the_credential(tmp_path):
    (tmp_path / settings.CREDENTIAL).write_text("s3cret-of-the-test\n")
    environment = {"SHOP_DATABASE": "host=db", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    found = settings.read(environment)
    assert found.connection["password"] == "s3cret-of-the-test"
    assert found.connection["dsn"] == "host=db"
    assert found.pool_size == 8


def test_settings_without_a_credential_log_in_as_a_peer():
    assert "password" not in settings.read({"SHOP_DATABASE": "host=/run"}).connection


@pytest.mark.parametrize(
    "environment", [{}, {"SHOP_DATABASE": " "}, {"SHOP_DATABASE": "x", "SHOP_POOL_SIZE": "0"}]
)
def test_missing_settings_are_named(environment):
    with pytest.raises(ValueError, match="expected SHOP_"):
        settings.read(environment)
