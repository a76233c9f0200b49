# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tables and first data: in order, once, and the same on every host."""

from __future__ import annotations

import csv
import datetime

import pytest
from shop import migrate, seed
from shop.migrate import Step, pending
from shop.pricing import Line, bill


def nothing(_cursor):
    return None


def names(*versions):
    return [Step(version, f"step{version}", nothing) for version in versions]


def test_what_is_done_is_not_done_again():
    assert [step.version for step in pending([1], names(1, 2, 3))] == [2, 3]
    assert pending([1, 2, 3], names(1, 2, 3)) == []


def test_a_database_ahead_of_the_code_is_refused():
    with pytest.raises(ValueError, match=r"has migration 4, .* knows up to 3"):
        pending([1, 2, 3, 4], names(1, 2, 3))


def test_two_steps_with_one_number_are_refused():
    with pytest.raises(ValueError, match="own number"):
        pending([], names(1, 1))


def test_steps_are_applied_in_order_under_one_lock_and_recorded(server):
    connection = server.connect()
    done = migrate.migrate(connection, migrate.steps())
    told = [statement for statement, _ in connection.told]
    assert done == ["schema", "first_data"]
    assert "pg_advisory_xact_lock" in told[0]
    first = [next(i for i, s in enumerate(told) if w in s) for w in ("CREATE TABLE p", "COPY")]
    assert first == sorted(first)
    records = [v for s, v in connection.told if "INTO schema_migrations" in s]
    assert records == [(1, "schema"), (2, "first_data")]
    assert connection.commits == 1


def test_a_second_time_changes_nothing(server):
    server.answers = [("SELECT version", [(1,), (2,)])]
    connection = server.connect()
    assert migrate.migrate(connection, migrate.steps()) == []
    assert not [s for s, _ in connection.told if s.startswith(("INSERT", "COPY", "CREATE TABLE p"))]


@pytest.fixture(scope="module")
def tables():
    return seed.generate().tables


def test_data_is_the_same_each_time(tables):
    assert seed.generate().tables == tables
    assert seed.generate(seed=1).tables != tables


def test_there_is_enough_of_it(tables):
    counts = {name: len(rows) for name, rows in tables.items()}
    assert counts["products"] == 96
    assert counts["customers"] == 600
    assert counts["orders"] == 1800
    assert counts["order_lines"] > 4000


def test_rows_fit_their_columns_and_point_at_rows_that_exist(tables):
    for name, rows in tables.items():
        assert {len(row) for row in rows} == {len(seed.COLUMNS[name].split(", "))}
        keys = [row[0] for row in rows] if name != "order_lines" else [row[:2] for row in rows]
        assert len(keys) == len(set(keys))
    products, orders = ({row[0] for row in tables[name]} for name in ("products", "orders"))
    assert {row[1] for row in tables["orders"]} <= {row[0] for row in tables["customers"]}
    assert {row[0] for row in tables["order_lines"]} == orders
    assert {row[1] for row in tables["order_lines"]} <= products
    assert len({row[1] for row in tables["products"]}) == len(products)
    emails = [row[2] for row in tables["customers"]]
    assert emails == [email.lower() for email in emails]
    assert len(set(emails)) == len(emails)


def test_old_orders_are_billed_like_new_ones(tables):
    lines = {}
    for order, product, quantity, unit, cents in tables["order_lines"]:
        line = Line(product, quantity, unit)
        assert line.cents == cents
        lines.setdefault(order, []).append(line)
    for number, _customer, _status, goods, shipping, vat, _placed in tables["orders"]:
        found = bill(lines[number])
        assert (found.goods_cents, found.shipping_cents, found.vat_cents) == (goods, shipping, vat)


def test_nobody_orders_before_being_a_customer(tables):
    created = {row[0]: row[3] for row in tables["customers"]}
    assert max(created.values()) <= min(row[6] for row in tables["orders"])
    assert all(datetime.datetime.fromisoformat(row[6]).tzinfo for row in tables["orders"])


def test_copy_is_given_every_row(server):
    connection = server.connect()
    seed.load(connection.cursor())
    loaded = {s.split()[1]: v for s, v in connection.told if s.startswith("COPY")}
    assert list(loaded) == list(seed.COLUMNS)
    assert len(list(csv.reader(loaded["orders"].splitlines()))) == 1800
    assert len([s for s, _ in connection.told if "setval" in s]) == 2
