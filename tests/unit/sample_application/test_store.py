# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Reading and writing through the pool: what is asked of the database, and what is made of it."""

from __future__ import annotations

import datetime

import pytest
from shop.errors import NotFoundError, OutOfStockError
from shop.requests import OrderRequest, ProductQuery
from shop.store import Store

ORDER = OrderRequest("Ada", "Ada@shop.example", {7: 2, 3: 10})
PRICES = {3: 1000, 7: 250}
WHEN = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)


@pytest.fixture
def store(pool):
    return Store(pool)


def sell(values):
    _pieces, product, _again = values
    return [(PRICES[product],)] if product in PRICES else []


def test_a_page_of_products_is_told_with_its_total(server, store):
    row = (1, "KIT-1", "Mug", "Kitchen", "A mug.", 999, 5, 40)
    server.answers = [("FROM products", [row])]
    found = store.products(ProductQuery(search="m_g", page=2))
    assert found["products"] == [
        {
            "id": 1,
            "sku": "KIT-1",
            "name": "Mug",
            "category": "Kitchen",
            "description": "A mug.",
            "price_cents": 999,
            "stock": 5,
        }
    ]
    assert (found["total"], found["page"]) == (40, 2)
    _statement, values = server.told[0]
    assert (values["search"], values["offset"], values["limit"]) == (r"%m\_g%", 24, 24)


def test_no_product_is_an_empty_page(store):
    assert store.products(ProductQuery())["total"] == 0


def test_an_order_is_written_at_the_prices_of_the_database(server, store):
    server.answers = [
        ("UPDATE products", sell),
        ("INTO customers", [(9,)]),
        ("INTO orders", [(42,)]),
    ]
    assert store.place(ORDER, "hash") == 42
    told = server.told
    assert [v for s, v in told if s.startswith("UPDATE")] == [(10, 3, 10), (2, 7, 2)]
    assert [v for s, v in told if "INTO orders" in s] == [(9, "hash", 10000, 0, 1597)]
    assert [v for s, v in told if "INTO order_lines" in s] == [
        (42, 3, 10, 1000, 9500),
        (42, 7, 2, 250, 500),
    ]
    assert server.connections[0].commits == 1


def test_too_few_pieces_undo_the_whole_order(server, store):
    server.answers = [
        ("UPDATE products", lambda values: sell(values) if values[1] == 3 else []),
        ("SELECT name, stock", [("Mug", 1)]),
    ]
    with pytest.raises(OutOfStockError, match="Mug: 2 wanted, 1 left"):
        store.place(ORDER, "hash")
    assert (server.connections[0].commits, server.connections[0].rollbacks) == (0, 1)
    assert not [s for s, _ in server.told if "INTO" in s]


def test_an_unknown_product_is_not_found(server, store):
    server.answers = [("UPDATE products", [])]
    with pytest.raises(NotFoundError, match="no product 3"):
        store.place(ORDER, "hash")


def test_an_order_is_shown_to_the_session_that_placed_it(server, store):
    def find(values):
        return [(42, "placed", 1000, 490, 238, WHEN)] if values == (42, "mine") else []

    server.answers = [("FROM orders", find), ("FROM order_lines", [(3, "Mug", 1, 1000, 1000)])]
    found = store.order(42, "mine")
    assert (found["total_cents"], found["placed_at"]) == (1490, "2026-11-01T00:00:00+00:00")
    assert found["lines"][0]["name"] == "Mug"
    with pytest.raises(NotFoundError):
        store.order(42, "a stranger's")


def test_a_restart_of_the_database_costs_no_order(server, store):
    server.answers = [
        ("UPDATE products", sell),
        ("INTO customers", [(9,)]),
        ("INTO orders", [(42,)]),
    ]
    store.place(ORDER, "hash")
    server.restart()
    assert store.place(ORDER, "hash") == 42


@pytest.mark.parametrize(
    ("row", "version"), [((2, True), 2), ((2, False), None), ((None, False), None)]
)
def test_health_needs_tables_and_data(server, store, row, version):
    server.answers = [("schema_migrations", [row])]
    assert store.schema_version() == version
